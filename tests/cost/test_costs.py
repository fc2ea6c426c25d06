"""What a page and a round cost does not grow with what a tenant ever did.

Every page, as everybody who may open it, and the worker's rounds, on two databases that differ in history only: ten
times the orders may take half as much work again, and no statement may look at much more than it shows. Work is counted
by the database (tests/support/work.py), so a busy machine changes nothing. A new route joins by itself.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, text

from domain.permissions import OFFICE, OWNER, PLANNER, READER, WORKER
from tenancy.database import db
from tests.cost.conftest import Grown
from tests.cost.deeds import done
from tests.cost.measured import opened, too_much
from tests.support.client import client_for
from tests.support.counted_work import Work
from tests.support.work import worked

pytestmark = pytest.mark.timeout(600)  # whoever comes first makes the databases, and the others wait
ROLES = (OWNER, OFFICE, PLANNER, WORKER, READER)


def held(pair: tuple[Grown, Grown], measure: Callable[[Grown], dict[str, Work]]) -> None:
    """What is measured of both sizes is not too much."""
    before, after = map(measure, pair)
    with pair[1].app.app_context():
        wrong = too_much(db.engine, before, after)
    held = {statement for work in after.values() for statement in work.by_statement()}
    print(f"{len(held)} statements of {len(after)} pages or deeds", *wrong, sep="\n")
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_no_page_costs_more_because_of_what_was_ever_done(role: str, pair: tuple[Grown, Grown]) -> None:
    held(pair, lambda grown: opened(grown, role, fragments=role == OWNER))


@pytest.mark.parametrize("role", [OWNER, WORKER])  # the others ask less of what the owner asks
def test_no_page_does_on_postgresql(role: str, pair_on_postgres: tuple[Grown, Grown]) -> None:
    held(pair_on_postgres, lambda grown: opened(grown, role, fragments=False))


def test_no_deed_and_no_round_costs_more_because_of_what_was_ever_done(pair: tuple[Grown, Grown]) -> None:
    held(pair, done)


def test_no_deed_and_no_round_does_on_postgresql(pair_on_postgres: tuple[Grown, Grown]) -> None:
    held(pair_on_postgres, done)


def start_without_indexes(grown: Grown) -> dict[str, Work]:
    """The work of the start page when the indexes that count what waits for its invoice are gone."""
    engine = create_engine(grown.as_owner)
    with engine.begin() as connection:
        for index in ("ix_work_order_billing", "ix_work_order_to_invoice"):
            connection.execute(text(f"DROP INDEX {index}"))
    engine.dispose()
    with grown.app.app_context():
        client = client_for(grown.app, OWNER)
        client.get("/t/vos/help/")
        with worked(db.engine) as work:
            assert client.get("/t/vos/").status_code == 200
    return {"start.show": work}


def test_without_its_indexes_it_is_seen(pair: tuple[Grown, Grown]) -> None:
    """The check can turn red."""
    with pytest.raises(AssertionError, match="grows"):
        held(pair, start_without_indexes)


def test_without_its_indexes_it_is_seen_on_postgresql(pair_on_postgres: tuple[Grown, Grown]) -> None:
    with pytest.raises(AssertionError, match="grows"):
        held(pair_on_postgres, start_without_indexes)
