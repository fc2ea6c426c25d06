"""What is open in administrations that were left and whose codes are kept: reading back what was posted there lately,
and erasing the codes when nothing waits any more. What is uncertain there is looked up like any other (recovery)."""

from __future__ import annotations

from datetime import datetime

from domain import posting as states
from domain.notes import note
from domain.permissions import Actor
from models import InvoicePosting
from services.dependencies import Dependencies
from services.invoicing import missing
from services.link import connection, kept_codes
from services.transaction import stop_reading, write_transaction
from tenancy.clock import database_now
from tenancy.database import db

AT_ONCE = 20  # read back in one round of the worker


def carry_on(deps: Dependencies, actor: Actor) -> None:
    """Read back what can be in the entered tenant, and let go of the codes that nothing waits for."""
    numbers = [row.number for row in kept_codes.kept()]
    for number in numbers:
        _read_back(deps, actor, number)
    stop_reading()
    ended = [number for number in numbers if _ended(actor, number)]
    if ended:
        deps.bookkeeping.forget(actor.tenant_id)


def _read_back(deps: Dependencies, actor: Actor, administration: int) -> None:
    session = db.session()
    now, window = database_now(session), deps.settings.times.quiet_window
    for posting_id in kept_codes.unread(session, administration, most=AT_ONCE):
        if not connection.can_ask(administration) or connection.paused_until_of(administration) is not None:
            return  # also when that is what the call before this one was told
        row = session.get_one(InvoicePosting, (session.info["tenant_id"], posting_id))
        # before the window is over a miss would decide nothing
        if states.window_is_over(states.lease_counted(row.lease_until, now), window, now):
            missing.read_back(deps, actor, posting_id)


def _ended(actor: Actor, administration: int) -> bool:
    """Whether nothing waits there; then the codes are erased."""
    if kept_codes.waits(db.session(), administration):
        return False
    stop_reading()
    with write_transaction() as session:
        connection.locked(session)
        if kept_codes.waits(session, administration):
            return False
        kept_codes.erase(session, actor, administration, note("kept_codes.ended"))
    return True


def next_look() -> datetime | None:
    """When there is something to do here again: within a minute while something is to be read back, or codes are to be
    erased; None while only a person can end what is open."""
    session = db.session()
    numbers = [row.number for row in kept_codes.kept()]
    idle = all(kept_codes.waits_for_a_person(session, number) for number in numbers)
    return None if idle else database_now(session)


def erase(deps: Dependencies, actor: Actor, administration: int) -> None:
    """The owner does not want the codes of an administration to be kept any longer."""
    with write_transaction() as session:
        connection.locked(session)
        kept_codes.erase(session, actor, administration, note("kept_codes.asked"))
    stop_reading()
    deps.bookkeeping.forget(actor.tenant_id)
