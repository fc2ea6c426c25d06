"""What is open in the administration that is linked: to be read before the link is changed or undone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, select, union_all

from domain import leaving as rules
from domain import posting as states
from domain.message import Message
from models import Connection, InvoicePosting, Relation, WorkOrder, first_billed
from services.dependencies import Dependencies
from services.link import kept_codes
from tenancy.clock import database_now
from tenancy.database import db

SHOWN = 100


@dataclass(frozen=True)
class Open:
    """One invoice that is not posted and not let go, and what becomes of it: `looked_up` when the codes are kept, then
    known for certain by `known_by` where nothing disturbs, and `becomes` when they are not."""

    posting_id: UUID
    number: str
    state: str
    incl: Decimal
    order_id: UUID
    order_number: str
    customer: str
    becomes: Message
    looked_up: Message
    known_by: datetime | None


@dataclass(frozen=True)
class Listed:
    """The first of them, oldest first; `more`: there are others. `unread`: some were posted lately and never read back.
    `may_keep`: the codes of the link can be kept to look up what is open; `kept`: those of that administration are."""

    rows: tuple[Open, ...]
    more: bool
    unread: bool
    may_keep: bool
    kept: bool

    @property
    def looked_up(self) -> bool:
        """Whether any of them is looked up as long as there are codes."""
        return self.unread or any(row.looked_up != row.becomes for row in self.rows)

    @property
    def seen(self) -> str:
        """Who says this has seen this very list; empty when there is nothing to see."""
        told = "\n".join([*(f"{row.posting_id} {row.state}" for row in self.rows), "unread" if self.unread else ""])
        return hashlib.sha256(told.encode()).hexdigest()[:16] if told else ""


def listed(deps: Dependencies, link: Connection) -> Listed:
    """What is open in the administration that the link is with, or was last."""
    session = db.session()
    number, may_keep = link.administration_number, link.shown_state.is_active
    now, window = database_now(session), deps.settings.times.quiet_window
    # by the index of each state, or all that was ever posted is looked at
    each = [_of_state(state, number) for state in sorted(rules.OPEN)]
    if may_keep:
        each.append(kept_codes.never_read_back(now, number).limit(1))
    query = (
        select(InvoicePosting, WorkOrder.id, WorkOrder.number, Relation.name)
        .join(InvoicePosting.orders)
        .outerjoin(WorkOrder.relation)
        .where(InvoicePosting.id.in_(union_all(*(select(one.subquery().c.id) for one in each))))
        .where(WorkOrder.id == first_billed())
        .order_by(InvoicePosting.state == states.POSTED, InvoicePosting.id)
        .limit(SHOWN + 2)
    )
    found = session.execute(query).all()
    rows = [_open(now, window, *row) for row in found if row[0].state != states.POSTED]
    unread = len(rows) < len(found)
    kept = not may_keep and bool(rows) and kept_codes.can_ask(number)
    return Listed(tuple(rows[:SHOWN]), len(rows) > SHOWN, unread, may_keep, kept)


def _of_state(state: str, administration: int) -> Select[UUID]:
    here = InvoicePosting.administration == administration
    query = select(InvoicePosting.id).where(InvoicePosting.state == state, here)
    return query.order_by(InvoicePosting.settled_at, InvoicePosting.id).limit(SHOWN + 1)


def _open(
    now: datetime, window: timedelta, row: InvoicePosting, order_id: UUID, order_number: str, customer: str | None
) -> Open:
    without, kept = (said(row.state, row.attempted_uncertain) for said in (rules.becomes, rules.looked_up))
    lease = states.lease_counted(row.lease_until, now) if row.state in states.NEEDS_LOOK_UP else None
    known_by = lease + window if lease else None
    whose = row.id, row.number, row.state, row.incl, order_id, order_number, customer or ""
    return Open(*whose, without, kept, known_by)
