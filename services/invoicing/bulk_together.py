"""Several orders of one customer on one invoice (domain/collective.py), from the bulk screen: what can be had so, and
posting it at once.

Each invoice is one press of its own (services/invoicing/press.py). What came of it stands in a job that no worker takes
up, so that one screen tells of all that went out together, also when the process died in the middle of it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from domain import billing, collective
from domain import bulk as rules
from domain import posting as states
from domain import work_order as order_rules
from domain.fold import sort_key
from domain.message import NOTHING, Message, Refusal, msg
from domain.money import ZERO
from domain.notes import note
from domain.permissions import Actor
from domain.preflight import Candidate
from domain.questions import Question
from domain.vat import Totals
from models import BY_NUMBER, BulkItem, BulkJob, Connection, WorkOrder
from oversight.audit_trail import record
from services.dependencies import Dependencies
from services.invoicing import confirming, intending, press
from services.invoicing.claims import refuse_when_changed
from services.invoicing.intending import Asked, Blocked
from services.invoicing.preflight import candidates, load_lines
from services.transaction import stop_reading, write_transaction
from tenancy.clock import database_now, today
from tenancy.database import db


@dataclass(frozen=True)
class Part:
    """One invoice that would come of it: its orders as they stand on it, how many lines it has with their headings, its
    totals in euros, and what has to be said yes to."""

    orders: tuple[WorkOrder, ...]
    lines: int
    totals: Totals
    asks: tuple[Question, ...]


@dataclass(frozen=True)
class Offer:
    """Orders of one customer that can go together, over as few invoices as they fit on."""

    name: str
    parts: tuple[Part, ...]

    @property
    def orders(self) -> list[WorkOrder]:
        """All of them."""
        return [order for part in self.parts for order in part.orders]

    @property
    def asks(self) -> list[Question]:
        """What has to be said yes to before they go out."""
        return [question for part in self.parts for question in part.asks]


def offers(deps: Dependencies, ready: Mapping[WorkOrder, Candidate], link: Connection, on: date) -> tuple[Offer, ...]:
    """What can be had together of orders that nothing holds back, by the customer's name; one that has an invoice that
    was not posted goes out with that, and one in terms by itself."""
    of: dict[UUID | None, dict[WorkOrder, Candidate]] = {}
    for order, ours in ready.items():
        if order.billing == billing.NONE and order.agreed_excl is None:
            of.setdefault(order.relation_id, {})[order] = ours
    found = []
    for some in of.values():
        parts = _parts(deps, some, link, on)
        if len(parts) < len(some):
            name = next(iter(some.values())).relation_name or ""
            found.append(Offer(name, tuple(parts)))
    return tuple(sorted(found, key=lambda one: sort_key(one.name)))


def _parts(deps: Dependencies, some: Mapping[WorkOrder, Candidate], link: Connection, on: date) -> list[Part]:
    by_number = {order.number: order for order in some}
    found = []
    for part in collective.split(list(some.values()), deps.bookkeeping.limits):
        draft = collective.draft(part, "", collective.dated(part))
        asks = intending.of_total(part, on, link) if len(part) > 1 else ()
        found.append(Part(tuple(by_number[one.order_number] for one in part), len(draft.lines), draft.totals, asks))
    return found


def post(deps: Dependencies, actor: Actor, wanted: Sequence[tuple[UUID, int]], yes: Collection[str] = ()) -> UUID:
    """Post these orders of one customer, as (id, the version that was seen), on as few invoices as they fit on, one
    after another until one is not posted. `yes`: the answers to what was asked. Returns the id of the job that tells
    what came of each. Raises Refusal when they cannot go as they are now, and LookupError for an unknown order; then
    nothing was written or sent."""
    versions = dict(wanted)
    if not 2 <= len(versions) <= rules.MAX_ORDERS:
        raise Refusal(msg("Kies 2 tot %(max)s werkbonnen van dezelfde klant.", max=rules.MAX_ORDERS))
    over = time.monotonic() + deps.settings.times.press_seconds
    parts = _checked(deps, versions, yes)
    job_id = _begin(actor, parts)
    for place, part in enumerate(parts, 1):
        state, outcome, reason = _press(deps, actor, {order_id: versions[order_id] for order_id in part}, yes)
        late = time.monotonic() > over and place < len(parts)
        _tell(actor, job_id, part, state, outcome, reason, last=place == len(parts))
        if outcome != states.POSTED or late:
            break
    return job_id


def _checked(deps: Dependencies, versions: Mapping[UUID, int], yes: Collection[str]) -> list[list[UUID]]:
    """Which orders go on one invoice. Raises as `post`."""
    orders = load(list(versions))
    if len(orders) != len(versions):
        raise LookupError("an order is not there")
    queued = in_a_running_job(list(versions))
    for order in orders:
        if order_rules.transition(order.state, "approve") is None:
            raise Refusal(order_rules.why_not(order.state, "approve"))
        refuse_when_changed(order, versions[order.id])
        if order.id in queued:
            raise Refusal(msg("Werkbon %(number)s staat al in een lopende opdracht.", number=order.number))
        if order.agreed_excl is not None:
            raise intending.in_terms(order)
    if len({order.relation_id for order in orders}) > 1:
        raise Refusal(msg("Op één factuur kunnen alleen werkbonnen van dezelfde klant."))
    link = db.session.scalars(select(Connection)).one()
    if not link.shown_state.is_active:
        raise Refusal(msg("De koppeling met e-Boekhouden is niet actief; er is niets gestart."))
    on = today(db.session())
    ours = candidates(orders, link, on)
    found = [blocker for one in ours for blocker in collective.blockers([one], deps.bookkeeping.limits)]
    if found:
        raise Refusal(msg("%(what)s. %(why)s", what=found[0].what, why=found[0].why))
    parts = _parts(deps, dict(zip(orders, ours, strict=True)), link, on)
    of_orders = [one for order, its in zip(orders, ours, strict=True) for one in confirming.asked(order, link, on, its)]
    for question in (*of_orders, *(question for part in parts for question in part.asks)):
        if question.answer not in yes:
            raise Refusal(note("bulk.asked", what=question.what))
    ids = [[order.id for order in part.orders] for part in parts]
    stop_reading()
    return ids


def _begin(actor: Actor, parts: Sequence[Sequence[UUID]]) -> UUID:
    """A job of these orders, as it stays when this process dies: stopped, and none of them had its turn."""
    order_ids = [order_id for part in parts for order_id in part]
    with write_transaction() as session:
        now, link = database_now(session), session.scalars(select(Connection)).one()
        excl = session.scalars(select(WorkOrder.total_excl).where(WorkOrder.id.in_(order_ids)))
        job = BulkJob(
            administration=link.administration_number, state=rules.STOPPED, reason=note("bulk.broken_off"),
            started_at=now, ended_at=now, started_by_id=actor.person_id, started_by=actor.person_name,
            size=len(order_ids), excl=sum(excl, ZERO),
        )  # fmt: skip
        session.add(job)
        session.flush()
        for position, order_id in enumerate(order_ids, 1):
            item = BulkItem(job_id=job.id, order_id=order_id, position=position, state=rules.WAITING)
            item.order_version = 0  # nobody takes it up
            session.add(item)
        record(session, actor, "bulk.started", "bulk_job", job.id, count=len(order_ids))
        job_id: UUID = job.id
    return job_id


def _press(
    deps: Dependencies, actor: Actor, seen: Mapping[UUID, int], yes: Collection[str]
) -> tuple[str, str, Message]:
    """One invoice. Returns the state of its items, the outcome and the reason."""
    try:
        return rules.DONE, press.approve_together(deps, actor, seen, yes).state, NOTHING
    except Blocked as blocked:
        said = blocked.blockers[0].what
    except Asked as asked:
        said = note("bulk.asked", what=asked.questions[0].what)
    except Refusal as refusal:
        said = refusal.message
    except LookupError:
        said = note("bulk.order_gone")
    db.session.rollback()
    return rules.SKIPPED, "", storable(said)


def storable(said: Message) -> Message:
    """Only a note can stand in a row; what is none is told in general, so that a job never halts on a word."""
    return said if said.key else note("bulk.passed_over")


def _tell(
    actor: Actor, job_id: UUID, part: Collection[UUID], state: str, outcome: str, reason: Message, last: bool
) -> None:
    """Write what became of the orders of one invoice, and after the last one that the job is done."""
    with write_transaction() as session:
        job = session.scalars(select(BulkJob).where(BulkJob.id == job_id).with_for_update()).one()
        for item in session.scalars(select(BulkItem).where(BulkItem.job_id == job_id, BulkItem.order_id.in_(part))):
            item.state, item.outcome, item.reason = state, outcome, reason
        job.ended_at = database_now(session)
        if last:
            job.state, job.reason = rules.FINISHED, NOTHING
            record(session, actor, "bulk.finished", "bulk_job", job.id)
        elif outcome != states.POSTED:
            job.reason = note("bulk.one_not_posted")


def load(order_ids: Sequence[UUID]) -> Sequence[WorkOrder]:
    """These orders by number, with all that an invoice needs; ids that are not there are left out."""
    query = select(WorkOrder).where(WorkOrder.id.in_(order_ids)).order_by(*BY_NUMBER)
    found = db.session.scalars(
        query.options(joinedload(WorkOrder.relation), joinedload(WorkOrder.company), joinedload(WorkOrder.location))
    ).all()
    return load_lines(db.session(), found)


def in_a_running_job(order_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Which of these orders still wait in a running job: order id to job id."""
    query = (
        select(BulkItem.order_id, BulkItem.job_id)
        .join(BulkJob, (BulkJob.tenant_id == BulkItem.tenant_id) & (BulkJob.id == BulkItem.job_id))
        .where(BulkJob.state == rules.RUNNING, BulkItem.state.in_(rules.OPEN), BulkItem.order_id.in_(order_ids))
    )
    return dict(db.session.execute(query).all())
