"""Without row-level security the other walls hold alone (test_fence.py); here each is taken away: it was needed.

The same for row-level security, with all of these out of its way: tests/postgres/test_row_security.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import with_loader_criteria

from models import AuditEntry, Location, Relation
from services.transaction import write_transaction
from tenancy import fence
from tenancy.database import db
from tenancy.fence import FencedSession, ForeignRow, TenantScoped
from tests.support.cast import process


@pytest.fixture(autouse=True)
def no_wall_of_the_database(app: Flask, cast: SimpleNamespace) -> None:
    """SQLite only: on PostgreSQL row-level security would still be there."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("row-level security holds here; tests/postgres/test_row_security.py takes it away")


@pytest.fixture
def no_criterion() -> Iterator[None]:
    """Reads without the tenant's criterion."""
    event.remove(FencedSession, "do_orm_execute", fence._fence)
    yield
    event.listen(FencedSession, "do_orm_execute", fence._fence)


@pytest.fixture
def no_guard() -> Iterator[None]:
    """Flushes without the guard."""
    event.remove(FencedSession, "before_flush", fence._guard)
    yield
    event.listen(FencedSession, "before_flush", fence._guard)


def test_without_the_criterion_the_neighbours_columns_are_read(no_criterion: None) -> None:
    process("buur")
    assert set(db.session.scalars(select(Relation.name))) > {"Familie Buur"}


def test_without_the_criterion_that_stands_in_it_a_standing_statement_reads_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_anybody = with_loader_criteria(TenantScoped, lambda cls: cls.tenant_id.is_not(None), include_aliases=True)
    process("buur")
    assert set(db.session.scalars(fence.standing(select(Relation.name)))) == {"Familie Buur"}
    monkeypatch.setattr(fence, "_OF_THE_TENANT", of_anybody)
    assert set(db.session.scalars(fence.standing(select(Relation.name)))) > {"Familie Buur"}


def test_a_standing_statement_that_nobody_gives_a_tenant_is_an_error(no_criterion: None) -> None:
    process("buur")
    with pytest.raises(StatementError, match="present_tenant"):
        db.session.scalars(fence.standing(select(Relation.name)))


def test_without_the_criterion_the_neighbours_rows_are_still_refused(no_criterion: None) -> None:
    process("buur")
    with pytest.raises(ForeignRow):
        db.session.scalars(select(Relation)).all()


def test_without_the_check_on_loading_too_they_are_read(
    no_criterion: None, monkeypatch: pytest.MonkeyPatch, cast: SimpleNamespace
) -> None:
    monkeypatch.setattr(fence, "_check_loaded", lambda *_: None)
    process("buur")
    assert {row.tenant_id for row in db.session.scalars(select(Relation))} == {cast.vos.tenant_id, cast.buur.tenant_id}


def test_without_the_guard_a_row_gets_into_the_neighbours_books(no_guard: None, cast: SimpleNamespace) -> None:
    process("buur")
    with write_transaction() as session:
        session.add(Relation(tenant_id=cast.vos.tenant_id, name="Indringer"))
        session.flush()
        session.expunge_all()
    process("vos")
    assert "Indringer" in set(db.session.scalars(select(Relation.name)))


def test_without_the_keys_a_reference_to_the_neighbour_is_stored(cast: SimpleNamespace) -> None:
    process("buur")
    db.session.rollback()
    db.engine.dispose()
    with db.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
    with write_transaction() as session:  # the same pooled connection
        session.add(Location(relation_id=cast.vos.relation_id, address="Elders 1"))
    assert "Elders 1" in set(db.session.scalars(select(Location.address)))


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET event = 'x'", "DELETE FROM audit_entry"])
def test_the_trail_can_only_grow(statement: str) -> None:
    process("buur")
    before = len(db.session.scalars(select(AuditEntry.id)).all())
    with pytest.raises(IntegrityError, match="only grows"), write_transaction() as session:
        session.execute(text(statement))
    assert len(db.session.scalars(select(AuditEntry.id)).all()) == before > 0
