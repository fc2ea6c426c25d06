"""Sessions at e-Boekhouden, kept and shared: one per books and version of the credentials."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from domain.notes import note
from gateways.bookkeeping import Busy, Credentials

# their life time is not published; clients in the field renew after 5 to 30 minutes
_IDLE_SECONDS = 25 * 60.0


@dataclass
class _Slot:
    lock: threading.Lock = field(default_factory=threading.Lock)
    session_id: str = ""
    used_at: float = 0.0


class Sessions:
    """Opens a session when there is none to reuse; two threads never open one for the same key at once.

    `open_session` does the round trip and gives the SessionID; `patience` is how many seconds a thread
    waits for another one that is opening.
    """

    def __init__(self, open_session: Callable[[Credentials], str], patience: float) -> None:
        self._open_session = open_session
        self._patience = patience
        self._lock = threading.Lock()
        self._slots: dict[tuple[int, str, int], _Slot] = {}

    def get(self, credentials: Credentials) -> str:
        """A SessionID believed to live. Raises what opening raises, and Busy after waiting in vain."""
        slot = self._slot(credentials)
        if not slot.lock.acquire(timeout=self._patience):
            raise Busy(note("call.session_busy"))
        try:
            if not slot.session_id or time.monotonic() - slot.used_at > _IDLE_SECONDS:
                slot.session_id = ""
                slot.session_id = self._open_session(credentials)
            slot.used_at = time.monotonic()
            return slot.session_id
        finally:
            slot.lock.release()

    def drop(self, credentials: Credentials, session_id: str) -> None:
        """This session is no good; leaves a newer one that another thread opened meanwhile."""
        slot = self._slot(credentials)
        with slot.lock:
            if slot.session_id == session_id:
                slot.session_id = ""

    def forget(self, tenant_id: int | None = None) -> list[tuple[str, str]]:
        """Take out the sessions of a tenant (None: of all); gives (books, SessionID) of those that were open."""
        with self._lock:
            keys = [key for key in self._slots if tenant_id is None or key[0] == tenant_id]
            slots = [(key[1], self._slots.pop(key)) for key in keys]
        return [(books, slot.session_id) for books, slot in slots if slot.session_id]

    def _slot(self, credentials: Credentials) -> _Slot:
        key = (credentials.tenant_id, credentials.books, credentials.version)
        with self._lock:
            slot = self._slots.get(key)
            if slot is None:
                # sessions of older credentials are of no use to anybody any more
                for old in [k for k in self._slots if k[:2] == key[:2] and k[2] < key[2]]:
                    del self._slots[old]
                slot = self._slots[key] = _Slot()
            return slot
