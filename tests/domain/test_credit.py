"""The credit of an invoice as plain values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.credit import credit_of, credits, is_credit_of
from domain.first_line import credited, day_told, order_named
from domain.invoice import InvoiceDraft, InvoiceLine, RemoteInvoice

ON, LATER = date(2026, 11, 3), date(2026, 11, 28)


def line(description: str, quantity: str = "2", price: str = "50") -> InvoiceLine:
    return InvoiceLine("ARBEID", description, Decimal(quantity), "uur", Decimal(price), "high", "8000")


def invoice(*lines: InvoiceLine) -> InvoiceDraft:
    return InvoiceDraft("WB2026-0012", "1001", ON, 14, "Sjabloon", lines)


FIRST = "Werkbon 2026-0007, uw ordernummer OPD-1, uitgevoerd 2-11-2026, Kade 1: Arbeid"


def there(draft: InvoiceDraft) -> RemoteInvoice:
    """A draft as the bookkeeping shows it."""
    sums = draft.totals
    totals = sums.excl, sums.vat, sums.incl, sums.incl
    return RemoteInvoice(draft.number, draft.relation_code, draft.on, draft.term_days, *totals, draft.lines)


def test_every_amount_is_the_other_way_round_and_text_stays() -> None:
    original = invoice(line(FIRST), line("Korting", "-1", "10"), line("Btw verlegd naar afnemer", "1", "0"))
    back = credit_of(original, "2026-0007", "WB2026-0013", LATER)
    assert [one.quantity for one in back.lines] == [Decimal(-2), Decimal(1), Decimal(1)]
    assert (back.totals.excl, back.totals.vat) == (-original.totals.excl, -original.totals.vat)
    assert (back.number, back.on, back.relation_code) == ("WB2026-0013", LATER, "1001")


def test_it_names_its_order_and_what_it_corrects_and_keeps_the_rest() -> None:
    (only,) = credit_of(invoice(line(FIRST)), "2026-0007", "WB2026-0013", LATER).lines
    assert only.description == (
        "Werkbon 2026-0007, uw ordernummer OPD-1, creditfactuur bij factuur WB2026-0012 van 3-11-2026, "
        "uitgevoerd 2-11-2026, Kade 1: Arbeid"
    )
    assert order_named(only.description) == "2026-0007"
    assert credited(only.description) == "WB2026-0012"
    assert day_told(only.description) == date(2026, 11, 2)


def test_a_first_line_that_names_no_order_gets_one_and_none_gets_too_long() -> None:
    (only,) = credit_of(invoice(line("Arbeid " * 20)), "2026-0007", "WB2026-0013", LATER, 80).lines
    assert only.description.startswith("Werkbon 2026-0007, creditfactuur bij factuur WB2026-0012 van 3-11-2026: Arbeid")
    assert len(only.description) == 80


def test_of_a_credit_no_wages_are_to_be_paid() -> None:
    wages = line("Te betalen op G-rekening NL91 ABNA 0417 1643 00: € 480,00", "1", "0")
    assert len(credit_of(invoice(line(FIRST), wages), "", "WB2026-0013", LATER).lines) == 1


@pytest.mark.parametrize(
    "text", ["", FIRST, "creditfactuur bij factuur WB2026-0012 van 3-11-2026", "Werkbon 2026-0007"]
)
def test_any_other_line_credits_nothing(text: str) -> None:
    assert credited(text) == ""


def test_it_is_known_over_there_whatever_its_number_and_day() -> None:
    original = invoice(line(FIRST), line("Buis", "3", "7"))
    back = there(credit_of(original, "2026-0007", "WB2026-0013", LATER))
    assert credits(back) == "WB2026-0012"
    assert is_credit_of(back, original)
    assert not is_credit_of(there(original), original)
    assert not is_credit_of(back, invoice(line(FIRST), line("Buis", "2", "7"))), "not of all of it"
    assert not is_credit_of(back, InvoiceDraft("WB2026-0011", *list(vars(original).values())[1:]))
