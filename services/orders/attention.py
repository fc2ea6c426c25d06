"""Aandacht nodig: what does not go by itself, with age and the one thing that helps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal, select, union_all
from sqlalchemy.orm import joinedload

from domain import billing, moments
from domain import posting as states
from domain import work_order as rules
from domain.first_line import term_named
from domain.invoice import first_text_of
from domain.money import of_cents
from domain.permissions import Actor
from domain.reconciliation import KIND_NAMES
from models import Connection, InvoicePosting, ReconciliationFinding, WorkOrder, first_billed
from services.catalogue import elsewhere
from services.invoicing import claims, recovery
from services.reconciliation import reports
from tenancy.clock import is_over
from tenancy.database import Moment, db, in_cents
from tenancy.fence import standing

TROUBLE = (states.REFUSED, states.CONFLICT, states.GONE, states.UNCERTAIN, states.NOT_SENT)
CODE_MOVED = "code_moved"  # posted, and perhaps with another customer: no state of a posting, and it may have any
# worst first; what a person decides by looking at both sides is asked for at once, a statement for each
_TOGETHER = ((states.REFUSED,), (CODE_MOVED, states.CONFLICT, states.GONE), (states.UNCERTAIN,), (states.NOT_SENT,))
SHOWN = 20
COUNTED = 100  # nobody reads the difference between 100 and 1,000, and counting them would take a look at each


@dataclass(frozen=True)
class Item:
    """One order that needs somebody: `state` is a posting state, differs, code_moved, not_invoiced or credited (and not
    decided what becomes of the order); sending for an interrupted one. `how` an invoice differs from the books (a word
    N_ marked), and the finding that says so. `term`: which one it is, of an order in terms, before the last."""

    order: WorkOrder
    state: str
    since: datetime
    code: str = ""
    posting_id: UUID | None = None
    how: str = ""
    finding_id: UUID | None = None
    term: int = 0


@dataclass(frozen=True)
class Counted:
    """What the menu counts, 100 for 100 or more. `attention`: what stands in Aandacht nodig: the orders, among them
    those whose invoice differs from the books for who may see how these stand, one for data that are behind and one for
    customers of another administration. `unlike`: what keeps both books from agreeing: invoices that differ or are
    gone, and one for data that are behind. `linked`: whether the link with a bookkeeping is on. `elsewhere`: customers
    of another administration wait."""

    attention: int = 0
    unlike: int = 0
    linked: bool = False
    elsewhere: bool = False


@dataclass(frozen=True)
class ToCheck:
    """Executed orders that wait for the office."""

    count: int
    total: Decimal
    oldest: date | None


def not_invoiced() -> tuple[ColumnElement[bool], ...]:
    """What makes an order wait for its invoice: checked, to be billed, and nothing bills what is left of it.
    Written out, for a partial index is used for what says its condition and for no parameters."""
    approved, *waits = (literal(one, literal_execute=True) for one in (rules.APPROVED, billing.NONE, billing.PARTLY))
    return WorkOrder.state == approved, WorkOrder.billing.in_(waits)


def interrupted() -> tuple[ColumnElement[bool], ...]:
    """What makes a posting that is under way need somebody: its lease does not last, so whoever was at it is gone. By
    our own clock: what is decided about it is decided by the database's (services/invoicing/recovery.py)."""
    now = bindparam("now", callable_=_now, type_=Moment, unique=True)
    furthest = bindparam(
        "furthest", callable_=lambda: moments.furthest(_now(), states.LEASE), type_=Moment, unique=True
    )
    return InvoicePosting.state == states.SENDING, is_over(InvoicePosting.lease_until, now, furthest)


def _now() -> datetime:
    return datetime.now(UTC)


def _counts() -> Select[*tuple[int, ...]]:
    # state by state: most postings are posted, and asked for several states SQLite reckons that it must read them all
    each = [select(InvoicePosting.id).where(InvoicePosting.state == state) for state in TROUBLE]
    each.append(select(InvoicePosting.id).where(*interrupted()))
    each.append(select(InvoicePosting.id).where(InvoicePosting.code_moved_at.is_not(None)))
    each.append(select(WorkOrder.id).where(*not_invoiced()))
    of_ours = ReconciliationFinding.posting_id.is_not(None)  # of no order is what nothing of ours has
    each.append(select(ReconciliationFinding.id).where(*reports.told(), of_ours))
    each.append(select(ReconciliationFinding.id).where(*reports.told(), ~of_ours))
    each.append(select(InvoicePosting.id).where(*reports.gone()))
    whether = [
        select(Connection.id).where(Connection.behind_since.is_not(None), Connection.enabled),
        elsewhere.ids(),
        select(Connection.id).where(Connection.enabled),
    ]
    asked = [(one, COUNTED) for one in each] + [(one, 1) for one in whether]  # one row is enough for a yes
    return select(
        *(select(func.count()).select_from(one.limit(most).subquery()).scalar_subquery() for one, most in asked)
    )


_COUNTS = standing(_counts())  # every page asks it


def counted(actor: Actor) -> Counted:
    """What the menu counts; nothing for a mechanic."""
    if not actor.may("price:read"):
        return Counted()
    *orders, of_ours, unknown, gone, behind, waiting, linked = db.session.execute(_COUNTS).one()
    waiting = int(bool(waiting and linked))
    told = of_ours if _sees_the_books(actor) else 0
    return Counted(
        attention=min(sum(orders) + told + behind + waiting, COUNTED),
        unlike=min(of_ours + unknown + gone + behind, COUNTED) if linked else 0,
        linked=bool(linked),
        elsewhere=bool(waiting),
    )


def _sees_the_books(actor: Actor) -> bool:
    """Whether somebody may open the page about an invoice that differs; who may not is not told of it."""
    return actor.may("reconciliation:read")


def count(actor: Actor) -> int:
    """How much stands in Aandacht nodig; 100 for 100 or more."""
    return counted(actor).attention


def items(before: datetime | None = None, differing: bool = True) -> list[Item]:
    """The orders that need somebody, worst first, oldest first within a kind; the first 20. With `before` only those
    that have since then or longer, without `differing` none whose invoice is only not alike in both books."""
    found: list[Item] = []
    for kind in _TOGETHER:
        found += _in_trouble(kind, SHOWN - len(found), before, differing) if len(found) < SHOWN else []
    waiting = select(WorkOrder).where(*not_invoiced())
    if before is not None:
        waiting = waiting.where(func.coalesce(WorkOrder.approved_at, WorkOrder.changed_at) <= before)
    waiting = waiting.order_by(WorkOrder.approved_at, WorkOrder.id)
    waiting = waiting.options(joinedload(WorkOrder.relation), claims.WITH_ITS_CREDIT).limit(SHOWN - len(found))
    orders = db.session.scalars(waiting) if len(found) < SHOWN else ()
    rest = (_without_invoice(order) for order in orders)
    return found + [item for item in rest if before is None or item.since <= before]


def _without_invoice(order: WorkOrder) -> Item:
    if order.credit is not None and order.credit.settled_at is not None:
        return Item(order, "credited", order.credit.settled_at)
    return Item(order, "not_invoiced", order.approved_at or order.changed_at)


def told_items(actor: Actor) -> list[Item]:
    """`items`, after telling of each posting among them that was interrupted that it was: it is uncertain, and the
    worker looks it up. Nobody is called for it here. Who only looks changes nothing."""
    found = items(differing=_sees_the_books(actor))
    left = [item.posting_id for item in found if item.state == states.SENDING and item.posting_id]
    if not left or actor.visiting or not actor.may("work_order:approve"):
        return found
    for posting_id in left:
        recovery.tell_interrupted(actor, posting_id)
    return items(differing=_sees_the_books(actor))


def _in_trouble(kind: tuple[str, ...], most: int, before: datetime | None, differing: bool) -> list[Item]:
    ids = select(InvoicePosting.id)
    raised = InvoicePosting.code_moved_at.is_not(None)
    each: list[Select[Any]]
    each = [ids.where(raised if state == CODE_MOVED else InvoicePosting.state == state) for state in kind]
    if states.UNCERTAIN in kind:  # what was interrupted will be uncertain as soon as somebody looks
        each.append(ids.where(*interrupted()))
    if states.CONFLICT in kind:  # what does not stand alike is decided by looking at both sides as well
        if differing:
            each.append(select(ReconciliationFinding.posting_id).where(*reports.told()))
        return _with_findings(InvoicePosting.id.in_(union_all(*each)), most, before)
    here = InvoicePosting.id.in_(union_all(*each)) if len(each) > 1 else InvoicePosting.state == kind[0]
    if before is not None:
        here = and_(here, func.coalesce(InvoicePosting.settled_at, InvoicePosting.created_at) <= before)
    query = _postings(here).order_by(InvoicePosting.settled_at, InvoicePosting.id).limit(most)
    return [
        Item(
            order,
            posting.state,
            posting.settled_at or posting.created_at,
            posting.code,
            posting.id,
            term=_term(order, posting),
        )
        for order, posting in db.session.execute(query)
    ]


def _how(posting: InvoicePosting) -> tuple[str, datetime]:
    """What to say of it, and since when: its state where that is trouble, else that its code moved."""
    if posting.code_moved_at is not None and posting.state not in TROUBLE:
        return CODE_MOVED, posting.code_moved_at
    return posting.state, posting.settled_at or posting.created_at


def _postings(here: ColumnElement[bool]) -> Select[*tuple[WorkOrder, InvoicePosting]]:
    query = select(WorkOrder, InvoicePosting).select_from(InvoicePosting).join(InvoicePosting.orders)
    query = query.where(here, WorkOrder.id == first_billed())
    return query.options(joinedload(WorkOrder.relation))


def _with_findings(here: ColumnElement[bool], most: int, before: datetime | None) -> list[Item]:
    """The postings of a kind of which some stand as they should here, and otherwise over there."""
    finding = and_(ReconciliationFinding.posting_id == InvoicePosting.id, *reports.told())
    own = InvoicePosting.code_moved_at, InvoicePosting.settled_at, InvoicePosting.created_at
    since = func.coalesce(ReconciliationFinding.since, *own)
    if before is not None:
        here = and_(here, since <= before)
    query = _postings(here).outerjoin(ReconciliationFinding, finding).add_columns(ReconciliationFinding)
    found = []
    for order, posting, differing in db.session.execute(query.order_by(since, InvoicePosting.id).limit(most)):
        if differing is not None and posting.state == states.POSTED and posting.code_moved_at is None:
            how = KIND_NAMES[differing.shown_kind]
            item = Item(order, "differs", differing.since, posting_id=posting.id, how=how, finding_id=differing.id,
                        term=_term(order, posting))  # fmt: skip
            found.append(item)
        else:
            found.append(Item(order, *_how(posting), posting.code, posting.id, term=_term(order, posting)))
    return found


def _term(order: WorkOrder, posting: InvoicePosting) -> int:
    """Which term it bills, as its first line says; asked of orders in terms only."""
    return term_named(first_text_of(posting.payload)) if order.agreed_excl is not None else 0


def to_check() -> ToCheck:
    """Executed orders waiting to be checked."""
    query = select(func.count(), in_cents(WorkOrder.total_excl), func.min(WorkOrder.executed_on))
    number, total, oldest = db.session.execute(query.where(WorkOrder.state == rules.DONE)).one()
    return ToCheck(number, of_cents(total), oldest)
