"""Open items: what is in the books and not wholly paid, as one answer gives it, and that no invoice waits for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from domain.outcome import Posted
from gateways.bookkeeping import (
    BookkeepingError,
    Credentials,
    Odd,
    OddRow,
    OpenItem,
    OpenItemRows,
    Resting,
    Spent,
    Unreachable,
)
from gateways.eboekhouden.contract_books import ContractBooks
from gateways.eboekhouden.guards import Breakers
from tests.gateways.conftest import Books, draft
from tests.gateways.raw_server import answer_of, by_the_book, http, raw_server

Connect = Callable[..., ContractBooks]
ON = date(2026, 11, 22)


def item(number: str, amount: str = "127.05", day: str = "2026-11-22T00:00:00", code: str = "1001") -> str:
    """One open item as they list it."""
    return (
        f"<cOpenPost><MutDatum>{day}</MutDatum><MutFactuur>{number}</MutFactuur><RelCode>{code}</RelCode>"
        f"<RelBedrijf>Bakker</RelBedrijf><Bedrag>{amount}</Bedrag><Voldaan>0</Voldaan>"
        f"<Openstaand>{amount}</Openstaand></cOpenPost>"
    )


def read(connect: Connect, credentials: Credentials, *rows: str) -> OpenItemRows:
    """What the gateway makes of these rows."""
    answer = http(answer_of("GetOpenPosten", f"<Openposten>{''.join(rows)}</Openposten>"))
    with raw_server(by_the_book(GetOpenPosten=lambda c: c.send(answer))) as server:
        return connect(server.url).open_items(credentials)


def test_an_invoice_is_open_from_when_it_is_booked_until_it_is_paid(books: Books) -> None:
    one = draft(on=ON)
    assert books.post(one) == Posted(one.number)
    total = one.totals.incl

    def found() -> OpenItem | None:
        rows = books.gateway.open_items(books.credentials).rows
        return next((row for row in rows if row.number == one.number), None)

    assert found() is None, "it stands ready, and is in no books"
    books.sandbox.with_invoice("demo", one.number, "book")
    assert found() == OpenItem(one.number, "1001", ON, total, Decimal(0), total)
    books.sandbox.with_invoice("demo", one.number, "payment", Bedrag="27.05")
    assert found() == OpenItem(one.number, "1001", ON, total, Decimal("27.05"), total - Decimal("27.05"))
    books.sandbox.with_invoice("demo", one.number, "payment")
    assert found() is None


def test_only_what_customers_owe_is_asked_for(connect: Connect, credentials: Credentials) -> None:
    with raw_server(by_the_book()) as server:
        assert connect(server.url).open_items(credentials) == OpenItemRows()
        asked = next(one for one in server.requests if one.operation == "GetOpenPosten")
    assert "OpSoort>Debiteuren</" in asked.body


def test_one_that_cannot_be_read_is_named_and_keeps_none_from_the_rest(
    connect: Connect, credentials: Credentials
) -> None:
    found = read(
        connect,
        credentials,
        item("WB1"),
        item("WB2", "veel"),
        item("WB3", day="gisteren"),
        item("", "1E99"),
        item("WB4"),
    )
    assert [row.number for row in found.rows] == ["WB1", "WB4"]
    assert found.odd == tuple(OddRow(name, Odd.UNREADABLE) for name in ("WB2", "WB3", ""))
    assert found.size == 5


def test_amounts_are_exact_to_the_cent_also_below_zero(connect: Connect, credentials: Credentials) -> None:
    found = read(connect, credentials, item("WB1", "127.05000000000001"), item("WB2", "-1.005E2"))
    assert [row.open for row in found.rows] == [Decimal("127.05"), Decimal("-100.50")]
    assert [row.total for row in found.rows] == [Decimal("127.05"), Decimal("-100.50")]


def test_the_last_calls_of_a_day_are_not_for_open_items(books: Books, connect: Connect) -> None:
    gateway = connect(books.sandbox.soap_url, calls_a_day=5, calls_kept=3)
    assert gateway.find_invoice(books.credentials, "WB1") is None  # two calls: the session and this
    with pytest.raises(Spent):
        gateway.open_items(books.credentials)
    assert gateway.find_invoice(books.credentials, "WB1") is None


def test_open_items_that_fail_keep_no_invoice(books: Books, connect: Connect) -> None:
    gateway = connect(books.sandbox.soap_url, breakers=Breakers(failures=2))
    for _ in range(2):
        books.sandbox.mischief("demo", [{"kind": "reset_before", "operation": "GetOpenPosten"}])
        with pytest.raises(Unreachable):
            gateway.open_items(books.credentials)
    with pytest.raises(Resting):
        gateway.open_items(books.credentials)
    assert gateway.find_invoice(books.credentials, "WB1") is None


def test_codes_that_are_kept_for_looking_up_do_not_ask_for_them(books: Books) -> None:
    kept = Credentials(1, 1, "demo", books.credentials.code1, books.credentials.code2, only_look_up=True)
    with pytest.raises(BookkeepingError):
        books.gateway.open_items(kept)
    assert "GetOpenPosten" not in books.calls()
