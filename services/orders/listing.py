"""Listing work orders: filters, sorting, keyset pages, and who sees which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from domain import posting as states
from domain import work_order as rules
from domain.permissions import Actor
from models import BY_NUMBER, InvoicePosting, Location, OrderWorker, Relation, WorkOrder
from services.invoicing import claims
from services.orders import visits
from services.orders.attention import not_invoiced
from services.orders.searched import FOUND, of_worker
from services.paging import AnySelect, Page, Part, page_of_parts
from services.reconciliation import paid
from services.searching import is_few, with_words
from tenancy.database import db


@dataclass(frozen=True)
class Filter:
    """What the list shows. `state` may also be an invoice state, or one of paid.FILTERS; `sort` is number, -number,
    planned or -planned."""

    state: str = ""
    relation_id: UUID | None = None
    worker_id: UUID | None = None
    text: str = ""
    sort: str = "-number"
    after: str = ""


class Row(NamedTuple):
    """One row of the list: what it shows of an order, its customer, its invoice (empty: none), how that is paid
    in the linked administration and who goes there. Plain values, for a page has fifty and an order with all that hangs
    on it costs ten times as much."""

    id: UUID
    number: str
    state: str
    title: str
    not_billable_reason: str
    executed_on: date | None
    planned_on: date | None
    total_excl: Decimal
    customer: str | None
    city: str | None
    billing: str
    posting_state: str | None
    payment_state: str | None = None
    due_on: date | None = None
    worker: str = ""

    @property
    def may_be_picked(self) -> bool:
        """Whether one press for many may take it along."""
        return self.state == rules.DONE and not self.not_billable_reason


_OF_ORDERS = (
    select(
        WorkOrder.id, WorkOrder.number, WorkOrder.state, WorkOrder.title, WorkOrder.not_billable_reason,
        WorkOrder.executed_on, WorkOrder.planned_on, WorkOrder.total_excl, Relation.name, Location.city,
        WorkOrder.billing, InvoicePosting.state,
    )
    .select_from(WorkOrder)
    .outerjoin(WorkOrder.relation)
    .outerjoin(WorkOrder.location)
)  # fmt: skip
_SHOWN = paid.shown_with(claims.with_posting(_OF_ORDERS))


_BY_NUMBER = (Part(BY_NUMBER),)
_BY_DAY = (  # an order without a day comes last either way
    Part((WorkOrder.planned_on, *BY_NUMBER), (WorkOrder.planned_on.is_not(None),)),
    Part(BY_NUMBER, (WorkOrder.planned_on.is_(None),)),
)
_MANY = {"", rules.APPROVED, rules.CANCELLED}  # states in which orders stay, so that somebody's are fewer


def list_(actor: Actor, wanted: Filter) -> Page[Row]:
    """A page of work orders by keyset; a mechanic gets their own only."""
    narrow, parts = _narrowed(actor, wanted)
    query, lean = _SHOWN.where(*narrow), select(WorkOrder.id).where(*narrow)
    page = page_of_parts(query, WorkOrder, parts, wanted.after, down=wanted.sort.startswith("-"), lean=lean)
    going = visits.who_goes(db.session(), [row.id for row in page.rows])
    return page.showing(Row._make((*row, going.get(row.id, ""))) for row in page.rows)


def _narrowed(actor: Actor, wanted: Filter) -> tuple[Sequence[ColumnElement[bool]], Sequence[Part]]:
    by_day, workers, filters = wanted.sort.lstrip("-") == "planned", _workers(actor, wanted), _filters(wanted)
    parts: Sequence[Part] = _BY_DAY if by_day else _BY_NUMBER
    few = bool(wanted.text) and any(is_few(rows) for rows in _counted(filters, workers))
    if workers and not by_day and wanted.state in _MANY and (few or not wanted.text):
        parts = [replace(part, merged=[of_worker(workers[0])]) for part in parts]
    found, parts = with_words(parts, wanted.text, FOUND, few, in_order=not by_day)
    return (*filters, *map(_of, workers), *found), parts


def _workers(actor: Actor, wanted: Filter) -> Sequence[UUID | None]:
    """Whose orders are shown alone: those of each of these, None for somebody who has none."""
    own = [actor.worker_id] if actor.only_own_orders else []
    return [*own, wanted.worker_id] if wanted.worker_id and wanted.worker_id not in own else own


def _filters(wanted: Filter) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state in rules.STATES:
        found.append(WorkOrder.state == wanted.state)
    elif wanted.state in states.STATES:
        found.append(WorkOrder.id.in_(claims.billed_by(InvoicePosting.state == wanted.state)))
    elif wanted.state in paid.FILTERS:
        found.append(WorkOrder.id.in_(paid.orders_that(wanted.state)))
    elif wanted.state == "not_invoiced":
        found += not_invoiced()
    if wanted.relation_id:
        found.append(WorkOrder.relation_id == wanted.relation_id)
    return found


def _counted(filters: Sequence[ColumnElement[bool]], workers: Sequence[UUID | None]) -> Iterator[Select[Any]]:
    """What is counted to see whether a filter leaves few orders."""
    if filters:
        yield select(WorkOrder.id).where(*filters)
    for worker_id in workers:
        yield select(OrderWorker.id).where(OrderWorker.worker_id == worker_id)


def visible(query: AnySelect, actor: Actor) -> AnySelect:
    """Only what this person may see: a mechanic the orders on which they have or had a visit; one without a worker's
    row nothing at all."""
    if not actor.only_own_orders:
        return query
    return query.where(_of(actor.worker_id))


def _of(worker_id: UUID | None) -> ColumnElement[bool]:
    """Orders on which this worker has or had a visit, none for None; asked per order: one order costs one look."""
    return (
        select(OrderWorker.id)
        .where(
            OrderWorker.tenant_id == WorkOrder.tenant_id,
            OrderWorker.order_id == WorkOrder.id,
            OrderWorker.worker_id == worker_id,
        )
        .exists()
    )
