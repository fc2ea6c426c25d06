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
from domain.billing import Claim, Share
from domain.invoice import RemoteInvoice
from domain.numbering import taken_apart
from models import Connection, InvoiceNumber, InvoicePosting, NumberSeries, WorkOrder
from services.dependencies import Dependencies
from services.invoicing import agreed, claims, numbers
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
    def term(self) -> int:
        """Which term of its order it says to be; 0 for any other."""
        return rules.term_named(self.theirs.lines)

    @property
    def bills(self) -> frozenset[tuple[UUID, int]]:
        """What it bills of those orders: the id of each, with which term of it."""
        return frozenset((order.id, self.term) for order, _here in self.orders)

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
    here = [here_by[one] for one in named if one in here_by]
    n = rules.term_named(theirs.lines)
    if n:
        here = [(order, as_a_whole.terms.get(n) or _not_agreed(as_a_whole)) for order, as_a_whole in here]
    return Unknown(theirs, rules.whose_of_all(kinds), tuple(here))


def _not_agreed(order: OrderHere) -> OrderHere:
    """Of a term that the order has not: nobody knows what it would be made of."""
    return OrderHere(order.number, order.relation_code, None, False)


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
    plan, administration = agreed.plan_of(order), link.administration_number
    terms = {
        n: _would_be(deps, link, order, on, n, is_term_free(order, here, n, plan.share(n), administration))
        for n in range(1, plan.of if plan else 1)
        if plan
    }
    free = is_free(order, here, administration)
    return replace(_would_be(deps, link, order, on, 0, free), terms=terms)


def _would_be(deps: Dependencies, link: Connection, order: WorkOrder, on: date, n: int, free: bool) -> OrderHere:
    # what it was sent with may be what an older copy of it misses: none of these makes it another invoice
    ours = replace(candidate(order, link, on, n), connection_broken=False, behind=False, asks_order_number=False)
    blocked = bool(preflight.blockers(ours, deps.bookkeeping.limits))
    known = None if blocked or (ours.executed_on is None and not ours.term) else ours
    return OrderHere(order.number, ours.relation_code or "", known, free)


def is_term_free(order: WorkOrder, here: Round, n: int, share: Share, administration: int) -> bool:
    """As `is_free`, of term `n` before the last."""
    live = billing.term(n, here.claims)
    if live is None:
        free = billing.may_claim(here.manner, here.terms, here.claims, share)
    else:
        free = states.belongs_in(live.administration, administration) and states.may_give_up(live.state)
    return free and may_be_billed(order)


def is_free(order: WorkOrder, here: Round, administration: int) -> bool:
    """Whether an invoice in that administration may still turn out to be this order's: nothing that may be there, or
    stands in another one, bills it, or all that does is credited."""
    return may_be_billed(order) and (
        billing.may_open_round(here.claims) or _rest_is_free(order, here.claims, administration)
    )


def _rest_is_free(order: WorkOrder, claimed: Sequence[Claim], administration: int) -> bool:
    whole = billing.whole(claimed)
    left = [one for one in claimed if one != whole]
    if whole is not None:
        if not (states.belongs_in(whole.administration, administration) and states.may_give_up(whole.state)):
            return False
        if any(one.share == Share(credits=whole.posting).key for one in left):
            return False
    return not left or (order.agreed_excl is not None and billing.may_bill_the_rest(claimed))


def may_be_billed(order: WorkOrder) -> bool:
    """Whether an order can have an invoice at all."""
    return order.state != order_rules.CANCELLED and not order.not_billable_reason
