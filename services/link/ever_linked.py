"""The administrations that a tenant is, or was, linked with, for who looks: since when, what is open there, and whether
its codes are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from domain import leaving
from models import Administration, Connection, InvoicePosting
from services.link import administrations
from tenancy.database import db


@dataclass(frozen=True)
class Linked:
    """One administration. `until`: when the link left it; `now`: the link is with it. `posted`: the invoices that stood
    there when it was left, as far as we know; `open`: those that are not posted and not let go. `kept_at`: since when
    its codes are kept to look those up."""

    number: int
    name: str
    since: datetime
    until: datetime | None
    now: bool
    posted: int
    open: int
    kept_at: datetime | None


def listed() -> list[Linked]:
    """All of them, the first one first."""
    rows, opened = administrations.all_(), _open()
    called, link = _called(rows), db.session.scalars(select(Connection)).one()
    here = link.administration_number if link.shown_state.is_active else None
    return [
        Linked(
            row.number,
            called[row.number],
            row.linked_at,
            row.left_at,
            row.number == here,
            row.posted,
            opened[row.number],
            row.kept_at,
        )
        for row in rows
    ]


def names() -> Mapping[int, str]:
    """What each is called, by number; empty for a tenant that never had more than one."""
    rows = administrations.all_()
    return _called(rows) if len(rows) > 1 else {}


def _called(rows: Sequence[Administration]) -> dict[int, str]:
    """By number: its name, and where several have that the number as well."""
    plain = {row.number: row.label or row.username for row in rows}
    often = Counter(plain.values())
    return {number: f"{name} ({number})" if often[name] > 1 else name for number, name in plain.items()}


def _open() -> Counter[int]:
    """How many invoices are open, by administration."""
    query = select(InvoicePosting.administration, func.count()).where(InvoicePosting.state.in_(leaving.OPEN))
    found = db.session.execute(query.group_by(InvoicePosting.administration)).all()
    return Counter({row[0]: row[1] for row in found})
