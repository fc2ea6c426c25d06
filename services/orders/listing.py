"""Listing work orders: filters, sorting, keyset pages, and who sees which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import aliased

from domain import posting as states
from domain import work_order as rules
from domain.permissions import Actor
from models import BY_NUMBER, InvoicePosting, Location, OrderWorker, Relation, WorkOrder
from services.invoicing import claims
from services.orders import visits
from services.orders.attention import not_invoiced
from services.paging import AnySelect, Page, Part, page_of_parts
from services.searching import Place, begins, has, rows_with, with_words
from tenancy.database import db


@dataclass(frozen=True)
class Filter:
    """What the list shows. `state` may also be an invoice state; `sort` is number, -number, planned or -planned."""

    state: str = ""
    relation_id: UUID | None = None
    worker_id: UUID | None = None
    text: str = ""
    sort: str = "-number"
    after: str = ""


class Row(NamedTuple):
    """One row of the list: what it shows of an order, its customer, its invoice (empty: none) and who goes there. Plain
    values, for a page has fifty and an order with all that hangs on it costs ten times as much."""

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
    posting_state: str | None
    worker: str = ""

    @property
    def may_be_picked(self) -> bool:
        """Whether one press for many may take it along."""
        return self.state == rules.DONE and not self.not_billable_reason


_SHOWN = claims.with_posting(
    select(
        WorkOrder.id, WorkOrder.number, WorkOrder.state, WorkOrder.title, WorkOrder.not_billable_reason,
        WorkOrder.executed_on, WorkOrder.planned_on, WorkOrder.total_excl, Relation.name, Location.city,
        InvoicePosting.state,
    )
    .select_from(WorkOrder)
    .outerjoin(WorkOrder.relation)
    .outerjoin(WorkOrder.location)
)  # fmt: skip


_BY_NUMBER = (Part(BY_NUMBER),)
_BY_DAY = (  # an order without a day comes last either way
    Part((WorkOrder.planned_on, *BY_NUMBER), (WorkOrder.planned_on.is_not(None),)),
    Part(BY_NUMBER, (WorkOrder.planned_on.is_(None),)),
)


def list_(actor: Actor, wanted: Filter) -> Page[Row]:
    """A page of work orders by keyset; a mechanic gets their own only."""
    parts = _BY_DAY if wanted.sort.lstrip("-") == "planned" else _BY_NUMBER
    query = _filtered(_SHOWN, actor, wanted)
    page = page_of_parts(query, WorkOrder, parts, wanted.after, down=wanted.sort.startswith("-"))
    going = visits.who_goes(db.session(), [row.id for row in page.rows])
    return page.showing(Row._make((*row, going.get(row.id, ""))) for row in page.rows)


def _filtered(query: AnySelect, actor: Actor, wanted: Filter) -> AnySelect:
    query = visible(query, actor)
    if wanted.state in rules.STATES:
        query = query.where(WorkOrder.state == wanted.state)
    elif wanted.state in states.STATES:
        query = query.where(WorkOrder.id.in_(claims.billed_by(InvoicePosting.state == wanted.state)))
    elif wanted.state == "not_invoiced":
        query = query.where(WorkOrder.id.in_(select(WorkOrder.id).where(*not_invoiced())))
    if wanted.relation_id:
        query = query.where(WorkOrder.relation_id == wanted.relation_id)
    if wanted.worker_id:
        query = query.where(_of(wanted.worker_id))
    return with_words(query, wanted.text, _FOUND)


def _numbered(word: str) -> ColumnElement[bool]:
    return or_(begins(InvoicePosting.found_whole, word), begins(InvoicePosting.found_serial, word))


def _ids(word: str) -> list[Select[UUID]]:
    """Orders by their own words, by those of their customer and work site, and by the number of their invoice."""
    found = [rows_with(WorkOrder, word)]
    for model, column in ((Relation, WorkOrder.relation_id), (Location, WorkOrder.location_id)):
        found.append(select(WorkOrder.id).where(column.in_(rows_with(model, word))))
    for number in (InvoicePosting.found_whole, InvoicePosting.found_serial):
        found.append(claims.billed_by(begins(number, word)))
    return found


def _here(word: str) -> ColumnElement[bool]:
    # Of the customer and the work site it is asked order by order: a join would be read whole before a page is full.
    beside = (
        select(model.id).where(model.tenant_id == WorkOrder.tenant_id, model.id == column, has(model, word)).exists()
        for model, column in ((aliased(Relation), WorkOrder.relation_id), (aliased(Location), WorkOrder.location_id))
    )
    return or_(has(WorkOrder, word), *beside, _numbered(word))


_FOUND = Place(WorkOrder.id, claims.with_posting(select(WorkOrder.id)), _ids, _here)


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
