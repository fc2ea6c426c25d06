"""Reading relations and articles in, from the first call to the stored result.

A `Reading` owns one run. The bookkeeping asks its `go_on` before every further call; a no ends the reading with what
is known by then, and the run is left to the worker. docs/architecture.md section 8 tells it in one page.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from domain.message import Refusal, as_written, msg
from domain.outcome import LIMITS
from domain.permissions import Actor
from gateways.bookkeeping import BookkeepingError, Credentials, GoOn, one_answer
from models import SyncRun
from services.dependencies import Dependencies
from services.link import connection, runs
from services.link.merging import Found, Kind, missing
from services.link.storing import Storing
from services.transaction import stop_reading
from tenancy.database import db

_MOST_LOOKS = 50


def read_whole(deps: Dependencies, actor: Actor, kind: Kind) -> SyncRun:
    """Read a list however long it takes; the run. Raises Refusal without an active link, and while another run reads.

    A failed read is a run with `error` and `error_code`; what it says it added and changed by then stays.
    """
    credentials = _credentials(deps)
    hold = runs.begin(deps, actor, kind.what)
    if hold is None:
        raise Refusal(msg("Er wordt al opgehaald. Wacht tot dat klaar is."))
    return Reading(deps, actor, kind, credentials, hold).carry_out()


def read_what_fits(deps: Dependencies, actor: Actor, kind: Kind) -> SyncRun:
    """Read what fits into one answer and store it; a longer list is left to the worker, and so is a run that is under
    way. Then the run that comes back did not end yet. Raises Refusal without an active link."""
    credentials = _credentials(deps)
    hold = runs.begin(deps, actor, kind.what)
    if hold is None:
        run = runs.under_way(kind.what) or runs.last_run(kind.what)
        assert run is not None  # there was one just now, and none is ever thrown away
        return run
    run = Reading(deps, actor, kind, credentials, hold, one_answer).carry_out()
    if run.finished_at is None:
        deps.wake(actor.tenant_id)
    return run


def store(
    deps: Dependencies, actor: Actor, kind: Kind, found: Found, credentials: Credentials, since: datetime
) -> SyncRun | None:
    """Store what was read already with these credentials, asked for at `since`; a run that waits for the worker is done
    with that. None when somebody is reading, who reads it anew. Raises Refusal when the link was changed."""
    hold = runs.begin_or_take(deps, actor, kind.what)
    if hold is None:
        return None
    hold.since = since
    read = replace(kind, read=lambda *_asked: found)
    return Reading(deps, actor, read, credentials, hold).carry_out()


def resume(deps: Dependencies, actor: Actor, kind: Kind, run: SyncRun, halt: Callable[[], bool]) -> None:
    """Carry a run out that waits, in the name of who started it. When `halt` says so it is left for another."""
    hold = runs.take(deps, run.id)
    if hold is None:
        return
    actor = replace(actor, person_id=run.by_id or actor.person_id, person_name=run.by)
    with suppress(Refusal, runs.Lost):  # the reason stands in the run, or somebody else carries it out
        try:
            credentials = _credentials(deps)
        except Refusal:
            hold.fail(runs.LINK_CHANGED)
            raise
        Reading(deps, actor, kind, credentials, hold, lambda _calls, _found: not halt()).carry_out()


def _credentials(deps: Dependencies) -> Credentials:
    credentials = connection.active_credentials(deps)
    if credentials is None:
        raise Refusal(msg("De koppeling met e-Boekhouden is niet actief. Er is niets opgehaald."))
    return credentials


@dataclass(frozen=True)
class Reading:
    """One run that this process holds, and what it takes to end it. `may_go_on` is asked before each further call;
    without one the list is read to its end."""

    deps: Dependencies
    actor: Actor
    kind: Kind
    credentials: Credentials
    hold: runs.Hold
    may_go_on: GoOn | None = None

    def go_on(self, calls: int, found: int) -> bool:
        """Asked by the bookkeeping before each further call: may it, and is the run still ours? Notes how far it is."""
        return (self.may_go_on is None or self.may_go_on(calls, found)) and self.hold.beat(calls, found)

    def carry_out(self) -> SyncRun:
        """Read, doubt, store; the run afterwards. It ended, with a result or with the reason why there is none; or it
        did not, and waits for the worker, or for whoever took it over. Raises Refusal when the link was changed."""
        stop_reading()
        with suppress(runs.Lost):  # whoever holds it now ends it
            self._read_and_store()
        return runs.get(self.hold.run_id)

    def _read_and_store(self) -> None:
        paused = connection.paused_until()
        stop_reading()
        if paused is not None:
            self.hold.hand_over()
            return
        try:
            found = self._doubted(self.kind.read(self.deps.bookkeeping, self.credentials, self.go_on))
            if found.stopped:
                self.hold.hand_over()
            else:
                Storing(self.actor, self.kind, found, self.hold, self.credentials).carry_out()
        except BookkeepingError as error:
            connection.note_trouble(self.actor, self.credentials, error)
            if error.problem in LIMITS:
                self.hold.hand_over()
            else:
                self.hold.fail(as_written(error.text[:300]) or error.why, error.code)
        except Refusal:
            self.hold.fail(runs.LINK_CHANGED)
            raise
        except runs.Lost:
            raise
        except Exception:
            with suppress(runs.Lost):
                self.hold.fail(runs.OUR_FAULT)
            raise

    def _doubted(self, found: Found) -> Found:
        """A list that was too long for one answer was searched for, and a search may miss something: whoever we know
        and do not find in it is asked for by code. One that is there after all, or too many to ask: not complete. When
        they are all gone indeed it is as good as one whole answer, and counts as one."""
        if found.calls == 1 or not found.complete:
            return found
        there = {row.remote_id for row in found.rows}
        gone: list[str] = []
        for step in missing(db.session(), self.kind, there):
            gone += [row.code for row in step]
            if len(gone) > _MOST_LOOKS or not all(gone):
                return replace(found, complete=False)
        stop_reading()
        for asked, code in enumerate(gone):
            if not self.go_on(found.calls + asked, len(found.rows)):
                return replace(found, stopped=True)
            if self.kind.look(self.deps.bookkeeping, self.credentials, code) is not None:
                return replace(found, complete=False)
        return replace(found, calls=1)
