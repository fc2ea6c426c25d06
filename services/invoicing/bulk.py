"""Bulk: pressing Gecontroleerd for many orders. A job's rows are the truth; the worker takes them one at a time.

Every item goes through services.invoicing.press.approve, the same press with the same protocol. An item is held with a
lease: when its worker dies, another takes it again after the lease, which is harmless because approving twice is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from domain import bulk as rules
from domain import moments
from domain import posting as states
from domain import work_order as order_rules
from domain.message import NOTHING, Message, Refusal, as_written, msg
from domain.money import ZERO
from domain.notes import note
from domain.permissions import Actor
from models import BY_NUMBER, BulkItem, BulkJob, InvoicePosting, WorkOrder
from oversight.audit_trail import record
from services import due_work
from services.dependencies import Dependencies
from services.invoicing import claims, press
from services.invoicing.bulk_together import in_a_running_job, storable
from services.invoicing.claims import Changed
from services.invoicing.in_use import IN_A_ROW, InUse, of_job
from services.invoicing.older_copy import Behind
from services.invoicing.press import Asked, Blocked
from services.link import connection
from services.transaction import write_transaction
from tenancy.clock import database_now, is_over
from tenancy.database import db

SHOWN = 30
ELSEWHERE = "elsewhere"
NO_LINK = note("bulk.no_link")
BEHIND = note("bulk.behind")
ANOTHER = note("bulk.another_administration")
UNREACHABLE = note("bulk.unreachable")
NUMBERS_IN_USE = note("bulk.numbers_in_use")


@dataclass(frozen=True)
class Row:
    """One row of a job. `state`: a posting state, waiting, busy, skipped, not_linked, not_billable, or what became of
    an order before which the job stopped: left (nothing), elsewhere (posted all the same), changed (no longer
    executed). `text` is why."""

    order: WorkOrder
    state: str
    number: str = ""
    text: Message = NOTHING


@dataclass(frozen=True)
class Progress:
    """A job with its rows; `settled` of `job.size` have had their turn, `left` are the orders it did not come to;
    `elsewhere` is how many of the others were posted since, by another job or by hand.

    `every` is after how many seconds it is worth looking again; 0 when nothing moves any more. `paused_until`: until
    when a running job waits, for they take no calls.
    """

    job: BulkJob
    rows: tuple[Row, ...]
    settled: int
    counts: tuple[tuple[str, int], ...]
    left: tuple[WorkOrder, ...]
    elsewhere: int
    every: int
    paused_until: datetime | None = None

    @property
    def invoices(self) -> int:
        """On how many invoices the orders are that were billed together; 0 when each has its own."""
        numbers = [row.number for row in self.rows if row.number]
        return len(set(numbers)) if len(set(numbers)) < len(numbers) else 0


@dataclass(frozen=True)
class _Taken:
    """An item that is ours until its lease ends."""

    item_id: UUID
    order_id: UUID
    order_version: int
    lease_until: datetime
    again: bool  # it was pressed before, and a limit of theirs kept it back
    job: press.Job


def start(deps: Dependencies, actor: Actor, wanted: Sequence[tuple[UUID, int]]) -> UUID:
    """Make a job of these orders, as (id, the version that was seen). Returns its id; the one under way when all of
    them are in it already (a double press). Raises Refusal when nothing can go; LookupError for an unknown order."""
    versions = dict(wanted)
    if not 1 <= len(versions) <= rules.MAX_ORDERS:
        raise Refusal(msg("Kies 1 tot %(max)s werkbonnen.", max=rules.MAX_ORDERS))
    with write_transaction() as session:
        link = connection.locked(session)  # one starter at a time in a tenant
        queued = in_a_running_job(list(versions))
        if len(queued) == len(versions) and len(set(queued.values())) == 1:
            return next(iter(queued.values()))
        if not link.shown_state.is_active:
            raise Refusal(msg("De koppeling met e-Boekhouden is niet actief; er is niets gestart."))
        if link.behind_since is not None:
            raise Behind(note("behind.stopped"))
        orders = session.scalars(select(WorkOrder).where(WorkOrder.id.in_(versions)).order_by(*BY_NUMBER)).all()
        if len(orders) != len(versions):
            raise LookupError("an order is not there")
        picked = [order for order in orders if order.id not in queued]
        job = BulkJob(
            administration=link.administration_number, state=rules.RUNNING,
            started_at=database_now(session), started_by_id=actor.person_id,
            started_by=actor.person_name, size=len(picked), excl=sum((order.total_excl for order in picked), ZERO),
        )  # fmt: skip
        session.add(job)
        session.flush()
        for position, order in enumerate(picked, 1):
            item = BulkItem(job_id=job.id, order_id=order.id, position=position, state=rules.WAITING)
            item.order_version = versions[order.id]
            session.add(item)
        record(session, actor, "bulk.started", "bulk_job", job.id, count=len(picked))
        job_id: UUID = job.id
    deps.wake(actor.tenant_id)
    return job_id


def stop(actor: Actor, job_id: UUID) -> None:
    """Stop a job: what is under way is finished, the rest stays executed. Raises LookupError when it is not there."""
    _stop(actor, job_id, note("bulk.stopped_by", who=actor.person_name))


def _stop(actor: Actor | str, job_id: UUID, reason: Message) -> None:
    with write_transaction() as session:
        job = _locked(session, job_id)
        if job.state != rules.RUNNING:
            return
        job.state, job.ended_at, job.reason = rules.STOPPED, database_now(session), reason
        record(session, actor, "bulk.stopped", "bulk_job", job.id, reason=job.reason)


def unfinished() -> list[UUID]:
    """The running jobs of the entered tenant, oldest first."""
    query = select(BulkJob.id).where(BulkJob.state == rules.RUNNING).order_by(BulkJob.started_at, BulkJob.id)
    return list(db.session.scalars(query))


def settle(actor: Actor) -> None:
    """After carrying out: the worker need not look again when no job of the entered tenant runs; while they take no
    calls, not before they do."""

    def still() -> datetime | None:
        return (connection.paused_until() or database_now(db.session())) if unfinished() else None

    due_work.settle(actor.tenant_id, due_work.BULK, still)


def carry_out(deps: Dependencies, actor: Actor, job_id: UUID, halt: Callable[[], bool] = lambda: False) -> int:
    """Press the job's orders one by one until none is left for us, it is stopped, or `halt` says so. Several may do
    this at once. The trail names who started the job. Returns how many were pressed here."""
    job = _get(job_id)
    actor, administration = replace(actor, person_id=job.started_by_id, person_name=job.started_by), job.administration
    pressed = misses = 0
    in_use = of_job(job_id)  # the list is read once
    while not halt():
        why = _link_trouble(administration)
        if why:
            _stop("Crafter", job_id, why)
            break
        if connection.paused_until() is not None:
            break  # it goes on by itself when they take calls again
        taken = _take(deps, actor, job_id)
        if taken is None:
            break
        try:
            state, outcome, reason = _press(deps, actor, taken, in_use)
        except Behind as behind:
            _settle_item(taken, rules.WAITING, states.NOT_SENT if taken.again else "", NOTHING)
            _stop("Crafter", job_id, behind.message)
            break
        pressed += 1
        if outcome == states.NOT_SENT and connection.paused_until() is not None:
            _put_back(taken)
            break
        _settle_item(taken, state, outcome, reason)
        misses = misses + 1 if outcome == states.NOT_SENT else 0
        if misses >= rules.MAX_MISSES and not _link_trouble(administration):
            _stop("Crafter", job_id, NUMBERS_IN_USE if _was_sent(taken) else UNREACHABLE)
            break
    return pressed


def _link_trouble(administration: int) -> Message:
    db.session.rollback()  # see what others did
    link = connection.present()
    if not states.belongs_in(administration, link.administration_number):
        return ANOTHER
    if link.shown_state.is_active:
        return NOTHING if link.behind_since is None else BEHIND
    return note("bulk.broken", code=link.broken_code) if link.shown_state.is_broken else NO_LINK


def _take(deps: Dependencies, actor: Actor, job_id: UUID) -> _Taken | None:
    """The next item, ours for one lease; None when there is nothing to take. Ends the job when all had their turn."""
    with write_transaction() as session:
        job = _locked(session, job_id)
        if job.state != rules.RUNNING:
            return None
        now = database_now(session)
        over = is_over(BulkItem.lease_until, now, moments.furthest(now, states.LEASE))
        free = (BulkItem.state == rules.WAITING) | ((BulkItem.state == rules.BUSY) & over)
        query = select(BulkItem).where(BulkItem.job_id == job_id).order_by(BulkItem.position).limit(1)
        item = session.scalars(query.where(free)).first()
        if item is None:
            if session.scalars(query.where(BulkItem.state == rules.BUSY)).first() is None:
                job.state, job.ended_at = rules.FINISHED, now
                record(session, actor, "bulk.finished", "bulk_job", job.id)
            return None
        lease = now + deps.settings.times.lease
        item.state, item.lease_until = rules.BUSY, lease
        again = item.outcome == states.NOT_SENT
        by = press.Job(job.started_at, job.administration)
        return _Taken(item.id, item.order_id, item.order_version, lease, again, by)


def _was_sent(taken: _Taken) -> bool:
    """Whether they were there, and refused the last one for its numbers."""
    live = press.present_posting(taken.order_id)
    return live is not None and live.why.key == IN_A_ROW


def _press(deps: Dependencies, actor: Actor, taken: _Taken, in_use: InUse) -> tuple[str, str, Message]:
    """One press. Returns the item's state, the outcome and the reason."""
    # approving made a version of its own
    verb, version = (press.send, taken.order_version + 1) if taken.again else (press.approve, taken.order_version)
    try:
        job = replace(taken.job, in_use=in_use)
        return rules.DONE, verb(deps, actor, taken.order_id, version, job).state, NOTHING
    except LookupError:
        return rules.SKIPPED, "", note("bulk.order_gone")
    except Blocked as blocked:
        return rules.SKIPPED, "", storable(blocked.blockers[0].what)
    except Asked as asked:
        return rules.SKIPPED, "", note("bulk.asked", what=asked.questions[0].what)
    except Behind:
        db.session.rollback()
        raise
    except Changed as changed:
        return rules.SKIPPED, "", storable(changed.message)
    except Refusal as refusal:
        db.session.rollback()
        live = press.present_posting(taken.order_id)
        if live is not None:  # a worker that died had pressed it, or somebody else did
            return rules.DONE, live.state, NOTHING
        return rules.SKIPPED, "", storable(refusal.message)


def _put_back(taken: _Taken) -> None:
    """A limit of theirs kept it back: it waits for its turn again, now to be sent only."""
    _settle_item(taken, rules.WAITING, states.NOT_SENT, NOTHING)


def _settle_item(taken: _Taken, state: str, outcome: str, reason: Message) -> None:
    """Write what became of an item, unless somebody else took it over after our lease."""
    with write_transaction() as session:
        item = session.scalars(select(BulkItem).where(BulkItem.id == taken.item_id).with_for_update()).one()
        if item.state == rules.BUSY and item.lease_until == taken.lease_until:
            item.state, item.outcome, item.reason, item.lease_until = state, outcome, reason, None


def _locked(session: Session, job_id: UUID) -> BulkJob:
    job = session.scalars(select(BulkJob).where(BulkJob.id == job_id).with_for_update()).one_or_none()
    if job is None:
        raise LookupError(job_id)
    return job


def _get(job_id: UUID) -> BulkJob:
    job = db.session.scalars(select(BulkJob).where(BulkJob.id == job_id)).one_or_none()
    if job is None:
        raise LookupError(job_id)
    return job


def recent() -> list[BulkJob]:
    """The latest jobs, newest first."""
    query = select(BulkJob).order_by(BulkJob.started_at.desc(), BulkJob.id.desc()).limit(SHOWN)
    return list(db.session.scalars(query))


def progress(job_id: UUID) -> Progress:
    """A job as it stands now, with the live state of every invoice. Raises LookupError when it is not there."""
    job = _get(job_id)
    query = (
        claims.with_posting(select(BulkItem, InvoicePosting).join(BulkItem.order))
        .where(BulkItem.job_id == job_id)
        .options(joinedload(BulkItem.order).joinedload(WorkOrder.relation))
        .order_by(BulkItem.position)
    )
    found = db.session.execute(query).all()
    rows = tuple(_row(job, item, posting) for item, posting in found)
    settled = sum(1 for item, _posting in found if item.state not in rules.OPEN)
    tally: dict[str, int] = {}
    for row in rows:
        state = states.SENDING if row.state == rules.BUSY else row.state  # one word on the screen
        tally[state] = tally.get(state, 0) + 1
    left = tuple(row.order for row in rows if row.state == "left")
    now = database_now(db.session())
    held = any(
        item.state == rules.BUSY and moments.lasts(item.lease_until, now, states.LEASE) for item, _posting in found
    )
    moving = job.state == rules.RUNNING or held or states.SENDING in tally
    paused = connection.paused_until() if job.state == rules.RUNNING else None
    every = 60 if paused and not held else 2 if moving else 15 if states.UNCERTAIN in tally else 0
    counts = tuple(sorted(tally.items(), key=lambda pair: -pair[1]))
    return Progress(job, rows, settled, counts, left, tally.get(ELSEWHERE, 0), every, paused)


def _row(job: BulkJob, item: BulkItem, posting: InvoicePosting | None) -> Row:
    if item.state == rules.SKIPPED:
        return Row(item.order, rules.SKIPPED, text=item.reason)
    passed_by = job.state == rules.STOPPED and item.state == rules.WAITING
    if passed_by and posting is not None and posting.state == states.POSTED:
        return Row(item.order, ELSEWHERE, posting.number)
    if posting is not None and (passed_by or item.state != rules.WAITING):
        said = as_written(posting.text) or posting.why
        said = Message("%(code)s %(said)s", {"code": posting.code, "said": said}) if posting.code else said
        return Row(item.order, posting.state, posting.number, NOTHING if posting.state == states.POSTED else said)
    if item.state == rules.DONE:
        return Row(item.order, item.outcome)
    if passed_by:
        return Row(item.order, "left" if item.order.state == order_rules.DONE else "changed")
    return Row(item.order, item.state)
