"""A posted invoice that is not where it should be: searched for by number and among its relation's invoices, and only
when both are empty after the quiet window called gone. Then a person sends it again, or accepts that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import posting as states
from domain.invoice import InvoiceDraft, RemoteInvoice, difference_notes, differences
from domain.message import NOTHING, Refusal, msg
from domain.notes import note
from domain.outcome import Posted, Uncertain
from domain.permissions import Actor
from domain.reconciliation import Period, around, elsewhere, looks_cut_off, open_period
from domain.visible import bare
from gateways.bookkeeping import BookkeepingError, Credentials, InvoiceRows, Unread
from models import InvoicePosting
from oversight.audit_trail import record
from services.dependencies import Dependencies
from services.invoicing import claims, intending, numbers, older_copy, posting, press, same_bytes
from services.invoicing.claims import Which, live_posting
from services.invoicing.intending import Pressed, load_for_invoice
from services.link import connection
from services.transaction import stop_reading, write_transaction
from tenancy.clock import database_now, today
from tenancy.database import db

_EARLIER = timedelta(days=366)  # how much earlier than ours somebody may have dated it over there
MOST_LISTS = 15  # of one relation, for one search: enough to read its invoices in eighths


@dataclass(frozen=True)
class Search:
    """What two searches said: the invoice under its number, else the same one under another; `proves` is whether the
    second would have shown it."""

    there: RemoteInvoice | None = None
    moved: RemoteInvoice | None = None
    proves: bool = True

    @property
    def elsewhere(self) -> bool | None:
        """Whether it stands there under another number; None when that is not known."""
        return True if self.moved is not None else (False if self.proves else None)


def search(
    deps: Dependencies, actor: Actor | str, credentials: Credentials, administration: int, draft: InvoiceDraft
) -> Search:
    """Look an invoice of this administration up by its exact number, and when it is not there among the invoices of its
    relation. Two calls as a rule, and at most 1 + MOST_LISTS; raises BookkeepingError. No transaction may be open."""
    there = posting.find(deps, actor, credentials, administration, draft)
    if there is not None:
        return Search(there)
    return search_elsewhere(deps, actor, credentials, administration, draft)


def search_elsewhere(
    deps: Dependencies, actor: Actor | str, credentials: Credentials, administration: int, draft: InvoiceDraft
) -> Search:
    """Look for an invoice of this administration that is not under its number among those of its relation. One call
    where a list shows all; one that may have been cut off or cannot be read proves nothing, and each half of its period
    is asked for by itself, in at most MOST_LISTS calls. Raises BookkeepingError, also when these credentials open
    another administration."""
    if not states.belongs_in(administration, credentials.administration):
        raise BookkeepingError(note("look_up.elsewhere"))
    if not bare(draft.relation_code):
        return Search(proves=False)  # nobody's invoices can be asked for
    parts, proves = [_where_it_may_be(draft)], True
    stop_reading()
    for _ in range(MOST_LISTS):
        if not parts:
            break
        first, last = parts.pop(0)
        listed = _listed(deps, actor, credentials, draft, first, last)
        alike = [one.number for one in listed.rows if elsewhere(draft, [one])] if listed else []
        moved = elsewhere(draft, listed.rows, _of_others(alike, administration, draft.number)) if listed else None
        stop_reading()
        if moved is not None:
            return Search(None, moved)
        if listed is None or looks_cut_off(listed.size):
            # once a single day proves nothing the search does not, and the other lists may only show where it is
            smaller = around((first, last), [one.on for one in listed.rows] if listed else ()) if proves else ()
            parts, proves = [*smaller, *parts], bool(smaller)
        elif any(one.lost for one in listed.odd):
            proves = False
    return Search(None, None, proves and not parts)


def _where_it_may_be(draft: InvoiceDraft) -> Period:
    """The days over there on which it may stand by now."""
    return draft.on - _EARLIER, max(open_period(today(db.session()))[1], draft.on)


def _listed(
    deps: Dependencies, actor: Actor | str, credentials: Credentials, draft: InvoiceDraft, first: date, last: date
) -> InvoiceRows | None:
    """The invoices of a draft's relation in a part of the days on which it may stand, the last part open to the end;
    None when the answer cannot be read. Raises BookkeepingError."""
    until = None if last >= _where_it_may_be(draft)[1] else last
    stop_reading()
    try:
        return deps.bookkeeping.invoices_of(credentials, draft.relation_code, first, until)
    except Unread:
        return None
    except BookkeepingError as error:
        connection.note_trouble(actor, credentials, error)
        raise


def _of_others(found: list[str], administration: int, number: str) -> set[str]:
    """Those of these numbers that stand for a posting of ours there, but not for the one with this number."""
    if not found:
        return set()
    live = InvoicePosting.administration == administration, InvoicePosting.state != states.ABANDONED
    others = *live, InvoicePosting.number != number
    own = select(InvoicePosting.number).where(*others, InvoicePosting.number.in_(found))
    there = InvoicePosting.remote_number
    moved = select(there).where(*others, there != "", there.in_(found))
    return {*db.session.scalars(own), *db.session.scalars(moved)}


def settle(
    deps: Dependencies,
    actor: Actor | str,
    credentials: Credentials,
    posting_id: UUID,
    began: datetime,
    found: Search,
) -> str:
    """Write what a search that began at `began` came to for a posted invoice. Returns the state afterwards; one that
    is not posted any more stays as it is. Raises LinkChanged when the answer may be about other books."""
    with write_transaction() as session:
        connection.still(session, credentials)
        row = posting.locked(session, posting_id)
        if row.state == states.POSTED:
            write_search(session, deps, actor, row, began, found)
        return row.state


def write_search(
    session: Session, deps: Dependencies, actor: Actor | str, row: InvoicePosting, began: datetime, found: Search
) -> None:
    """`settle`, for who locked the link and the posting, which is posted."""
    row.read_back_at = database_now(session)
    if found.there is not None or found.moved is not None:
        tell_where(session, actor, row, found)
        return
    row.lease_until = states.lease_counted(row.lease_until, began)
    after_window = states.window_is_over(row.lease_until, deps.settings.times.quiet_window, began)
    if states.after_search(found.elsewhere, after_window) == states.GONE:
        numbers.mark(session, row.number, states.HELD, administration=row.administration)
        row.remote_excl = row.remote_vat = row.remote_incl = None
        posting.conclude(session, actor, row, states.GONE, Uncertain(note("posting.gone")))
    elif after_window:
        row.note = note("look_up.unsure")


def read_back(deps: Dependencies, actor: Actor, posting_id: UUID) -> str:
    """Ask the bookkeeping for its own totals of a posted invoice and keep them: once it told them never again, and when
    it did not have it again after the quiet window, which decides. Trouble changes nothing. Returns the state."""
    reading = db.session()
    row = reading.get(InvoicePosting, (reading.info["tenant_id"], posting_id))
    if row is None:
        raise LookupError(posting_id)
    administration = row.administration
    credentials = connection.credentials_of(deps, administration)
    if credentials is None or row.state != states.POSTED or row.remote_incl is not None:
        return row.state
    began, draft = database_now(reading), posting.thawed(deps, row)
    over = states.window_is_over(row.lease_until, deps.settings.times.quiet_window, began)
    if row.read_back_at and not over:
        return row.state
    stop_reading()
    try:
        # within the window a miss decides nothing, so one call is enough
        look = search if over else _by_number
        found = look(deps, actor, credentials, administration, draft)
        return settle(deps, actor, credentials, posting_id, began, found)
    except (BookkeepingError, connection.LinkChanged):
        return states.POSTED


def _by_number(
    deps: Dependencies, actor: Actor | str, credentials: Credentials, administration: int, draft: InvoiceDraft
) -> Search:
    return Search(posting.find(deps, actor, credentials, administration, draft), proves=False)


def tell_where(session: Session, actor: Actor | str, row: InvoicePosting, found: Search) -> None:
    """Write down where a locked posting stands over there, and their totals."""
    theirs = found.there or found.moved
    assert theirs is not None
    row.remote_excl, row.remote_vat, row.remote_incl = theirs.excl, theirs.vat, theirs.incl
    number = theirs.number if found.there is None else ""
    if number == row.remote_number:
        return
    row.remote_number = number
    row.note = note("posting.renumbered", number=number) if number else NOTHING
    if number:
        record(
            session, actor, "invoice.renumbered_there", "posting", row.id, row.number, number=row.number, theirs=number
        )


def send_again(deps: Dependencies, actor: Actor, order_id: UUID, which: Which = live_posting) -> Pressed:
    """A person says: send what is gone once more, the same bytes under the same number. Both searches are made again
    before; what is there after all is not sent. Raises Refusal when nothing is to be sent, the search fails, or the
    code in it is somebody else's by now."""
    credentials = connection.active_credentials(deps)
    if credentials is None:
        raise Refusal(msg("De koppeling met e-Boekhouden is niet actief. Herstel die eerst."))
    live = which(db.session(), order_id)
    if live is not None and not states.belongs_in(live.administration, credentials.administration):
        raise Refusal(note("press.elsewhere"))
    draft, lease, found = _looked_once_more(deps, actor, credentials, order_id, which)
    who = None
    if live is not None and _following(draft, found) == states.SENDING:
        try:
            who = same_bytes.whose(deps, actor, credentials, live.id, draft.relation_code)
        except BookkeepingError as error:
            raise same_bytes.not_asked(error) from error
    with write_transaction() as session:
        link = connection.still(session, credentials)
        row = _still_gone(session, order_id, lease, which)
        if _back(session, actor, row, draft, found):
            return Pressed(row.state, row.id)
        older_copy.refuse_when_behind(link)  # nothing is sent before all that is over there is known here
        same_bytes.refuse_when_kept_back(session, link, who, row.kind == states.CREDIT)
        intent = posting.begin(session, deps, actor, row, draft, repeated=True)
    return Pressed(posting.carry_out(deps, actor, credentials, intent), intent.posting_id)


def let_go(deps: Dependencies, actor: Actor, order_id: UUID, reason: str, which: Which = live_posting) -> None:
    """Let a posting go, with a reason; one that is gone is searched for once more as long as there is a link, and what
    is there after all is not let go. Raises Refusal."""
    live = which(db.session(), order_id)
    credentials = connection.credentials_of(deps, live.administration) if live is not None else None
    if live is None or live.state != states.GONE or credentials is None or not bare(reason):
        press.give_up(actor, order_id, reason, which)
        return
    draft, lease, found = _looked_once_more(deps, actor, credentials, order_id, which)
    with write_transaction() as session:
        connection.still(session, credentials)
        row = _still_gone(session, order_id, lease, which)
        if not _back(session, actor, row, draft, found):
            intending.refuse_when_counted_on(claims.round_of(session, order_id), row)
            intending.abandon(session, actor, row, reason.strip())


def _looked_once_more(
    deps: Dependencies, actor: Actor, credentials: Credentials, order_id: UUID, which: Which
) -> tuple[InvoiceDraft, datetime | None, Search]:
    """The frozen invoice of an order whose invoice is gone, its lease, and both searches for it. Raises Refusal."""
    live = which(db.session(), order_id)
    if live is None or live.state != states.GONE:
        raise Refusal(msg("Deze factuur is niet (meer) verdwenen. Bekijk de werkbon opnieuw."))
    draft, lease, administration = posting.thawed(deps, live), live.lease_until, live.administration
    stop_reading()
    try:
        found = search(deps, actor, credentials, administration, draft)
    except BookkeepingError as error:
        raise Refusal(
            msg("Opzoeken in e-Boekhouden lukte niet: %(why)s. Er is niets gewijzigd.", why=error.why)
        ) from error
    if _following(draft, found) == states.GONE:
        raise Refusal(
            msg(
                "Opzoeken gaf geen zekerheid: het overzicht van deze relatie was niet volledig of niet te lezen. Er is "
                "niets gewijzigd of verstuurd. Kijk in e-Boekhouden zelf, of probeer het later nog eens."
            )
        )
    return draft, lease, found


def _following(draft: InvoiceDraft, found: Search) -> str:
    there = found.there
    return states.after_gone(there is not None, there is not None and not differences(draft, there), found.elsewhere)


def _still_gone(session: Session, order_id: UUID, lease: datetime | None, which: Which) -> InvoicePosting:
    """The order's posting, locked, when it is still gone as it was looked at; else Refusal."""
    load_for_invoice(session, order_id)
    live = which(session, order_id)
    if live is None or live.state != states.GONE or live.lease_until != lease:
        raise Refusal(msg("Iemand anders was u net voor. Bekijk de factuur opnieuw."))
    return posting.row_locked(session, live.id)


def _back(session: Session, actor: Actor, row: InvoicePosting, draft: InvoiceDraft, found: Search) -> bool:
    """Whether it is there after all: as it was, differing, or under another number; then that is written."""
    following = _following(draft, found)
    if following == states.SENDING:
        return False
    come_back(session, actor, row, draft, found, following)
    return True


def come_back(
    session: Session, actor: Actor | str, row: InvoicePosting, draft: InvoiceDraft, found: Search, following: str
) -> None:
    """Write of a locked posting that was gone that it is there after all: as it was, differing, or under another number
    (`following`: posted or conflict)."""
    if following == states.CONFLICT and found.there is not None:
        differ = difference_notes(differences(draft, found.there))
        posting.conclude(session, actor, row, following, Uncertain(note("posting.differs", what=differ)))
        return
    posting.conclude(session, actor, row, following, Posted(row.number), note("posting.back"))
    row.read_back_at = row.settled_at
    tell_where(session, actor, row, found)
