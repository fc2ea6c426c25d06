"""Which run of a PostgreSQL it is: what puts rows of before back into it makes it another one."""

from __future__ import annotations

from sqlalchemy import create_engine, text

from tenancy import run
from tests.support.postgres import OWNER, PostgresServer


def test_a_copy_an_emptied_table_and_a_made_one_are_other_runs(postgres_server: PostgresServer) -> None:
    name = postgres_server.new()
    engine = create_engine(postgres_server.url(name, OWNER))

    def of(*statements: str) -> str:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        with engine.begin() as connection:
            return run.name(connection)

    found = [of("CREATE TABLE heartbeat (id int)"), of("INSERT INTO heartbeat VALUES (1)")]
    assert found[0] == found[1]
    found += [of("TRUNCATE heartbeat"), of("DROP TABLE heartbeat", "CREATE TABLE heartbeat (id int)")]
    engine.dispose()
    copy = postgres_server.new(name)
    postgres_server.make(name, copy)
    found.append(of())
    assert len(set(found)) == 4
    engine.dispose()
