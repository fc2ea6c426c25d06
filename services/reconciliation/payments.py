"""Whether our invoices are paid: what is open over there, held against what we posted, and kept beside each posting.

Asked after every run of the reconciliation, whose lists say what each invoice has open by itself, and when somebody
presses. That takes one call for the open items, and one more for the invoices that were among them and are not now, or
that were posted since. What may be said is domain/payment.py; what is written, and only where it changed, is
payments_kept.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import posting as states
from domain.invoice import RemoteInvoice
from domain.message import NOTHING, Message, Refusal, msg
from domain.payment import LISTED, last_day
from domain.permissions import Actor
from domain.reconciliation import Held, Kind, Ours, held_against, proves_absence
from gateways.bookkeeping import BookkeepingError, Credentials, InvoiceRows
from models import Administration, InvoicePosting, Payment
from services.dependencies import Dependencies
from services.invoicing import posting
from services.link import connection
from services.reconciliation import payments_kept
from services.reconciliation.payments_kept import AT_ONCE, Listed, Seen
from services.transaction import stop_reading
from tenancy.database import db

_SHOWS = frozenset({Kind.EQUAL, Kind.CHANGED, Kind.RENUMBERED})  # the one that is there is ours, and no other
_A_LITTLE_BEFORE = timedelta(hours=1)  # one that was posted while the last look was under way
_MOST_FRESH = 200  # posted since the last look and asked for along; the night sees the others


def seen_among(held: Iterable[tuple[UUID | None, Held]]) -> Iterator[tuple[UUID, Seen]]:
    """What a list of invoices showed of those of ours that it holds."""
    for posting_id, one in held:
        if posting_id is not None and one.theirs is not None and one.kind in _SHOWS:
            theirs = one.theirs
            due_on = last_day(theirs.on, theirs.term_days)
            yield posting_id, Seen(theirs.relation_code, due_on, theirs.incl, theirs.open)


def after_a_run(deps: Dependencies, actor: Actor, seen: Mapping[UUID, Seen]) -> None:
    """Ask what is open, when the lists of a run showed these invoices. What keeps it from that is noted, and the next
    run tries again."""
    credentials = connection.active_credentials(deps)
    if credentials is None:
        return
    try:
        _read(deps, actor, credentials, seen, deps.settings.times.list_seconds)
    except connection.LinkChanged:
        return
    except BookkeepingError as error:
        stop_reading()
        connection.note_trouble(actor, credentials, error)
        payments_kept.note_failed(deps, credentials, error.why)


def fetch_now(deps: Dependencies, actor: Actor) -> int:
    """A person asks what is open: of how many invoices it stands otherwise than was known. Raises Refusal, with what
    keeps it from that and what now."""
    credentials = connection.active_credentials(deps)
    if credentials is None:
        raise Refusal(msg("De koppeling met e-Boekhouden is niet actief. Herstel die eerst."))
    if connection.paused_until() is not None:
        raise Refusal(msg("e-Boekhouden neemt nu geen vragen aan. Vannacht haalt Crafter de betalingen vanzelf op."))
    try:
        return _read(deps, actor, credentials, {}, deps.settings.times.read_seconds)
    except BookkeepingError as error:
        stop_reading()
        connection.note_trouble(actor, credentials, error)
        payments_kept.note_failed(deps, credentials, error.why)
        raise Refusal(_failed(error.why)) from None


def _failed(why: Message) -> Message:
    return msg(
        "De betalingen zijn niet opgehaald: %(why)s. Wat u ziet is van de vorige keer. Druk straks nog eens, of wacht: "
        "vannacht haalt Crafter ze vanzelf op.",
        why=why,
    )


def _read(deps: Dependencies, actor: Actor, credentials: Credentials, seen: Mapping[UUID, Seen], within: float) -> int:
    """Ask and keep; of how many invoices it changed. Raises BookkeepingError, and LinkChanged when the answer may be
    about other books."""
    stop_reading()
    listed = Listed.of(deps.bookkeeping.open_items(credentials, within))
    look = _Look(listed, dict(seen))
    _look_again(deps, actor, credentials, look, within)
    session = db.session()
    ids = {*look.seen, *look.gone, *look.over, *_under(session, credentials.administration, listed.numbers)}
    every = sorted(ids)
    changed = 0
    for at in range(0, len(every), AT_ONCE):
        changed += payments_kept.keep(deps, credentials, look.listed, look.seen, look.lost, every[at : at + AT_ONCE])
    payments_kept.note_read(deps, credentials, listed, look.trouble)
    return changed


@dataclass
class _Look:
    """What was asked so far: the open items, and invoices by themselves. `gone`: those that were open and are not
    listed now; `lost` of them: those of which nothing is to be found by themselves either. `over`: those that were open
    and are not posted any more. `trouble`: why nobody could be looked for by themselves."""

    listed: Listed
    seen: dict[UUID, Seen]
    gone: set[UUID] = field(default_factory=set)
    over: set[UUID] = field(default_factory=set)
    trouble: Message = NOTHING
    lost: set[UUID] = field(default_factory=set)


def _look_again(deps: Dependencies, actor: Actor, credentials: Credentials, look: _Look, within: float) -> None:
    """One list of the invoices that were open and are not listed now, and of those posted since the last look: that
    one is not open any more may mean that it is paid, that it was taken out of the books, or that it is not there."""
    session = db.session()
    look.gone, look.over = _gone(session, credentials.administration, look.listed)
    unseen = look.gone - look.seen.keys()
    ours, days = _ours(deps, session, [*unseen, *_fresh(session, credentials.administration, look.seen)])
    if not ours:
        return
    stop_reading()
    try:
        found = deps.bookkeeping.invoices_between(credentials, min(days), max(days), within)
    except BookkeepingError as error:  # not yet said to be paid; a later look finds them gone again
        connection.note_trouble(actor, credentials, error)
        look.gone, look.trouble = look.gone - unseen, error.why
        return
    held = _held(ours, found)
    look.seen |= seen_among(held)
    proves = proves_absence(found.size, sum(one.lost for one in found.odd))
    not_there = {posting_id for posting_id, one in held if proves or one.kind is not Kind.SUSPECTED}
    look.lost = (unseen & not_there) - look.seen.keys()


def _held(ours: Iterable[Ours], found: InvoiceRows) -> list[tuple[UUID, Held]]:
    lost = {one.name for one in found.odd if one.lost}
    by_number: dict[str, list[RemoteInvoice]] = defaultdict(list)
    for theirs in found.rows:
        by_number[theirs.number].append(theirs)
    held: list[tuple[UUID, Held]] = []
    for one in ours:
        listed = [row for name in {one.under, one.draft.number} for row in by_number[name]]
        held.append((one.posting_id, held_against(one, listed, lost)))
    return held


def _gone(session: Session, administration: int, listed: Listed) -> tuple[set[UUID], set[UUID]]:
    """Those that were open, by what is kept, and are not listed now; and those of before that are not posted any more,
    which nobody looks for here."""
    query = select(Payment.posting_id, InvoicePosting.number, InvoicePosting.remote_number, InvoicePosting.state)
    query = query.join(Payment.posting)
    query = query.where(Payment.state.in_(sorted(LISTED)), Payment.administration == administration)
    gone: set[UUID] = set()
    over: set[UUID] = set()
    for posting_id, number, moved, state in session.execute(query):
        if state != states.POSTED:
            over.add(posting_id)
        elif listed.whole and (moved or number) not in listed.numbers:
            gone.add(posting_id)
    return gone, over


def _fresh(session: Session, administration: int, seen: Collection[UUID]) -> list[UUID]:
    """Those that were posted since the last look, the first ones; the first look of all leaves them to the night."""
    at = session.scalar(select(Administration.payments_at).where(Administration.number == administration))
    if at is None:
        return []
    query = select(InvoicePosting.id).where(InvoicePosting.state == states.POSTED)
    query = query.where(InvoicePosting.settled_at >= at - _A_LITTLE_BEFORE)
    query = query.where(InvoicePosting.administration == administration)
    rows = session.scalars(query.order_by(InvoicePosting.settled_at).limit(_MOST_FRESH))
    return [posting_id for posting_id in rows if posting_id not in seen]


def _ours(deps: Dependencies, session: Session, ids: list[UUID]) -> tuple[list[Ours], list[date]]:
    """These postings as they are held against theirs, and their days."""
    ours: list[Ours] = []
    days: list[date] = []
    for at in range(0, len(ids), AT_ONCE):
        query = select(InvoicePosting).where(InvoicePosting.id.in_(ids[at : at + AT_ONCE]))
        for row in session.scalars(query):
            draft = posting.thawed(deps, row)
            ours.append(Ours(row.id, draft, row.remote_number or row.number))
            days.append(draft.on)
    return ours, days


def _under(session: Session, administration: int, numbers: Collection[str]) -> set[UUID]:
    """The postings to an administration that stand under these numbers."""
    found: set[UUID] = set()
    every = sorted(filter(None, numbers))
    for at in range(0, len(every), AT_ONCE):
        some = every[at : at + AT_ONCE]
        # as the index of numbers has it, and no state that has an index of its own
        live = select(InvoicePosting.id).where(InvoicePosting.state != states.ABANDONED)
        live = live.where(InvoicePosting.administration == administration)
        found |= set(session.scalars(live.where(InvoicePosting.number.in_(some))))
        moved = live.where(InvoicePosting.remote_number != "", InvoicePosting.remote_number.in_(some))
        found |= set(session.scalars(moved))
    return found
