"""Session rows: what a cookie stands for. Uses its own short database session, never the request's."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from models import LoginSession
from settings import Times
from tenancy.database import db

TOUCH_EVERY = timedelta(minutes=5)
ANONYMOUS_LIFE = timedelta(hours=1)


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _open(immediate: bool) -> Session:
    session = Session(db.engine)
    if immediate:
        session.connection(execution_options={"immediate": True})
    return session


def new_token() -> str:
    """256 random bits for a cookie."""
    return secrets.token_urlsafe(32)


def read(token: str, times: Times) -> dict[str, Any] | None:
    """The data behind a cookie's token, or None when it is unknown, idle too long or too old."""
    now = datetime.now(UTC)
    with _open(immediate=False) as session:
        row = session.get(LoginSession, _key(token))
        if row is None or row.seen_at < now - times.session_idle or row.created_at < now - times.session_absolute:
            return None
        data: dict[str, Any] = json.loads(row.data)
        stale = row.seen_at < now - TOUCH_EVERY
    if stale:
        with _open(immediate=True) as session:
            session.execute(update(LoginSession).where(LoginSession.key == _key(token)).values(seen_at=now))
            session.commit()
    return data


def save(token: str, data: dict[str, Any], new: bool) -> None:
    """Write a session's data. An ended session (its row is gone) is never brought back."""
    now = datetime.now(UTC)
    person = UUID(data["_user_id"]) if data.get("_user_id") else None
    with _open(immediate=True) as session:
        if new:
            row = LoginSession(key=_key(token), created_at=now, seen_at=now, person_id=person, data=json.dumps(data))
            session.add(row)
        else:
            values = {"data": json.dumps(data), "person_id": person, "seen_at": now}
            session.execute(update(LoginSession).where(LoginSession.key == _key(token)).values(**values))
        session.commit()


def end(token: str) -> None:
    """End one session."""
    with _open(immediate=True) as session:
        session.execute(delete(LoginSession).where(LoginSession.key == _key(token)))
        session.commit()


def purge(times: Times) -> None:
    """Throw away anonymous sessions after an hour and all that passed their limits."""
    now = datetime.now(UTC)
    with _open(immediate=True) as session:
        session.execute(
            delete(LoginSession).where(LoginSession.person_id.is_(None), LoginSession.seen_at < now - ANONYMOUS_LIFE)
        )
        session.execute(delete(LoginSession).where(LoginSession.seen_at < now - times.session_idle))
        session.execute(delete(LoginSession).where(LoginSession.created_at < now - times.session_absolute))
        session.commit()
