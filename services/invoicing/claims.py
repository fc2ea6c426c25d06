"""Which posting bills what of which order; all of it inside the caller's write transaction, on locked orders.

The decisions are domain.billing's, and behind them stand the keys of the tables: a share is claimed once at a time, and
a round is billed whole or in terms. `WorkOrder.billing` tells how far an order is, so that lists need not look.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, exists, false, literal, select, union_all, update
from sqlalchemy.orm import Session, aliased, joinedload

from domain import billing as rules
from domain import posting as states
from domain.billing import Claim, Share
from domain.message import Refusal, msg
from domain.notes import note
from models import BillingClaim, BillingRound, Connection, InvoicePosting, WorkOrder
from services.paging import AnySelect
from tenancy.clock import changed_and_clock, database_now, rows_and_clock

THE_WHOLE = Share()
LIVE_POSTING = joinedload(WorkOrder.live_claim).joinedload(BillingClaim.posting)  # to load an order's along with it
WITH_ITS_CREDIT = LIVE_POSTING.joinedload(InvoicePosting.credited_by)
_LIVE = BillingClaim.released_at.is_(None)
Which = Callable[[Session, UUID], InvoicePosting | None]  # an order's invoice, or its credit


class Changed(Refusal):
    """The order was changed after the person looked at it; nothing was changed or sent."""


class Claimed(Refusal):
    """This share of the order is billed or on its way already; nothing was changed or sent."""


def live_posting(session: Session, order_id: UUID) -> InvoicePosting | None:
    """The posting that bills an order whole, or all that is left of it, in its present round, if any."""
    query = with_posting(select(InvoicePosting).select_from(WorkOrder))
    return session.scalars(query.where(WorkOrder.id == order_id)).first()


def live_term(n: int, of_credit: bool = False) -> Which:
    """How to find the posting that bills term `n` of an order in its present round, or the credit of that."""

    def which(session: Session, order_id: UUID) -> InvoicePosting | None:
        query = _terms([order_id]).where(BillingClaim.share == rules.key_of_term(n))
        found = session.scalars(query).first()
        return found.credited_by if of_credit and found is not None else found

    return which


def terms_of(session: Session, order_ids: Collection[UUID]) -> dict[UUID, dict[int, InvoicePosting]]:
    """By order, the postings that bill its terms before the last in its present round, by number, with what credits
    them."""
    found: dict[UUID, dict[int, InvoicePosting]] = {order_id: {} for order_id in order_ids}
    query = _terms(order_ids).add_columns(BillingClaim.order_id, BillingClaim.share)
    for row, order_id, share in session.execute(query) if order_ids else ():
        found[order_id][rules.term_of_key(share)] = row
    return found


def _terms(order_ids: Collection[UUID]) -> Select[InvoicePosting]:
    query = select(InvoicePosting).select_from(WorkOrder).join(
        BillingClaim, and_(BillingClaim.order_id == WorkOrder.id, BillingClaim.round == WorkOrder.billing_round)
    )  # fmt: skip
    query = query.join(BillingClaim.posting).options(joinedload(InvoicePosting.credited_by))
    terms = BillingClaim.share.startswith(rules.TERM), BillingClaim.share != rules.LAST
    return query.where(WorkOrder.id.in_(order_ids), _LIVE, *terms).execution_options(populate_existing=True)


def live_credit(session: Session, order_id: UUID) -> InvoicePosting | None:
    """The posting that credits what bills an order whole in its present round, if any."""
    back = aliased(InvoicePosting)
    query = select(back).select_from(WorkOrder).join(WorkOrder.live_claim).join(BillingClaim.posting)
    query = query.join(InvoicePosting.credited_by.of_type(back)).where(WorkOrder.id == order_id)
    return session.scalars(query).first()


def with_posting(orders: AnySelect) -> AnySelect:
    """A query of orders, each joined with the posting that bills the whole of it in its present round, if any."""
    return orders.outerjoin(WorkOrder.live_claim).outerjoin(BillingClaim.posting)


def billed_by(postings: ColumnElement[bool]) -> Select[UUID]:
    """The ids of the orders that such a posting bills whole in their present round; to begin at the postings."""
    return select(WorkOrder.id).join(WorkOrder.live_claim).join(BillingClaim.posting).where(postings)


def is_billed_by(postings: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether such a posting bills the whole of the order in the query in its present round; to ask order by order."""
    return WorkOrder.live_claim.has(BillingClaim.posting.has(postings))


def ever_billed_by(postings: ColumnElement[bool]) -> Select[UUID]:
    """As `billed_by`, of any round, and of credits too; an order may be there more than once."""
    return select(BillingClaim.order_id).join(BillingClaim.posting).where(_LIVE, postings)


def is_ever_billed_by(postings: ColumnElement[bool]) -> ColumnElement[bool]:
    """As `is_billed_by`, of any round, and of credits too."""
    query = select(BillingClaim.id).join(BillingClaim.posting)
    return query.where(_LIVE, BillingClaim.order_id == WorkOrder.id, postings).correlate(WorkOrder).exists()


def lock_orders(session: Session, seen: Mapping[UUID, int | None]) -> list[WorkOrder]:
    """Lock orders, always in the order of their ids, so that two who want the same ones never wait for one another.

    `seen`: the version of each as the person saw it, None when nobody looked. Raises LookupError for one that is not
    there, and Changed.
    """
    orders = _locked(session, WorkOrder.id.in_(seen))
    if len(orders) < len(seen):
        raise LookupError(next(iter(set(seen) - {order.id for order in orders})))
    for order in orders:
        refuse_when_changed(order, seen[order.id])
    return orders


def lock_with_its_company(session: Session, *order_ids: UUID) -> Collection[UUID]:
    """Lock orders and those that their live postings bill along with them; their ids. Raises LookupError when one is
    not there."""
    return _all_of(order_ids, [order.id for order in _locked(session, _with_its_company(order_ids))])


def lock_with_the_link(session: Session, *order_ids: UUID) -> tuple[Connection, Collection[UUID]]:
    """As `lock_with_its_company`, with the link locked before them, in one statement; the link, and their ids."""
    query = select(Connection, WorkOrder).join(WorkOrder, _with_its_company(order_ids)).order_by(WorkOrder.id)
    # for each row PostgreSQL locks what is named here from left to right, and the link is in the first one
    query = query.with_for_update(of=[Connection, WorkOrder]).execution_options(populate_existing=True)
    locked = session.execute(query).all()
    held = _all_of(order_ids, [order.id for _link, order in locked])
    return locked[0][0], held


def _all_of(wanted: Collection[UUID], locked: list[UUID]) -> list[UUID]:
    missing = set(wanted) - set(locked)
    if missing:
        raise LookupError(min(missing))
    return locked


def _with_its_company(order_ids: Collection[UUID]) -> ColumnElement[bool]:
    mine = select(BillingClaim.posting_id).where(_LIVE, BillingClaim.order_id.in_(order_ids))
    beside = select(BillingClaim.order_id).where(_LIVE, BillingClaim.posting_id.in_(mine))
    # one list and no OR, beside which a database would look at every order
    return WorkOrder.id.in_(union_all(*(select(literal(one, Uuid)) for one in order_ids), beside))


def billed_with(orders: Sequence[tuple[WorkOrder, Round]], order_id: UUID) -> list[tuple[WorkOrder, Round]]:
    """Of locked orders this one, and those that the posting which bills it whole in its present round bills too."""
    whole = {order.id: rules.whole(here.claims) for order, here in orders}
    mine = whole[order_id]
    return [
        one
        for one in orders
        if one[0].id == order_id or (mine and (its := whole[one[0].id]) and its.posting == mine.posting)
    ]


def orders_billed_by(session: Session, posting_id: UUID) -> Sequence[WorkOrder]:
    """The orders that a posting bills or credits, by number, for showing."""
    query = select(WorkOrder).where(WorkOrder.id.in_(_billed_by(posting_id)))
    return session.scalars(query.order_by(WorkOrder.year, WorkOrder.serial)).all()


def lock_orders_of(session: Session, posting_id: UUID) -> list[WorkOrder]:
    """Lock the orders that a posting bills; before the posting itself, as everywhere."""
    return _locked(session, WorkOrder.id.in_(_billed_by(posting_id)))


def _billed_by(posting_id: UUID) -> Select[UUID]:
    return select(BillingClaim.order_id).where(_LIVE, BillingClaim.posting_id == posting_id)


def _locked(session: Session, which: ColumnElement[bool]) -> list[WorkOrder]:
    query = select(WorkOrder).where(which).order_by(WorkOrder.id).with_for_update()
    return list(session.scalars(query.execution_options(populate_existing=True)))


def refuse_when_changed(order: WorkOrder, version: int | None) -> None:
    """Raises Changed when an order is not as the person saw it; None: nobody looked."""
    if version is not None and order.version != version:
        raise Changed(note("press.order_changed"))


@dataclass(frozen=True)
class Round:
    """An order's present round: its manner (None: nothing was ever claimed in it), terms and live claims."""

    manner: str | None = None
    terms: int = 0
    claims: tuple[Claim, ...] = ()


def claim(
    session: Session,
    row: InvoicePosting,
    orders: Sequence[WorkOrder],
    share: Share = THE_WHOLE,
    rounds: Mapping[UUID, Round] | None = None,
) -> None:
    """Have a posting bill this share of each of these locked orders, whose rounds are `rounds` when the caller knows
    them since the lock. Raises Claimed, and then nothing is claimed; IntegrityError when somebody who did not lock them
    was first."""
    rounds = rounds or _rounds(session, [order.id for order in orders])
    for order in orders:
        here = rounds[order.id]
        if not rules.may_claim(here.manner, here.terms, here.claims, share):
            raise Claimed(msg("Werkbon %(number)s wordt al gefactureerd.", number=order.number))
    if share.credits is not None:
        row.kind, row.corrects_id = states.CREDIT, share.credits
    for order in orders:
        here = rounds[order.id]
        if share.manner is not None and (here.manner, here.terms) != (share.manner, share.of):
            _turn(session, order, here, share.manner, share.of)
        claims = (*here.claims, Claim(share.key, row.id, row.state, row.administration))
        order.billing = rules.state(bool(order.not_billable_reason), claims)
    session.flush()  # posting and round before the claims that point at them
    session.add_all(
        BillingClaim(
            posting_id=row.id, order_id=order.id, round=order.billing_round, manner=share.manner, share=share.key
        )
        for order in orders
    )
    session.flush()


def _turn(session: Session, order: WorkOrder, here: Round, manner: str, terms: int) -> None:
    """Give an order's round, in which nothing is claimed, a manner. A key refuses it when something is after all."""
    if here.manner is None:
        session.add(BillingRound(order_id=order.id, round=order.billing_round, manner=manner, terms=terms))
        return
    query = select(BillingRound).where(BillingRound.order_id == order.id, BillingRound.round == order.billing_round)
    present = session.scalars(query).one()
    present.manner, present.terms = manner, terms


def replan(session: Session, order: WorkOrder, terms: int) -> None:
    """The terms of a locked order are so many by now, the last one among them; those that are claimed stay."""
    query = select(BillingRound).where(BillingRound.order_id == order.id, BillingRound.round == order.billing_round)
    present = session.scalars(query.where(BillingRound.manner == rules.TERMS)).one_or_none()
    if present is not None:
        present.terms = terms


def round_of(session: Session, order_id: UUID) -> Round:
    """The present round of a locked order."""
    return _rounds(session, [order_id])[order_id]


def release(session: Session, row: InvoicePosting) -> None:
    """A posting lets go of everything it claimed. Its orders were locked by the caller."""
    now = database_now(session)
    orders = _orders_of(session, row)
    for claimed in session.scalars(select(BillingClaim).where(_LIVE, BillingClaim.posting_id == row.id)):
        claimed.released_at, claimed.manner = now, None
    session.flush()
    retell(session, orders)


def retell_of(session: Session, row: InvoicePosting, locked: Collection[WorkOrder] = ()) -> None:
    """Say anew how far the orders of a posting are billed: its state, which need not be written yet, changed. `locked`:
    those of its orders that the caller locked and holds; when there are others all of them are locked anew."""
    found = with_rounds(session, select(WorkOrder).where(WorkOrder.id.in_(_billed_by(row.id)))) if locked else ()
    if {order.id for order, _here in found} != {order.id for order in locked} or not locked:
        retell(session, _orders_of(session, row), row)
        return
    for order, here in found:
        _tell(order, here, row)


def tell_posted(session: Session, order_id: UUID, posting_id: UUID) -> bool:
    """Say of an order that it is billed, by a posting that has its round to itself (`billing.has_to_itself`). False
    when the order is not as the claim left it. Locks the order by changing it, and asks the clock along."""
    billed = rules.state(False, [Claim(THE_WHOLE.key, posting_id, states.POSTED)])
    query = update(WorkOrder).where(WorkOrder.id == order_id, WorkOrder.billing == rules.COLLECTING)
    query = query.where(~_bills_more_than([order_id], posting_id))
    return changed_and_clock(session, query.values(billing=billed)) == 1


def _orders_of(session: Session, row: InvoicePosting) -> Sequence[WorkOrder]:
    # Locked again, which costs nothing, but for an order that the posting came to bill since the caller looked.
    query = select(WorkOrder).where(WorkOrder.id.in_(_billed_by(row.id))).order_by(WorkOrder.id).with_for_update()
    return session.scalars(query).all()


def retell(session: Session, orders: Sequence[WorkOrder], by: InvoicePosting | None = None) -> None:
    """Say anew how far these locked orders are billed; `by`: a posting whose state may not be written yet."""
    rounds = _rounds(session, [order.id for order in orders])
    for order in orders:
        _tell(order, rounds[order.id], by)


def _tell(order: WorkOrder, here: Round, by: InvoicePosting | None) -> None:
    claims = [replace(one, state=by.state) if by is not None and one.posting == by.id else one for one in here.claims]
    order.billing = rules.state(bool(order.not_billable_reason), claims)


def billed_earlier(session: Session, order: WorkOrder) -> list[tuple[InvoicePosting, InvoicePosting]]:
    """What was billed and taken back in the rounds of an order before the present one: each invoice with its credit."""
    invoice, back = aliased(InvoicePosting), aliased(InvoicePosting)
    query = select(invoice, back).select_from(BillingClaim).join(back, back.id == BillingClaim.posting_id)
    query = query.join(invoice, invoice.id == back.corrects_id)
    query = query.where(_LIVE, BillingClaim.order_id == order.id, BillingClaim.round < order.billing_round)
    rows = session.execute(query.where(back.state == states.POSTED).order_by(back.id))
    return [(one, other) for one, other in rows]


def leave_what_was_credited(session: Session, order: WorkOrder) -> bool:
    """Begin the next round of a locked order when all that was billed in this one is credited over there; whether it
    is, so that what stood there keeps nobody from changing the order any more."""
    if not rules.may_open_round(_rounds(session, [order.id])[order.id].claims):
        return False
    order.billing_round += 1
    retell(session, [order])
    session.flush()
    return True


def _rounds(session: Session, order_ids: Collection[UUID]) -> dict[UUID, Round]:
    """The present round of each order."""
    query = select(WorkOrder.id).where(WorkOrder.id.in_(order_ids))
    return dict(with_rounds(session, query))


def with_rounds(session: Session, orders: Select[Any], held: Collection[UUID] = ()) -> list[tuple[Any, Round]]:
    """What a query of one thing of orders finds, each with the order's present round. Asks the clock along.

    `held`: the ids of the orders that were locked to read these; raises Changed when one of them came to be billed
    together with an order that is not among them.
    """
    query = (
        orders.add_columns(
            BillingRound.manner,
            BillingRound.terms,
            BillingClaim.share,
            InvoicePosting.id,
            InvoicePosting.state,
            InvoicePosting.administration,
            _bills_more_than(held, InvoicePosting.id) if held else false(),
        )
        .outerjoin(
            BillingRound, and_(BillingRound.order_id == WorkOrder.id, BillingRound.round == WorkOrder.billing_round)
        )
        .outerjoin(
            BillingClaim,
            and_(_LIVE, BillingClaim.order_id == BillingRound.order_id, BillingClaim.round == BillingRound.round),
        )
        .outerjoin(InvoicePosting, InvoicePosting.id == BillingClaim.posting_id)
    )
    found: dict[Any, Round] = {}
    for one, manner, terms, share, posting_id, state, administration, grown, _clock in rows_and_clock(session, query):
        if grown:
            raise Changed(note("press.order_changed"))
        here = found.get(one, Round(manner, terms or 0))
        if posting_id is not None and all(share != claim.share for claim in here.claims):  # once for each line read
            here = replace(here, claims=(*here.claims, Claim(share, posting_id, state, administration)))
        found[one] = here
    return list(found.items())


def _bills_more_than(orders: Collection[UUID], posting_id: Any) -> ColumnElement[bool]:
    """Whether this posting bills another order too."""
    other = aliased(BillingClaim)
    return exists().where(other.released_at.is_(None), other.posting_id == posting_id, other.order_id.not_in(orders))
