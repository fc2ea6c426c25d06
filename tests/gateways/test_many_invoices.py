"""Invoices of a period or a relation: what one answer holds, however it comes, and that such lists are no look-ups."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from domain.outcome import Posted
from gateways.bookkeeping import Bookkeeping, Credentials, InvoiceRows, Odd, OddRow, Resting, Spent, Unreachable
from gateways.eboekhouden.contract_books import ContractBooks
from gateways.eboekhouden.guards import Breakers
from tests.gateways.conftest import Books, draft
from tests.gateways.raw_server import Connection, answer_of, by_the_book, http, raw_server

Connect = Callable[..., ContractBooks]
OCTOBER = date(2026, 10, 1), date(2026, 10, 31)


def listed(number: str, day: str, code: str = "1001", total: str = "1") -> str:
    """One invoice as they list it."""
    totals = "".join(f"<Totaal{name}>{total}</Totaal{name}>" for name in ("ExclBTW", "BTW", "InclBTW", "Openstaand"))
    return (
        f"<cFactuurList><Factuurnummer>{number}</Factuurnummer><Relatiecode>{code}</Relatiecode>"
        f"<Datum>{day}T00:00:00</Datum><Betalingstermijn>14</Betalingstermijn>{totals}</cFactuurList>"
    )


def gives(*rows: str) -> Callable[[Connection], None]:
    """A service that gives these, whatever was asked."""
    answer = http(answer_of("GetFacturen", f"<Facturen>{''.join(rows)}</Facturen>"))
    return lambda connection: connection.send(answer)


def test_a_period_holds_its_first_and_its_last_day_and_no_other(books: Books) -> None:
    days = [date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 1)]
    posted = [draft(on=day) for day in days]
    for one in posted:
        assert books.post(one) == Posted(one.number)
    found = books.gateway.invoices_between(books.credentials, *OCTOBER)
    assert {one.number for one in found.rows} == {posted[1].number, posted[2].number}
    assert found.odd == ()
    assert found.size == 4  # no manual says whether the days of a filter count, so one more is asked for on either side


def test_a_period_that_ends_before_it_begins_asks_nothing(books: Books) -> None:
    assert books.gateway.invoices_between(books.credentials, *reversed(OCTOBER)) == InvoiceRows()
    assert books.calls() == []


def test_all_the_years_that_they_accept_can_be_asked_for(books: Books) -> None:
    one = draft(on=date(1980, 1, 1))
    assert books.post(one) == Posted(one.number)
    found = books.gateway.invoices_between(books.credentials, date(1980, 1, 1), date(2049, 12, 31))
    assert one.number in {row.number for row in found.rows}


def test_one_that_cannot_be_read_is_named_and_keeps_none_from_the_rest(
    connect: Connect, credentials: Credentials
) -> None:
    rows = gives(listed("WB1", "2026-10-02"), listed("WB2", "2026-10-03", total="veel"), listed("WB3", "2026-10-04"))
    asks: list[Callable[[Bookkeeping], InvoiceRows]] = [
        lambda gateway: gateway.invoices_between(credentials, *OCTOBER),
        lambda gateway: gateway.invoices_of(credentials, "1001", OCTOBER[0]),
    ]
    with raw_server(by_the_book(GetFacturen=rows)) as server:
        for ask in asks:
            found = ask(connect(server.url))
            assert [one.number for one in found.rows] == ["WB1", "WB3"]
            assert found.odd == (OddRow("WB2", Odd.UNREADABLE),)
            assert found.size == 3


def test_a_list_that_is_cut_off_says_nothing_about_it(books: Books) -> None:
    for _ in range(101):
        books.post(draft(on=OCTOBER[0]))
    books.sandbox.switches("demo", invoice_cap=100, list_order="shuffled")
    seen = [{one.number for one in books.gateway.invoices_between(books.credentials, *OCTOBER).rows} for _ in range(9)]
    assert {len(one) for one in seen} == {100}
    assert len(set.union(*seen)) == 101


def test_a_list_of_invoices_leaves_the_last_calls_of_the_day_to_invoices(
    sandbox: object, books: Books, connect: Connect
) -> None:
    gateway = connect(books.sandbox.soap_url, calls_a_day=5, calls_kept=3)
    assert gateway.find_invoice(books.credentials, "WB1") is None  # two calls: the session and this
    with pytest.raises(Spent):
        gateway.invoices_between(books.credentials, *OCTOBER)
    with pytest.raises(Spent):
        gateway.invoices_of(books.credentials, "1001", OCTOBER[0])
    assert gateway.find_invoice(books.credentials, "WB1") is None


def test_lists_of_invoices_that_fail_keep_no_invoice(books: Books, connect: Connect) -> None:
    gateway = connect(books.sandbox.soap_url, breakers=Breakers(failures=2))
    for _ in range(2):
        books.sandbox.mischief("demo", [{"kind": "reset_before", "operation": "GetFacturen"}])
        with pytest.raises(Unreachable):
            gateway.invoices_between(books.credentials, *OCTOBER)
    with pytest.raises(Resting):
        gateway.invoices_of(books.credentials, "1001", OCTOBER[0])
    one = draft()
    assert gateway.find_invoice(books.credentials, one.number) is None
