"""A form is carried out once, however often it is sent.

Whoever handles a request says which form it brought (`bring`). The first write transaction of that request writes it
down as its first statement, together with all it does: a refusal takes it back, a crash leaves both or none, and the
same form at the same moment waits for the key and then finds it (`AlreadyDone`). What a request writes on the side
says so (`write_transaction(apart=True)`), and does not count as having carried it out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import FormDone
from oversight.audit_trail import recorded
from tenancy.clock import database_now
from tenancy.database import db

KEPT = timedelta(days=7)  # how long a page may stand open and still be known


@dataclass(frozen=True)
class Form:
    """A form that was sent. `key`: which one it is; `typed`: what is filled in; `makes`: the kind of row it makes, as
    the audit trail names it, or nothing."""

    key: str
    typed: str
    makes: str = ""


def key_of(token: str, path: str) -> str:
    """Which form it is: by its token, and the address it is sent to."""
    return hash_of(f"{token} {path} ")


def hash_of(text: str) -> str:
    """What is written down of a text that nobody may read back."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class AlreadyDone(Exception):
    """This form was carried out before. `same`: with the same filled in; `made_id`: what it made."""

    def __init__(self, same: bool, made_id: UUID | None) -> None:
        super().__init__("this form was carried out before")
        self.same = same
        self.made_id = made_id


_brought: ContextVar[Form | None] = ContextVar("form", default=None)


def bring(form: Form | None) -> None:
    """The form that is about to be carried out, or None: then nothing is written down."""
    _brought.set(form)


def claim(session: Session) -> Form | None:
    """Write down, in this transaction, that the form of this request is carried out; None when it brought none, or did
    so already. Raises AlreadyDone when somebody was first."""
    form = _brought.get()
    if form is None:
        return None
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = {"key": form.key, "typed": form.typed, "created_at": database_now(session)}
    written = session.execute(
        dialect.insert(FormDone).values(row).on_conflict_do_nothing().returning(FormDone.key)
    ).scalar()
    if written is None:
        raise before(session, form) or RuntimeError("a form was carried out and is not there")
    _brought.set(None)
    return form


def unclaim(form: Form | None) -> None:
    """The transaction was rolled back, so the form was not carried out."""
    if form is not None:
        _brought.set(form)


def keep_made(session: Session, form: Form | None) -> None:
    """Write down what the form made, as the last thing in its transaction."""
    made_id = recorded(session, form.makes) if form is not None and form.makes else None
    if form is not None and made_id is not None:
        session.execute(update(FormDone).where(FormDone.key == form.key).values(made_id=made_id))


def before(session: Session, form: Form) -> AlreadyDone | None:
    """What became of this form before, or None."""
    row = session.execute(select(FormDone.typed, FormDone.made_id).where(FormDone.key == form.key)).one_or_none()
    return AlreadyDone(row.typed == form.typed, row.made_id) if row else None


def already_done(form: Form) -> AlreadyDone | None:
    """The same, asked outside a transaction."""
    return before(db.session(), form)


def done_among(keys: Iterable[str]) -> set[str]:
    """Which of these forms were carried out."""
    return set(db.session.scalars(select(FormDone.key).where(FormDone.key.in_(set(keys)))))
