"""Storing what was read, in batches: each in a short transaction of its own, and only where something differs.

Comparing locks nothing; what differs is compared again under the lock. A process that dies leaves whole batches, each
as good as any: who takes the run up reads anew and finds those unchanged. Who vanished is decided when all of the rest
is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy.orm import Session

from domain.permissions import Actor
from gateways.bookkeeping import Credentials
from models import TenantStatus
from oversight.audit_trail import record
from services.link import connection, runs
from services.link.merging import (
    BATCH,
    Found,
    Kind,
    Listing,
    Theirs,
    compare,
    in_order,
    knows_any,
    listing,
    missing,
    vanish,
    write,
)
from services.link.remarks import remark
from services.transaction import stop_reading, write_transaction
from tenancy.clock import database_now
from tenancy.database import db


@dataclass(frozen=True)
class Storing:
    """Their rows, and the run that holds them. `credentials` are those they were read with: when the link has others by
    now these may be other books' rows, and Refusal is raised instead of writing more."""

    actor: Actor
    kind: Kind
    found: Found
    hold: runs.Hold
    credentials: Credentials
    put_back: list[str] = field(default_factory=list)

    def carry_out(self) -> None:
        """Write what differs and end the run. Raises Refusal when the link was changed, and Lost."""
        rows: Sequence[Theirs] = in_order(self.found.rows)
        # A list put together from several answers may miss one that stands alone, however careful the search was: it is
        # good for adding and changing, never for saying that something is gone (unless reading.Reading asked for that).
        complete = self.found.complete and self.found.calls == 1
        complete = complete and (bool(rows) or not knows_any(db.session(), self.kind))
        whole = listing(self.kind, rows, complete)
        done = 0
        for batch in _batches(rows):
            done += len(batch)
            self._store(whole, batch, done)
        if complete:
            self._mark_missing(whole)
        self._end(whole)

    def _store(self, whole: Listing, batch: Sequence[Theirs], done: int) -> None:
        since = self.hold.since
        if not compare(db.session(), self.kind, whole, batch, since).any:
            self.hold.compared(done, len(whole.ids))
            return
        with write_transaction() as session:
            link = connection.still(session, self.credentials)
            changes = compare(session, self.kind, whole, batch, since)
            write(session, self.kind, changes, database_now(session), link.administration_number)
            self.hold.stored(session, done, len(whole.ids), added=len(changes.added), changed=len(changes.changed))
        self.put_back.extend(changes.put_back)

    def _mark_missing(self, whole: Listing) -> None:
        since, all_ = self.hold.since, len(whole.ids)
        for gone in missing(db.session(), self.kind, whole.ids, since):
            stop_reading()
            if gone:
                with write_transaction() as session:
                    connection.still(session, self.credentials)
                    count = vanish(session, self.kind, gone, database_now(session), since)
                    self.hold.stored(session, all_, all_, vanished=count)

    def _end(self, whole: Listing) -> None:
        with write_transaction() as session:
            connection.still(session, self.credentials)
            run = self.hold.stored(session, len(whole.ids), len(whole.ids))
            run.finished_at, run.lease_until, run.complete = database_now(session), None, whole.complete
            run.calls, run.remark = (
                max(self.found.calls, self.hold.calls),
                remark(self.found.odd, self.found.why, self.put_back),
            )
            event = f"{self.kind.what}.synced"
            record(session, self.actor, event, added=run.added, changed=run.changed, vanished=run.vanished)
            _note_status(session, self.actor)


def _batches(rows: Sequence[Theirs]) -> Iterator[list[Theirs]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch


def _note_status(session: Session, actor: Actor) -> None:
    """Support's overview says when something was read last."""
    status = session.get(TenantStatus, actor.tenant_id)
    if status is not None:
        status.synced_at = database_now(session)
