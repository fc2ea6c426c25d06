"""The sessions of the API: opened, used, expired, closed. They live in memory, as long as the process."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.errors import BusinessError

_FORGET_AFTER = 24 * 3600.0


@dataclass
class Session:
    """Who works in which administration. `own_code2` is an accountant's code 2 in a client's books."""

    administration: str
    username: str
    own_code2: str
    last_used: float
    closed: bool = False
    expired: bool = False


class Sessions:
    """Who is logged in to which administration. `idle_seconds` is how long an unused session lives."""

    def __init__(self, idle_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._idle_seconds = idle_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}

    def open(self, administration: str, username: str, own_code2: str = "") -> str:
        """A new session: a GUID in braces, 38 characters."""
        session_id = f"{{{str(uuid.uuid4()).upper()}}}"
        now = self._clock()
        with self._lock:
            self._sessions[session_id] = Session(administration, username, own_code2, now)
            if len(self._sessions) % 500 == 0:
                self._sessions = {
                    key: session for key, session in self._sessions.items() if now - session.last_used < _FORGET_AFTER
                }
        return session_id

    def used(self, session_id: str) -> Session:
        """A session, which lives on. Raises BusinessError (E002.2, .3, .4)."""
        now = self._clock()
        with self._lock:
            session = self._sessions.get(session_id)
            if session is None:
                raise BusinessError("E002.2")
            if session.closed:
                raise BusinessError("E002.4")
            if session.expired or now - session.last_used > self._idle_seconds:
                session.expired = True
                raise BusinessError("E002.3")
            session.last_used = now
            return session

    def administration_of(self, session_id: str) -> str | None:
        """The administration a session was opened for, dead or alive."""
        with self._lock:
            session = self._sessions.get(session_id)
            return session.administration if session else None

    def close(self, session_id: str) -> None:
        """End a session; an unknown one is passed over, as the answer has no room for an error."""
        with self._lock:
            if session := self._sessions.get(session_id):
                session.closed = True

    def expire(self, session_id: str) -> None:
        """Make a session as if it had been idle too long."""
        with self._lock:
            if session := self._sessions.get(session_id):
                session.expired = True

    def forget(self, administration: str | None) -> None:
        """Drop the sessions of one administration, or of all (None)."""
        with self._lock:
            self._sessions = {
                key: session
                for key, session in self._sessions.items()
                if administration is not None and session.administration != administration
            }
