"""Posting: the outcome of one AddFactuur for everything that can happen to it, against the real sandbox."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.invoice import differences
from domain.outcome import NotSent, Posted, Refused, Uncertain
from gateways.bookkeeping import Credentials, Secret
from gateways.eboekhouden.client import EBoekhouden
from sandbox.mischief import KINDS
from tests.gateways.conftest import CODE1, ROOMY, Books, draft, line, soon
from tests.gateways.raw_server import Connection, answer_of, by_the_book, envelope, http, raw_server
from tests.support.waiting import until

Connect = Callable[..., EBoekhouden]


def test_an_invoice_is_posted_under_our_number_and_reads_back_equal(books: Books) -> None:
    ours = draft()
    assert books.post(ours) == Posted(ours.number)
    theirs = books.gateway.find_invoice(books.credentials, ours.number)
    assert theirs is not None
    assert differences(ours, theirs) == ()
    assert theirs.excl == Decimal("105.00")
    assert theirs.vat == Decimal("22.05")
    assert theirs.incl == Decimal("127.05")
    assert theirs.term_days == 14
    assert theirs.lines[0].description == ours.lines[0].description


def test_of_two_invoices_under_one_number_the_one_that_is_ours_is_found(books: Books) -> None:
    books.sandbox.switches("demo", used_number="let_through")
    ours = draft()
    books.post(replace(ours, lines=(line(price=Decimal("1.00")),)))
    books.post(ours)
    assert differences(ours, books.gateway.find_invoice(books.credentials, ours.number)) != ()
    found = books.gateway.find_invoice(books.credentials, ours.number, ours)
    assert differences(ours, found) == ()


def test_an_invoice_never_mails_collects_or_books(books: Books) -> None:
    books.post(draft())
    sent = books.sandbox.calls("demo", "AddFactuur")[0]["sent"]["oFact"]
    wishes = [sent[name] for name in ("PerEmailVerzenden", "AutomatischeIncasso", "InBoekhoudingPlaatsen")]
    assert wishes == [False, False, False]


IMPATIENT = replace(ROOMY, post=2, read=2)
# kind and rule -> the class of the outcome and how often the invoice stands in the books afterwards
MISCHIEF: list[tuple[dict[str, Any], type, int]] = [
    ({"kind": "slow", "seconds": 8}, Uncertain, 1),
    ({"kind": "slow", "seconds": 0.1}, Posted, 1),
    ({"kind": "lost_answer"}, Uncertain, 1),
    ({"kind": "reset_before"}, Uncertain, 0),
    ({"kind": "reset_mid"}, Uncertain, 1),
    ({"kind": "late_act", "seconds": 0.3}, Uncertain, 1),
    ({"kind": "reset_during", "seconds": 0.3}, Uncertain, 1),
    ({"kind": "reset_after"}, Uncertain, 1),
    ({"kind": "half_answer"}, Uncertain, 1),
    ({"kind": "number_taken"}, Refused, 1),
    ({"kind": "limit_reached"}, NotSent, 0),
    ({"kind": "drip", "seconds": 8}, Uncertain, 1),
    ({"kind": "empty_200"}, Uncertain, 1),
    ({"kind": "http_500_fault"}, Uncertain, 0),
    ({"kind": "html_503"}, Uncertain, 0),
    ({"kind": "truncated_xml"}, Uncertain, 1),
    ({"kind": "wrong_content_type"}, Uncertain, 1),
    ({"kind": "redirect"}, Uncertain, 0),
    ({"kind": "expired_session"}, Posted, 1),
    ({"kind": "other_totals"}, Posted, 1),
    ({"kind": "refuse", "code": "CFACT028"}, Refused, 0),
    ({"kind": "refuse", "code": "CFACT999"}, Refused, 0),
    ({"kind": "refuse", "code": "E003.1"}, NotSent, 0),
    ({"kind": "refuse", "code": "E001.7"}, NotSent, 0),
    ({"kind": "password_changed"}, NotSent, 0),
]


@pytest.mark.parametrize(
    ("rule", "outcome", "there"), MISCHIEF, ids=["-".join(map(str, rule.values())) for rule, _, _ in MISCHIEF]
)
def test_every_kind_of_mischief_has_its_outcome(
    books: Books, connect: Connect, rule: dict[str, Any], outcome: type, there: int,
    record_property: Callable[[str, object], None],
) -> None:  # fmt: skip
    record_property("counted", "cases of mischief")
    if too_slow := rule.get("seconds", 0) > IMPATIENT.post:
        books.gateway = connect(books.sandbox.soap_url, times=IMPATIENT)
    operation = {} if rule["kind"] in ("other_totals", "password_changed") else {"operation": "AddFactuur"}
    books.sandbox.mischief("demo", [{**rule, **operation}])
    ours = draft()
    begin = time.monotonic()
    got = books.post(ours)
    assert not too_slow or time.monotonic() - begin < rule["seconds"], "it waited for the answer"
    assert isinstance(got, outcome), got
    until(lambda: len(books.numbers()) >= there)  # some are carried out after the call has failed
    assert books.numbers() == [ours.number] * there
    if rule["kind"] == "refuse":
        assert got.code == rule["code"]
        assert got.text


def test_every_kind_of_mischief_is_tried() -> None:
    assert {rule["kind"] for rule, _, _ in MISCHIEF} == set(KINDS)


@pytest.mark.parametrize("form", ["absent", "no_children", "empty_children"])
def test_no_error_is_read_in_each_of_its_forms(books: Books, form: str) -> None:
    books.sandbox.switches("demo", error_msg=form, empty_lists="absent", relatiecode_typed=False, vat_per="line")
    ours = draft()
    assert books.gateway.find_invoice(books.credentials, ours.number) is None
    assert books.post(ours) == Posted(ours.number)
    theirs = books.gateway.find_invoice(books.credentials, ours.number)
    assert theirs is not None
    assert differences(ours, theirs) == ()


def test_a_used_number_is_refused_with_their_code_and_text(books: Books) -> None:
    ours = draft()
    books.post(ours)
    got = books.post(ours)
    assert isinstance(got, Refused)
    assert got.code == "CFACT026"
    assert got.text


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"relation_code": "9999"}, "CFACT025"),
        ({"relation_code": ""}, "CFACT024"),
        ({"template": "factuursjabloon"}, "CFACT028"),
        ({"lines": ()}, "CFACT006"),
        ({"lines": (line(code=""),)}, "CFACT037"),
        ({"lines": (line(vat_code="HOOG_VERK"),)}, "CFACT042"),
        ({"lines": (line(ledger_code="1"),)}, "CMUT012"),
    ],
)
def test_a_wrong_invoice_is_refused_with_its_code_and_has_an_explanation(
    books: Books, wrong: dict[str, Any], code: str
) -> None:
    got = books.post(draft(**wrong))
    assert isinstance(got, Refused)
    assert got.code == code
    assert books.gateway.explain(code) is not None
    assert books.numbers() == []


@pytest.mark.parametrize(
    ("quantity", "price", "sent"),
    [
        (Decimal("1E+2"), Decimal("0.1") + Decimal("0.2"), ("100", "0.3")),
        (Decimal("0.0000001"), Decimal("12345678.9012"), ("0.0000001", "12345678.9012")),
        (Decimal("-1.50"), Decimal("0E-4"), ("-1.50", "0.0000")),
        (Decimal(0.1 + 0.2), Decimal("1000000"), ("0.3000000000000000444089209850062616169452667236328125", "1000000")),
    ],
)
def test_amounts_go_out_plainly(
    connect: Connect, credentials: Credentials, quantity: Decimal, price: Decimal, sent: tuple[str, str]
) -> None:
    with raw_server(by_the_book()) as server:
        ours = draft(lines=(line(quantity=quantity, price=price),))
        assert connect(server.url).post_invoice(credentials, ours, soon()) == Posted(ours.number)
    body = server.requests[-1].body
    found = [re.search(f"{name}>([^<]*)<", body) for name in ("Aantal", "PrijsPerEenheid", "Datum")]
    assert tuple(match[1] for match in found if match) == (*sent, "2026-11-22T00:00:00")


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines": (line(quantity=0.1 + 0.2),)},
        {"lines": (line(price=Decimal("NaN")),)},
        {"on": None},
        {"term_days": None},
        {"number": None},
    ],
)
def test_an_invoice_that_does_not_fit_their_message_is_not_sent(books: Books, wrong: dict[str, Any]) -> None:
    assert isinstance(books.post(draft(**wrong)), NotSent)
    assert "AddFactuur" not in books.calls()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"lines": (line(), line(description="een\x0btwee"))}, "regel 2: omschrijving bevat een teken"),
        ({"lines": (line(unit="\ud800"),)}, "regel 1: eenheid bevat een teken"),
        ({"lines": (line(code="c" * 51),)}, "regel 1: code is te lang"),
        ({"lines": (line(unit="u" * 51),)}, "regel 1: eenheid is te lang"),
        ({"lines": (line(vat_code="v" * 13),)}, "regel 1: btw-code is te lang"),
        ({"lines": (line(ledger_code="1" * 11),)}, "regel 1: grootboekrekening is te lang"),
        ({"number": "1" * 51}, "factuurnummer is te lang"),
        ({"relation_code": "1" * 16}, "relatiecode is te lang"),
        ({"template": "t" * 51}, "factuursjabloon is te lang"),
        ({"template": "t\x00"}, "factuursjabloon bevat een teken"),
    ],
)
def test_what_their_fields_do_not_hold_is_not_sent_and_named(books: Books, wrong: dict[str, Any], said: str) -> None:
    got = books.post(draft(**wrong))
    assert isinstance(got, NotSent)
    assert said in str(got.why)
    assert "AddFactuur" not in books.calls()


def test_the_longest_that_fits_arrives_whole(books: Books) -> None:
    full = line(code="c" * 50, unit="u" * 50, description="Lekkage & <test>\nregel twee\ten \u20ac" + "x" * 3000)
    ours = draft(number="N" * 49 + "1", lines=(full,))
    assert books.post(ours) == Posted(ours.number)
    theirs = books.gateway.find_invoice(books.credentials, ours.number)
    assert theirs is not None
    assert (theirs.lines[0].code, theirs.lines[0].unit) == (full.code, full.unit)
    assert theirs.lines[0].description == full.description


def test_nothing_is_sent_when_the_time_to_start_by_has_passed(books: Books) -> None:
    books.gateway.ready(books.credentials)
    got = books.gateway.post_invoice(books.credentials, draft(), time.monotonic() - 0.001)
    assert isinstance(got, NotSent)
    assert "AddFactuur" not in books.calls()


def test_nothing_is_sent_when_opening_the_session_took_too_long(books: Books) -> None:
    books.sandbox.mischief("demo", [{"kind": "slow", "operation": "OpenSession", "seconds": 4}])
    got = books.gateway.post_invoice(books.credentials, draft(), time.monotonic() + 3)
    assert isinstance(got, NotSent)
    assert books.calls() == ["OpenSession"]


@pytest.mark.parametrize("kind", ["slow", "lost_answer", "reset_before", "html_503", "empty_200", "http_500_fault"])
def test_an_invoice_whose_session_does_not_open_is_not_sent(books: Books, connect: Connect, kind: str) -> None:
    books.gateway = connect(books.sandbox.soap_url, times=IMPATIENT)
    books.sandbox.mischief("demo", [{"kind": kind, "operation": "OpenSession", "seconds": 6}])
    assert isinstance(books.post(draft()), NotSent)
    assert "AddFactuur" not in books.calls()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"username": "wie"}, "E001.1"),
        ({"code1": Secret("0" * 32)}, "E001.1"),
        ({"code2": Secret("00000000-0000-0000-0000-000000000000")}, "E001.3"),
        ({"username": "demo-zonder-administratie"}, "E001.2"),
        ({"username": "demo-zonder-rechten"}, "E001.5"),
    ],
)
def test_an_invoice_with_refused_credentials_is_not_sent_and_says_which_code(
    books: Books, wrong: dict[str, Any], code: str
) -> None:
    got = books.gateway.post_invoice(replace(books.credentials, **wrong), draft(), soon())
    assert isinstance(got, NotSent)
    assert got.code == code
    assert got.text


def test_a_service_that_is_not_there_gets_nothing(connect: Connect, credentials: Credentials) -> None:
    for endpoint in ("http://127.0.0.1:1/soap.asmx", "https://bestaat-niet.invalid/soap.asmx"):
        assert isinstance(connect(endpoint).post_invoice(credentials, draft(), soon()), NotSent)


def answering(content: bytes) -> Callable[[Connection], None]:
    return lambda connection: connection.send(http(content))


ODD: dict[str, Callable[[Connection], None]] = {
    "another number": answering(answer_of("AddFactuur", "<Factuurnummer>F00001</Factuurnummer>")),
    "no number": answering(answer_of("AddFactuur", "<ErrorMsg/>")),
    "no result": answering(envelope('<AddFactuurResponse xmlns="http://www.e-boekhouden.nl/soap"/>')),
    "the answer of another operation": answering(answer_of("GetFacturen", "<Factuurnummer>WB1</Factuurnummer>")),
    "an empty body": answering(envelope("")),
    "no envelope": answering(b"<Factuurnummer>WB1</Factuurnummer>"),
    "a fault": lambda connection: connection.send(
        http(
            envelope("<soap:Fault><faultcode>soap:Client</faultcode><faultstring>Nee</faultstring></soap:Fault>"),
            "500 Internal Server Error",
        )
    ),
    "entities": answering(
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + answer_of("AddFactuur", "<Factuurnummer>WB1</Factuurnummer>")
    ),
    "accepted and reset": Connection.reset,
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_anything_that_is_no_proof_is_uncertain_and_tried_once(
    connect: Connect, credentials: Credentials, odd: Callable[[Connection], None]
) -> None:
    with raw_server(by_the_book(AddFactuur=odd)) as server:
        got = connect(server.url).post_invoice(credentials, draft(number="WB1"), soon())
    assert isinstance(got, Uncertain), got
    assert server.operations() == ["OpenSession", "AddFactuur"]


def test_a_new_element_in_their_answer_does_no_harm(connect: Connect, credentials: Credentials) -> None:
    answer = answer_of("AddFactuur", "<Nieuw>1</Nieuw><Factuurnummer>WB1</Factuurnummer><Ook/>")
    with raw_server(by_the_book(AddFactuur=answering(answer))) as server:
        assert connect(server.url).post_invoice(credentials, draft(number="WB1"), soon()) == Posted("WB1")


def test_a_session_refused_twice_is_not_sent(books: Books) -> None:
    books.sandbox.mischief("demo", [{"kind": "expired_session", "operation": "AddFactuur", "times": 2}])
    got = books.post(draft())
    assert isinstance(got, NotSent)
    assert got.code == "E002.3"
    assert books.calls() == ["OpenSession", "AddFactuur"] * 2
    assert books.numbers() == []


def test_the_repeat_after_a_refused_session_also_starts_in_time(books: Books) -> None:
    books.gateway.ready(books.credentials)
    rules = [
        {"kind": "expired_session", "operation": "AddFactuur"},
        {"kind": "slow", "operation": "OpenSession", "seconds": 4},
    ]
    books.sandbox.mischief("demo", rules)
    got = books.gateway.post_invoice(books.credentials, draft(), time.monotonic() + 3)
    assert isinstance(got, NotSent)
    assert books.calls().count("AddFactuur") == 1
    assert books.numbers() == []


def test_a_full_house_sends_nothing(books: Books, connect: Connect) -> None:
    gateway = connect(books.sandbox.soap_url, max_calls=1)
    gateway.ready(books.credentials)
    books.sandbox.mischief("demo", [{"kind": "slow", "operation": "GetRelaties", "seconds": 4}])
    slow = threading.Thread(target=gateway.relations, args=(books.credentials,))
    slow.start()
    until(lambda: "GetRelaties" in books.calls())
    begin = time.monotonic()
    got = gateway.post_invoice(books.credentials, draft(), soon())
    assert time.monotonic() - begin > 0.4, "it did not wait for a place"
    assert slow.is_alive(), "it waited until the place came free"
    slow.join()
    assert isinstance(got, NotSent)
    assert "druk" in str(got.why)
    assert books.numbers() == []


def test_a_check_before_the_call_stops_it(books: Books, connect: Connect) -> None:
    seen: list[str] = []

    def check() -> None:
        seen.append("called")
        assert len(seen) == 1, "a transaction is open"

    gateway = connect(books.sandbox.soap_url, before_call=check)
    gateway.ready(books.credentials)
    with pytest.raises(AssertionError, match="a transaction is open"):
        gateway.post_invoice(books.credentials, draft(), soon())
    assert books.calls() == ["OpenSession"]


@pytest.mark.parametrize("endpoint", ["http://soap.e-boekhouden.nl/soap.asmx", "http://10.0.0.1/x", "soap.asmx", ""])
def test_an_address_without_https_is_refused(endpoint: str) -> None:
    with pytest.raises(ValueError, match="https"):
        EBoekhouden(endpoint)


def test_loopback_and_https_are_accepted() -> None:
    for endpoint in (
        "http://localhost:8099/soap.asmx",
        "http://[::1]:8099/x",
        "https://soap.e-boekhouden.nl/soap.asmx",
    ):
        EBoekhouden(endpoint)


def test_no_outcome_or_log_shows_a_code(books: Books, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("", "zeep", "zeep.transports", "urllib3", "requests"):
        caplog.set_level("DEBUG", logger=name)
    said = [repr(books.credentials), repr(books.post(draft()))]
    for kind in ("http_500_fault", "truncated_xml", "html_503", "reset_mid", "lost_answer"):
        books.sandbox.mischief("demo", [{"kind": kind, "operation": "*"}])
        said.append(repr(books.post(draft())))
    wrong = replace(books.credentials, version=2, code2=Secret("DEADBEEF-0000-0000-0000-000000000000"))
    said.append(repr(books.gateway.post_invoice(wrong, draft(), soon())))
    heard = "\n".join(said) + caplog.text
    assert "POST /soap.asmx" in heard, "the log was not heard at all"
    for secret in (CODE1, books.credentials.code2.reveal(), "DEADBEEF", "Envelope"):
        assert secret not in heard
