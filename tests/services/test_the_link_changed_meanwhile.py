"""What was answered to credentials that the link has no longer may be about other books: none of it is kept.

Every place that writes what a call came back with asks `connection.still` first; here the link changes during each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.notes import note
from domain.relation import RelationDetails
from gateways.bookkeeping import CredentialsRefused
from models import AuditEntry, Connection, InvoicePosting, Relation
from services.catalogue import articles, connecting, relations, remote_relations
from services.invoicing import missing, press, recovery
from services.link import connection, runs
from services.transaction import write_transaction
from tenancy.database import db
from tests.services.test_conflicts import lost
from tests.support.sandbox_process import Sandbox


class Meanwhile:
    """The bookkeeping; the link gets other credentials while it is asked `operation`."""

    def __init__(self, real: Any, operation: str, error: Exception | None = None) -> None:
        self._real = real
        self._operation = operation
        self._error = error

    def __getattr__(self, name: str) -> Any:
        return self._changing if name == self._operation else getattr(self._real, name)

    def _changing(self, *given: Any, **named: Any) -> Any:
        try:
            if self._error is not None:
                raise self._error
            return getattr(self._real, self._operation)(*given, **named)
        finally:
            with write_transaction() as session:
                session.scalars(select(Connection)).one().version += 1


def during(vos: SimpleNamespace, operation: str, error: Exception | None = None) -> Any:
    return replace(vos.deps, bookkeeping=Meanwhile(vos.deps.bookkeeping, operation, error))


def relation_row(relation_id: Any) -> Relation:
    db.session.rollback()
    return db.session.scalars(select(Relation).where(Relation.id == relation_id)).one()


def synced(vos: SimpleNamespace) -> Relation:
    """A relation that stands in their books too."""
    relations.sync(vos.deps, vos.actor)
    return db.session.scalars(select(Relation).where(Relation.code == "1002")).one()


def test_a_press_writes_no_intent(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    with pytest.raises(connection.LinkChanged):
        press.approve(during(vos, "ready"), vos.actor, vos.order_id)
    assert db.session.scalar(select(func.count()).select_from(InvoicePosting)) == 0
    assert sandbox.calls("demo", "AddFactuur") == []


def test_a_look_up_concludes_nothing(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    lost(vos, sandbox)
    live = press.present_posting(vos.order_id)
    assert live is not None
    assert recovery.check(during(vos, "find_invoice"), vos.actor, live.id) == "uncertain"
    again = press.present_posting(vos.order_id)
    assert again is not None
    assert (again.state, again.note) == ("uncertain", note("link.changed"))


def test_totals_that_are_read_back_are_not_kept(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    assert pressed.posting_id is not None
    missing.read_back(during(vos, "find_invoice"), vos.actor, pressed.posting_id)
    live = press.present_posting(vos.order_id)
    assert live is not None
    assert (live.read_back_at, live.remote_incl) == (None, None)


@pytest.mark.parametrize("kind", ["relations", "articles"])
def test_a_list_is_not_stored(vos: SimpleNamespace, sandbox: Sandbox, kind: str) -> None:
    sync = {"relations": relations.sync, "articles": articles.sync}[kind]
    with pytest.raises(connection.LinkChanged):
        sync(during(vos, kind), vos.actor)
    run = runs.last_run(kind)
    assert run is not None
    assert (run.error, run.added, run.changed) == (runs.LINK_CHANGED, 0, 0)


def test_a_relation_that_was_fetched_is_not_stored(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    sandbox.relations("demo", {"add": [{"Code": "7777", "Bedrijf": "Verre klant"}]})
    with pytest.raises(connection.LinkChanged):
        remote_relations.fetch(during(vos, "relation"), vos.actor, "7777")
    assert db.session.scalar(select(Relation.id).where(Relation.code == "7777")) is None


def test_a_relation_that_was_made_there_gets_no_id_here(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    relation_id = relations.create(vos.actor, RelationDetails("Bakkerij De Korenaar", postcode="1234 AB"))
    with pytest.raises(connection.LinkChanged):
        remote_relations.create_remote(during(vos, "add_relation"), vos.actor, relation_id)
    assert relation_row(relation_id).remote_id is None


def test_a_change_that_was_made_there_is_not_made_here(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    row = synced(vos)
    relation_id, city, seen = row.id, row.city, remote_relations.as_typed(row)
    with pytest.raises(connection.LinkChanged):
        remote_relations.edit_remote(
            during(vos, "update_relation"), vos.actor, relation_id, replace(seen, city="Elders"), seen
        )
    assert relation_row(relation_id).city == city


def test_what_stands_there_by_now_is_not_taken_over(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    row = synced(vos)
    relation_id, city, seen = row.id, row.city, remote_relations.as_typed(row)
    sandbox.relations("demo", {"add": [{"Code": "1002", "Plaats": "Daar"}]})
    with pytest.raises(connection.LinkChanged):
        remote_relations.edit_remote(
            during(vos, "update_relation"), vos.actor, relation_id, replace(seen, city="Elders"), seen
        )
    assert relation_row(relation_id).city == city


def broken_start(vos: SimpleNamespace) -> None:
    connecting.start(during(vos, "ready", CredentialsRefused("nee", "E001.001")), vos.actor)


def stale_code(vos: SimpleNamespace) -> None:
    credentials = connection.active_credentials(vos.deps)
    assert credentials is not None
    said = CredentialsRefused("nee", "E001.001")
    connection.note_trouble(vos.actor, replace(credentials, version=credentials.version - 1), said)


@pytest.mark.parametrize("told", [broken_start, stale_code])
def test_a_refusal_of_older_credentials_does_not_break_the_link(
    vos: SimpleNamespace, sandbox: Sandbox, told: Callable[[SimpleNamespace], None]
) -> None:
    told(vos)
    assert connection.present().state == "active"
    assert db.session.scalar(select(AuditEntry.id).where(AuditEntry.event == "connection.broke")) is None


def test_a_start_with_credentials_that_were_changed_meanwhile_starts_nothing(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    with write_transaction() as session:
        session.scalars(select(Connection)).one().state = "inactive"
    with pytest.raises(connection.LinkChanged):
        connecting.start(during(vos, "articles"), vos.actor)
    assert connection.present().state == "inactive"
