"""When our database came back from an older copy: what proves it, and whose an invoice over there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain import behind, posting
from domain.behind import OrderHere, Whose
from domain.invoice import InvoiceLine, RemoteInvoice
from domain.preflight import Candidate

LINE = InvoiceLine("ARBEID", "Werkbon 2026-0031, uitgevoerd 5-3-2026, Kade 1: Arbeid", Decimal(2), "uur", Decimal(50),
                   "high", "8000")  # fmt: skip
THEIRS = RemoteInvoice(
    "WB2026-0007", "1001", date(2026, 3, 9), 14, Decimal(100), Decimal(21), Decimal(121), Decimal(121), (LINE,)
)
OURS = Candidate("2026-0031", "Wit", "1001", date(2026, 3, 5), date(2026, 3, 6), "Kade 1", "Factuursjabloon", 14,
                 (replace(LINE, description="Arbeid"),))  # fmt: skip
ORDER = OrderHere("2026-0031", "1001", OURS, free=True)


def saying(first_line: str) -> RemoteInvoice:
    """The invoice with another first line."""
    return replace(THEIRS, lines=(replace(LINE, description=first_line),))


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("Werkbon 2026-0031, uitgevoerd 5-3-2026: werk", "2026-0031"),
        ("  werkbon\t2026-0031: werk", "2026-0031"),
        ("Werkbon A2026-10000", "A2026-10000"),
        ("Onderhoud bij werkbon 2026-0031", ""),
        ("Werkbon", ""),
        ("", ""),
    ],
)
def test_the_first_line_names_the_order(said: str, named: str) -> None:
    assert behind.order_named(saying(said)) == named
    assert behind.order_named(replace(THEIRS, lines=())) == ""


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Werkbon 2026-0031, uitgevoerd 5-3-2026: werk", date(2026, 3, 5)),
        ("Werkbon 2026-0031, uitgevoerd 31-2-2026: werk", THEIRS.on),
        ("Werkbon 2026-0031: werk", THEIRS.on),
    ],
)
def test_the_day_of_execution_is_read_back(said: str, day: date) -> None:
    assert behind.executed_on(saying(said)) == day


@pytest.mark.parametrize(
    ("number", "parts"),
    [
        ("WB2026-0007", ("WB", 2026, 7)),
        ("WB2026-10000", ("WB", 2026, 10000)),
        ("2026-0007", ("", 2026, 7)),
        ("WB2026-7", None),  # no series of ours writes it like that
        ("XB2026-0007", None),
        ("F1", None),
    ],
)
def test_a_number_is_of_our_series_only_as_that_writes_it(number: str, parts: tuple[str, int, int] | None) -> None:
    assert behind.of_series(number, ["WB", ""]) == parts


@pytest.mark.parametrize(
    ("number", "holder", "unknown"),
    [
        (None, None, True),
        (posting.FREE, None, True),
        (posting.HELD, None, True),
        (posting.HELD, posting.NOT_SENT, True),
        (posting.HELD, posting.REFUSED, True),
        (posting.HELD, posting.CONFLICT, True),
        (posting.HELD, posting.SENDING, False),
        (posting.HELD, posting.UNCERTAIN, False),
        (posting.NUMBER_POSTED, posting.POSTED, False),
        (posting.TAKEN, None, False),
        (posting.VOID, None, False),
    ],
)
def test_what_is_news_here(number: str | None, holder: str | None, unknown: bool) -> None:
    assert behind.is_unknown(number, holder) is unknown


@pytest.mark.parametrize(
    ("theirs", "order", "made_here", "whose"),
    [
        (THEIRS, ORDER, True, Whose.OURS),
        (THEIRS, replace(ORDER, relation_code="1002"), True, Whose.UNCLEAR),
        (THEIRS, None, False, Whose.LOST),
        (THEIRS, None, True, Whose.UNCLEAR),
        (saying("Contract"), None, False, Whose.ANOTHERS),
        (replace(THEIRS, lines=()), ORDER, True, Whose.ANOTHERS),
    ],
)
def test_whose_it_is(theirs: RemoteInvoice, order: OrderHere | None, made_here: bool, whose: Whose) -> None:
    assert behind.whose(theirs, order, made_here) is whose


def test_a_taken_number_proves_it_only_with_an_order_and_a_customer_of_ours() -> None:
    assert [one for one in Whose if behind.proves_behind(one)] == [Whose.OURS]
    assert [one for one in Whose if behind.stops(one)] == [Whose.LOST, Whose.OURS]
    assert [one for one in Whose if not behind.asks_a_person(one)] == [Whose.ANOTHERS]


@pytest.mark.parametrize(
    ("theirs", "order", "recognised"),
    [
        (THEIRS, ORDER, True),
        (replace(THEIRS, excl=Decimal(99)), ORDER, False),
        (replace(THEIRS, lines=(replace(LINE, quantity=Decimal(3)),)), ORDER, False),
        (THEIRS, replace(ORDER, number="2026-0032"), False),
        (THEIRS, replace(ORDER, free=False), False),
        (THEIRS, replace(ORDER, ours=None), False),
        (THEIRS, None, False),
    ],
)
def test_it_is_recognised_when_the_order_would_go_out_like_this(
    theirs: RemoteInvoice, order: OrderHere | None, recognised: bool
) -> None:
    assert behind.is_recognised(theirs, [order] if order else []) is recognised


def test_a_person_may_give_an_order_the_invoice_over_there_unless_one_of_it_is_there_or_being_sent() -> None:
    refused = {posting.SENDING, posting.POSTED, posting.ABANDONED}
    assert {one for one in posting.STATES if not behind.may_be_taken_up(one)} == refused
    assert behind.may_be_taken_up(None)
