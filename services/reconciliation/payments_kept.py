"""What a look at payments tells of each invoice, kept in batches: short transactions, and only where it changed.

Deciding locks nothing; what changes is decided once more under the lock of the link, behind which every look waits. So
a process that dies leaves whole batches, and two that look at once write one after the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, select
from sqlalchemy.orm import Session, aliased

from domain import posting as states
from domain.invoice import InvoiceDraft, thaw
from domain.message import NOTHING, Message
from domain.notes import note
from domain.payment import LISTED, Item, Known, Look, Paid, last_day, told
from domain.reconciliation import proves_absence
from gateways.bookkeeping import Credentials, OpenItem, OpenItemRows
from models import Administration, InvoicePosting, Payment, WorkOrder
from services.dependencies import Dependencies
from services.link import administrations, connection
from services.transaction import stop_reading, write_transaction
from tenancy.clock import database_now
from tenancy.database import db

AT_ONCE = 500
_MOST_NAMED = 5

_CREDIT = aliased(InvoicePosting)
_OURS = (
    InvoicePosting.id, InvoicePosting.number, InvoicePosting.remote_number, InvoicePosting.kind, InvoicePosting.state,
    InvoicePosting.administration,
    exists().where(_CREDIT.corrects_id == InvoicePosting.id, _CREDIT.state == states.POSTED).label("credited"),
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """An invoice of ours as a list of invoices showed it: whose it is there, its last day, what it comes to and what of
    that is open, in euros."""

    relation_code: str
    due_on: date
    total: Decimal
    left: Decimal


@dataclass(frozen=True)
class Listed:
    """Their open items by number, the numbers whose item cannot be read, and whether what is not listed is not open."""

    items: Mapping[str, Sequence[OpenItem]]
    unread: frozenset[str]
    whole: bool
    remark: Message

    @classmethod
    def of(cls, found: OpenItemRows) -> Listed:
        """One answer of theirs."""
        items: dict[str, list[OpenItem]] = defaultdict(list)
        for one in found.rows:
            items[one.number].append(one)
        names = [one.name for one in found.odd if one.lost]
        whole = proves_absence(found.size, sum(not name for name in names))
        remark = NOTHING if whole else note("payments.cut_off")
        if names:
            told_names = [name or note("payments.nameless") for name in dict.fromkeys(names)][:_MOST_NAMED]
            remark = note("payments.unread", names=told_names)
        return cls(items, frozenset(filter(None, names)), whole, remark)

    @property
    def numbers(self) -> Collection[str]:
        """Every number under which there is one."""
        return self.items.keys() | self.unread


@dataclass(frozen=True)
class _Verdict:
    """What is to stand in a row."""

    known: Known
    due_on: date | None
    relation_code: str


def keep(
    deps: Dependencies,
    credentials: Credentials,
    listed: Listed,
    seen: Mapping[UUID, Seen],
    lost: Collection[UUID],
    ids: Sequence[UUID],
) -> int:
    """Write what is news of these postings; of how many. `lost`: those of which nothing is to be found there. Raises
    LinkChanged."""

    def verdicts(session: Session) -> tuple[dict[UUID, Payment], dict[UUID, _Verdict]]:
        rows = [
            row for row in _postings(session, ids) if states.belongs_in(row.administration, credentials.administration)
        ]
        kept = _kept(session, [row.id for row in rows])
        bare = [row.id for row in rows if row.id not in kept and row.id not in seen]
        drafts = _drafts(deps, session, bare)
        news: dict[UUID, _Verdict] = {}
        for row in rows:
            known = kept.get(row.id)
            one = _decide(row, known, listed, seen.get(row.id), drafts, row.id in lost)
            if one is not None and _is_news(one, known):
                news[row.id] = one
        return kept, news

    _before, news = verdicts(db.session())
    stop_reading()
    if not news:
        return 0
    with write_transaction() as session:
        connection.still(session, credentials)
        kept, news = verdicts(session)
        known_at = session.scalar(_of(credentials.administration, Administration.payments_at))
        customers = _customers(session, [key for key in news if key not in kept])
        now = database_now(session)
        for key, one in news.items():
            row = kept.get(key)
            if row is None:
                row = Payment(posting_id=key, administration=credentials.administration, relation_id=customers.get(key))
                session.add(row)
            if row.state != one.known.state:
                unknown = one.known.state is Paid.UNKNOWN
                row.known_at = (known_at if row.state else None) if unknown else None
                row.state, row.since = one.known.state.value, now
            row.outstanding, row.was_open = one.known.left, one.known.was_open
            row.due_on, row.relation_code = one.due_on, one.relation_code[:15]
    return len(news)


def _decide(
    row: Row[Any],
    kept: Payment | None,
    listed: Listed,
    seen: Seen | None,
    drafts: Mapping[UUID, InvoiceDraft],
    lost: bool,
) -> _Verdict | None:
    if row.state != states.POSTED:  # what became of it is decided with the order, and nobody owes it meanwhile
        over = kept is not None and kept.state in LISTED
        return _Verdict(Known(Paid.UNKNOWN, None, True), kept.due_on, kept.relation_code) if kept and over else None
    draft = drafts.get(row.id)
    code = seen.relation_code if seen else kept.relation_code if kept else draft.relation_code if draft else ""
    under = row.remote_number or row.number
    there = listed.items.get(under, ())
    mine = [one for one in there if one.relation_code == code]
    look = Look(
        tuple(Item(one.total, one.open) for one in mine),
        lost or under in listed.unread or bool(there and not mine),
        listed.whole,
        seen.total if seen else None,
        seen.left if seen else None,
        row.kind == states.CREDIT or row.credited,
    )
    known = told(look, Known(Paid(kept.state), kept.outstanding, kept.was_open) if kept else None)
    if known is None:
        return None
    due_on = seen.due_on if seen else kept.due_on if kept else None
    if due_on is None and mine and draft is not None:
        due_on = last_day(mine[0].on, draft.term_days)
    return _Verdict(known, due_on, code)


def _is_news(one: _Verdict, kept: Payment | None) -> bool:
    if kept is None:
        return True
    stands = kept.state, kept.outstanding, kept.was_open, kept.due_on, kept.relation_code
    return stands != (one.known.state, one.known.left, one.known.was_open, one.due_on, one.relation_code[:15])


def _postings(session: Session, ids: Sequence[UUID]) -> Sequence[Any]:
    return session.execute(select(*_OURS).where(InvoicePosting.id.in_(ids))).all()


def _kept(session: Session, ids: Sequence[UUID]) -> dict[UUID, Payment]:
    query = select(Payment).where(Payment.posting_id.in_(ids)).execution_options(populate_existing=True)
    return {row.posting_id: row for row in session.scalars(query)} if ids else {}


def _drafts(deps: Dependencies, session: Session, ids: Sequence[UUID]) -> dict[UUID, InvoiceDraft]:
    """The frozen invoices of postings of which nothing else says whose they are."""
    query = select(InvoicePosting.id, InvoicePosting.payload, InvoicePosting.payload_version)
    rows = session.execute(query.where(InvoicePosting.id.in_(ids))) if ids else ()
    return {key: thaw(payload, version, deps.bookkeeping.our_vat) for key, payload, version in rows}


def _customers(session: Session, ids: Sequence[UUID]) -> dict[UUID, UUID | None]:
    """Whose orders these postings bill."""
    query = select(InvoicePosting.id, WorkOrder.relation_id).join(InvoicePosting.orders)
    rows = session.execute(query.where(InvoicePosting.id.in_(ids))) if ids else ()
    return {row[0]: row[1] for row in rows}


def note_read(deps: Dependencies, credentials: Credentials, listed: Listed, trouble: Message) -> None:
    """Write down that the open items were read, and when they were so whole and without `trouble` with what was asked
    along. Raises LinkChanged."""
    with write_transaction() as session:
        row = _noted(session, deps, credentials)
        row.payments_remark = listed.remark or trouble
        if listed.whole and not trouble:
            row.payments_at = database_now(session)


def note_failed(deps: Dependencies, credentials: Credentials, why: Message) -> None:
    """Write down what kept the open items from being read; what is known stays."""
    with suppress(connection.LinkChanged), write_transaction() as session:
        _noted(session, deps, credentials).payments_remark = why


def _noted(session: Session, deps: Dependencies, credentials: Credentials) -> Administration:
    """The row of the linked administration, made where the link is of before there were any."""
    link = connection.still(session, credentials)
    administrations.remember(session, deps, link, credentials)
    session.flush()
    found: Administration = session.scalars(_of(credentials.administration, Administration)).one()
    return found


def _of(administration: int, what: Any) -> Any:
    return select(what).where(Administration.number == administration)
