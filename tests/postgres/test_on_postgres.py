"""Migrations, the main job, double presses and the fence on PostgreSQL."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from domain.message import Refusal
from models import Location, Relation
from services import invoicing, recovery, tenants
from services._transaction import write_transaction
from tenancy.database import db
from tests.isolation.test_neighbour import ids_of, tenant_rules, url
from tests.support.cast import process
from tests.support.client import client_for
from tests.support.sandbox_process import Sandbox

pytestmark = pytest.mark.xdist_group("postgres")  # one server, one worker


def test_the_migrations_lead_to_the_models_and_back(pg: SimpleNamespace) -> None:
    tenants.leave()
    check()
    downgrade(revision="base")
    upgrade()


def test_eight_presses_at_once_make_one_invoice(pg: SimpleNamespace, sandbox: Sandbox) -> None:
    barrier = threading.Barrier(8)
    seen: list[str] = []

    def press() -> None:
        with pg.app.app_context():
            actor = process("vos")
            barrier.wait()
            try:
                seen.append(invoicing.approve(pg.parts, actor, pg.vos.order_id).state)
            except Refusal:
                seen.append("refusal")
            finally:
                tenants.leave()

    tenants.leave()
    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == ["posted"] + ["refusal"] * 7
    assert len(sandbox.invoices("demo")) == 1


def test_a_lost_answer_is_adopted(pg: SimpleNamespace, sandbox: Sandbox) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    actor = process("vos")
    pressed = invoicing.approve(pg.parts, actor, pg.vos.order_id)
    assert pressed.state == "uncertain"
    assert recovery.check(pg.parts, actor, pressed.posting_id) == "posted"
    assert len(sandbox.invoices("demo")) == 1


def test_a_reference_to_a_foreign_row_cannot_be_stored(pg: SimpleNamespace) -> None:
    process("buur")
    with pytest.raises(IntegrityError), write_transaction() as session:
        session.add(Location(relation_id=pg.vos.relation_id, address="Elders 1"))


def test_every_page_answers(pg: SimpleNamespace) -> None:
    client = client_for(pg.app, "owner")
    for rule in tenant_rules(pg.app):
        if "GET" in (rule.methods or set()):
            address = url(pg.app, rule, "vos", ids_of(pg.vos))
            assert client.get(address).status_code < 500, address
    process("vos")
    assert {row.name for row in db.session.scalars(select(Relation))} != set()
