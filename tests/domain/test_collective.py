"""Several orders on one invoice: what it says, what it holds, and by what it is known again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain import behind, collective, first_line, preflight, vat
from domain.behind import OrderHere, Whose
from domain.chain_liability import WagePart, of_several
from domain.credit import credit_of, is_credit_of
from domain.invoice import InvoiceDraft, InvoiceLine, RemoteInvoice
from domain.limits import Limits
from domain.money import MOST
from domain.preflight import Candidate
from domain.reconciliation import named_alike

ON = date(2026, 11, 28)
LINE = InvoiceLine("ARBEID", "Arbeid", Decimal(2), "uur", Decimal(50), "high", "8000")
FIRST = Candidate("2026-0009", "Wit", "1001", date(2026, 11, 3), ON, "Kade 1, Gouda", "Factuursjabloon", 14, (LINE,))
LATER = replace(FIRST, order_number="2026-0002", executed_on=date(2026, 11, 5), executed_from=date(2026, 11, 4),
                location="", customer_order_number="PO 7")  # fmt: skip
LIMITS = Limits(rows=500, lines=100, invoice={}, line={})


def there(draft: InvoiceDraft) -> RemoteInvoice:
    """The same over there."""
    totals = draft.totals
    return RemoteInvoice(
        "WB2026-0007", draft.relation_code, draft.on, 14, totals.excl, totals.vat, totals.incl, totals.incl, draft.lines
    )


def here(order: Candidate, free: bool = True) -> OrderHere:
    return OrderHere(order.order_number, order.relation_code or "", order, free)


def test_each_order_has_a_heading_and_its_lines_below_it_in_the_order_of_the_work() -> None:
    draft = collective.draft(collective.in_order([LATER, FIRST]), "WB2026-0007", ON)
    assert [line.description for line in draft.lines] == [
        "Werkbon 2026-0009, uitgevoerd 3-11-2026, Kade 1, Gouda:", "Arbeid",
        "Werkbon 2026-0002, uw ordernummer PO 7, uitgevoerd van 4-11-2026 t/m 5-11-2026:", "Arbeid",
    ]  # fmt: skip
    heading = draft.lines[0]
    assert (heading.total, heading.code, heading.vat_code, heading.ledger_code) == (0, "ARBEID", "high", "8000")
    assert draft.totals == vat.add_up([("high", Decimal(200))])
    assert collective.line_count([FIRST, LATER]) == len(draft.lines) == 4


def test_one_order_alone_is_an_ordinary_invoice() -> None:
    assert collective.draft([FIRST], "", ON) == preflight.draft(FIRST, "", ON)
    assert collective.blockers([FIRST], LIMITS) == preflight.blockers(FIRST, LIMITS)


def test_orders_of_a_day_stand_by_number_not_by_text() -> None:
    orders = [replace(FIRST, order_number=number) for number in ("2026-10002", "2026-9999")]
    assert [one.order_number for one in collective.in_order(orders)] == ["2026-9999", "2026-10002"]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (replace(LATER, relation_code="1002"), "klant"),
        (replace(LATER, regime="exempt"), "btw"),
        (replace(LATER, lines=(LINE,) * 98), "Samen hebben ze"),
        (replace(LATER, lines=(replace(LINE, price=MOST / 1000, quantity=Decimal(1000)),)), "te groot"),
    ],
)
def test_what_keeps_orders_apart_is_said(other: Candidate, why: str) -> None:
    (blocker,) = collective.blockers([FIRST, other], LIMITS)
    assert why in blocker.why.text


def test_they_are_spread_over_as_few_invoices_as_they_fit_on() -> None:
    size = 49
    orders = [
        replace(FIRST, order_number=f"2026-000{n}", executed_on=date(2026, 11, n), lines=(LINE,) * size)
        for n in (1, 2, 3, 4, 5)
    ]
    orders[1] = replace(orders[1], regime="exempt")
    orders[3] = replace(orders[3], lines=(LINE,) * 100)  # it fits by itself, and with a heading it would not
    parts = collective.split(orders[::-1], LIMITS)
    assert [[one.order_number[-1] for one in part] for part in parts] == [["1", "3"], ["4"], ["5"], ["2"]]
    assert all(collective.why_apart(part, LIMITS) is None for part in parts)


def test_wages_are_one_sum_and_a_percentage_only_where_it_comes_to_that() -> None:
    part = WagePart(Decimal(100), Decimal(40), Decimal(40), Decimal(25))
    assert of_several([part, None, part]) == WagePart(Decimal(200), Decimal(80), Decimal(40), Decimal(25))
    said = replace(part, percent=None, amount=Decimal(10))
    assert of_several([part, said]) == WagePart(Decimal(200), Decimal(50), None, Decimal(25))
    cent = WagePart(Decimal("0.05"), Decimal("0.02"), Decimal(33))  # 1.65 cents each, and 3.3 together
    assert of_several([cent, cent]) == WagePart(Decimal("0.10"), Decimal("0.04"), None, None)
    assert of_several([None, part]) == part
    assert of_several([None]) is None


def test_an_invoice_over_there_names_the_orders_of_its_headings() -> None:
    both = there(collective.draft([FIRST, LATER], "", ON))
    assert behind.orders_named(both) == ("2026-0009", "2026-0002")
    assert behind.orders_named(there(preflight.draft(FIRST, "", ON))) == ("2026-0009",)
    assert behind.orders_named(replace(both, lines=())) == ()
    assert [behind.executed_on(both, one) for one in ("2026-0009", "2026-0002")] == [
        date(2026, 11, 3),
        date(2026, 11, 5),
    ]
    # a line of an ordinary invoice that looks like a heading is none
    alike = replace(FIRST, lines=(LINE, replace(LINE, description="Werkbon 2026-0002:", price=Decimal(0))))
    assert behind.orders_named(there(preflight.draft(alike, "", ON))) == ("2026-0009",)


def test_it_is_recognised_only_as_the_invoice_of_all_of_them() -> None:
    both = there(collective.draft([FIRST, LATER], "", ON))
    assert behind.is_recognised(both, [here(FIRST), here(LATER)])
    assert not behind.is_recognised(both, [here(FIRST)])
    assert not behind.is_recognised(both, [here(FIRST), here(LATER, free=False)])
    assert not behind.is_recognised(both, [here(FIRST), replace(here(LATER), ours=None)])
    dearer = replace(LATER, lines=(replace(LINE, price=Decimal(51)),))
    assert not behind.is_recognised(both, [here(FIRST), here(dearer)])


@pytest.mark.parametrize(
    ("kinds", "whose"),
    [
        ([], Whose.ANOTHERS),
        ([Whose.OURS, Whose.UNCLEAR], Whose.OURS),
        ([Whose.LOST, Whose.OURS], Whose.OURS),
        ([Whose.UNCLEAR, Whose.LOST], Whose.LOST),
        ([Whose.UNCLEAR], Whose.UNCLEAR),
    ],
)
def test_it_is_ours_as_soon_as_it_is_for_one_of_them(kinds: list[Whose], whose: Whose) -> None:
    assert behind.whose_of_all(kinds) is whose


def test_its_credit_is_of_the_whole_and_is_known_as_that() -> None:
    draft = collective.draft([FIRST, LATER], "WB2026-0007", ON)
    back = credit_of(draft, "2026-0009", "WB2026-0008", ON)
    assert back.totals.incl == -draft.totals.incl
    assert first_line.credited(back.lines[0].description) == "WB2026-0007"
    assert is_credit_of(there(back), draft)
    assert named_alike(draft, there(draft))
