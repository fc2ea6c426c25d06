"""A page of the orders costs the same however it is sorted, whatever is filtered, and however deep it lies."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from domain import posting
from services.orders import listing
from services.orders.listing import Filter
from services.trail import history
from tenancy.database import db
from tests.cost.conftest import Grown
from tests.support.cast import process
from tests.support.work import worked

pytestmark = pytest.mark.timeout(600)
SORTS = ("number", "-number", "planned", "-planned")
MOST = 20_000  # steps of one statement: fifty rows, each with four look-ups


def steps(place: Grown, wanted: Filter) -> int:
    """What the dearest statement of a page takes."""
    with place.app.app_context():
        actor = process("vos")
        listing.list_(actor, wanted)
        db.session.rollback()
        with worked(db.engine) as work:
            listing.list_(actor, wanted)
        db.session.rollback()
    return max(one.work for one in work.by_statement().values())


@pytest.mark.parametrize("sort", SORTS)
def test_every_page_of_every_order_costs_what_it_shows(grown: Grown, sort: str) -> None:
    middle = str(grown.filled.posted_order)
    pages = {mark: steps(grown, Filter(sort=sort, after=mark)) for mark in ("", middle, f"-{middle}")}
    assert max(pages.values()) <= MOST, pages


def test_states_of_invoices_are_looked_up(grown: Grown) -> None:
    found = {state: steps(grown, Filter(state=state)) for state in (posting.REFUSED, posting.CONFLICT, "not_invoiced")}
    assert max(found.values()) <= MOST, found


@pytest.mark.parametrize("wanted", [history.Filter(visits_only=True), history.Filter(kind="people")])
def test_an_export_reads_what_it_exports(grown: Grown, wanted: history.Filter) -> None:
    with grown.app.app_context():
        process("vos")
        with worked(db.engine) as work:
            lines = len(list(history.export(wanted)))
        db.session.rollback()
    assert work.total <= MOST + 1000 * lines, "it looks at entries that are not in it"


def test_without_its_index_it_is_seen(grown: Grown) -> None:
    by_day = Filter(sort="planned")
    with grown.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_work_order_tenant_id_planned_on"))
    assert steps(grown, by_day) > MOST
