"""How tenant tables refer to each other: composite keys that begin with tenant_id."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import ForeignKeyConstraint, Select, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, RelationshipProperty, Session, relationship
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.interfaces import LoaderOption

from tenancy.fence import standing

Row = TypeVar("Row")


def refers(column: str, table: str) -> ForeignKeyConstraint:
    """A composite foreign key (tenant_id, column) to (table.tenant_id, table.id)."""
    return ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"])


def to_one(here: str, column: str, there: str) -> Any:
    """A many-to-one that must be loaded on purpose: lazy SQL raises, so that no page asks row by row.

    Only the local id is marked foreign; else taking the link away would blank tenant_id.
    """
    join = f"and_({here}.tenant_id == {there}.tenant_id, foreign({here}.{column}) == {there}.id)"
    return relationship(there, primaryjoin=join, lazy="raise_on_sql", viewonly=False, uselist=False)


def through(here: str, there: str, tie: str, columns: tuple[str, str]) -> Any:
    """Rows of `there` tied to one of `here` by the table `tie`: its columns that name the one and the other. To join
    by, or to load on purpose; ties are written as rows. Not to outer join by: SQLite first makes all of the tie."""
    ours, theirs = columns
    near = f"and_({here}.tenant_id == {tie}.c.tenant_id, {here}.id == {tie}.c.{ours})"
    far = f"and_({there}.tenant_id == {tie}.c.tenant_id, {there}.id == {tie}.c.{theirs})"
    return relationship(there, secondary=tie, primaryjoin=near, secondaryjoin=far, lazy="raise_on_sql", viewonly=True)


def to_many(here: str, there: str, column: str, order_by: str) -> Any:
    """The other side of `to_one`: rows of `there` that point here; loaded on purpose."""
    join = f"and_({here}.tenant_id == {there}.tenant_id, {here}.id == foreign({there}.{column}))"
    return relationship(there, primaryjoin=join, lazy="raise_on_sql", viewonly=True, order_by=order_by)


def load_lists(
    session: Session, rows: Sequence[Row], many: InstrumentedAttribute[Any], *along: LoaderOption
) -> Sequence[Row]:
    """These rows of one tenant with a `to_many` or `through` of theirs loaded, one statement for all; `along`: what is
    loaded with each of the list.

    In the place of selectinload, which asks for both columns of the key by `(a, b) IN (VALUES …)`: SQLite uses no index
    for that, and reads all of the tenant.
    """
    found: dict[Any, list[Any]] = {row.id: [] for row in rows}  # type: ignore[attr-defined]
    asked = {"ours": list(found), "tenant": next((row.tenant_id for row in rows), None)}  # type: ignore[attr-defined]
    for one, whose in session.execute(_list(many.property, along), asked) if rows else ():
        found[whose].append(one)
    for row in rows:
        set_committed_value(row, many.key, found[row.id])  # type: ignore[attr-defined]
    return rows


@lru_cache
def _list(many: RelationshipProperty[Any], along: tuple[LoaderOption, ...]) -> Select[Any]:
    there, tie = many.mapper.class_, many.secondary
    if tie is None:
        (column,) = (str(far.key) for _near, far in many.local_remote_pairs or () if far.key != "tenant_id")
        ours = getattr(there, column)
        query = select(there, ours)
    else:
        (ours,) = (remote for here, remote in many.synchronize_pairs if here.key == "id")
        query = select(there, ours).join(tie, many.secondaryjoin).where(tie.c.tenant_id == bindparam("tenant"))
    query = query.where(ours.in_(bindparam("ours", expanding=True))).order_by(*(many.order_by or (there.id,)))
    return standing(query.options(*along).execution_options(populate_existing=True))
