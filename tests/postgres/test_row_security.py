"""Row-level security alone: with every other wall out of the way nothing of the neighbour is read or written.

Bare SQL as the app's role stands for any way around the session fence; the tests with `without_the_fence` go through
the ORM itself. Each test that takes a wall away shows that the ones before it can fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import event, func, make_url, select, text
from sqlalchemy.exc import ProgrammingError

from app import create_app
from models import Location, Relation, Tenant
from services.company import tenants
from services.transaction import write_transaction
from settings import Settings
from tenancy import fence
from tenancy.database import Base, db
from tenancy.fence import FencedSession, TenantScoped
from tests.support.cast import process
from tests.support.postgres import APP, OWNER, PostgresServer

SCOPED = sorted(mapper.local_table.name for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantScoped))


def be(connection: psycopg.Connection, tenant_id: int) -> None:
    """Name the tenant for this transaction, as the session does."""
    connection.execute(f"SET LOCAL app.tenant_id = '{tenant_id}'")


def count(connection: psycopg.Connection, table: str, where: str = "true") -> int:
    """How many rows can be seen."""
    row = connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()
    assert row is not None
    return int(row[0])


def test_without_a_tenant_nothing_is_seen(as_app: psycopg.Connection) -> None:
    assert {table: count(as_app, table) for table in SCOPED} == dict.fromkeys(SCOPED, 0)
    assert count(as_app, "tenant") == 2


def test_an_ended_transaction_leaves_no_tenant_behind(as_app: psycopg.Connection, cast: SimpleNamespace) -> None:
    be(as_app, cast.vos.tenant_id)
    assert count(as_app, "relation") > 0
    as_app.commit()
    assert count(as_app, "relation") == 0  # the setting is '' now, not NULL; the policy must survive that


def test_the_owner_of_the_tables_sees_nothing_without_a_tenant_either(as_owner: psycopg.Connection) -> None:
    assert {table: count(as_owner, table) for table in SCOPED} == dict.fromkeys(SCOPED, 0)


def test_a_tenant_sees_its_own_rows_only(as_app: psycopg.Connection, cast: SimpleNamespace) -> None:
    mine, theirs = cast.buur.tenant_id, cast.vos.tenant_id
    be(as_app, mine)
    assert {table: count(as_app, table, f"tenant_id = {theirs}") for table in SCOPED} == dict.fromkeys(SCOPED, 0)
    filled = {table for table in SCOPED if count(as_app, table, f"tenant_id = {mine}")}
    assert filled >= {"relation", "location", "worker", "article", "work_order", "work_order_line", "audit_entry"}


@pytest.mark.parametrize("tenant", ["neighbour", "nobody"])
def test_nothing_of_another_is_changed_or_deleted(
    as_app: psycopg.Connection, cast: SimpleNamespace, tenant: str
) -> None:
    theirs = cast.vos.tenant_id
    if tenant == "neighbour":
        be(as_app, cast.buur.tenant_id)
    for table in SCOPED:
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            try:
                with as_app.transaction():
                    assert as_app.execute(f"{statement} WHERE tenant_id = {theirs}").rowcount == 0, statement
            except InsufficientPrivilege:
                assert table in {"audit_entry", "audit_seal"}, statement


@pytest.mark.parametrize("tenant", ["neighbour", "nobody"])
def test_nothing_is_put_into_another_tenant(as_app: psycopg.Connection, cast: SimpleNamespace, tenant: str) -> None:
    if tenant == "neighbour":
        be(as_app, cast.buur.tenant_id)
    for table in SCOPED:
        with pytest.raises(InsufficientPrivilege, match="row-level security"), as_app.transaction():
            # only the key is given: the policy is asked before the other columns are missed
            as_app.execute(f"INSERT INTO {table} (tenant_id, id) VALUES ({cast.vos.tenant_id}, '{uuid4()}')")


def test_a_row_cannot_be_moved_to_another_tenant(as_app: psycopg.Connection, cast: SimpleNamespace) -> None:
    be(as_app, cast.buur.tenant_id)
    with pytest.raises(InsufficientPrivilege, match="row-level security"):
        as_app.execute(f"UPDATE relation SET tenant_id = {cast.vos.tenant_id}")


def test_the_trail_can_only_grow(as_app: psycopg.Connection, cast: SimpleNamespace) -> None:
    be(as_app, cast.buur.tenant_id)
    for statement in ("UPDATE audit_entry SET event = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"):
        with pytest.raises(InsufficientPrivilege, match="permission denied"), as_app.transaction():
            as_app.execute(statement)


@pytest.mark.parametrize(
    "statement",
    ["ALTER TABLE relation DISABLE ROW LEVEL SECURITY", "DROP POLICY relation_of_tenant ON relation",
     "TRUNCATE relation", "UPDATE alembic_version SET version_num = 'x'", "CREATE TABLE mine (id int)"],
)  # fmt: skip
def test_the_app_cannot_take_the_wall_away(as_app: psycopg.Connection, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        as_app.execute(statement)


@pytest.mark.parametrize(
    "away",
    ["DROP POLICY relation_of_tenant ON relation; CREATE POLICY all_of_it ON relation USING (true)",
     "ALTER TABLE relation DISABLE ROW LEVEL SECURITY"],
)  # fmt: skip
def test_with_the_wall_away_bare_sql_reads_and_writes_the_neighbours_rows(
    as_app: psycopg.Connection, as_owner: psycopg.Connection, cast: SimpleNamespace, away: str
) -> None:
    as_owner.execute(away)
    as_owner.commit()
    be(as_app, cast.buur.tenant_id)
    assert count(as_app, "relation", f"tenant_id = {cast.vos.tenant_id}") > 0
    assert as_app.execute(f"UPDATE relation SET notes = 'x' WHERE tenant_id = {cast.vos.tenant_id}").rowcount > 0


# -- through the ORM, with its own walls switched off ---------------------------------------------------------------


@pytest.fixture
def without_the_fence(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No criterion on reads, no guard before a flush, no check of what was loaded."""
    hooks = [(FencedSession, "do_orm_execute", fence._fence), (FencedSession, "before_flush", fence._guard)]
    monkeypatch.setattr(fence, "_check_loaded", lambda *_: None)
    for target, name, hook in hooks:
        event.remove(target, name, hook)
    yield
    for target, name, hook in hooks:
        event.listen(target, name, hook)


def test_the_fence_away_the_orm_still_reads_ones_own_only(
    app: Flask, cast: SimpleNamespace, without_the_fence: None
) -> None:
    assert db.session.scalars(select(Relation)).all() == []  # no tenant entered: nothing, where the fence would raise
    process("buur")
    assert {row.tenant_id for row in db.session.scalars(select(Relation))} == {cast.buur.tenant_id}
    assert db.session.get(Relation, (cast.vos.tenant_id, cast.vos.relation_id)) is None
    assert db.session.scalar(select(func.count()).select_from(Relation.__table__)) == 1
    assert db.session.execute(text("SELECT DISTINCT tenant_id FROM work_order")).all() == [(cast.buur.tenant_id,)]


def test_the_guard_away_the_orm_still_writes_ones_own_only(
    app: Flask, cast: SimpleNamespace, without_the_fence: None
) -> None:
    process("buur")
    with pytest.raises(ProgrammingError, match="row-level security"), write_transaction() as session:
        session.add(Relation(tenant_id=cast.vos.tenant_id, name="Indringer"))
    with pytest.raises(ProgrammingError, match="row-level security"), write_transaction() as session:
        session.execute(text("UPDATE relation SET tenant_id = :vos"), {"vos": cast.vos.tenant_id})


def test_with_the_keys_away_a_foreign_reference_leads_nowhere(
    app: Flask, cast: SimpleNamespace, as_owner: psycopg.Connection, without_the_fence: None
) -> None:
    as_owner.execute("ALTER TABLE location DROP CONSTRAINT fk_location_tenant_id_relation_id")
    as_owner.commit()
    process("buur")
    with write_transaction() as session:  # can be stored now: the composite key was the wall here
        session.add(Location(tenant_id=cast.buur.tenant_id, relation_id=cast.vos.relation_id, address="Elders 1"))
    query = select(Relation.name).join(Location, Location.relation_id == Relation.id)
    assert db.session.scalars(query.where(Location.address == "Elders 1")).all() == []


# -- how the session names its tenant -------------------------------------------------------------------------------


def named() -> str | None:
    """The tenant this transaction names."""
    found: str | None = db.session.scalar(text("SELECT current_setting('app.tenant_id', true)"))
    return found


def test_every_transaction_of_a_session_names_its_tenant(app: Flask, cast: SimpleNamespace) -> None:
    process("vos")
    mine = str(cast.vos.tenant_id)
    assert named() == mine
    db.session.rollback()
    assert named() == mine
    with write_transaction() as session:
        assert named() == mine
        with session.begin_nested() as savepoint:
            savepoint.rollback()
        assert named() == mine
    assert named() == mine


def test_a_tenant_entered_halfway_a_transaction_is_named_at_once(app: Flask, cast: SimpleNamespace) -> None:
    tenants.leave()
    buur = db.session.scalars(select(Tenant).where(Tenant.slug == "buur")).one()
    assert not named()
    fence.enter(db.session(), buur.id)
    assert named() == str(buur.id)
    assert db.session.scalars(select(Relation.name)).all() == ["Familie Buur"]


def test_a_connection_goes_back_to_the_pool_without_a_tenant(app: Flask, cast: SimpleNamespace) -> None:
    process("vos")
    backend = "SELECT pg_backend_pid()"
    used = db.session.scalar(text(backend))
    with write_transaction() as session:
        session.scalars(select(Relation)).first().notes = "x"
    tenants.leave()
    assert db.session.scalar(text(backend)) == used
    assert not named()
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM relation").scalar() == 0


def test_a_tenant_made_in_a_transaction_gets_its_rows(app: Flask, settings: Settings) -> None:
    tenant_id, _token = tenants.create("nieuw", "Nieuw", "baas@nieuw.example")
    tenants.leave()
    with psycopg.connect(settings.database_url.replace("+psycopg", "")) as bare:
        assert count(bare, "company", f"tenant_id = {tenant_id}") == 0
        be(bare, tenant_id)
        assert (count(bare, "company"), count(bare, "connection")) == (1, 1)


@pytest.mark.parametrize(
    ("we", "role", "said"),
    [
        (OWNER, APP, 'REVOKE UPDATE, DELETE ON audit_entry FROM "crafter_app"'),
        (OWNER, OWNER, "owns tables"),
        (OWNER, "postgres", "superuser"),
        (OWNER, "nobody_at_all", "there is no role"),
        (APP, APP, "run this as the owner"),
    ],
)
def test_rights_are_given_by_the_owner_to_a_role_that_owns_nothing(
    settings: Settings, postgres_server: PostgresServer, we: str, role: str, said: str
) -> None:
    url = postgres_server.url(str(make_url(settings.database_url).database), we)
    app = create_app(replace(settings, database_url=url))
    with app.app_context():
        result = app.test_cli_runner().invoke(args=["database", "grant", "--role", role])
        db.engine.dispose()
    assert said in result.output
    assert (result.exit_code == 0) == (we == OWNER and role == APP)
