"""The session fence: one session serves one tenant, reads see its rows only, foreign rows cannot be written.

It stops mistakes in our own code. Behind it stand the composite keys in the schema and, on PostgreSQL, row-level
security, to which the session names its tenant in every transaction. `tests/isolation/` and `tests/postgres/` are the
proof. Core statements and raw SQL pass the fence by; an architecture test forbids those outside this folder.
"""

from __future__ import annotations

from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from flask_sqlalchemy.session import Session
from sqlalchemy import BigInteger, Connection, Executable, ForeignKey, Uuid, bindparam, event, inspect
from sqlalchemy.orm import (
    Mapped,
    ORMExecuteState,
    SessionTransaction,
    UOWTransaction,
    mapped_column,
    with_loader_criteria,
)
from uuid_utils.compat import UUID, uuid7

from tenancy.row_security import tell

Statement = TypeVar("Statement", bound=Executable)
NOBODY = -1  # no tenant has this number
OUTSIDE = "changes are written inside services' write_transaction() only"


class NoTenant(RuntimeError):
    """A tenant's table was asked for while no tenant was entered."""


class ForeignRow(RuntimeError):
    """A row of another tenant was about to be read or written."""


class WroteOutside(RuntimeError):
    """Something was changed outside a service's write transaction."""


class TenantScoped:
    """Mixin of every tenant's table: the key begins with tenant_id, the row id is a UUIDv7 known when it is made."""

    tenant_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tenant.id"), primary_key=True, sort_order=-20)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7, sort_order=-19)


class FencedSession(Session):
    """A session that belongs to at most one tenant (`info["tenant_id"]`)."""

    def bulk_save_objects(self, *args: Any, **kwargs: Any) -> None:
        raise ForeignRow("bulk writes pass the fence by; use add_all")

    def bulk_insert_mappings(self, *args: Any, **kwargs: Any) -> None:
        raise ForeignRow("bulk writes pass the fence by; use add_all")

    def bulk_update_mappings(self, *args: Any, **kwargs: Any) -> None:
        raise ForeignRow("bulk writes pass the fence by; change the objects")


@event.listens_for(TenantScoped, "init", propagate=True)
def _on_init(_row: TenantScoped, _given: tuple[Any, ...], values: dict[str, Any]) -> None:
    values.setdefault("id", uuid7())


def enter(session: Any, tenant_id: int) -> None:
    """Bind a session to a tenant. Entering another tenant in the same session raises ForeignRow."""
    present = session.info.get("tenant_id")
    if present is not None and present != tenant_id:
        raise ForeignRow(f"this session belongs to tenant {present}; leave it first")
    session.info["tenant_id"] = tenant_id
    if session.in_transaction() and session.get_bind().dialect.name == "postgresql":
        tell(session.connection(), tenant_id)  # this transaction began before the tenant was known


@event.listens_for(FencedSession, "after_begin")
def _name_the_tenant(session: FencedSession, _transaction: SessionTransaction, connection: Connection) -> None:
    tenant_id = session.info.get("tenant_id")
    if tenant_id is not None:
        tell(connection, tenant_id)


# The criterion of every select, made once: the tenant is a parameter that is filled in at each execution, so that one
# statement does for all. It has no value of its own: executed past the fence, where nobody fills it in, it is an error.
_OF_THE_TENANT = with_loader_criteria(
    TenantScoped, lambda cls: cls.tenant_id == bindparam("present_tenant"), include_aliases=True
)
_SCOPED: WeakKeyDictionary[Executable, bool] = WeakKeyDictionary()  # of standing statements: it does not change


def standing(statement: Statement) -> Statement:
    """A select with the tenant's criterion in it already, to be made once in a process and executed many times, for
    whichever tenant the session belongs to; what differs from time to time are `bindparam`s. Making a statement anew,
    fencing it and describing it to SQLAlchemy's cache costs more than the database does."""
    return statement.options(_OF_THE_TENANT)


def _stands(statement: Executable) -> bool:
    return _OF_THE_TENANT in statement._with_options


def _is_scoped(state: ORMExecuteState) -> bool:
    known = _SCOPED.get(state.statement)
    if known is None:
        known = any(issubclass(mapper.class_, TenantScoped) for mapper in state.all_mappers)
        if _stands(state.statement):
            _SCOPED[state.statement] = known
    return known


@event.listens_for(FencedSession, "do_orm_execute")
def _fence(state: ORMExecuteState) -> None:
    if state.is_insert:
        if any(issubclass(mapper.class_, TenantScoped) for mapper in state.all_mappers):
            raise ForeignRow("ORM bulk insert passes the fence by; use add_all")
        return
    if not (state.is_select or state.is_update or state.is_delete):
        return
    tenant_id = state.session.info.get("tenant_id")
    if not state.is_select and not state.session.info.get("writing") and _is_scoped(state):
        raise WroteOutside(OUTSIDE)
    if tenant_id is None:
        if _is_scoped(state):
            raise NoTenant("enter a tenant before asking for its rows")
        tenant_id = NOBODY  # also inside exists() and count(), which all_mappers does not show
    if not state.is_select:  # an update takes its parameters for columns to set
        criterion = with_loader_criteria(TenantScoped, lambda cls: cls.tenant_id == tenant_id, include_aliases=True)
        state.statement = state.statement.options(criterion)
        return
    if not _stands(state.statement):
        state.statement = state.statement.options(_OF_THE_TENANT)
    given: Any = state.parameters or {}
    state.parameters = {**given, "present_tenant": tenant_id}


@event.listens_for(FencedSession, "before_flush")
def _guard(session: FencedSession, _context: UOWTransaction, _instances: object) -> None:
    new = session.new  # made anew each time it is asked: asking per row would cost the square of the rows
    touched = [*new, *session.dirty, *session.deleted]
    if touched and not session.info.get("writing"):
        raise WroteOutside(OUTSIDE)
    tenant_id = session.info.get("tenant_id")
    for row in touched:
        if not isinstance(row, TenantScoped):
            continue
        if tenant_id is None:
            raise NoTenant("enter a tenant before writing its rows")
        if row.tenant_id is None and row in new:
            row.tenant_id = tenant_id
        was = inspect(row).attrs.tenant_id.history
        if row.tenant_id != tenant_id or (was.deleted and row not in new):
            raise ForeignRow(f"{type(row).__name__} of another tenant")


def _check_loaded(row: TenantScoped, session: Any) -> None:
    # Read from the row's own state: a plain attribute access could itself trigger a load.
    tenant_id = inspect(row).dict.get("tenant_id")
    if session is not None and tenant_id is not None and tenant_id != session.info.get("tenant_id"):
        raise ForeignRow(f"{type(row).__name__} of another tenant was read")


@event.listens_for(TenantScoped, "load", propagate=True)
def _on_load(row: TenantScoped, context: Any) -> None:
    _check_loaded(row, context.session)


@event.listens_for(TenantScoped, "refresh", propagate=True)
def _on_refresh(row: TenantScoped, context: Any, _attrs: object) -> None:
    _check_loaded(row, context.session)
