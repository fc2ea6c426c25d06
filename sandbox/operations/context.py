"""What an operation gets to work with, and the check of a session that nearly all of them begin with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox import books
from sandbox.books import Administration
from sandbox.errors import BusinessError
from sandbox.mischief import Rule
from sandbox.sessions import Session, Sessions
from sandbox.store import Store

# the service hands out at most this many relations or articles, and says nothing when there are more
CAP = 2000
_GUID = "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"


@dataclass(frozen=True)
class Context:
    """The books, the sessions, and the mischief (if any) that is to be done to this call."""

    store: Store
    sessions: Sessions
    rule: Rule | None = None

    def mischief(self, kind: str) -> Rule | None:
        """The rule of this call, when it is of this kind."""
        return self.rule if self.rule is not None and self.rule.kind == kind else None


def administration_of(context: Context, values: Mapping[str, Any]) -> Administration:
    """The administration a call with a session is about. Raises BusinessError (E002.*)."""
    return entered(context, values)[0]


def entered(context: Context, values: Mapping[str, Any]) -> tuple[Administration, Session]:
    """The administration of a call and its session. Raises BusinessError (E002.*)."""
    session_id, code2 = values.get("SessionID", ""), values.get("SecurityCode2", "")
    if not re.fullmatch(rf"\{{{_GUID}\}}", session_id) or not re.fullmatch(_GUID, code2):
        raise BusinessError("E002.1")
    if context.mischief("expired_session"):
        context.sessions.expire(session_id)
    session = context.sessions.used(session_id)
    with context.store.reading() as connection:
        found = books.administration(connection, session.administration)
    if found is None or code2.upper() not in (found.code2.upper(), session.own_code2.upper()):
        raise BusinessError("E002.1")
    return found, session
