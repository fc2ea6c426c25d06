"""Ready for Citus, which is not here: the schema holds nothing it refuses, and our commands come in the right order.

A stand-in of its functions takes the commands down. What the real one answered to them stands in docs/scaling.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from models import GLOBAL_TABLES
from settings import Settings
from tenancy.database import Base, db
from tenancy.distribution import ON_EVERY_NODE
from tests.support.client import client_for
from tests.support.postgres import OWNER, PostgresServer, connection_string, migrate

STAND_IN = """
CREATE TABLE citus_tables (table_name regclass, citus_table_type text);
CREATE TABLE refused (name text);
CREATE FUNCTION create_reference_table(name text) RETURNS void LANGUAGE sql
    AS $$ INSERT INTO citus_tables VALUES (name::regclass, 'reference') $$;
CREATE FUNCTION create_distributed_table(name text, by text, colocate_with text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM refused WHERE refused.name = create_distributed_table.name) THEN
            RAISE EXCEPTION 'refused';
        END IF;
        IF by <> 'tenant_id' THEN RAISE EXCEPTION 'by %', by; END IF;
        IF EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = create_distributed_table.name::regclass
                   AND k.contype = 'f' AND k.confrelid <> k.conrelid
                   AND k.confrelid NOT IN (SELECT table_name FROM citus_tables)) THEN
            RAISE EXCEPTION 'referenced table must be a distributed table or a reference table';
        END IF;
        INSERT INTO citus_tables VALUES (create_distributed_table.name::regclass, 'distributed');
    END $$;
"""
SCOPED = {table.name for table in Base.metadata.sorted_tables} - GLOBAL_TABLES
KEYS = """SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = 'public'::regnamespace"""


@pytest.fixture
def coordinator(settings: Settings, postgres_server: PostgresServer) -> Iterator[psycopg.Connection]:
    """A migrated database without rows, with the stand-in, as its owner."""
    name = postgres_server.new()
    url = postgres_server.url(name, OWNER)
    migrate(replace(settings, database_url=url))
    with psycopg.connect(connection_string(url), autocommit=True) as connection:
        connection.execute(STAND_IN)
        yield connection
    postgres_server.drop(name)


@pytest.fixture
def distribute(
    settings: Settings, coordinator: psycopg.Connection, postgres_server: PostgresServer
) -> Callable[[], Result]:
    """`flask database distribute` there."""
    made = create_app(replace(settings, database_url=postgres_server.url(coordinator.info.dbname, OWNER)))

    def run() -> Result:
        done = made.test_cli_runner().invoke(args=["database", "distribute"])
        with made.app_context():
            db.engine.dispose()
        return done

    return run


def test_every_tenants_table_is_distributed_and_lies_beside_the_others(
    coordinator: psycopg.Connection, distribute: Callable[[], Result]
) -> None:
    before = set(coordinator.execute(KEYS).fetchall())
    done = distribute()
    assert done.exit_code == 0, done.output
    placed = dict(coordinator.execute("SELECT table_name::text, citus_table_type FROM citus_tables").fetchall())
    assert placed == dict.fromkeys(SCOPED, "distributed") | dict.fromkeys(ON_EVERY_NODE, "reference")
    said = done.output.split(";\n")
    assert said[0] == "SET citus.enable_local_reference_table_foreign_keys = off"
    verbs = [line.replace("SELECT ", "").partition("(")[0].split()[0] for line in said if line.strip()]
    steps = [verb for number, verb in enumerate(verbs) if verbs[number - 1 : number] != [verb]]
    assert steps == ["SET", "ALTER", "create_reference_table", "create_distributed_table", "RESET", "ALTER"]
    together = [line.partition("colocate_with => ")[2] for line in said if "create_distributed_table" in line]
    assert together[0] == "'none')"
    assert len(set(together[1:])) == 1
    assert set(coordinator.execute(KEYS).fetchall()) == before, "every key is back as it was"


def test_no_plain_table_keeps_a_key_to_a_table_on_every_node_while_that_is_made(
    distribute: Callable[[], Result],
) -> None:
    said = distribute().output.split(";\n")
    dropped = {line.split()[2] for line in said if " DROP CONSTRAINT " in line}
    assert dropped == {"membership", "token", "support_visit", "tenant_status", "recovery_code", "due_work", "notice"}
    assert dropped == {line.split()[2] for line in said if " ADD CONSTRAINT " in line}


def test_a_second_time_nothing_happens_and_a_new_table_alone_gets_its_place(
    coordinator: psycopg.Connection, distribute: Callable[[], Result]
) -> None:
    distribute()
    assert distribute().output == "Alle tabellen hebben hun plaats al.\n"
    coordinator.execute("DELETE FROM citus_tables WHERE table_name = 'audit_seal'::regclass")  # as if just migrated
    said = distribute().output
    assert said.count("create_distributed_table") == 1
    assert "create_distributed_table('audit_seal'" in said
    assert "create_reference_table" not in said
    assert "ALTER" not in said


def test_stopped_halfway_it_goes_on_and_the_keys_come_back(
    coordinator: psycopg.Connection, distribute: Callable[[], Result]
) -> None:
    before = set(coordinator.execute(KEYS).fetchall())
    coordinator.execute("INSERT INTO refused VALUES ('work_order')")
    assert distribute().exit_code != 0
    assert set(coordinator.execute(KEYS).fetchall()) < before
    coordinator.execute("DELETE FROM refused")
    done = distribute()
    assert done.exit_code == 0, done.output
    assert set(coordinator.execute(KEYS).fetchall()) == before


def test_a_tenants_table_that_got_no_place_is_named(
    coordinator: psycopg.Connection, distribute: Callable[[], Result]
) -> None:
    coordinator.execute(
        "CREATE RULE swallow AS ON INSERT TO citus_tables "
        "WHERE NEW.table_name = 'work_order_line'::regclass DO INSTEAD NOTHING"
    )
    done = distribute()
    assert done.exit_code == 1
    assert "niet verdeeld: work_order_line" in done.output


def test_rows_that_the_owner_cannot_see_are_not_left_behind(
    coordinator: psycopg.Connection, distribute: Callable[[], Result]
) -> None:
    coordinator.execute("INSERT INTO tenant (slug, name, created_at) VALUES ('jansen', 'Jansen', now())")
    done = distribute()
    assert done.exit_code == 1
    assert "superuser" in done.output
    assert coordinator.execute("SELECT count(*) FROM citus_tables").fetchone() == (0,)


def test_a_database_without_citus_is_told_so(settings: Settings, owner_url: str) -> None:
    made = create_app(replace(settings, database_url=owner_url))
    done = made.test_cli_runner().invoke(args=["database", "distribute"])
    with made.app_context():
        db.engine.dispose()
    assert (done.exit_code, "heeft Citus niet" in done.output) == (1, True)


def test_readiness_sees_a_node_that_is_away(app: Flask, as_owner: psycopg.Connection) -> None:
    answer = """CREATE OR REPLACE FUNCTION citus_check_cluster_node_health() RETURNS
        TABLE (from_nodename text, from_nodeport int, to_nodename text, to_nodeport int, result bool)
        LANGUAGE sql AS $$ VALUES ('one', 5432, 'two', 5432, %s), ('two', 5432, 'one', 5432, true) $$"""
    as_owner.execute(answer % "true")
    as_owner.commit()
    assert client_for(app, None).get("/readyz").status_code == 200
    as_owner.execute(answer % "NULL")
    as_owner.commit()
    answered = client_for(app, None).get("/readyz")
    assert (answered.status_code, answered.json["database"]) == (503, "nodes not reached")
    assert client_for(app, None).get("/healthz").status_code == 200


# What Citus refuses on a distributed table, each as a query that has to find nothing.
REFUSED = {
    "a trigger": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = ANY(%(ours)s::regclass[])",
    "a key that is checked later": """SELECT conname FROM pg_constraint WHERE condeferrable
        AND conrelid = ANY(%(ours)s::regclass[])""",
    "an exclusion": "SELECT conname FROM pg_constraint WHERE contype = 'x' AND conrelid = ANY(%(ours)s::regclass[])",
    "a reference to a table that stays on the coordinator": """SELECT conname FROM pg_constraint WHERE contype = 'f'
        AND conrelid = ANY(%(ours)s::regclass[]) AND NOT confrelid = ANY(%(ours)s::regclass[])
        AND confrelid::regclass::text NOT IN ('tenant', 'person')""",
    "a reference from a global table": """SELECT conname FROM pg_constraint WHERE contype = 'f'
        AND confrelid = ANY(%(ours)s::regclass[]) AND NOT conrelid = ANY(%(ours)s::regclass[])""",
    "a unique key without tenant_id": """SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique
        AND indrelid = ANY(%(ours)s::regclass[]) AND NOT EXISTS (SELECT FROM pg_attribute
            WHERE attrelid = indrelid AND attname = 'tenant_id' AND attnum = ANY(indkey::int2[]))""",
    "a reference that sets a key to nothing": """SELECT conname FROM pg_constraint WHERE contype = 'f'
        AND (confdeltype NOT IN ('a', 'r') OR confupdtype NOT IN ('a', 'r'))
        AND conrelid = ANY(%(ours)s::regclass[])""",
    "a number from a sequence": """SELECT attrelid::regclass::text FROM pg_attribute
        JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE pg_get_expr(adbin, adrelid) LIKE 'nextval%%' AND attrelid = ANY(%(ours)s::regclass[])""",
}


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED.keys())
def test_a_tenants_table_holds_nothing_that_citus_refuses(as_owner: psycopg.Connection, query: str) -> None:
    assert as_owner.execute(query, {"ours": sorted(SCOPED)}).fetchall() == []


MISTAKES = {
    "a trigger": (
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TRIGGER t BEFORE INSERT ON worker FOR EACH ROW EXECUTE FUNCTION f()",
    ),
    "a key that is checked later": ("ALTER TABLE worker ADD CONSTRAINT later UNIQUE (tenant_id, name, id) DEFERRABLE",),
    "a unique key without tenant_id": ("CREATE UNIQUE INDEX alone ON worker (id)",),
    "a reference to a table that stays on the coordinator": (
        "ALTER TABLE worker ADD m uuid, ADD FOREIGN KEY (m) REFERENCES mail (id)",
    ),
    "a reference that sets a key to nothing": (
        "ALTER TABLE worker ADD t bigint REFERENCES tenant (id) ON DELETE SET NULL",
    ),
    "a number from a sequence": ("ALTER TABLE worker ADD n bigserial",),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_what_citus_refuses_is_noticed(as_owner: psycopg.Connection, kind: str) -> None:
    for statement in MISTAKES[kind]:
        as_owner.execute(statement)
    assert as_owner.execute(REFUSED[kind], {"ours": sorted(SCOPED)}).fetchall() != []
    as_owner.rollback()
