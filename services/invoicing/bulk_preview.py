"""Looking at many executed orders before they are pressed together: totals per customer, and what holds orders back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from domain import bulk as rules
from domain import preflight
from domain import work_order as order_rules
from domain.fold import sort_key
from domain.link import LinkState
from domain.message import Message, msg
from domain.money import ZERO
from domain.notes import note
from domain.preflight import Blocker, Candidate
from domain.vat import Totals, add_up
from models import BY_NUMBER, Connection, WorkOrder
from services.dependencies import Dependencies
from services.invoicing import asking_ahead, bulk_together, confirming
from services.invoicing.bulk_together import Offer
from services.invoicing.preflight import candidates
from tenancy.clock import today
from tenancy.database import db


@dataclass(frozen=True)
class Held:
    """An order that cannot go, with its blockers, or with the one reason that is none to mend on the order."""

    order: WorkOrder
    blockers: tuple[Blocker, ...] = ()
    reason: Message | None = None


@dataclass(frozen=True)
class CustomerTotal:
    """What one customer gets: how many invoices, and euros."""

    name: str
    orders: int
    excl: Decimal
    vat: Decimal
    incl: Decimal


@dataclass(frozen=True)
class Look:
    """The preview. Only with an active link can anything go out. `offers`: what can go on one invoice together."""

    ready: tuple[WorkOrder, ...]
    held: tuple[Held, ...]
    customers: tuple[CustomerTotal, ...]
    total: CustomerTotal
    link: LinkState
    administration: str
    too_many: bool
    most_lines: int
    offers: tuple[Offer, ...]

    @property
    def can_start(self) -> bool:
        """Whether pressing makes sense."""
        return bool(self.ready) and self.link.is_active and not self.too_many


def executed() -> list[UUID]:
    """The executed orders that may get an invoice, oldest first; at most as many as one job takes."""
    query = select(WorkOrder.id).where(WorkOrder.state == order_rules.DONE, WorkOrder.not_billable_reason == "")
    return list(db.session.scalars(query.order_by(*BY_NUMBER).limit(rules.MAX_ORDERS)))


def look(deps: Dependencies, order_ids: Iterable[UUID]) -> Look:
    """The preview of these orders; ids that are not there are left out. Reads only."""
    wanted = list(dict.fromkeys(order_ids))
    orders = bulk_together.load(wanted[: rules.MAX_ORDERS])
    link = db.session.scalars(select(Connection)).one()
    on = today(db.session())
    queued = bulk_together.in_a_running_job([order.id for order in orders])
    held: list[Held] = []
    ready: dict[WorkOrder, Candidate] = {}
    for order, ours in zip(orders, candidates(orders, link, on), strict=True):
        why = _why_not(order, order.id in queued)
        found = () if why else preflight.blockers(ours, deps.bookkeeping.limits)
        found = tuple(blocker for blocker in found if blocker.key != "connection")  # said once, above all orders
        found = found or (() if why else asking_ahead.kept_back(order, asking_ahead.known(deps, order)))
        asked = () if why or found else confirming.asked(order, link, on, ours)
        if asked:
            why = note("bulk.asked", what=asked[0].what)
        if why or found:
            held.append(Held(order, found, why))
        else:
            ready[order] = ours
    return Look(
        tuple(ready),
        tuple(held),
        _per_customer(ready),
        _sum("", [_totals(ours) for ours in ready.values()]),
        link.shown_state,
        link.administration,
        len(wanted) > rules.MAX_ORDERS,
        deps.bookkeeping.limits.lines,
        bulk_together.offers(deps, ready, link, on),
    )


def _why_not(order: WorkOrder, queued: bool) -> Message | None:
    if order.state != order_rules.DONE:
        return msg("De werkbon is nu %(state)s, niet uitgevoerd.", state=order_rules.STATE_NAMES[order.state])
    if order.not_billable_reason:
        return msg("Voor deze bon is gekozen: niet factureren.")
    return msg("Deze bon staat al in een lopende opdracht.") if queued else None


def _totals(ours: Candidate) -> Totals:
    """What its invoice comes to: of an order in terms what is left of it."""
    return add_up((line.vat_code, line.total) for line in ours.lines)


def _per_customer(orders: Mapping[WorkOrder, Candidate]) -> tuple[CustomerTotal, ...]:
    found: dict[UUID | None, tuple[str, list[Totals]]] = {}
    for order, ours in orders.items():
        name = order.relation.name if order.relation else ""
        found.setdefault(order.relation_id, (name, []))[1].append(_totals(ours))
    totals = [_sum(name, parts) for name, parts in found.values()]
    return tuple(sorted(totals, key=lambda row: sort_key(row.name)))


def _sum(name: str, totals: Sequence[Totals]) -> CustomerTotal:
    excl, vat, incl = (sum((getattr(one, part) for one in totals), ZERO) for part in ("excl", "vat", "incl"))
    return CustomerTotal(name, len(totals), excl, vat, incl)
