"""Which kept forms (services/kept_forms.py) wait for whoever logs in with this browser: in its session, by token.

The session is what binds them to the browser: a token alone shows nothing.
"""

from __future__ import annotations

from uuid import UUID

from flask import session

from services import kept_forms

ASKED = "kept"  # in an address: the form that was kept is to be shown there
_NAME = "kept_forms"


def remember(token: str, address: str, person_id: str) -> None:
    """A form of this person waits at this address."""
    session[_NAME] = [*session.get(_NAME, []), [token, address, person_id, False]][-kept_forms.MOST :]


def clear_session_for(person_id: UUID) -> None:
    """Empty the session at a login; of what waits only this person's own stays."""
    waiting = [row for row in session.get(_NAME, []) if row[2] == str(person_id)]
    session.clear()
    if waiting:
        session[_NAME] = waiting


def forget() -> None:
    """Nobody waits for them any more."""
    tokens = [row[0] for row in session.get(_NAME, [])]
    if tokens:
        kept_forms.forget(tokens)


def next_address() -> str | None:
    """Where the last form stands that was not shown yet; from now on it was."""
    rows = session.get(_NAME, [])
    for row in reversed(rows):
        if not row[3]:
            session[_NAME] = [[*one[:3], one[3] or one is row] for one in rows]
            found: str = row[1]
            return found
    return None


def is_ours(token: str, person_id: str) -> bool:
    """Whether this form was sent from this browser by this person."""
    return any(row[0] == token and row[2] == person_id for row in session.get(_NAME, []))
