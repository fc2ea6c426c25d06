"""Taking up an invoice that stands over there and that this database does not know: as ours, or as somebody else's.

Inside the caller's write transaction, which has locked the link.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import behind as rules
from domain import billing
from domain import posting as states
from domain import work_order as order_rules
from domain.billing import Share
from domain.credit import credits, is_credit_of
from domain.invoice import PAYLOAD_VERSION, InvoiceDraft, RemoteInvoice, fingerprint, freeze
from domain.message import N_, NOTHING, Message, Refusal, msg
from domain.notes import note
from domain.permissions import Actor
from models import Connection, InvoicePosting, WorkOrder
from oversight.audit_trail import record
from services.dependencies import Dependencies
from services.invoicing import agreed, approval, claims, intending, numbers, posting
from services.invoicing.unknown import may_be_billed
from tenancy.clock import database_now

Parts = tuple[str, int, int]  # prefix, year and serial of a number


def adopt(
    session: Session,
    actor: Actor | str,
    link: Connection,
    theirs: RemoteInvoice,
    parts: Parts,
    order_ids: Collection[UUID],
) -> None:
    """An invoice over there is that of orders of ours: their posting stands as posted under that number, and they are
    checked. Raises Refusal when something that may stand over there bills one of them already."""
    found = _locked(session, order_ids)
    anew = [may_be_billed(order) and claims.leave_what_was_credited(session, order) for order, _here in found]
    if any(anew):
        found = _locked(session, order_ids)
    for order, here in found:
        if not _may_have_it(link, order, here):
            raise Refusal(_why_not(order), "order")
    orders = [order for order, _here in found]
    row = _present(session, actor, found, theirs.number)
    adopted = _posted(session, actor, link, theirs, parts, row)
    for order in orders:
        _is_checked(session, actor, order, theirs)
    if row is None:
        claims.claim(session, adopted, orders, agreed.share_of(orders[0]) if len(orders) == 1 else claims.THE_WHOLE)
    _tell(session, actor, adopted, orders)


def _may_have_it(link: Connection, order: WorkOrder, here: claims.Round) -> bool:
    live = billing.whole(here.claims)
    others = len(here.claims) > (live is not None)
    alone = not others or (order.agreed_excl is not None and billing.may_bill_the_rest(here.claims))
    alone = alone and not (live and any(one.share == Share(credits=live.posting).key for one in here.claims))
    here_only = live is None or states.belongs_in(live.administration, link.administration_number)
    return may_be_billed(order) and alone and here_only and rules.may_be_taken_up(live.state if live else None)


def _present(
    session: Session, actor: Actor | str, found: Sequence[intending.Billed], number: str
) -> InvoicePosting | None:
    """The posting that bills these orders and no others already, locked; any other that bills one of them is let go.
    Raises Refusal while that may be over there."""
    lives = [billing.whole(here.claims) for _order, here in found]
    rows = [posting.row_locked(session, one) for one in sorted({live.posting for live in lives if live})]
    ours = {order.id for order, _here in found}
    if len(rows) == 1 and {order.id for order in claims.orders_billed_by(session, rows[0].id)} == ours:
        return rows[0]
    for row in rows:
        if not states.may_give_up(row.state):
            raise Refusal(msg("Een van deze bonnen staat op een factuur die nog onderweg is. Wacht daarop."), "order")
        intending.abandon(session, actor, row, note("number.adopted_under", number=number))
    session.flush()
    return None


def adopt_term(
    session: Session, actor: Actor | str, link: Connection, theirs: RemoteInvoice, parts: Parts, order_id: UUID, n: int
) -> None:
    """An invoice over there is term `n`, before the last, of an order of ours: it stands as posted under that number.
    Raises Refusal when no such term is agreed here, or something that may stand over there bills it already."""
    ((order, here),) = _locked(session, [order_id])
    plan = agreed.plan_of(order)
    if plan is None or n >= plan.of:
        text = N_(
            "Dit is termijn %(n)s van werkbon %(order)s, en die is hier niet (meer) afgesproken. Leg de termijnen "
            "eerst vast bij de bon."
        )
        raise Refusal(msg(text, n=n, order=order.number), "order")
    live = billing.term(n, here.claims)
    may = live is None and billing.may_claim(here.manner, here.terms, here.claims, plan.share(n))
    if live is not None:
        may = states.belongs_in(live.administration, link.administration_number) and rules.may_be_taken_up(live.state)
    if not (may and may_be_billed(order)):
        raise Refusal(_why_not(order), "order")
    row = posting.row_locked(session, live.posting) if live is not None else None
    adopted = _posted(session, actor, link, theirs, parts, row)
    if row is None:
        claims.claim(session, adopted, [order], plan.share(n))
    _tell(session, actor, adopted, [order])


def _posted(
    session: Session, actor: Actor | str, link: Connection, theirs: RemoteInvoice, parts: Parts,
    row: InvoicePosting | None,
) -> InvoicePosting:  # fmt: skip
    """The posting, `row` or a new one, as it stands over there under that number."""
    _free_the_number(session, actor, link, theirs.number, row)
    numbers.found_there(session, theirs.number, parts, states.NUMBER_POSTED, NOTHING, link.administration_number)
    adopted = row or posting.new_posting(session, theirs.number, link.administration_number)
    if row is None:
        session.add(adopted)
    elif row.number != theirs.number:
        _let_number_go(session, row, theirs.number)
    _as_over_there(session, link, adopted, theirs)
    return adopted


def _tell(session: Session, actor: Actor | str, adopted: InvoicePosting, orders: Sequence[WorkOrder]) -> None:
    """Say how far its orders are billed by what was taken over, and tell the trail."""
    session.flush()
    claims.retell_of(session, adopted, orders)
    told = ", ".join(sorted(order.number for order in orders))
    record(session, actor, "invoice.adopted", "posting", adopted.id, adopted.number, number=adopted.number, order=told)


def _let_number_go(session: Session, row: InvoicePosting, number: str) -> None:
    left = states.number_after_giving_up(row.state, row.attempted_uncertain)
    why = note("number.adopted_under", number=number)
    numbers.mark(session, row.number, left, why, administration=row.administration)


def adopt_credit(
    session: Session, deps: Dependencies, actor: Actor | str, link: Connection, theirs: RemoteInvoice, parts: Parts,
    order_id: UUID,
) -> bool:  # fmt: skip
    """An invoice over there credits one of an order of ours, as it was sent: it stands as posted under that number.
    False, and nothing was written, when it credits another, or not all of it, or something credits that already."""
    held = _locked(session, claims.lock_with_its_company(session, order_id))
    order, here = next(one for one in held if one[0].id == order_id)
    billed = _credited_by(session, here, credits(theirs))
    together = claims.billed_with(held, order_id) if billed and not billed.is_term else [(order, here)]
    if billed is None or not states.belongs_in(billed.administration, link.administration_number):
        return False
    original = posting.row_locked(session, billed.posting)
    share = Share(credits=billed.posting)
    may = billing.may_claim(here.manner, here.terms, here.claims, share)
    if not (may and is_credit_of(theirs, posting.thawed(deps, original))):
        return False
    row = _posted(session, actor, link, theirs, parts, None)
    claims.claim(session, row, [one for one, _here in together], share, {one.id: its for one, its in together})
    record(session, actor, "invoice.adopted", "posting", row.id, row.number, number=row.number, order=order.number)
    return True


def _credited_by(session: Session, here: claims.Round, number: str) -> billing.Claim | None:
    """The claim of the invoice with this number, if it bills this order in its present round."""
    billed = {one.posting: one for one in here.claims if not one.is_credit}
    found = select(InvoicePosting.id).where(InvoicePosting.id.in_(billed), InvoicePosting.number == number)
    return next((billed[one] for one in session.scalars(found)), None)


def _locked(session: Session, order_ids: Collection[UUID]) -> list[intending.Billed]:
    claims.lock_with_its_company(session, *order_ids)
    query = select(WorkOrder).where(WorkOrder.id.in_(order_ids)).order_by(WorkOrder.id)
    return claims.with_rounds(session, query.execution_options(populate_existing=True))


def _why_not(order: WorkOrder) -> Message:
    if order.state == order_rules.CANCELLED:
        return msg("Werkbon %(number)s is geannuleerd. Zet hem eerst op Toch uitvoeren.", number=order.number)
    if order.not_billable_reason:
        return msg("Werkbon %(number)s staat op niet factureren. Maak dat eerst ongedaan.", number=order.number)
    return msg("Werkbon %(number)s heeft al een factuur, of er is er een onderweg.", number=order.number)


def _as_over_there(session: Session, link: Connection, row: InvoicePosting, theirs: RemoteInvoice) -> None:
    """The posting tells what stands over there, for nobody knows any more what was sent."""
    draft = InvoiceDraft(theirs.number, theirs.relation_code, theirs.on, theirs.term_days, link.template, theirs.lines)
    row.payload, row.payload_version = freeze(draft), PAYLOAD_VERSION
    row.payload_hash, row.dated_on = fingerprint(row.payload), draft.on
    row.number, row.state, row.lease_until = theirs.number, states.POSTED, None
    row.excl, row.vat, row.incl = theirs.excl, theirs.vat, theirs.incl
    row.remote_excl, row.remote_vat, row.remote_incl = theirs.excl, theirs.vat, theirs.incl
    row.settled_at = row.read_back_at = database_now(session)
    row.code = row.text = ""
    row.why, row.note = NOTHING, note("posting.adopted")


def _is_checked(session: Session, actor: Actor | str, order: WorkOrder, theirs: RemoteInvoice) -> None:
    """An order with an invoice was checked, whatever became of that here."""
    order.executed_on = order.executed_on or rules.executed_on(theirs, order.number)
    if order.state != order_rules.APPROVED:
        approval.approve(session, actor, order)


def is_anothers(
    session: Session,
    actor: Actor | str,
    link: Connection,
    number: str,
    parts: Parts,
    reason: Message,
    said: bool = True,
) -> None:
    """What stands over there under a number of ours is not ours: the number is taken. `said`: by a person, so that the
    trail tells it."""
    _free_the_number(session, actor, link, number, None)
    numbers.found_there(session, number, parts, states.TAKEN, reason, link.administration_number)
    if said:
        record(session, actor, "invoice.number_not_ours", "posting", None, number, number=number, reason=reason)


def _free_the_number(
    session: Session, actor: Actor | str, link: Connection, number: str, ours: InvoicePosting | None
) -> None:
    """Whoever held a number that is used over there by another lets go of it: that invoice is certainly not there, and
    goes out under another number when somebody sends it. Raises Refusal while it may be there."""
    query = select(InvoicePosting).where(InvoicePosting.number == number, InvoicePosting.state != states.ABANDONED)
    query = query.where(InvoicePosting.administration == link.administration_number)
    holder = session.scalars(query).one_or_none()
    if holder is None or (ours is not None and holder.id == ours.id):
        return
    row = posting.locked(session, holder.id)
    if not states.may_give_up(row.state):
        raise Refusal(msg("Onder dit nummer is hier nog een factuur onderweg. Wacht tot die is afgehandeld."))
    reason = note("posting.let_go_of", number=number)
    row.state, row.note = states.ABANDONED, reason
    claims.release(session, row)
    session.flush()
    record(session, actor, "invoice.abandoned", "posting", row.id, row.number, number=row.number, reason=reason)
