"""A sick far side harms nobody else: places per administration and in all, circuits that open, others that go on."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from domain.outcome import NotSent, Posted, Uncertain
from gateways.bookkeeping import Busy, Credentials, Declined, Resting, Secret, Unreachable
from gateways.eboekhouden.client import EBoekhouden
from gateways.eboekhouden.guards import Breakers, Places
from tests.gateways.conftest import ROOMY, Books, draft, soon
from tests.gateways.raw_server import by_the_book, raw_server
from tests.support.sandbox_process import Sandbox
from tests.support.waiting import until

Connect = Callable[..., EBoekhouden]
A, B, C = 1, 2, 3


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def closed(breakers: Breakers, administration: int) -> bool:
    """Whether a call would go through; asking does not count as the call that tries."""
    try:
        breakers.check(administration, "AddFactuur", peek=True)
    except Resting:
        return False
    return True


# what happens at which second to whom -> does a call of A, of B and of C go through right after it
STORIES: dict[str, tuple[list[tuple[float, str, int]], tuple[bool, bool, bool]]] = {
    "nothing failed": ([], (True, True, True)),
    "four of five": ([(0, "fail", A)] * 4, (True, True, True)),
    "five of one administration": ([(0, "fail", A)] * 5, (False, True, True)),
    "five within a minute": ([(n * 14.9, "fail", A) for n in range(5)], (False, True, True)),
    "five in more than a minute": ([(n * 15, "fail", A) for n in range(5)], (True, True, True)),
    "they are not in a row": ([(0, "fail", A)] * 4 + [(1, "work", A), (2, "fail", A)], (True, True, True)),
    "most of the last twenty": (
        [(n, "fail" if n % 5 < 3 else "work", A) for n in range(20)] + [(20, "fail", A)],
        (False, True, True),
    ),
    "half of the last twenty": ([(n, ("work", "fail")[n % 2], A) for n in range(40)], (True, True, True)),
    "a tenth of two hundred, of eight people at once": (
        [(n / 4, "fail" if n % 10 == 0 else "work", A) for n in range(200)],
        (True, True, True),
    ),
    "a far side that dies after a good day": (
        [(n / 4, "work", A) for n in range(100)] + [(25, "fail", A)] * 5,
        (False, True, True),
    ),
    "lists that fail keep no invoice": ([(0, "lists fail", A), (0, "lists fail", B)] * 9, (True, True, True)),
    "five of two administrations": ([(0, "fail", A)] * 3 + [(1, "fail", B)] * 2, (False, False, False)),
    "somebody still gets through": (
        [(0, "fail", A)] * 3 + [(1, "work", C), (1, "fail", B), (1, "fail", B)],
        (True, True, True),
    ),
    "two sick ones and a healthy one": (
        [(0, "fail", A), (0, "fail", B), (0, "work", C)] * 5,
        (False, False, True),
    ),
    "just before the rest is over": ([(0, "fail", A)] * 5 + [(29.9, "look", A)], (False, True, True)),
    "the rest is over": ([(0, "fail", A)] * 5 + [(30, "look", A)], (True, True, True)),
    "one tries, the others wait": ([(0, "fail", A)] * 5 + [(30, "try", A), (31, "look", A)], (False, True, True)),
    "the one that tries fails": (
        [(0, "fail", A)] * 5 + [(30, "try", A), (40, "fail", A), (69.9, "look", A)],
        (False, True, True),
    ),
    "after that another one may try": (
        [(0, "fail", A)] * 5 + [(30, "try", A), (40, "fail", A), (70, "look", A)],
        (True, True, True),
    ),
    "the one that tries works": ([(0, "fail", A)] * 5 + [(30, "try", A), (31, "work", A)], (True, True, True)),
    "working again wipes the slate": (
        [(0, "fail", A)] * 5 + [(30, "try", A), (31, "work", A)] + [(32, "fail", A)] * 4,
        (True, True, True),
    ),
    "the one that tries never reports": (
        [(0, "fail", A)] * 5 + [(30, "try", A), (60, "look", A)],
        (True, True, True),
    ),
    "the host comes back": (
        [(0, "fail", A), (0, "fail", B)] * 3 + [(30, "try", C), (31, "work", C)],
        (True, True, True),
    ),
    "the host stays away": (
        [(0, "fail", A), (0, "fail", B)] * 3 + [(30, "try", C), (31, "fail", C), (45, "look", C)],
        (False, False, False),
    ),
}


@pytest.mark.parametrize(("story", "through"), STORIES.values(), ids=STORIES.keys())
def test_a_circuit_opens_after_failures_and_closes_again(
    story: list[tuple[float, str, int]], through: tuple[bool, bool, bool]
) -> None:
    clock = Clock()
    breakers = Breakers(clock=clock)
    for second, what, who in story:
        clock.now = 1000.0 + second
        deeds = {"fail": breakers.failed, "work": breakers.worked, "try": breakers.check, "lists fail": breakers.failed}
        if what != "look":
            deeds[what](who, "GetRelaties" if what == "lists fail" else "AddFactuur")
    assert (closed(breakers, A), closed(breakers, B), closed(breakers, C)) == through


def test_a_place_is_one_of_its_administrations_and_one_of_all() -> None:
    places = Places(total=3, each=2, patience=0.02)
    with places.one(A), places.one(A):
        with pytest.raises(Busy, match="druk"), places.one(A):
            pass
        with places.one(B), pytest.raises(Busy), places.one(C):
            pass
        with places.one(C):
            pass
    with places.one(A), places.one(A):
        pass


def test_a_place_that_comes_free_is_taken_by_who_waits() -> None:
    places = Places(total=1, each=1, patience=60)
    held, got = threading.Event(), threading.Event()

    def hold() -> None:
        with places.one(A):
            held.set()
            time.sleep(0.1)  # the other one is waiting by now, or comes in afterwards: both are right

    threading.Thread(target=hold).start()
    held.wait()
    with places.one(B):
        got.set()
    assert got.is_set()


def credentials_of(sandbox: Sandbox, name: str, tenant_id: int) -> Credentials:
    given = sandbox.credentials(name)
    return Credentials(tenant_id, 1, given["username"], Secret(given["code1"]), Secret(given["code2"]))


@pytest.fixture
def neighbour(sandbox: Sandbox) -> Credentials:
    """Another administration, back at its seed."""
    sandbox.reset("installatie")
    return credentials_of(sandbox, "installatie", B)


def other_draft(sandbox: Sandbox) -> dict[str, str]:
    return {"relation_code": sandbox.relations("installatie")[0]["Code"]}


@pytest.mark.parametrize("sick", ["AddFactuur", "OpenSession"])
def test_one_administration_that_hangs_does_not_keep_another_from_posting(
    books: Books, neighbour: Credentials, connect: Connect, sick: str
) -> None:
    gateway = connect(books.sandbox.soap_url, times=replace(ROOMY, post=3, read=3))
    if sick == "AddFactuur":
        gateway.ready(books.credentials)
    gateway.ready(neighbour)
    ours = draft(**other_draft(books.sandbox))
    books.sandbox.mischief("demo", [{"kind": "slow", "operation": "*", "seconds": 4, "times": 99}])
    outcomes: list[object] = []

    def press() -> None:
        outcomes.append(gateway.post_invoice(books.credentials, draft(), soon()))

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    until(lambda: sick in books.calls())
    assert gateway.post_invoice(neighbour, ours, soon()) == Posted(ours.number)
    assert sum(thread.is_alive() for thread in threads) >= 1, "it waited for the sick one"
    for thread in threads:
        thread.join()
    refused = [outcome for outcome in outcomes if isinstance(outcome, NotSent) and "druk" in str(outcome.why)]
    assert len(refused) == 4, "more than two at once were waiting for the sick one"
    assert sum(call["operation"] == sick for call in books.sandbox.calls("demo")) <= 3


def test_after_five_failures_nothing_is_called_for_a_while(
    books: Books, neighbour: Credentials, connect: Connect
) -> None:
    clock = Clock()
    gateway = connect(books.sandbox.soap_url, breakers=Breakers(clock=clock))
    gateway.ready(books.credentials)
    books.sandbox.mischief("demo", [{"kind": "html_503", "operation": "*", "times": 5}])
    for _ in range(5):
        with pytest.raises(Unreachable):
            gateway.relations(books.credentials)
    calls = books.calls()
    with pytest.raises(Resting, match="over 30 s"):
        gateway.relations(books.credentials)
    assert books.calls() == calls
    assert gateway.relations(neighbour).rows
    ours = draft()
    assert gateway.post_invoice(books.credentials, ours, soon()) == Posted(ours.number), "lists keep no invoice"
    books.sandbox.mischief("demo", [{"kind": "html_503", "operation": "GetFacturen", "times": 5}])
    for _ in range(5):
        with pytest.raises(Unreachable):
            gateway.find_invoice(books.credentials, ours.number)
    calls = books.calls()
    outcome = gateway.post_invoice(books.credentials, draft(), soon())
    assert isinstance(outcome, NotSent)
    assert "herhaaldelijk" in str(outcome.why)
    with pytest.raises(Resting):
        gateway.ready(books.credentials)
    assert books.calls() == calls
    clock.now += 31
    ours = draft()
    assert gateway.post_invoice(books.credentials, ours, soon()) == Posted(ours.number)


def test_after_the_rest_one_call_tries_and_the_others_wait_for_what_comes_of_it(books: Books, connect: Connect) -> None:
    clock = Clock()
    gateway = connect(books.sandbox.soap_url, breakers=Breakers(clock=clock))
    gateway.ready(books.credentials)
    slow = {"kind": "slow", "operation": "GetRelaties", "seconds": 3}
    books.sandbox.mischief("demo", [{"kind": "html_503", "operation": "*", "times": 5}, slow])
    for _ in range(5):
        with pytest.raises(Unreachable):
            gateway.relations(books.credentials)
    clock.now += 31
    trying = threading.Thread(target=gateway.relations, args=(books.credentials,))
    trying.start()
    until(lambda: books.calls().count("GetRelaties") == 6)
    with pytest.raises(Resting):
        gateway.ledger_accounts(books.credentials)
    assert trying.is_alive(), "it waited for what came of it"
    trying.join()
    assert gateway.ledger_accounts(books.credentials)
    assert books.calls().count("GetGrootboekrekeningen") == 1


@pytest.mark.parametrize("kind", ["refuse", "expired_session", "slow"])
def test_an_answer_that_says_no_is_no_failure(books: Books, connect: Connect, kind: str) -> None:
    rule = {"kind": kind, "operation": "GetFacturen", "times": 12, "seconds": 0, "code": "CFACT025"}
    books.sandbox.mischief("demo", [rule])
    for _ in range(6):
        try:
            books.gateway.find_invoice(books.credentials, "WB1")
        except Declined:
            continue  # a no is an answer too; Busy and Unreachable would fail the test
    books.sandbox.clear_mischief("demo")
    assert books.gateway.find_invoice(books.credentials, "WB1") is None


def test_being_late_ourselves_is_no_failure_of_theirs(books: Books) -> None:
    books.gateway.ready(books.credentials)
    for _ in range(6):
        assert isinstance(books.gateway.post_invoice(books.credentials, draft(), time.monotonic() - 1), NotSent)
    ours = draft()
    assert books.post(ours) == Posted(ours.number)


def test_an_answer_that_came_whole_and_cannot_be_read_is_none_of_somebody_who_is_away(
    connect: Connect, credentials: Credentials
) -> None:
    def nonsense(connection: object) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>")  # type: ignore[attr-defined]

    with raw_server(by_the_book(GetFacturen=nonsense)) as server:
        gateway = connect(server.url)
        for _ in range(7):
            with pytest.raises(Unreachable):
                gateway.find_invoice(credentials, "WB1")
    assert server.operations().count("GetFacturen") == 7


def test_eight_people_who_lose_every_tenth_answer_are_never_kept_waiting(books: Books, connect: Connect) -> None:
    gateway = connect(books.sandbox.soap_url, max_calls_each=8, patience=60)
    lost = [{"kind": "lost_answer", "operation": "AddFactuur", "skip": n * 9} for n in range(1, 11)]
    books.sandbox.mischief("demo", lost)
    drafts = [draft() for _ in range(100)]
    with ThreadPoolExecutor(8) as people:
        outcomes = Counter(type(one) for one in people.map(
            lambda one: gateway.post_invoice(books.credentials, one, soon()), drafts
        ))  # fmt: skip
    assert outcomes == {Posted: 90, Uncertain: 10}
    assert len(books.numbers()) == 100


def test_a_far_side_that_dies_meanwhile_is_left_alone(books: Books, connect: Connect) -> None:
    gateway = connect(books.sandbox.soap_url)
    for _ in range(3):
        assert isinstance(gateway.post_invoice(books.credentials, draft(), soon()), Posted)
    books.sandbox.mischief("demo", [{"kind": "reset_before", "operation": "*", "times": 99}])
    for _ in range(9):
        gateway.post_invoice(books.credentials, draft(), soon())
    assert books.calls().count("AddFactuur") == 3 + 5


def test_a_host_that_is_away_is_left_alone_by_everybody(connect: Connect, credentials: Credentials) -> None:
    gateway = connect("http://127.0.0.1:1/soap.asmx")
    for tenant_id in (1, 2, 3, 4, 5):
        one = Credentials(tenant_id, 1, "wie", credentials.code1, credentials.code2)
        assert isinstance(gateway.post_invoice(one, draft(), soon()), NotSent)
    with pytest.raises(Resting):
        gateway.ready(Credentials(6, 1, "wie", credentials.code1, credentials.code2))
