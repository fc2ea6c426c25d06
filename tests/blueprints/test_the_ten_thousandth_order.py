"""The 10,000th order of a year comes after the 9,999th, wherever orders are listed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from domain.permissions import Actor
from models import NumberSeries, WorkOrder
from services.invoicing import bulk_preview
from services.orders import listing, planning, work_orders
from services.orders.listing import Filter
from services.orders.work_orders import OrderInput
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.client import HouseClient

LAST = ("9998", "9999", "10000", "10001", "10002")


@pytest.fixture
def busy_year(vos: SimpleNamespace) -> Actor:
    """Somebody of Vos, who has just made the orders round the 10,000th."""
    actor: Actor = vos.actor
    work_orders.create(actor, OrderInput(title="De eerste van dit jaar"))  # the cast's own may be of a year ago
    series = select(NumberSeries).where(NumberSeries.kind == "work_order").order_by(NumberSeries.year.desc())
    with write_transaction() as session:
        session.scalars(series.limit(1)).one().next = 9998
    for _ in LAST:
        work_orders.create(actor, OrderInput(title="Tienduizend"))
    return actor


def serials(orders: Iterable[WorkOrder]) -> list[str]:
    return [order.number.rpartition("-")[2] for order in orders]


def test_the_list_shows_the_newest_first(busy_year: Actor, client_as: Callable[[str], HouseClient]) -> None:
    page = client_as("office").get("/t/vos/work-orders/?q=tienduizend").text
    seen = list(dict.fromkeys(re.findall(r">\d{4}-(\d{4,5})</a>", page)))
    assert seen == [*reversed(LAST)]


def test_pages_go_by_number_both_ways(busy_year: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.paging.SIZE", 2)
    for sort, wanted in (("number", [*LAST]), ("-number", [*reversed(LAST)])):
        found, after = [], None
        while after != "":
            page = listing.list_(busy_year, Filter(text="tienduizend", sort=sort, after=after or ""))
            found += page.rows
            after = page.next
        assert serials(found) == wanted


def test_backlog_and_bulk_begin_with_the_oldest(busy_year: Actor) -> None:
    backlog = planning.week(date(2026, 11, 23)).waiting
    made = [order for order in backlog if order.title == "Tienduizend"]
    assert serials(made) == [*LAST]
    for order in reversed(made):
        work_orders.move(busy_year, order.id, "finish")
    done = [db.session.scalars(select(WorkOrder).where(WorkOrder.id == one)).one() for one in bulk_preview.executed()]
    assert serials(order for order in done if order.title == "Tienduizend") == [*LAST]
