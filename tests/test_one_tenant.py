"""Statements that ask one node: what is tied to a tenant and what is not, and that everybody who works is looked at."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sqlalchemy import event, select

from models import Worker
from services.company import workers
from tenancy.database import db
from tests.support import one_tenant

TIED = (
    "SELECT work_order.id FROM work_order WHERE work_order.tenant_id = ? AND work_order.id = ?",
    "SELECT work_order_1.id FROM work_order AS work_order_1 WHERE work_order_1.tenant_id = %(tenant_id_1)s::BIGINT",
    "SELECT a.id FROM work_order AS a JOIN relation AS b ON b.tenant_id = a.tenant_id AND b.id = a.relation_id "
    "WHERE a.tenant_id = ? ORDER BY a.id LIMIT ?",
    "SELECT a.id FROM work_order AS a, relation WHERE a.tenant_id = ? AND relation.tenant_id = ?",
    "UPDATE worker SET name=? WHERE worker.tenant_id = ? AND worker.id = ?",
    "DELETE FROM worker WHERE worker.tenant_id = ?",
    "INSERT INTO worker (tenant_id, id, name) VALUES (?, ?, ?)",
    "SELECT work_order.id FROM work_order WHERE 0 = 1",
    "SELECT tenant.id FROM tenant ORDER BY tenant.id",
    "SELECT worker.id FROM worker WHERE worker.tenant_id = ? AND EXISTS (SELECT 1 FROM relation WHERE "
    "relation.tenant_id = ?) FOR UPDATE",
)
UNTIED = (
    "SELECT work_order.id FROM work_order WHERE work_order.id = ?",
    "SELECT a.id FROM work_order AS a JOIN relation AS b ON b.id = a.relation_id WHERE a.tenant_id = ?",
    "SELECT worker.id FROM worker WHERE worker.tenant_id = ? OR NOT (EXISTS (SELECT 1 FROM relation WHERE "
    "relation.tenant_id = worker.tenant_id))",
    "UPDATE worker SET name=? WHERE worker.id = ?",
    "DELETE FROM worker WHERE worker.id = ?",
    "INSERT INTO worker (id, name) VALUES (?, ?)",
    "SELECT count(*) FROM (SELECT worker.id FROM worker) AS anon_1",
)


@pytest.mark.parametrize("statement", TIED)
def test_a_statement_about_one_tenant_is_let_be(statement: str) -> None:
    assert one_tenant.untied(statement) == []


@pytest.mark.parametrize("statement", UNTIED)
def test_a_statement_that_asks_every_node_is_noticed(statement: str) -> None:
    assert one_tenant.untied(statement) != []


def test_the_product_is_looked_at_during_the_tests(vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a service sends is found out, and what a test sends is let be."""
    assert event.contains(db.engine, "before_cursor_execute", one_tenant.watch)
    monkeypatch.setattr(one_tenant, "_seen", set())
    monkeypatch.setattr(one_tenant, "untied", lambda statement: [statement])
    assert db.session.scalars(select(Worker)).all()
    with pytest.raises(AssertionError, match="asks every node"):
        workers.list_(vos.actor)
