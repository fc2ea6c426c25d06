"""No page asks row by row: every route runs as many queries on large data as on small."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from flask import Flask

from domain.posting import POSTED
from models import (
    Article,
    AuditEntry,
    InvoiceNumber,
    InvoicePosting,
    Location,
    Relation,
    SyncRun,
    Worker,
    WorkOrder,
    WorkOrderLine,
)
from services.company import tenants
from services.invoicing import claims
from services.orders import visits
from services.orders.visits import Planned
from services.transaction import write_transaction
from tests.isolation.test_neighbour import ids_of, tenant_rules, url
from tests.support.cast import process
from tests.support.client import HouseClient, client_for
from tests.support.statements import counted

STATES = ("draft", "planned", "started", "done", "approved")


def add_much(place: SimpleNamespace, batch: int, size: int) -> None:
    """Many rows of everything a page may show, hung under the same relation and worker too."""
    actor = process("vos")
    now = datetime.now(UTC)
    with write_transaction() as session:
        for n in range(size):
            tag = f"{batch}-{n}"
            relation = Relation(code=f"B{tag}", name=f"Klant {tag}", city="Waterveen")
            worker = Worker(name=f"Monteur {tag}")
            article = Article(code=f"A{tag}", description=f"Artikel {tag}", price=Decimal(5), vat_code="high")
            session.add_all([relation, worker, article])
            session.flush()
            session.add(Location(relation_id=place.relation_id, address=f"Straat {tag}"))
            order = WorkOrder(
                number=f"2025-{batch}{n:03d}", title=f"Werk {tag}", state=STATES[n % 5], created_at=now, changed_at=now,
                relation_id=place.relation_id if n % 2 else relation.id,
                executed_on=now.date(),
                approved_at=now if n % 5 == 4 else None,
            )  # fmt: skip
            session.add(order)
            session.flush()
            day = now.date() + timedelta(days=n % 5 - 2)
            planned = Planned(day, time(8), None, place.worker_id if n % 3 else worker.id)
            visits.plan(session, actor, order, planned)
            session.add_all(_lines_and_trail(order, now))
            if n % 10 == 4:
                _posting(session, order, f"WB1990-{batch}{n:03d}", now)
            session.add(SyncRun(what="relations", started_at=now, finished_at=now))
        for n in range(size):
            position = 10 + batch * size + n
            session.add(WorkOrderLine(order_id=place.order_id, position=position, kind="hours", description="x",
                                      quantity=Decimal(1), price=Decimal(1)))  # fmt: skip
            session.add(
                AuditEntry(
                    at=now, event="work_order.changed", person_name="x", subject="work_order", subject_id=place.order_id
                )
            )
    tenants.leave()


def _lines_and_trail(order: WorkOrder, now: datetime) -> list[object]:
    line = WorkOrderLine(
        order_id=order.id, position=1, kind="hours", description="x", quantity=Decimal(1), price=Decimal(1)
    )
    entry = AuditEntry(at=now, event="work_order.created", person_name="x", subject="work_order", subject_id=order.id)
    return [line, entry]


def _posting(session: object, order: WorkOrder, number: str, now: datetime) -> None:
    row = InvoicePosting(
        number=number, state=POSTED, payload="{}", payload_hash="", excl=1, vat=0, incl=1, created_at=now
    )
    session.add(row)  # type: ignore[attr-defined]
    session.flush()  # type: ignore[attr-defined]
    claims.claim(session, row, [order])
    session.add(
        InvoiceNumber(
            number=number, prefix="WB", year=1990, serial=order.number[-3:] and 1, state="posted", changed_at=now
        )
    )  # type: ignore[attr-defined]


def measure(app: Flask, client: HouseClient, place: SimpleNamespace) -> dict[str, int]:
    """Queries per GET route; each asked twice, so that a first-time touch does not count."""
    found = {}
    for rule in tenant_rules(app):
        if "GET" not in (rule.methods or set()):
            continue
        address = url(app, rule, "vos", ids_of(place))
        client.get(address)
        with counted() as seen:
            status = client.get(address).status_code
        assert status < 500, f"{address} answered {status}"
        found[rule.endpoint] = len(seen)
    return found


@pytest.mark.usefixtures("untouched")
@pytest.mark.timeout(600)  # it walks them all
def test_the_number_of_queries_does_not_grow_with_the_data(app: Flask, cast: SimpleNamespace) -> None:
    client = client_for(app, "owner")
    # Small is "some of everything": an empty list saves the query that loads what belongs to its rows.
    add_much(cast.vos, 1, 10)
    small = measure(app, client, cast.vos)
    add_much(cast.vos, 2, 40)
    large = measure(app, client, cast.vos)

    grown = {endpoint: (small[endpoint], large[endpoint]) for endpoint in small if large[endpoint] > small[endpoint]}
    assert grown == {}, "load what a row needs together with the rows (joinedload, selectinload)"
    assert max(large.values()) <= 40, {endpoint: number for endpoint, number in large.items() if number > 40}
