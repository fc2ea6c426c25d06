"""Whether they round what they are sent or count with it as it comes: our totals are theirs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.invoice import differences
from domain.outcome import Posted
from domain.preflight import as_sent
from tests.gateways.conftest import Books, draft, line


@pytest.mark.parametrize("decimals", ["round", "keep"])
def test_the_totals_agree_however_they_read_decimals(books: Books, decimals: str) -> None:
    books.sandbox.switches("demo", decimals=decimals)
    lines = [
        line(quantity=Decimal(quantity), price=Decimal(price))
        for quantity in ("1000", "0.125", "2.50", "-3.3333")
        for price in ("0.0825", "12.345", "42.00", "0.0049")
    ]
    ours = draft(lines=tuple(as_sent(one) for one in lines))
    assert ours.totals.excl == sum(one.total for one in lines)
    assert books.post(ours) == Posted(ours.number)
    theirs = books.gateway.find_invoice(books.credentials, ours.number, ours)
    assert theirs is not None
    assert differences(ours, theirs) == ()
    assert theirs.excl == ours.totals.excl


def test_the_play_books_round_what_they_are_sent(books: Books) -> None:
    """Without that the test above would prove nothing."""
    ours = draft(lines=(line(quantity=Decimal(1000), price=Decimal("0.0825")),))
    books.post(ours)
    theirs = books.gateway.find_invoice(books.credentials, ours.number)
    assert theirs is not None
    assert theirs.excl == Decimal("80.00")
