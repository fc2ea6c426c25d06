"""Which kept forms (services/kept_forms.py) wait until somebody logs in, or gives the password again: in the session of
their browser, by token.

The session is what binds them to the browser: a token alone shows nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import session

from services import kept_forms

ASKED = "kept"  # in an address: the form that was kept is to be shown there
LOGIN, PASSWORD = "login", "password"  # what is asked before it is shown
# Rows of token, address, person, whether nobody is led there any more, and what is asked first.
_NAME = "kept_forms"


def remember(token: str, address: str, person_id: str, first: str = LOGIN) -> None:
    """A form of this person waits at this address until they did what is asked first. After a login one is led there;
    after the password only when `wake` says that it was given: who does not give it is not asked over and over."""
    row = [token, address, person_id, first != LOGIN, first]
    session[_NAME] = [*session.get(_NAME, []), row][-kept_forms.MOST :]


def is_address(target: str | None) -> bool:
    """Whether a form that was sent from this browser waits at this address."""
    return target is not None and any(row[1] == target for row in session.get(_NAME, []))


def wake(target: str | None) -> None:
    """What was asked before the form at this address was done: it is shown as soon as can be."""
    _mark(lambda row: row[1] == target, False)


def was_shown(token: str) -> None:
    """It stands before them."""
    _mark(lambda row: row[0] == token, True)


def asked_first(token: str | None) -> str:
    """What was asked before this form is shown."""
    found = [row for row in session.get(_NAME, []) if row[0] == token]
    return found[0][4] if found and len(found[0]) > 4 else LOGIN  # a row of the version before has four parts


def _mark(which: Callable[[list[Any]], bool], shown: bool) -> None:
    rows = session.get(_NAME, [])
    marked = [[*row[:3], shown, *row[4:]] if which(row) else row for row in rows]
    if marked != rows:
        session[_NAME] = marked


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
            session[_NAME] = [[*one[:3], one[3] or one is row, *one[4:]] for one in rows]
            found: str = row[1]
            return found
    return None


def is_ours(token: str, person_id: str) -> bool:
    """Whether this form was sent from this browser by this person."""
    return any(row[0] == token and row[2] == person_id for row in session.get(_NAME, []))
