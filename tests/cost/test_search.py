"""A search costs what it finds, or what the page shows, and not what a tenant ever did."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from models import BY_NUMBER, WorkOrder
from services import paging, searching
from services.catalogue import articles, relations
from services.orders import choices, listing
from services.orders.listing import Filter
from services.paging import SIZE
from services.transaction import write_transaction
from tenancy.database import db
from tests.cost.conftest import Grown
from tests.support.cast import process
from tests.support.counted_work import Work
from tests.support.work import worked

pytestmark = pytest.mark.timeout(600)


def searches(place: Grown) -> dict[str, Work]:
    """The work of each search, by its name."""
    found = {}
    with place.app.app_context():
        actor = process("vos")
        asked = {
            "rare": lambda: listing.list_(actor, Filter(text="dakgoot 4205")),
            "frequent": lambda: listing.list_(actor, Filter(text="lekkage")),
            "never meet": lambda: listing.list_(actor, Filter(text="celik utrecht")),
            "invoice": lambda: listing.list_(actor, Filter(text=place.filled.number)),
            "code": lambda: listing.list_(actor, Filter(text="R000421")),
            "nothing": lambda: listing.list_(actor, Filter(text="zeppelin")),
            "never meet either": lambda: relations.list_("bakker gouda"),
            "last by name": lambda: relations.list_("visser"),
            "frequent beginning": lambda: relations.list_("b"),
            "customers as typed": lambda: choices.customers("vis"),
            "relations all": lambda: relations.list_("voorbeeld.example"),
            "articles": lambda: articles.list_("kozijn deel"),
            "customers": lambda: choices.customers("vries 12"),
            "sold": lambda: choices.sold("A000012"),
        }
        for name, ask in asked.items():
            answer: Any = ask()
            rows = getattr(answer, "rows", None) or getattr(answer, "hits", ())
            assert bool(rows) == (name != "nothing" and not name.startswith("never")), f"{name} found {len(rows)}"
            db.session.rollback()
            with worked(db.engine) as work:
                ask()
            found[name] = work
            db.session.rollback()
    return found


OLD = "Zonneboiler"


def age(place: Grown, orders: int) -> None:
    """The oldest orders get a title that no other has."""
    with place.app.app_context():
        process("vos")
        oldest = select(WorkOrder).order_by(*BY_NUMBER).limit(orders)
        with write_transaction() as session:
            for order in session.scalars(oldest):
                order.title = OLD
        db.session.rollback()


def dearest(place: Grown, wanted: Filter) -> int:
    """What the dearest statement takes of a search that gives a full page, in its database's measure."""
    with place.app.app_context():
        actor = process("vos")
        assert len(listing.list_(actor, wanted).rows) == SIZE, wanted
        db.session.rollback()
        with worked(db.engine) as work:
            listing.list_(actor, wanted)
        db.session.rollback()
    return max(one.work for one in work.done)


FREQUENT = (
    Filter(text="lekkage"),
    Filter(text="onderhoud", state="approved"),
    Filter(text="lekkage utrecht", sort="number"),
    Filter(text=OLD),
    Filter(text=OLD, sort="-planned"),
)


# Steps of one statement at most, at 50,000 orders: rows looked up and sorted, or asked until the page is full.
MOST = 50_000
FREQUENT_MOST = {"sqlite": 60_000, "postgresql": 15_000}  # by day, 1,500 are asked and as many sorted
RARELY_MEET = 700_000  # both words are frequent, no row has both: what one of them finds is gone through


def test_a_search_looks_at_little(pair: tuple[Grown, Grown]) -> None:
    wrong = []
    for name, work in searches(pair[1]).items():
        most = RARELY_MEET if name.startswith("never") else MOST
        wrong += [f"{name}: {one.work}: {said[:200]}" for said, one in work.by_statement().items() if one.work > most]
        print(name, work.total)
    assert wrong == []


def test_a_frequent_word_in_the_orders_costs_what_the_page_shows(pair: tuple[Grown, Grown]) -> None:
    """Also one that only old orders have: they are found, and not by asking all that are newer."""
    frequent_costs_little(pair[1])


def test_a_frequent_word_does_on_postgresql(pair_on_postgres: tuple[Grown, Grown]) -> None:
    frequent_costs_little(pair_on_postgres[1])


def frequent_costs_little(place: Grown) -> None:
    age(place, 1500)
    with place.app.app_context():
        most = FREQUENT_MOST[db.engine.dialect.name]
    found = {f"{wanted.text} {wanted.sort}": dearest(place, wanted) for wanted in FREQUENT}
    assert max(found.values()) <= most, found


def test_asked_one_by_one_it_is_seen(pair: tuple[Grown, Grown], monkeypatch: pytest.MonkeyPatch) -> None:
    age(pair[1], 1500)
    monkeypatch.setattr(searching, "SPELLED", -1)
    monkeypatch.setattr(paging, "NEAR", 10**6)
    assert dearest(pair[1], Filter(text=OLD)) > FREQUENT_MOST["sqlite"]


def test_without_its_index_it_is_seen(pair: tuple[Grown, Grown]) -> None:
    small = pair[0]
    with small.app.app_context():
        process("vos")
        before = relations.list_("gouda").rows
        db.session.rollback()
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE search_word RENAME TO with_its_key"))
            connection.execute(text("CREATE TABLE search_word AS SELECT * FROM with_its_key"))
        with worked(db.engine) as work:
            assert relations.list_("gouda").rows == before
    assert work.total > MOST
