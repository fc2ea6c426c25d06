"""Invoices over there under numbers of ours that this database does not know to be used, and whose they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload

from domain import behind as rules
from domain import billing, preflight
from domain import posting as states
from domain import work_order as order_rules
from domain.behind import OrderHere, Whose
from domain.invoice import RemoteInvoice
from domain.numbering import taken_apart
from models import Connection, InvoiceNumber, InvoicePosting, NumberSeries, WorkOrder
from services.dependencies import Dependencies
from services.invoicing import claims, numbers
from services.invoicing.claims import Round
from services.invoicing.preflight import candidate, load_lines
from tenancy.clock import today

_AT_ONCE = 500
Orders = dict[str, tuple[WorkOrder, OrderHere]]  # by number


@dataclass(frozen=True)
class Unknown:
    """An invoice over there that is news here, whose it is, and those of the orders that it names which are here."""

    theirs: RemoteInvoice
    whose: Whose
    orders: tuple[tuple[WorkOrder, OrderHere], ...] = ()

    @property
    def number(self) -> str:
        """Its number, which is one of ours."""
        return self.theirs.number

    @property
    def named(self) -> str:
        """The numbers of the orders that it names, whether they are here or not."""
        return ", ".join(rules.orders_named(self.theirs))

    @property
    def order(self) -> WorkOrder | None:
        """The first of those orders that is here."""
        return self.orders[0][0] if self.orders else None

    @property
    def order_ids(self) -> frozenset[UUID]:
        """The ids of those orders."""
        return frozenset(order.id for order, _here in self.orders)

    @property
    def is_free(self) -> bool:
        """Whether each of the orders that are here can still have it."""
        return all(here.free for _order, here in self.orders)

    @property
    def may_be_of(self) -> str:
        """The number of the first order that it names, when that order can still have it; else an empty text."""
        return self.orders[0][0].number if self.orders and self.orders[0][1].free else ""

    @property
    def is_recognised(self) -> bool:
        """Whether it is those orders' beyond doubt."""
        return self.whose is Whose.OURS and rules.is_recognised(self.theirs, [here for _order, here in self.orders])


def among(session: Session, deps: Dependencies, link: Connection, listed: Iterable[RemoteInvoice]) -> list[Unknown]:
    """Those of these invoices that are news here, by number, each number once: the one that we recognise first."""
    mine = prefixes(session, link.administration_number)
    theirs = [one for one in listed if rules.of_series(one.number, mine)]
    news = news_among(session, {one.number for one in theirs}, link.administration_number)
    wanted = {number for one in theirs if one.number in news for number in rules.orders_named(one)}
    named = orders_by_number(session, deps, link, wanted)
    made = _made_here(session)
    found = [_told(one, named, made) for one in theirs if one.number in news]
    found.sort(key=lambda one: (taken_apart(one.number), one.number, not one.is_recognised))
    return list({one.number: one for one in reversed(found)}.values())[::-1]


def of_one(session: Session, deps: Dependencies, link: Connection, theirs: RemoteInvoice) -> Whose:
    """Whose the invoice is that stands under a number which was just refused to us. Whether that was known before is no
    question: it is not what we wanted to send."""
    named = orders_by_number(session, deps, link, set(rules.orders_named(theirs)))
    return _told(theirs, named, _made_here(session)).whose


def along_with(
    session: Session, deps: Dependencies, link: Connection, theirs: RemoteInvoice, order_id: UUID
) -> set[UUID]:
    """The ids of the orders that get an invoice of which somebody says that it is this order's: this one and, of those
    that it names, the others of its customer that can still have it."""
    named = orders_by_number(session, deps, link, rules.orders_named(theirs)).values()
    fitting = {order.id for order, here in named if here.free and here.relation_code == theirs.relation_code}
    return fitting | {order_id} if len(named) > 1 else {order_id}


def _told(theirs: RemoteInvoice, here_by: Orders, made: dict[str, int]) -> Unknown:
    named = rules.orders_named(theirs)
    kinds = [rules.whose(theirs, here_by[one][1] if one in here_by else None, _was_made(one, made)) for one in named]
    return Unknown(theirs, rules.whose_of_all(kinds), tuple(here_by[one] for one in named if one in here_by))


def _was_made(order_number: str, made: dict[str, int]) -> bool:
    series, _dash, _serial = order_number.rpartition("-")
    return taken_apart(order_number)[1] < made.get(series, 1)


def news_among(session: Session, listed: Collection[str], administration: int) -> set[str]:
    """Those of these numbers under which we do not expect anything to stand in that administration, or nothing yet."""
    news = set(listed)
    held = and_(
        InvoicePosting.administration == InvoiceNumber.administration,
        InvoicePosting.number == InvoiceNumber.number,
        InvoicePosting.state != states.ABANDONED,
    )
    query = select(InvoiceNumber.number, InvoiceNumber.state, InvoicePosting.state).outerjoin(InvoicePosting, held)
    query = query.where(InvoiceNumber.administration == administration)
    for some in _in_parts(listed):
        for number, state, holder in session.execute(query.where(InvoiceNumber.number.in_(some))):
            if not rules.is_unknown(state, holder):
                news.discard(number)
    return news


def _in_parts(wanted: Iterable[str]) -> Iterator[list[str]]:
    """No question names more than a database takes."""
    every = sorted(wanted)
    return (every[at : at + _AT_ONCE] for at in range(0, len(every), _AT_ONCE))


def prefixes(session: Session, administration: int) -> Sequence[str]:
    """The prefixes of our invoice numbers there, of now and of before; the one to begin with when there is none."""
    query = select(NumberSeries.prefix).where(
        NumberSeries.kind == "invoice", NumberSeries.administration == administration
    )
    known = session.scalars(query.distinct()).all()
    return known or [numbers.invoice_series(session, today(session).year, administration)[0]]


def _made_here(session: Session) -> dict[str, int]:
    """By prefix and year, the serial of the work order that is made next."""
    query = select(NumberSeries.prefix, NumberSeries.year, NumberSeries.next).where(NumberSeries.kind == "work_order")
    return {f"{prefix}{year}": serial for prefix, year, serial in session.execute(query)}


def orders_by_number(session: Session, deps: Dependencies, link: Connection, wanted: Collection[str]) -> Orders:
    """The orders with these numbers, each as an invoice of it would go out now."""
    found: Orders = {}
    query = select(WorkOrder).options(
        joinedload(WorkOrder.relation), joinedload(WorkOrder.company), joinedload(WorkOrder.location)
    )
    for some in _in_parts(filter(None, wanted)):
        rows = claims.with_rounds(session, query.where(WorkOrder.number.in_(some)))
        load_lines(session, [order for order, _here in rows])
        on = today(session)
        found |= {order.number: (order, _as_it_would_go(deps, link, order, here, on)) for order, here in rows}
    return found


def _as_it_would_go(deps: Dependencies, link: Connection, order: WorkOrder, here: Round, on: date) -> OrderHere:
    # what it was sent with may be what an older copy of it misses: none of these makes it another invoice
    ours = replace(candidate(order, link, on), connection_broken=False, behind=False, asks_order_number=False)
    blocked = bool(preflight.blockers(ours, deps.bookkeeping.limits))
    known = None if blocked or ours.executed_on is None else ours
    return OrderHere(order.number, ours.relation_code or "", known, is_free(order, here, link.administration_number))


def is_free(order: WorkOrder, here: Round, administration: int) -> bool:
    """Whether an invoice in that administration may still turn out to be this order's: nothing that may be there, or
    stands in another one, bills it, or all that does is credited."""
    whole = billing.whole(here.claims)
    only = len(here.claims) == 1 and whole is not None and states.belongs_in(whole.administration, administration)
    alone = not here.claims or (only and whole is not None and states.may_give_up(whole.state))
    return (alone or billing.may_open_round(here.claims)) and may_be_billed(order)


def may_be_billed(order: WorkOrder) -> bool:
    """Whether an order can have an invoice at all."""
    return order.state != order_rules.CANCELLED and not order.not_billable_reason
