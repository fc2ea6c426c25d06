"""Session rows: what a cookie stands for. Read along with the person, by the request's own database session; written in
short ones of their own, so that a page's outcome and its session's are two things; what a person ends is an outcome."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from domain import moments
from domain.message import NOTHING, Message
from models import LoginSession, Person
from services.people.authentication import SignedIn, asking_who, signed_in
from services.purging import purge as throw_away
from services.transaction import write_transaction
from settings import Times
from tenancy.database import db, hardly_waiting
from tenancy.fence import standing

logger = logging.getLogger("crafter.web")
TOUCH_EVERY = timedelta(minutes=5)
ANONYMOUS_LIFE = timedelta(hours=1)


@dataclass(frozen=True)
class Listed:
    """One session of a person, as they see it. `id` is None for one that can only be ended with all others."""

    id: UUID | None
    since: datetime
    seen_at: datetime
    device: Message
    address: str
    present: bool


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _writing() -> Session:
    session = Session(db.engine)
    session.connection(execution_options={"immediate": True})
    return session


def new_token() -> str:
    """256 random bits for a cookie."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Arrival:
    """What a cookie stands for: the session's data, and the person whose session it is."""

    data: dict[str, Any]
    person: SignedIn | None


_ARRIVED = standing(
    asking_who(
        select(LoginSession.data, LoginSession.seen_at, LoginSession.created_at)
        .outerjoin(Person, Person.id == LoginSession.person_id)
        .where(LoginSession.key == bindparam("key"))
    )
)


def read(token: str, times: Times) -> Arrival | None:
    """Who comes with a cookie's token, or None when it is unknown, idle too long or too old."""
    now = datetime.now(UTC)
    rows = db.session.execute(_ARRIVED, {"key": _key(token)}).all()
    if not rows:
        return None
    data, seen_at, created_at = rows[0][:3]
    lately = moments.is_recent(seen_at, now, times.session_idle)
    if not lately or not moments.is_recent(created_at, now, times.session_absolute):
        return None
    if seen_at < now - TOUCH_EVERY:
        _touch(_key(token), now)
    return Arrival(json.loads(data), signed_in(rows))


def _touch(key: str, now: datetime) -> None:
    """Write down that a session is in use. Nice to know: it never fails a page and hardly waits for a lock; what was
    missed is written at the next page."""
    query = update(LoginSession).where(LoginSession.key == key, LoginSession.seen_at < now - TOUCH_EVERY)
    try:
        with hardly_waiting(db.engine) as connection:
            connection.execute(query.values(seen_at=now))
            connection.commit()
    except SQLAlchemyError as error:
        logger.warning("a session could not be touched (%s); tried again at its next page", type(error).__name__)


def save(token: str, data: dict[str, Any], new: bool, device: Message = NOTHING, address: str = "") -> None:
    """Write a session's data. An ended session (its row is gone) is never brought back."""
    now = datetime.now(UTC)
    with _writing() as session:
        if new:
            row = LoginSession(key=_key(token), created_at=now, seen_at=now, person_id=_person(data),
                               data=json.dumps(data), device=device, address=address[:45])  # fmt: skip
            session.add(row)
        else:
            values = {"data": json.dumps(data), "person_id": _person(data), "seen_at": now}
            session.execute(update(LoginSession).where(LoginSession.key == _key(token)).values(**values))
        session.commit()


def renew(old: str, token: str, data: dict[str, Any]) -> None:
    """Give the session of the same person another token. It stays as old as it is: its limit is not put off, and one
    that was ended meanwhile is not brought back."""
    with _writing() as session:
        values = {"key": _key(token), "data": json.dumps(data), "seen_at": datetime.now(UTC)}
        session.execute(update(LoginSession).where(LoginSession.key == _key(old)).values(**values))
        session.commit()


def _person(data: dict[str, Any]) -> UUID | None:
    return UUID(data["_user_id"]) if data.get("_user_id") else None


def end(token: str) -> None:
    """End one session."""
    with _writing() as session:
        session.execute(delete(LoginSession).where(LoginSession.key == _key(token)))
        session.commit()


def of_person(person_id: UUID, token: str, times: Times) -> list[Listed]:
    """The living sessions of a person, last seen first; `token` tells which of them is asking."""
    now = datetime.now(UTC)
    query = select(LoginSession).where(
        LoginSession.person_id == person_id,
        LoginSession.seen_at.between(now - times.session_idle, now + times.session_idle),
        LoginSession.created_at.between(now - times.session_absolute, now + times.session_absolute),
    )
    rows = db.session.scalars(query.order_by(LoginSession.seen_at.desc(), LoginSession.created_at.desc())).all()
    return [
        Listed(row.id, row.created_at, row.seen_at, row.device, row.address, row.key == _key(token)) for row in rows
    ]


def end_one(person_id: UUID, session_id: UUID) -> bool:
    """End one session of this person. False when they have no such session."""
    with write_transaction() as session:
        which = delete(LoginSession).where(LoginSession.person_id == person_id, LoginSession.id == session_id)
        return bool(session.execute(which.returning(LoginSession.key)).all())


def end_others(person_id: UUID, token: str) -> None:
    """End all sessions of a person but the one that asks."""
    with write_transaction() as session:
        end_all_within(session, person_id, token)


def end_all_within(session: Session, person_id: UUID, but: str = "") -> None:
    """End all sessions of a person inside the caller's write transaction, but the one with this token."""
    session.execute(delete(LoginSession).where(LoginSession.person_id == person_id, LoginSession.key != _key(but)))


def purge(times: Times) -> None:
    """Throw away anonymous sessions after an hour and all that passed their limits."""
    now = datetime.now(UTC)
    throw_away(LoginSession.key, and_(LoginSession.person_id.is_(None), LoginSession.seen_at < now - ANONYMOUS_LIFE))
    throw_away(LoginSession.key, LoginSession.seen_at < now - times.session_idle)
    throw_away(LoginSession.key, LoginSession.created_at < now - times.session_absolute)
