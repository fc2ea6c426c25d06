"""Our database may have come back from an older copy: then the books hold invoices that it does not know.

When nobody worked with it for a while, or it was put back, each tenant's first press reads the invoices over there
since its last known posting. When a number turns out taken by an invoice of ours, that proves it. What is recognised is
taken over, a person says of the rest whose it is, and until then nothing is sent (domain/behind.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import behind as rules
from domain.credit import credits
from domain.invoice import RemoteInvoice
from domain.message import N_, Refusal, as_written, msg
from domain.notes import note
from domain.permissions import Actor
from domain.reconciliation import Period, around, looks_cut_off
from domain.visible import bare
from gateways.bookkeeping import BookkeepingError, Credentials, InvoiceRows
from models import Connection, WorkOrder
from services import heartbeat
from services.dependencies import Dependencies
from services.invoicing import adopting, numbers, older_copy, unknown
from services.invoicing.older_copy import Behind
from services.invoicing.unknown import Unknown
from services.link import connection
from services.transaction import stop_reading, write_transaction
from tenancy.clock import database_now, today
from tenancy.database import db

MOST = 20  # invoices found by their number in one look; the next look goes on
_MISSED = 3  # numbers in a row under which nothing stands: then those behind them are taken to be unused
_AHEAD = timedelta(days=366)  # of today: invoices of somebody whose clock is ahead


@dataclass(frozen=True)
class Seen:
    """What a look over there shows: invoices that wait for somebody to say whose they are, and those that are taken
    over as soon as somebody asks for it. `since`: the first day that was looked at."""

    since: date
    open: tuple[Unknown, ...]
    recognised: tuple[Unknown, ...]


def expect_to_be_behind() -> None:
    """This database was put back: every tenant looks back before it sends its next invoice. In no tenant, or in any."""
    with write_transaction() as session:
        heartbeat.everybody_looks_back(session.execute, database_now(session))


def credentials_to_send(
    deps: Dependencies, actor: Actor | str, read: Callable[[], Connection] = connection.present
) -> Credentials | None:
    """The credentials of an active link, else None; for who is about to send by them, and may `read` more along with
    the link. Looks back when that has to be done first. Raises Behind when it could not be, or when nobody can tell
    whether it has to."""
    if not heartbeat.lately():
        stop_reading()  # what it shows is of before the sign
        if not heartbeat.beat_now():
            raise Behind(note("behind.no_sign"))
    link = read()
    if not link.shown_state.is_active:
        return None
    credentials = connection.credentials(deps, link)
    if credentials is not None and link.look_back_since is not None and link.behind_since is None:
        look(deps, actor, credentials)
    return credentials


def is_behind() -> bool:
    """Whether the tenant's own data are known to be older than its books."""
    return connection.present().behind_since is not None


def look(deps: Dependencies, actor: Actor | str, credentials: Credentials) -> int:
    """Read what stands over there since the last known posting, take over what is recognised, and see whether anything
    is open; one call, as a rule. Returns how many invoices were taken over. Raises Behind when the answer proves
    nothing; then everything stays as it was. Where more may stand there than one look asks for, it is as if nobody
    looked yet, but for what was found."""
    since, found, more = _read(deps, actor, credentials)
    with write_transaction() as session:
        link = connection.still(session, credentials)
        link.look_back_from = link.look_back_from or since
        news = _news(session, deps, link, found)
        behind = link.behind_since is not None or any(rules.stops(one.whose) for one in news)
        taken, waiting = _take_over(session, deps, actor, link, news, behind)
        if waiting and any(one.term for one in news):  # what is left of an order is known once its terms are
            again, waiting = _take_over(session, deps, actor, link, _news(session, deps, link, found), behind)
            taken += again
        if not more:
            older_copy.take_mark_off(session, link)
        if behind and (waiting or more):
            older_copy.note_behind(session, actor, link)
        elif not more:
            older_copy.note_caught_up(session, actor, link)
    return taken


def _take_over(
    session: Session, deps: Dependencies, actor: Actor | str, link: Connection, news: Sequence[Unknown], behind: bool
) -> tuple[int, int]:
    """Take over what is recognised of this news; how many invoices those were, and how many wait for a person."""
    adopted: set[tuple[UUID, int]] = set()
    taken = waiting = 0
    for one in news:
        if not (behind and rules.asks_a_person(one.whose)):
            parts = _parts(session, link, one.number)
            adopting.is_anothers(session, actor, link, one.number, parts, note("number.taken"), False)
        elif one.order is not None and _is_credit(session, deps, actor, link, one.theirs, one.order.id):
            taken += 1
        elif one.is_recognised and adopted.isdisjoint(one.bills):
            adopted |= one.bills
            taken += 1
            _adopt(session, actor, link, one.theirs, one.order_ids)
        else:
            waiting += 1
    return taken, waiting


def _adopt(
    session: Session, actor: Actor | str, link: Connection, theirs: RemoteInvoice, order_ids: Collection[UUID]
) -> None:
    """As the invoice of these orders, or as the term of the one that it names. Raises Refusal."""
    parts, n = _parts(session, link, theirs.number), rules.term_named(theirs.lines)
    if n and len(order_ids) == 1:
        adopting.adopt_term(session, actor, link, theirs, parts, next(iter(order_ids)), n)
    else:
        adopting.adopt(session, actor, link, theirs, parts, order_ids)


def _read(deps: Dependencies, actor: Actor | str, credentials: Credentials) -> tuple[date, InvoiceRows, bool]:
    """The first day that is looked at, what stands there since, and whether there may be more of it."""
    session = db.session()
    link = connection.present()
    since = link.look_back_from or older_copy.last_known_day(session, link.administration_number)
    until = today(session) + _AHEAD
    years, administration = range(since.year, today(session).year + 1), link.administration_number
    stop_reading()
    try:
        found, whole = _between(deps, credentials, (since, until))
        if whole:
            return since, found, False
        coming = [some for year in years for some in numbers.coming(db.session(), year, administration)]
        stop_reading()
        others, more = _by_number(deps, credentials, coming, {one.number for one in found.rows})
        return since, replace(found, rows=(*found.rows, *others)), more
    except BookkeepingError as error:
        connection.note_trouble(actor, credentials, error)
        raise Behind(note("behind.cannot_look", why=error.why)) from error


def _between(deps: Dependencies, credentials: Credentials, period: Period) -> tuple[InvoiceRows, bool]:
    """The invoices of a period, and whether those are all; one call, as a rule. Of a list that may have been cut off
    each part is read by itself, and that of a single day proves nothing."""
    found = deps.bookkeeping.invoices_between(credentials, *period)
    if not looks_cut_off(found.size):
        return found, True
    parts = around(period, [one.on for one in found.rows])
    if not parts:
        return found, False
    found, whole = InvoiceRows(), True
    for part in parts:
        some, all_ = _between(deps, credentials, part)
        found = InvoiceRows(found.rows + some.rows, found.odd + some.odd, found.size + some.size)
        whole = whole and all_
    return found, whole


def _by_number(
    deps: Dependencies, credentials: Credentials, coming: Iterable[Iterable[str]], listed: set[str]
) -> tuple[list[RemoteInvoice], bool]:
    """What stands under the numbers that come next, of each of these series until some in a row are not there, and
    whether there may be more: what a list does not show can still be asked for by its number."""
    found: list[RemoteInvoice] = []
    for some in coming:
        missed = 0
        for number in some:
            there = None if number in listed else deps.bookkeeping.find_invoice(credentials, number)
            missed = 0 if there is not None or number in listed else missed + 1
            if there is not None:
                found.append(there)
            if len(found) == MOST:
                return found, True
            if missed == _MISSED:
                break
    return found, False


def _news(session: Session, deps: Dependencies, link: Connection, found: InvoiceRows) -> list[Unknown]:
    """What is news among the invoices read. Raises Behind when one of them, under a number of ours, cannot be read."""
    prefixes = unknown.prefixes(session, link.administration_number)
    unread = {one.name for one in found.odd if one.lost and rules.of_series(one.name, prefixes)}
    hidden = unknown.news_among(session, unread, link.administration_number)
    if hidden:
        raise Behind(note("behind.unreadable", number=min(hidden)))
    return unknown.among(session, deps, link, found.rows)


def _parts(session: Session, link: Connection, number: str) -> adopting.Parts:
    parts = rules.of_series(number, unknown.prefixes(session, link.administration_number))
    if parts is None:
        raise LookupError(number)
    return parts


def _is_credit(
    session: Session, deps: Dependencies, actor: Actor | str, link: Connection, theirs: RemoteInvoice, order_id: UUID
) -> bool:
    """Whether what stands there credits the order's invoice; then it is taken over as that."""
    parts = _parts(session, link, theirs.number)
    return bool(credits(theirs)) and adopting.adopt_credit(session, deps, actor, link, theirs, parts, order_id)


def seen(deps: Dependencies, actor: Actor) -> Seen:
    """What waits for a person, as it stands over there now; one call, and nothing is written but trouble with it.
    Raises Behind when it cannot be seen."""
    since, found, _more = _read(deps, actor, _credentials(deps))
    link = connection.present()
    news = [one for one in _news(db.session(), deps, link, found) if rules.asks_a_person(one.whose)]
    recognised = [one for one in news if one.is_recognised]
    return Seen(since, tuple(one for one in news if not one.is_recognised), tuple(recognised))


def look_again(deps: Dependencies, actor: Actor) -> int:
    """A person asks to hold ours against theirs now: as `look`, also when nothing is known to be wrong."""
    return look(deps, actor, _credentials(deps))


def is_ours(deps: Dependencies, actor: Actor, number: str, order_number: str) -> None:
    """A person says: the invoice over there under this number of ours is that of this work order, and with it of the
    others that it names. Raises Refusal."""
    order_number = bare(order_number)
    if not order_number:
        raise Refusal(msg("Vul het nummer van de werkbon in."), "order")
    credentials = _credentials(deps)
    theirs = _there(deps, actor, credentials, number)
    with write_transaction() as session:
        link = connection.still(session, credentials)
        _refuse_when_decided(session, link, number)
        order_id = session.scalars(select(WorkOrder.id).where(WorkOrder.number == order_number)).one_or_none()
        if order_id is None:
            raise Refusal(msg("Werkbon %(number)s is er niet.", number=order_number), "order")
        if not _is_credit(session, deps, actor, link, theirs, order_id):
            _refuse_a_credit(theirs, order_number)
            together = unknown.along_with(session, deps, link, theirs, order_id)
            _adopt(session, actor, link, theirs, together)
    look(deps, actor, credentials)


def _refuse_a_credit(theirs: RemoteInvoice, order_number: str) -> None:
    other = credits(theirs)
    if other:
        text = N_("Dit is een creditfactuur bij %(other)s. Die is hier niet de hele factuur van werkbon %(order)s.")
        raise Refusal(msg(text, other=other, order=order_number), "order")


def is_not_ours(deps: Dependencies, actor: Actor, number: str, reason: str) -> None:
    """A person says: the invoice over there under this number is not ours, and why. The number is taken. Raises
    Refusal."""
    reason = bare(reason)
    if not reason:
        raise Refusal(msg("Schrijf op waarom deze factuur niet van u is."), "reason")
    credentials = _credentials(deps)
    with write_transaction() as session:
        link = connection.still(session, credentials)
        _refuse_when_decided(session, link, number)
        parts = _parts(session, link, number)
        adopting.is_anothers(session, actor, link, number, parts, as_written(reason[:300]))
    look(deps, actor, credentials)


def _refuse_when_decided(session: Session, link: Connection, number: str) -> None:
    if not unknown.news_among(session, {number}, link.administration_number):
        raise Refusal(msg("Over factuur %(number)s is al beslist.", number=number))


def _there(deps: Dependencies, actor: Actor, credentials: Credentials, number: str) -> RemoteInvoice:
    stop_reading()
    try:
        theirs = deps.bookkeeping.find_invoice(credentials, number)
    except BookkeepingError as error:
        connection.note_trouble(actor, credentials, error)
        raise Behind(note("behind.cannot_look", why=error.why)) from error
    if theirs is None:
        raise Refusal(msg("Factuur %(number)s staat daar niet meer.", number=number))
    return theirs


def _credentials(deps: Dependencies) -> Credentials:
    credentials = connection.active_credentials(deps)
    if credentials is None:
        raise Refusal(msg("De koppeling met e-Boekhouden is niet actief. Herstel die eerst."))
    return credentials
