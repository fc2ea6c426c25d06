"""The history of reading relations and articles in: each run, who or what started it, and what came of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from models import SyncRun
from tenancy.database import db

PAGE = 50


@dataclass(frozen=True)
class Page:
    """A page of runs; `next` asks the following one, or is empty."""

    rows: tuple[SyncRun, ...]
    next: str


def list_(after: str = "") -> Page:
    """A page of runs, newest first. `after` is the id of the last one seen; anything else begins at the top."""
    query = select(SyncRun).order_by(SyncRun.id.desc()).limit(PAGE + 1)  # ids rise with the moment of writing
    with suppress(ValueError):
        query = query.where(SyncRun.id < UUID(after)) if after else query
    found = db.session.scalars(query).all()
    shown = found[:PAGE]
    return Page(tuple(shown), str(shown[-1].id) if len(found) > PAGE else "")
