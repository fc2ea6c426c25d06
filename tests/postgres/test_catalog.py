"""The schema as PostgreSQL itself knows it: keys that begin with tenant_id, policies, rights, and the global tables."""

from __future__ import annotations

import psycopg
import pytest

from models import GLOBAL_TABLES
from tests.support.postgres import APP, OWNER

TABLES = """
    SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relowner::regrole::text
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
"""
# Every constraint and unique index with its columns in order, and for references the table and columns they name.
KEYS = """
    SELECT k.conrelid::regclass::text, k.conname, k.contype, k.confrelid::regclass::text,
        ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(n, i)
              JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.i),
        ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(n, i)
              JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.i)
    FROM pg_constraint k WHERE k.connamespace = 'public'::regnamespace AND k.contype IN ('p', 'u', 'f')
"""
INDEXES = """
    SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, a.attname
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
"""
OURS = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::bigint)"


# a table that is nothing but its key: the row it leads to is the last part of it (docs/adr/0014)
OTHER_KEYS = {"search_word": ["tenant_id", "kind", "word", "sort", "id"]}


def tables(connection: psycopg.Connection) -> dict[str, tuple[bool, bool, str]]:
    """(RLS enabled, forced, owner) of every table but Alembic's own."""
    found = {name: tuple(rest) for name, *rest in connection.execute(TABLES)}
    found.pop("alembic_version")
    return found  # type: ignore[return-value]


@pytest.fixture
def scoped(as_owner: psycopg.Connection) -> set[str]:
    """The tables that are not listed as global."""
    return set(tables(as_owner)) - GLOBAL_TABLES


def wrong_keys(connection: psycopg.Connection, scoped: set[str]) -> list[str]:
    """Keys, references and indexes of tenant tables that do not begin with tenant_id, in words."""
    wrong = []
    primary = {}
    for table, name, kind, target, columns, there in connection.execute(KEYS):
        if table not in scoped:
            if kind == "f" and target in scoped:
                wrong.append(f"{name}: a global table refers to a tenant's table")
            continue
        if kind == "p":
            primary[table] = columns
        if kind in "pu" and columns[0] != "tenant_id":
            wrong.append(f"{name} begins with {columns[0]}")
        if kind == "f" and target in scoped and (columns[0], there[0]) != ("tenant_id", "tenant_id"):
            wrong.append(f"{name} does not name the tenant first")
    wrong += [
        f"{table} has the key {primary.get(table)}"
        for table in scoped
        if primary.get(table) != OTHER_KEYS.get(table, ["tenant_id", "id"])
    ]
    wrong += [
        f"index {name} begins with {column}"
        for table, name, column in connection.execute(INDEXES)
        if table in scoped and column != "tenant_id"
    ]
    return wrong


def unguarded(connection: psycopg.Connection, scoped: set[str]) -> list[str]:
    """Tenant tables on which row-level security does not hold for everybody, in words."""
    policies: dict[str, list[tuple[str, ...]]] = {}
    query = (
        "SELECT tablename, permissive, roles::text, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'public'"
    )
    for table, *policy in connection.execute(query):
        policies.setdefault(table, []).append(tuple(policy))
    wrong = []
    for table, (enabled, forced, _owner) in tables(connection).items():
        if table not in scoped:
            continue
        if not (enabled and forced):
            wrong.append(f"{table}: row-level security enabled {enabled}, forced {forced}")
        if policies.get(table) != [("PERMISSIVE", "{public}", "ALL", OURS, OURS)]:
            wrong.append(f"{table}: policies {policies.get(table)}")
    return wrong


def test_a_table_has_a_tenant_or_is_listed_as_global(as_owner: psycopg.Connection) -> None:
    with_tenant_key = {
        table
        for table, _name, kind, _target, columns, _there in as_owner.execute(KEYS)
        if kind == "p" and columns == OTHER_KEYS.get(table, ["tenant_id", "id"])
    }
    assert set(tables(as_owner)) - with_tenant_key == GLOBAL_TABLES


def test_a_tenants_number_is_a_bigint_everywhere(as_owner: psycopg.Connection) -> None:
    query = (
        "SELECT DISTINCT data_type FROM information_schema.columns "
        "WHERE table_schema = 'public' AND (column_name = 'tenant_id' OR (table_name, column_name) = ('tenant', 'id'))"
    )
    assert as_owner.execute(query).fetchall() == [("bigint",)]


def test_every_key_of_a_tenants_table_begins_with_the_tenant(as_owner: psycopg.Connection, scoped: set[str]) -> None:
    assert len(scoped) > 15
    assert wrong_keys(as_owner, scoped) == []


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        ("ALTER TABLE relation ADD UNIQUE (remote_id)", "relation_remote_id_key begins with remote_id"),
        ("CREATE UNIQUE INDEX mistaken ON relation (name, tenant_id)", "index mistaken begins with name"),
        ("CREATE INDEX mistaken ON relation ((lower(name)))", "index mistaken begins with None"),
        (
            "ALTER TABLE token ADD t bigint, ADD w uuid, ADD FOREIGN KEY (t, w) REFERENCES worker (tenant_id, id)",
            "a global table refers to a tenant's table",
        ),
        (
            "CREATE UNIQUE INDEX swapped ON relation (id, tenant_id);"
            "ALTER TABLE location ADD FOREIGN KEY (relation_id, tenant_id) REFERENCES relation (id, tenant_id)",
            "does not name the tenant first",
        ),
        ("ALTER TABLE attached DROP CONSTRAINT attached_pkey", "attached has the key"),
    ],
)
def test_a_key_without_the_tenant_is_noticed(as_owner: psycopg.Connection, mistake: str, said: str) -> None:
    as_owner.execute("CREATE TABLE attached (tenant_id bigint, id uuid, PRIMARY KEY (tenant_id, id))")
    as_owner.execute(mistake)
    assert said in "; ".join(wrong_keys(as_owner, set(tables(as_owner)) - GLOBAL_TABLES))
    as_owner.rollback()


def test_row_level_security_is_enabled_and_forced_with_our_policy(
    as_owner: psycopg.Connection, scoped: set[str]
) -> None:
    assert unguarded(as_owner, scoped) == []


@pytest.mark.parametrize(
    "mistake",
    [
        "ALTER TABLE relation DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE relation NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY relation_of_tenant ON relation",
        "CREATE POLICY wide ON relation USING (true)",
        "ALTER POLICY relation_of_tenant ON relation WITH CHECK (true)",
        "CREATE TABLE forgotten (tenant_id bigint, id uuid, PRIMARY KEY (tenant_id, id))",
    ],
)
def test_a_table_without_the_wall_is_noticed(as_owner: psycopg.Connection, mistake: str) -> None:
    as_owner.execute(mistake)
    assert unguarded(as_owner, set(tables(as_owner)) - GLOBAL_TABLES) != []
    as_owner.rollback()


def test_nothing_else_passes_the_wall_by(as_owner: psycopg.Connection) -> None:
    """Views and SECURITY DEFINER functions run with their owner's rights; there are none."""
    views = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')"
    functions = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
    assert as_owner.execute(views).fetchall() == []
    assert as_owner.execute(functions).fetchall() == []


def test_the_apps_role_owns_nothing_and_is_held_by_the_wall(as_owner: psycopg.Connection) -> None:
    assert {owner for _enabled, _forced, owner in tables(as_owner).values()} == {OWNER}
    query = (
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname LIKE 'crafter%' ORDER BY 1"
    )
    assert as_owner.execute(query).fetchall() == [(APP, False, False, False), (OWNER, False, False, False)]
    member = as_owner.execute(f"SELECT pg_has_role('{APP}', '{OWNER}', 'MEMBER')").fetchone()
    assert member == (False,)
