"""Mail: a letter is a row of the caller's transaction, and is handed over afterwards, once as far as can be known.

A row is claimed with a lease before it is sent. What certainly did not go is tried again with a growing pause; so is
what may have gone, under the same Message-ID and with a line in the log, for a letter twice is better than none.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import email_address, moments
from gateways.mail import Handed, Letter
from models import Mail
from services.dependencies import Dependencies
from services.purging import purge
from services.transaction import write_transaction
from tenancy.clock import database_now, is_over
from tenancy.database import db

logger = logging.getLogger("crafter.mail")
LEASE = timedelta(minutes=3)  # longer than handing over may take (gateways/mail.py)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=2)
ATTEMPTS = 20  # about a day and a half
AT_ONCE = 50
KEEP = timedelta(days=30)
OVER = ("sent", "failed", "nobody")
_posted = threading.Event()


@dataclass(frozen=True)
class Shown:
    """A letter as the demo's outbox shows it."""

    to: str
    subject: str
    text: str
    at: datetime


def post(session: Session, to: str, subject: str, text: str) -> None:
    """Put a letter in the outbox, inside the caller's write transaction: it goes when that commits, or never."""
    to = email_address.on_envelope(to)
    now = database_now(session)
    session.add(Mail(to_address=to, subject=" ".join(subject.split())[:200], text=text, created_at=now, due_at=now))
    _posted.set()


def write(session: Session, deps: Dependencies, to: str, language: str, kind: str, **values: object) -> None:
    """post() a letter of templates/mail/, in the language of who gets it."""
    post(session, to, *deps.write(kind, language, values))


def pretend(session: Session, deps: Dependencies, language: str, kind: str, **values: object) -> None:
    """The work of write() without a letter, for who must not see in the time an answer takes whether one went."""
    subject, text = deps.write(kind, language, values)
    now = database_now(session)
    row = Mail(to_address="", subject=subject, text=" " * len(text), state="nobody", created_at=now, due_at=now)
    session.add(row)
    _posted.set()


def posted_lately() -> bool:
    """Whether this process posted something since this was last asked; the web process then delivers at once."""
    found = _posted.is_set()
    _posted.clear()
    return found


def deliver(deps: Dependencies) -> int:
    """Hand over what is due, at most 50 letters. Returns how many went. Without a mail server they stay and show."""
    if deps.mailer is None:
        return 0
    sent = 0
    for _ in range(AT_ONCE):
        letter = _claim()
        if letter is None:
            break
        try:
            handed = deps.mailer.send(letter)
        except Exception as error:
            logger.exception("handing over mail %s failed", letter.id)
            handed = Handed("unknown", type(error).__name__)
        _settle(UUID(letter.id), handed)
        sent += handed.state == "sent"
    return sent


def _claim() -> Letter | None:
    with write_transaction() as session:
        now = database_now(session)
        due = select(Mail).where(
            Mail.state == "waiting",
            is_over(Mail.due_at, now, moments.furthest(now, LONGEST_PAUSE)),
            is_over(Mail.lease_until, now, moments.furthest(now, LEASE)),
        )
        row = session.scalars(due.order_by(Mail.due_at).limit(1).with_for_update(skip_locked=True)).one_or_none()
        if row is None:
            return None
        if row.lease_until is not None:
            logger.warning("mail %s was being sent when its sender ended; it may arrive twice", row.id)
        row.lease_until = now + LEASE
        row.attempts += 1
        return Letter(str(row.id), row.to_address, row.subject, row.text, format_datetime(row.created_at))


def _settle(mail_id: UUID, handed: Handed) -> None:
    with write_transaction() as session:
        row = session.scalars(select(Mail).where(Mail.id == mail_id).with_for_update()).one()
        now = database_now(session)
        row.lease_until = None
        row.error = handed.why[:300]
        if handed.state == "sent":
            row.state, row.sent_at, row.text, row.error = "sent", now, "", ""
            return
        if handed.state == "unknown":
            logger.warning("mail %s got no clear answer and is sent again; it may arrive twice", row.id)
        if handed.state == "refused" or row.attempts >= ATTEMPTS:
            row.state, row.text = "failed", ""
            logger.error("mail %s is given up after %s attempts: %s", row.id, row.attempts, handed.why)
            return
        row.due_at = now + min(FIRST_PAUSE * 2 ** (row.attempts - 1), LONGEST_PAUSE)


def outbox(deps: Dependencies, limit: int = 50) -> list[Shown]:
    """The outbox, newest first. Raises LookupError in production: letters hold one-time links."""
    if deps.settings.production:
        raise LookupError("the outbox cannot be read in production")
    query = select(Mail).where(Mail.state == "waiting").order_by(Mail.created_at.desc(), Mail.id.desc())
    rows = db.session.scalars(query.limit(limit))
    return [Shown(row.to_address, row.subject, row.text, row.created_at) for row in rows]


def tidy() -> None:
    """Throw away letters that went, or were given up, thirty days ago."""
    old = database_now(db.session()) - KEEP
    purge(Mail.id, Mail.state.in_(OVER) & (Mail.created_at < old))
