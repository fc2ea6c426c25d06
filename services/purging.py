"""Throwing away what is long over, in short steps, so that nobody waits for it however much there is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import InstrumentedAttribute

from models import FormDone, KeptForm
from services import once
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db

STEP = 1000  # rows in one transaction
KEPT_OVER_A_LOGIN = timedelta(hours=1)  # a form whose login was gone (services/kept_forms.py)


def purge(key: InstrumentedAttribute[Any], over: ColumnElement[bool]) -> int:
    """Throw away the rows of a global table that are `over`; `key` is its primary key. Returns how many went."""
    gone = 0
    while True:
        with write_transaction(apart=True) as session:
            keys = session.scalars(select(key).where(over).limit(STEP)).all()
            session.execute(delete(key.class_).where(key.in_(keys)))
        gone += len(keys)
        if len(keys) < STEP:
            return gone


def tidy_forms() -> None:
    """Throw away which forms were carried out, once no page with one of them can still be open, and what was kept for
    who did not come back."""
    now = database_now(db.session())
    purge(FormDone.key, FormDone.created_at < now - once.KEPT)
    purge(KeptForm.key, KeptForm.created_at < now - KEPT_OVER_A_LOGIN)
