"""Slowing down guesses, per account and per address, shared by all processes: an attempt is counted under a row lock
before it is looked at, so that many at once cannot slip through together. Nothing is ever locked for good."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain import moments
from domain.message import N_, Refusal, msg
from models import Throttle
from services.purging import purge
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db

WINDOW = timedelta(minutes=15)
LONGEST = 900
KEEP = timedelta(days=2)
_WAIT = N_("Te veel mislukte pogingen. Probeer het over %(seconds)s seconden opnieuw; uw account blijft bestaan.")
logger = logging.getLogger("crafter.login")


@dataclass(frozen=True)
class Gate:
    """One counter and how many failures it lets pass before it asks to wait."""

    key: str
    free: int


def account(name: str) -> Gate:
    """The gate of one account (or one person's second factor): five failures."""
    return Gate(f"account:{hashlib.sha256(name.encode()).hexdigest()[:32]}", 5)


def named(key: str, free: int) -> Gate:
    """A gate under a name of its own."""
    return Gate(key[:80], free)


def letters(tenant_id: int, to: str) -> tuple[Gate, Gate]:
    """The gates of letters that a tenant sends to people who are nobody here yet: fifty of the tenant, and five to one
    address, whoever sends them."""
    reader = hashlib.sha256(to.encode()).hexdigest()[:32]
    return Gate(f"letters of {tenant_id}", 50), Gate(f"letters to {reader}", 5)


def address(text: str, free: int = 20) -> Gate:
    """The gate of an address. Whoever has an IPv6 address has a whole /64 of them, so that counts as one."""
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return Gate(f"address:{text[:45]}", free)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return Gate(f"address:{parsed.ipv4_mapped}", free)
        return Gate(f"address:{ipaddress.ip_network((parsed, 64), strict=False).network_address}/64", free)
    return Gate(f"address:{parsed}", free)


def attempt(gates: Sequence[Gate], said: str = _WAIT, field: str | None = None) -> None:
    """Count one attempt at every gate. Raises Refusal (with `said`, which names the seconds, at a field), and counts
    nothing, while one of them asks to wait."""
    with write_transaction(apart=True) as session:
        now = database_now(session)
        # one order for everybody, else two attempts could wait for each other
        rows = [(gate, _locked(session, gate.key)) for gate in sorted(gates, key=lambda gate: gate.key)]
        for gate, row in rows:
            if row.failures < gate.free or not moments.is_recent(row.last_at, now, WINDOW):
                continue
            left = min(30 * 2 ** min(row.failures - gate.free, 10), LONGEST) - (now - row.last_at).total_seconds()
            if left > 0:
                logger.warning("attempt blocked at %s after %s failures", gate.key, row.failures)
                raise Refusal(msg(said, seconds=int(left) + 1), field)
        for gate, row in rows:
            # said outright, both columns and one row at a time: the session would leave out what happens to stay the
            # same, and the work would then depend on the clock and on who was here before
            failures = row.failures + 1 if moments.is_recent(row.last_at, now, WINDOW) else 1
            session.execute(update(Throttle).where(Throttle.key == gate.key).values(failures=failures, last_at=now))


def forgive(session: Session, gates: Sequence[Gate]) -> None:
    """The attempt was right: accounts start anew, an address gets this one attempt back. In the caller's write
    transaction."""
    for gate in sorted(gates, key=lambda gate: gate.key):
        row = _locked(session, gate.key)
        if gate.key.startswith("account:"):
            session.delete(row)
        else:
            row.failures = max(0, row.failures - 1)


def rarely(key: str) -> bool:
    """Whether this did not happen in the last quarter of an hour; now it did."""
    with write_transaction() as session:
        now, row = database_now(session), _locked(session, key[:80])
        if row.failures and moments.is_recent(row.last_at, now, WINDOW):
            return False
        row.failures, row.last_at = 1, now
        return True


def _locked(session: Session, key: str) -> Throttle:
    query = select(Throttle).where(Throttle.key == key).with_for_update()
    row = session.scalars(query).one_or_none()
    if row is None:
        try:
            with session.begin_nested():
                session.add(Throttle(key=key, failures=0, last_at=database_now(session)))
        except IntegrityError:
            pass  # another process made it at this very moment
        row = session.scalars(query).one()
    return row


def tidy() -> None:
    """Throw away counters that nobody added to for two days."""
    purge(Throttle.key, Throttle.last_at < database_now(db.session()) - KEEP)
