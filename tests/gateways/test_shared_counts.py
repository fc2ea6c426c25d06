"""Nodes that count together: never more than two calls at once to one administration nor more a day than allowed.

And what remains of that when a node is killed, or Redis is away or emptied: on a real Redis, with real processes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.outcome import NotSent, Posted
from gateways.bookkeeping import Busy, Spent
from gateways.eboekhouden.client import EBoekhouden
from gateways.eboekhouden.guards import Budget, Places
from gateways.shared_counts import Away, SharedCounts, shared_counts
from tests.gateways.conftest import Books, draft, soon
from tests.support.redis_process import RedisServer, running_redis
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
A, B = 1, 2
LIST, INVOICE = "GetRelaties", "AddFactuur"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with running_redis(tmp_path) as server:
        yield server


def eager(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> SharedCounts:
    """One that asks again at once after it was not answered."""
    monkeypatch.setattr("gateways.shared_counts._PAUSE", 0.0)
    return SharedCounts(server.url)


def most_at_once(trips: list[tuple[float, float]]) -> int:
    """How many were under way at the same moment."""
    present = most = 0
    for _moment, step in sorted([(began, 1) for began, _ in trips] + [(ended, -1) for _, ended in trips]):
        present += step
        most = max(most, present)
    return most


def test_two_processes_together_make_two_calls_at_once_and_no_more(redis: RedisServer, books: Books) -> None:
    books.sandbox.mischief("demo", [{"kind": "slow", "operation": "*", "seconds": 0.1, "times": 99}])
    given = books.sandbox.credentials("demo")
    place = [redis.url, books.sandbox.soap_url, given["username"], given["code1"], given["code2"], "4", "2"]
    command = [sys.executable, "-m", "tests.gateways.one_node", *place]
    nodes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [json.loads(node.communicate()[0]) for node in nodes]
    assert [refused for _trips, refused in told] == [0, 0]
    assert books.calls().count(LIST) == 16
    assert most_at_once([tuple(trip) for trips, _refused in told for trip in trips]) == 2


def test_places_are_one_number_for_all_nodes_and_of_each_administration(redis: RedisServer) -> None:
    one, other = (Places(9, 9, 0.02, SharedCounts(redis.url)) for _ in range(2))
    with one.one(A), other.one(A):
        for node in (one, other):
            with pytest.raises(Busy, match="druk"), node.one(A):
                pass
        with one.one(B):
            pass
    with other.one(A), other.one(A):
        pass


def test_a_place_that_another_node_gives_back_is_taken_by_who_waits(redis: RedisServer) -> None:
    here, there = Places(9, 9, 60, SharedCounts(redis.url), 1), Places(9, 9, 60, SharedCounts(redis.url), 1)
    held, done, got = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        with there.one(A):
            held.set()
            done.wait()

    def take() -> None:
        with here.one(A):
            got.set()

    threads = [threading.Thread(target=work, daemon=True) for work in (hold, take)]
    threads[0].start()
    held.wait()
    threads[1].start()
    assert not got.wait(0.1)
    done.set()
    for thread in threads:
        thread.join()
    assert got.is_set()


def test_a_node_that_was_killed_gives_its_places_back(redis: RedisServer) -> None:
    held = "import sys, time; from gateways.shared_counts import SharedCounts as S; c = S(sys.argv[1]); "
    held += "print(c.take('places', 'there', 1, 2.0), flush=True); time.sleep(600)"
    node = subprocess.Popen([sys.executable, "-c", held, redis.url], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert node.stdout is not None
    assert node.stdout.readline() == "True\n"
    ours = SharedCounts(redis.url)
    ours.keep("places", "there", 60)
    assert not ours.take("places", "here", 1, 60)
    node.kill()
    node.wait()
    assert not ours.take("places", "here", 1, 60), "a lease ends by itself, not before"
    ours.keep("places", "there", 0.05)
    until(lambda: ours.take("places", "here", 1, 60))


def test_a_round_trip_begins_with_a_lease_that_outlasts_it(redis: RedisServer, books: Books, connect: Any) -> None:
    shared = SharedCounts(redis.url)
    kept: list[float] = []
    keep = shared.keep

    def noted(places: str, holder: str, seconds: float) -> None:
        kept.append(seconds)
        keep(places, holder, seconds)

    shared.keep = noted  # type: ignore[method-assign]
    gateway = connect(books.sandbox.soap_url, shared=shared)
    ours = draft()
    assert gateway.post_invoice(books.credentials, ours, soon()) == Posted(ours.number)
    assert [round(seconds) for seconds in kept] == [105, 105], "OpenSession and AddFactuur: 60 s, to connect, and more"


def test_a_place_is_known_again_at_the_next_round_trip_after_redis_was_emptied(redis: RedisServer) -> None:
    here, there = Places(9, 9, 0.02, SharedCounts(redis.url), 1), Places(9, 9, 0.02, SharedCounts(redis.url), 1)
    with here.one(A):
        emptied(redis)
        here.keep(A, 60)
        with pytest.raises(Busy), there.one(A):
            pass
    with there.one(A):
        pass


def emptied(server: RedisServer) -> None:
    server.kill()
    server.start()


def test_without_redis_a_node_keeps_to_its_own_places(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Places(9, 2, 0.02, eager(redis, monkeypatch), 1)
    redis.kill()
    with here.one(A), here.one(A), pytest.raises(Busy), here.one(A):
        pass
    redis.start()
    with here.one(A), pytest.raises(Busy), here.one(A):
        pass


def test_what_is_kept_for_invoices_is_left_by_all_else(redis: RedisServer) -> None:
    budgets = [Budget(10, 4, SharedCounts(redis.url)) for _ in range(2)]
    for turn in range(6):
        budgets[turn % 2].spend(A, LIST)
    for budget in budgets:
        with pytest.raises(Spent, match=r"6 aanroepen.*na middernacht"):
            budget.spend(A, LIST)
        budget.spend(B, LIST)
    for turn in range(4):
        budgets[turn % 2].spend(A, INVOICE)
    for budget in budgets:
        with pytest.raises(Spent, match="10 aanroepen"):
            budget.spend(A, INVOICE)


@pytest.mark.parametrize("shared", [True, False])
def test_a_new_day_is_a_new_budget(redis: RedisServer, shared: bool) -> None:
    days = [date(2026, 11, 26)]
    budget = Budget(2, 1, SharedCounts(redis.url) if shared else None, lambda: days[-1])
    budget.spend(A, LIST)
    with pytest.raises(Spent):
        budget.spend(A, LIST)
    days.append(date(2026, 11, 27))
    budget.spend(A, LIST)


def test_an_emptied_redis_learns_the_day_back_from_whoever_knows(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = (Budget(6, 0, eager(redis, monkeypatch)) for _ in range(2))
    for _ in range(4):
        here.spend(A, LIST)
    emptied(redis)
    here.spend(A, LIST)
    there.spend(A, LIST)
    for budget in (here, there):
        with pytest.raises(Spent):
            budget.spend(A, LIST)


def test_while_redis_is_away_a_node_counts_on_and_tells_it_afterwards(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = (Budget(6, 0, eager(redis, monkeypatch)) for _ in range(2))
    here.spend(A, LIST)
    redis.kill()
    for _ in range(3):
        here.spend(A, LIST)
    redis.start()
    here.spend(A, LIST)
    there.spend(A, LIST)
    with pytest.raises(Spent):
        there.spend(A, LIST)
    redis.kill()
    with pytest.raises(Spent):
        there.spend(A, LIST)


def test_who_was_not_answered_does_not_knock_again_at_once(redis: RedisServer) -> None:
    asked = SharedCounts(redis.url)
    redis.kill()
    with pytest.raises(Away):
        asked.leave("places", "me")
    redis.start()
    with pytest.raises(Away):
        asked.leave("places", "me")


def test_with_the_day_used_up_an_invoice_is_not_sent_and_says_why(
    redis: RedisServer, books: Books, connect: Callable[..., EBoekhouden]
) -> None:
    gateway = connect(books.sandbox.soap_url, shared=SharedCounts(redis.url), calls_a_day=3, calls_kept=1)
    gateway.relations(books.credentials)  # a session, and the one call that is not kept for invoices
    with pytest.raises(Spent):
        gateway.relations(books.credentials)
    ours = draft()
    assert gateway.post_invoice(books.credentials, ours, soon()) == Posted(ours.number)
    outcome = gateway.post_invoice(books.credentials, draft(), soon())
    assert isinstance(outcome, NotSent)
    assert "na middernacht" in str(outcome.why)
    assert [call["operation"] for call in books.sandbox.calls("demo")] == ["OpenSession", LIST, INVOICE]


def test_a_queue_in_a_file_is_one_node() -> None:
    assert shared_counts("sqlite:///queue.sqlite3") is None
    assert shared_counts("redis://127.0.0.1:1/0") is not None
