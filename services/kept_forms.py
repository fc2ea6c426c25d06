"""What somebody sent when their login was gone, until they are logged in again: encrypted, an hour at most, and only so
many of one person. It is shown to its sender, never carried out from here."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import delete, select

from domain import moments
from models import KeptForm
from services.purging import KEPT_OVER_A_LOGIN
from services.sealing import CannotUnseal, seal, unseal
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db

LIFE = KEPT_OVER_A_LOGIN
MOST = 8  # of one person; the oldest makes place


@dataclass(frozen=True)
class Kept:
    """One form: where it was sent to (path and query), what it held, the page it stood on, and whether something secret
    was left out."""

    path: str
    query: str
    fields: list[tuple[str, str]]
    page: str
    left_out: bool


def keep(keys: Mapping[str, bytes], person_id: UUID, form: Kept) -> str:
    """Keep a form; the token by which it is found again."""
    token = secrets.token_urlsafe(16)
    key = _key(token)
    with write_transaction(apart=True) as session:
        older = select(KeptForm.key).where(KeptForm.person_id == person_id).order_by(KeptForm.created_at.desc())
        over = session.scalars(older.offset(MOST - 1)).all()
        if over:
            session.execute(delete(KeptForm).where(KeptForm.key.in_(over)))
        sealed = seal(keys, json.dumps(asdict(form)), _place(key))
        session.add(KeptForm(key=key, person_id=person_id, sealed=sealed, created_at=database_now(session)))
    return token


def read(keys: Mapping[str, bytes], token: str) -> Kept | None:
    """The form with this token, or None when it is not there, or no more."""
    session = db.session()
    row = session.get(KeptForm, _key(token))
    if row is None or not moments.is_recent(row.created_at, database_now(session), LIFE):
        return None
    try:
        found = json.loads(unseal(keys, row.sealed, _place(row.key)).reveal())
    except CannotUnseal:
        return None
    return Kept(**{**found, "fields": [(name, value) for name, value in found["fields"]]})


def forget(tokens: list[str]) -> None:
    """Throw these away; whoever kept them is done."""
    with write_transaction(apart=True) as session:
        session.execute(delete(KeptForm).where(KeptForm.key.in_([_key(token) for token in tokens])))


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _place(key: str) -> str:
    return f"kept_form:{key}"
