"""Carrying an installation on SQLite over to PostgreSQL: every row, counted and checked, and begun again after a kill.

Nothing is taken from where it was. The target is written as the owner of its tables and is ours from the first row to
the last check: a table `move_under_way` says so, and goes with the last transaction. Row-level security holds there
too, so the rows of tenants go over tenant by tenant, each transaction naming its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Connection, Engine, Select, Table, TypeDecorator, column, func, insert, select, table
from sqlalchemy.exc import DBAPIError

from domain.message import Refusal, msg
from tenancy.database import Base, Moment
from tenancy.migrated import revision
from tenancy.row_security import tell

ROWS = 1000  # in one transaction
_ROUND = 1 << 256


@dataclass(frozen=True)
class Moved:
    """A table that was carried over: how many rows, and the checksum that both sides have."""

    table: str
    rows: int
    checksum: str


@dataclass(frozen=True)
class _Part:
    """A table, or one tenant's rows of it (None: all)."""

    table: Table
    tenant_id: int | None

    @property
    def rows(self) -> Any:
        """The table with plain types: what we keep in rows travels letter by letter."""
        return table(self.table.name, *(column(one.name, _plain(one.type)) for one in self.table.columns))

    def of(self, query: Select[Any]) -> Select[Any]:
        """A query, of this part only."""
        return query if self.tenant_id is None else query.where(column("tenant_id") == self.tenant_id)

    def in_order(self) -> Select[Any]:
        """The rows in an order that stays; a row that points at another of its table comes after it."""
        pointing = [
            column(pointer.column_keys[-1]).is_not(None)
            for pointer in self.table.foreign_key_constraints
            if pointer.elements[0].column.table is self.table
        ]
        keys: list[Any] = [column(one.name) for one in self.table.primary_key]
        return self.whole().order_by(*pointing, *keys)

    def whole(self) -> Select[Any]:
        """The rows in no order."""
        rows = self.rows
        return self.of(select(*rows.columns).select_from(rows))


def _plain(kind: Any) -> Any:
    if isinstance(kind, JSON):
        return JSON(none_as_null=True)
    return kind.impl_instance if isinstance(kind, TypeDecorator) and not isinstance(kind, Moment) else kind


def size(source: Engine) -> int:
    """How many rows there are to carry over."""
    with source.connect() as connection:
        return sum(connection.scalar(select(func.count()).select_from(one)) or 0 for one in Base.metadata.sorted_tables)


def move(
    source: Engine,
    target: Engine,
    told: Callable[[int], None] = lambda rows: None,
    rows: int = ROWS,
    reached: Callable[[str], None] = lambda moment: None,
) -> list[Moved]:
    """Carry every row over from SQLite to a migrated, empty PostgreSQL, or go on with what was begun there. `told`
    hears of rows that stand over there, these of before included. Nobody can write in the source meanwhile.
    `reached` hears before_rows and after_rows around the end of each transaction.

    Raises Refusal when it cannot begin, when a row does not fit, and when both sides are not the same at the end.
    """
    if (source.dialect.name, target.dialect.name) != ("sqlite", "postgresql"):
        raise Refusal(msg("Verhuizen gaat van SQLite naar PostgreSQL (postgresql+psycopg://…)."))
    with source.connect() as still:
        still.execution_options(immediate=True)
        with still.begin():
            walled = _begin(still, target)
            parts = list(_parts(still, walled))
            for part in parts:
                _carry(still, target, part, told, rows, reached)
            moved = _compare(still, target, parts)
    _end(target)
    return moved


def _begin(still: Connection, target: Engine) -> set[str]:
    """See that the target is ours to write, and say so there; the names of its tables behind row-level security."""
    here = revision(still)
    name = str(still.engine.url.database)
    with target.begin() as there:
        if revision(there) != here:
            raise Refusal(msg("De nieuwe database heeft niet dezelfde tabellen: draai er eerst flask db upgrade op."))
        walled = {row[0] for row in there.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity"
        )}  # fmt: skip
        if there.dialect.has_table(there, "move_under_way"):
            if there.exec_driver_sql("SELECT source FROM move_under_way").scalar() != name:
                raise Refusal(msg("In de nieuwe database is een verhuizing van een andere database begonnen."))
            return walled
        for one in Base.metadata.sorted_tables:  # rows of a tenant are not there without the tenant
            if one.name not in walled and there.scalar(select(func.count()).select_from(one)):
                raise Refusal(msg("De nieuwe database is niet leeg (%(table)s).", table=one.name))
        there.exec_driver_sql("CREATE TABLE move_under_way (source text NOT NULL)")
        there.exec_driver_sql("INSERT INTO move_under_way VALUES (%(name)s)", {"name": name})
    return walled


def _parts(still: Connection, walled: set[str]) -> Iterator[_Part]:
    tenants = [int(one) for one in still.scalars(select(Base.metadata.tables["tenant"].c.id).order_by("id"))]
    for one in Base.metadata.sorted_tables:
        yield from [_Part(one, tenant) for tenant in tenants] if one.name in walled else [_Part(one, None)]


def _carry(
    still: Connection,
    target: Engine,
    part: _Part,
    told: Callable[[int], None],
    rows: int,
    reached: Callable[[str], None],
) -> None:
    """The rows of a part that are not over there yet: each transaction goes on where the one before it ended."""
    with _naming(target, part) as there:
        done = there.scalar(part.of(select(func.count()).select_from(part.rows))) or 0
    told(done)
    for batch in still.execute(part.in_order().offset(done).limit(-1)).mappings().partitions(rows):
        with _naming(target, part) as there:
            try:
                there.execute(insert(part.rows), [dict(row) for row in batch])
            except DBAPIError as error:
                first = ", ".join(str(batch[0][key.name]) for key in part.table.primary_key)
                raise Refusal(
                    msg(
                        "Een rij van %(table)s past niet in de nieuwe database (%(rows)s vanaf %(first)s): %(why)s",
                        table=part.table.name,
                        rows=len(batch),
                        first=first,
                        why=str(error.orig),
                    )
                ) from None
            reached("before_rows")
        reached("after_rows")
        told(len(batch))


@contextmanager
def _naming(target: Engine, part: _Part) -> Iterator[Connection]:
    """A transaction at the target that names the part's tenant."""
    with target.begin() as there:
        if part.tenant_id is not None:
            tell(there, part.tenant_id)
        yield there


def _compare(still: Connection, target: Engine, parts: Sequence[_Part]) -> list[Moved]:
    """Count and add up both sides, table by table. Raises Refusal for the first that differs."""
    moved = []
    for one in Base.metadata.sorted_tables:
        counted, here, there = 0, 0, 0
        for part in (part for part in parts if part.table is one):
            with _naming(target, part) as connection:
                there += sum(_value(row) for row in _all(connection, part))
        for row in _all(still, _Part(one, None)):  # whole, so that a row of no tenant is missed over there
            here += _value(row)
            counted += 1
        if here % _ROUND != there % _ROUND:
            raise Refusal(
                msg(
                    "%(table)s is niet hetzelfde aangekomen. Is er intussen in de oude database gewerkt? "
                    "Begin dan opnieuw met een lege nieuwe database.",
                    table=one.name,
                )
            )
        moved.append(Moved(one.name, counted, f"{here % _ROUND:064x}"[:16]))
    return moved


def _all(connection: Connection, part: _Part) -> Iterator[Any]:
    yield from connection.execute(part.whole(), execution_options={"yield_per": 1000})


def _value(row: Any) -> int:
    """A number for a row; the sum of them says whether two tables hold the same rows, in whatever order."""
    return int.from_bytes(hashlib.sha256(json.dumps([_told(one) for one in row], sort_keys=True).encode()).digest())


def _told(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, UUID):
        return value.hex
    return value.isoformat() if isinstance(value, date) or hasattr(value, "isoformat") else value


def _end(target: Engine) -> None:
    """Let the sequences go on after the highest number, and say that the move is over."""
    with target.begin() as there:
        for one in Base.metadata.sorted_tables:
            for key in one.primary_key:
                names = {"table": one.name, "column": key.name}
                given = there.exec_driver_sql("SELECT pg_get_serial_sequence(%(table)s, %(column)s)", names).scalar()
                if given:
                    following = select(func.coalesce(func.max(key), 0) + 1).scalar_subquery()
                    there.execute(select(func.setval(given, following, False)))
        there.exec_driver_sql("DROP TABLE move_under_way")
