"""A run from its beginning to its end, by whoever carries it out: the lists, then what no list held, then the end.

Nothing is sent and no transaction is open during a call. A limit of theirs, a day that is spent or a link that does not
answer make the run wait, and it says so; the worker goes on with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from domain.message import NOTHING, Message, Refusal, msg
from domain.notes import note
from domain.outcome import LIMITS, Problem
from domain.permissions import Actor
from domain.reconciliation import Cause, Period, around, looks_cut_off, parts_to_text
from gateways.bookkeeping import BookkeepingError, Credentials, InvoiceRows, Spent, Unread
from models import Connection, Reconciliation
from services import due_work
from services.dependencies import Dependencies
from services.invoicing import looking_back
from services.invoicing.older_copy import Behind
from services.link import connection
from services.reconciliation import budget, findings, holding, payments, proving, reports, runs
from services.reconciliation.budget import Budgeted, DaySpent
from services.reconciliation.payments_kept import Seen
from services.reconciliation.runs import Hold, Lost
from services.transaction import stop_reading, write_transaction
from tenancy.clock import database_now, day_of, midnight
from tenancy.database import db

_AGAIN = timedelta(hours=1)  # after a call that failed
_NEXT_NIGHT = timedelta(hours=2)  # after Amsterdam's midnight, when a new day's calls may be made

Halt = Callable[[], bool]


def ask_for_reconciliation(deps: Dependencies, actor: Actor) -> UUID:
    """A person asks to hold ours against theirs now: a run that the worker carries out; its id. Raises Refusal without
    an active link, and while one is under way."""
    if not connection.is_active():
        raise Refusal(msg("De koppeling met e-Boekhouden is niet actief. Herstel die eerst."))
    made = runs.begin(actor, Cause.BUTTON)
    if made is None:
        raise Refusal(msg("Er wordt al vergeleken. Wacht tot dat klaar is."))
    deps.wake(actor.tenant_id)
    return made


def tonight(deps: Dependencies, actor: Actor) -> None:
    """The entered tenant's run of this night: begun, or gone on with, and carried out; none where nothing is ours."""
    if reports.under_way() is None and runs.begin(actor, Cause.NIGHT) is None:
        return
    carry_out(deps, actor)


def carry_out(deps: Dependencies, actor: Actor, halt: Halt = lambda: False) -> None:
    """Carry out what waits in the entered tenant, until `halt` says so: a run, or a look at everything when this
    database may be an older copy."""
    if reports.under_way() is None and connection.present().look_back_since is not None:
        runs.begin(actor, Cause.AWAY if runs.was_held_before() else Cause.FIRST)
    run = runs.waiting(deps)
    hold = runs.take(deps, run.id) if run is not None else None
    if hold is not None:
        allowed, asked = budget.within(deps, hold.left)
        with suppress(Lost):  # whoever holds it now ends it
            this = Round(allowed, actor, hold, asked, halt)
            this.carry_out()
            if this.ended:
                payments.after_a_run(deps, actor, this.seen)
    due_work.settle(actor.tenant_id, due_work.COMPARE, runs.next_due)


@dataclass
class Round:
    """A run that this process holds, and what it takes to go on with it. `seen`: what its lists showed of our invoices;
    `ended`: it came to its result."""

    deps: Dependencies
    actor: Actor
    hold: Hold
    asked: Budgeted
    halt: Halt
    seen: dict[UUID, Seen] = field(default_factory=dict)
    ended: bool = False

    def carry_out(self) -> None:
        """Go on until it ended, or has to wait. Raises Lost."""
        try:
            credentials = connection.active_credentials(self.deps)
            if credentials is None:
                self.hold.end(self.asked.made, note("link.inactive"))
            elif credentials.version != self.hold.link_version:
                self.hold.end(self.asked.made, note("link.changed"))
            else:
                self._go_on(credentials)
        except connection.LinkChanged:
            self.hold.end(self.asked.made, note("link.changed"))
        except BookkeepingError as error:
            self._wait(error)
        except Behind as behind:
            self._pause(database_now(db.session()) + _AGAIN, behind.message)
        except Lost:
            raise
        except Exception:
            with suppress(Lost):
                self.hold.end(self.asked.made, note("run.our_fault"))
            raise

    def _go_on(self, credentials: Credentials) -> None:
        paused = connection.paused_until()
        if paused is not None:
            self._pause(paused, note("reconciliation.limit"))
            return
        if connection.present().look_back_since is not None:
            looking_back.look(self.deps, self.actor, credentials)
        if not self._plan(credentials):
            return
        while parts := self.hold.parts(db.session()):
            if self.halt():
                self._pause(None)
                return
            self._read(credentials, parts)
        while (finding_id := findings.to_look_up(db.session(), reports.get(self.hold.run_id))) is not None:
            if self.halt():
                self._pause(None)
                return
            proof = proving.look_up(self.deps, self.actor, credentials, finding_id)
            with self._step(credentials) as (session, _link, run):
                proving.write(session, self.deps, self.actor, run, proof)
        with self._step(credentials) as (session, _link, run):
            findings.settle_what_is_decided(session, run)
            self.hold.finish(session, run, self.asked.made)
        self.ended = True

    def _plan(self, credentials: Credentials) -> bool:
        """Say which periods are to be read; before that, note the date of invoices that an earlier release froze, a
        step at a time. Whether that could be finished."""
        while days := runs.undated(self.deps):
            if self.halt():
                self._pause(None)
                return False
            stop_reading()
            with self._step(credentials) as (session, _link, _run):
                runs.note_days(session, days)
        with self._step(credentials) as (session, _link, run):
            runs.plan(session, run)
        return True

    def _read(self, credentials: Credentials, parts: list[Period]) -> None:
        """Ask for the first of these parts. One whose list proves nothing is parted, and its parts are next."""
        part, rest = parts[0], parts[1:]
        stop_reading()
        try:
            found: InvoiceRows | None = self.deps.bookkeeping.invoices_between(credentials, *part)
        except Unread:
            found = None
        days = [one.on for one in found.rows] if found is not None else []
        proves = found is not None and not looks_cut_off(found.size)
        smaller = () if proves else around(part, days)
        compared = None
        if not smaller:
            compared = holding.compare(self.deps, connection.present(), part, found or InvoiceRows())
            self.seen |= payments.seen_among((which.posting_id, held) for which, held in compared.held)
        behind = False
        with self._step(credentials) as (session, link, run):
            run.todo = parts_to_text([*smaller, *rest])
            if compared is not None:
                behind = holding.write(session, self.deps, self.actor, link, run, compared)
            if not (proves or smaller):
                run.remark = note("reconciliation.unread" if found is None else "reconciliation.cut_off", day=part[0])
        if behind:
            with suppress(Behind):  # it stays known that we are
                looking_back.look(self.deps, self.actor, credentials)

    @contextmanager
    def _step(self, credentials: Credentials) -> Iterator[tuple[Session, Connection, Reconciliation]]:
        with write_transaction() as session:
            yield session, *self.hold.step(session, credentials, self.asked.made)

    def _wait(self, error: BookkeepingError) -> None:
        """Leave the run for later, when it may go better, and say why."""
        credentials = connection.active_credentials(self.deps)
        stop_reading()
        if credentials is not None:
            connection.note_trouble(self.actor, credentials, error)
        now = database_now(db.session())
        if error.problem is Problem.CREDENTIALS:
            stop_reading()
            self.hold.end(self.asked.made, error.why)
        elif isinstance(error, DaySpent | Spent):
            self._pause(midnight(day_of(now) + timedelta(days=1)) + _NEXT_NIGHT, error.why)
        elif error.problem in LIMITS:
            self._pause(connection.paused_until() or now + _AGAIN, error.why)
        else:
            self._pause(now + _AGAIN, error.why)

    def _pause(self, until: datetime | None, why: Message = NOTHING) -> None:
        stop_reading()
        self.hold.pause(self.asked.made, until, why)
