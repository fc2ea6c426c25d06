"""One list of theirs held against what is ours: counted per month, and what does not stand alike is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import behind as rules
from domain import posting as states
from domain.behind import of_series
from domain.differing import Difference
from domain.invoice import RemoteInvoice, differences
from domain.message import Refusal
from domain.money import ZERO
from domain.notes import note
from domain.permissions import Actor
from domain.reconciliation import PROVED_BY_LOOKING, Held, How, Kind, Ours, Period, elsewhere, held_against, month_of
from gateways.bookkeeping import InvoiceRows
from models import Connection, InvoicePosting, Reconciliation, ReconciliationMonth
from services.dependencies import Dependencies
from services.invoicing import adopting, missing, older_copy, posting, unknown
from services.invoicing.unknown import Unknown
from services.reconciliation import findings, runs
from tenancy.clock import database_now
from tenancy.database import db

_AT_ONCE = 500


@dataclass
class Month:
    """What one month counts, on both sides; amounts in euros."""

    ours: int = 0
    ours_excl: Decimal = ZERO
    ours_incl: Decimal = ZERO
    theirs: int = 0
    theirs_excl: Decimal = ZERO
    theirs_incl: Decimal = ZERO
    equal: int = 0


@dataclass
class Compared:
    """What holding one list against ours came to; nothing of it is written yet. `held`: every invoice of ours that was
    in the list or should have been, `gone_before`: those proved missing that are there, `news`: theirs under a number
    of ours that nothing of ours has, `unreadable`: such numbers whose invoice cannot be read."""

    held: list[tuple[findings.About, Held]] = field(default_factory=list)
    gone_before: list[tuple[UUID, RemoteInvoice, str]] = field(default_factory=list)
    news: list[Unknown] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    months: dict[date, Month] = field(default_factory=lambda: defaultdict(Month))


def compare(deps: Dependencies, link: Connection, part: Period, found: InvoiceRows) -> Compared:
    """Hold the invoices of a part against ours. Reads; no call and no change."""
    session, result = db.session(), Compared()
    by_number: dict[str, list[RemoteInvoice]] = defaultdict(list)
    for one in found.rows:
        by_number[one.number].append(one)
    lost = {one.name for one in found.odd if one.lost}
    ours = _named(session, {*by_number, *lost}, link.administration_number)
    mine = runs.ours_dated(session, part, link.administration_number)
    ours |= {row.id: row for row in mine}
    expected = {row.number for row in ours.values()} | {row.remote_number for row in ours.values()} - {""}
    loose = [one for one in found.rows if one.number not in expected]
    for row in ours.values():
        _hold(deps, session, result, row, by_number, lost, loose)
    for row in mine:
        month = result.months[month_of(row.dated_on or part[0])]
        month.ours, month.ours_excl, month.ours_incl = (
            month.ours + 1,
            month.ours_excl + row.excl,
            month.ours_incl + row.incl,
        )
    prefixes = unknown.prefixes(session, link.administration_number)
    for one in found.rows:
        if one.number in expected or of_series(one.number, prefixes):
            month = result.months[month_of(one.on)]
            month.theirs += 1
            month.theirs_excl, month.theirs_incl = month.theirs_excl + one.excl, month.theirs_incl + one.incl
    result.news = unknown.among(session, deps, link, found.rows)
    unread = {name for name in lost if of_series(name, prefixes)}
    result.unreadable = sorted(unknown.news_among(session, unread, link.administration_number))
    return result


def _hold(
    deps: Dependencies,
    session: Session,
    result: Compared,
    row: InvoicePosting,
    by_number: dict[str, list[RemoteInvoice]],
    lost: set[str],
    loose: list[RemoteInvoice],
) -> None:
    under = row.remote_number or row.number
    listed = [*by_number.get(row.number, ()), *(by_number.get(under, ()) if under != row.number else ())]
    if row.state == states.GONE:
        gone = posting.thawed(deps, row)
        here = sorted((one for one in listed if one.number == row.number), key=lambda one: len(differences(gone, one)))
        for one in here[:1]:
            following = states.after_gone(True, not differences(gone, one), None)
            result.gone_before.append((row.id, one, following))
    if row.state != states.POSTED:
        return
    draft = posting.thawed(deps, row)
    held = held_against(Ours(row.id, draft, under), listed, lost)
    if held.kind is Kind.SUSPECTED and (moved := elsewhere(draft, loose)) is not None:
        # perhaps it is this one, with another relation too: then neither its number nor its relation shows it
        held = Held(Kind.SUSPECTED, None, (Difference("number", draft.number, moved.number),))
    if held.kind is Kind.SUSPECTED and not _may_be_missed(deps, session, row):
        return
    result.held.append((findings.about(row), held))
    if held.kind is Kind.EQUAL:
        result.months[month_of(row.dated_on or held.theirs.on)].equal += 1  # type: ignore[union-attr] # equal to one


def _may_be_missed(deps: Dependencies, session: Session, row: InvoicePosting) -> bool:
    """Whether a posted invoice that is in no list means anything: not while it may be on its way."""
    return states.window_is_over(row.lease_until, deps.settings.times.quiet_window, database_now(session))


def _named(session: Session, numbers: Iterable[str], administration: int) -> dict[UUID, InvoicePosting]:
    """The postings to an administration that have one of these numbers, here or over there."""
    found: dict[UUID, InvoicePosting] = {}
    every = sorted(filter(None, numbers))
    for at in range(0, len(every), _AT_ONCE):
        some = every[at : at + _AT_ONCE]
        live = select(InvoicePosting).where(InvoicePosting.state != states.ABANDONED)
        live = live.where(InvoicePosting.administration == administration)
        found |= {row.id: row for row in session.scalars(live.where(InvoicePosting.number.in_(some)))}
        moved = live.where(InvoicePosting.remote_number != "", InvoicePosting.remote_number.in_(some))
        found |= {row.id: row for row in session.scalars(moved)}
    return found


def write(
    session: Session, deps: Dependencies, actor: Actor, link: Connection, run: Reconciliation, found: Compared
) -> bool:
    """Write what came of a part, inside the transaction that locked link and run. Whether invoices of ours are there
    that we do not know, so that somebody has to look back."""
    _write_months(session, run, found.months)
    known = findings.current(session, [which.posting_id for which, _held in found.held if which.posting_id])
    for which, held in found.held:
        before = known.get(which.posting_id)
        if held.kind is Kind.SUSPECTED and before is not None and before.run_id == run.id:
            continue  # another list of this run showed it, under another date
        news = findings.keep(session, run, which, held, before)
        if held.theirs is not None and (news or which.moved) and held.kind is not Kind.REPLACED and which.posting_id:
            tell_where(session, actor, which.posting_id, held.theirs)
        run.equal += held.kind is Kind.EQUAL
        run.changed += held.kind not in {Kind.EQUAL, *PROVED_BY_LOOKING}
    for posting_id, theirs, following in found.gone_before:
        row = posting.locked(session, posting_id)
        if row.state == states.GONE:
            missing.come_back(session, actor, row, posting.thawed(deps, row), missing.Search(theirs), following)
            for one in findings.current(session, [posting_id]).values():
                findings.settle(session, one, How.EQUAL if following == states.POSTED else How.DECIDED, run.by)
    _write_unreadable(session, run, found.unreadable)
    return _write_news(session, actor, link, run, found.news)


def tell_where(session: Session, actor: Actor, posting_id: UUID, theirs: RemoteInvoice) -> None:
    """Note under which number and with which totals a posted invoice stands over there."""
    row = posting.row_locked(session, posting_id)
    if row.state == states.POSTED:
        own = theirs.number == row.number
        missing.tell_where(session, actor, row, missing.Search(theirs) if own else missing.Search(None, theirs))


def _write_months(session: Session, run: Reconciliation, months: dict[date, Month]) -> None:
    here = select(ReconciliationMonth).where(ReconciliationMonth.run_id == run.id)
    rows = {row.month: row for row in session.scalars(here.where(ReconciliationMonth.month.in_(sorted(months))))}
    for month, counted in sorted(months.items()):
        row = rows.get(month)
        if row is None:
            session.add(ReconciliationMonth(run_id=run.id, month=month, **vars(counted)))
            continue
        for name, number in vars(counted).items():
            setattr(row, name, getattr(row, name) + number)


def count_where_it_was(session: Session, run: Reconciliation, row: InvoicePosting, held: Held) -> None:
    """Count an invoice of ours that no list held and that was found by itself, in its months."""
    theirs = held.theirs
    if theirs is None or held.kind is Kind.REPLACED or not run.first <= theirs.on <= run.last:
        return
    counted = Month(theirs=1, theirs_excl=theirs.excl, theirs_incl=theirs.incl)
    counted.equal = int(held.kind is Kind.EQUAL)
    _write_months(session, run, {month_of(theirs.on): counted})


def _write_unreadable(session: Session, run: Reconciliation, numbers: Sequence[str]) -> None:
    """Numbers of our series that nothing of ours has, with an invoice that cannot be read."""
    for number in numbers:
        query = findings.without_posting(number)
        held = Held(Kind.UNREADABLE)
        findings.keep(session, run, findings.About(number, run.first), held, session.scalars(query).first())


def _write_news(session: Session, actor: Actor, link: Connection, run: Reconciliation, news: list[Unknown]) -> bool:
    """Theirs under numbers of ours that nothing of ours has: recorded as taken, or proof that we are behind."""
    stops = [one for one in news if rules.stops(one.whose)]
    behind = link.behind_since is not None or bool(stops)
    for one in news:
        run.unknown += 1
        if not (behind and rules.asks_a_person(one.whose)):
            _take(session, actor, link, run, one)
    if stops:
        first = min(one.theirs.on for one in stops) - timedelta(days=1)
        since = link.look_back_from or older_copy.last_known_day(session, link.administration_number)
        link.look_back_from = min(since, first)
        older_copy.note_behind(session, actor, link)
    return bool(stops)


def _take(session: Session, actor: Actor, link: Connection, run: Reconciliation, one: Unknown) -> None:
    parts = of_series(one.number, unknown.prefixes(session, link.administration_number))
    if parts is None:
        return
    with suppress(Refusal):  # something of ours may be on its way under it: that is looked up by itself
        adopting.is_anothers(session, actor, link, one.number, parts, note("number.taken"), False)
        findings.keep(session, run, findings.About(one.number, one.theirs.on), Held(Kind.UNKNOWN, one.theirs), None)
        session.flush()
        for known in session.scalars(findings.without_posting(one.number)):
            findings.settle(session, known, How.TAKEN, run.by)
