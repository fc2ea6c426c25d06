"""The link with e-Boekhouden: switching it on, saving credentials, starting, breaking, undoing."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import ledger, moments, notices
from domain.link import LinkState
from domain.meanwhile import Opened, Unshown
from domain.message import Refusal, msg
from domain.notes import note
from domain.outcome import LIMITS, NotSent, Problem
from domain.permissions import Actor
from domain.posting import belongs_in
from gateways.bookkeeping import BookkeepingError, Credentials
from models import AuditEntry, Connection, LedgerAccount, TenantStatus
from oversight.audit_trail import record
from services import due_work, meanwhile, telling
from services.dependencies import Dependencies
from services.link import administrations, kept_codes
from services.sealing import CannotUnseal, seal, unseal
from services.transaction import stop_reading, write_transaction
from tenancy.clock import database_now, day_of, midnight
from tenancy.database import db
from tenancy.fence import standing

LONGEST_PAUSE = timedelta(hours=25)  # the longest day, in autumn; they count by days at the longest
_THEIR_MIDNIGHT = timedelta(hours=3)  # after ours at the latest, wherever their clock stands (UTC is two hours behind)


_PRESENT = standing(select(Connection))


def present() -> Connection:
    """The tenant's link row."""
    return db.session.scalars(_PRESENT).one()


def locked(session: Session) -> Connection:
    """The link with its row locked, inside the caller's transaction. Whoever locks more (an order, a posting, a run)
    locks the link first."""
    return session.scalars(select(Connection).with_for_update().execution_options(populate_existing=True)).one()


def feature_on() -> bool:
    """Whether the e-Boekhouden link is ticked under Functies."""
    return bool(db.session.scalar(select(Connection.enabled)))


def is_active() -> bool:
    """Whether invoices can go out."""
    return present().shown_state.is_active


def place(row: Connection, field: str) -> str:
    """What a sealed code of this row is bound to (services/sealing.py)."""
    return f"connection.{field}:{row.tenant_id}:{row.id}"


def credentials(deps: Dependencies, row: Connection) -> Credentials | None:
    """The credentials as plain values, or None when they are not there or the link is off."""
    return _opened(deps, row) if row.enabled else None


def _opened(deps: Dependencies, row: Connection) -> Credentials | None:
    if not (row.username and row.code1_sealed and row.code2_sealed):
        return None
    keys = deps.settings.credentials_keys
    code1 = unseal(keys, row.code1_sealed, place(row, "code1"))
    code2 = unseal(keys, row.code2_sealed, place(row, "code2"))
    return Credentials(row.tenant_id, row.version, row.username, code1, code2, row.administration_number)


def active_credentials(deps: Dependencies) -> Credentials | None:
    """The credentials of an active link, else None."""
    row = present()
    return credentials(deps, row) if row.shown_state.is_active else None


def credentials_of(deps: Dependencies, administration: int) -> Credentials | None:
    """The credentials by which that administration can be asked, else None: those of the link, or those of before that
    are kept for looking up."""
    link = present()
    if is_linked(administration, link):
        return credentials(deps, link)
    return kept_codes.credentials_of(deps, administration) if link.enabled else None


def is_linked(administration: int, link: Connection | None = None) -> bool:
    """Whether that administration is the one that is linked, and the link is active."""
    link = link or present()
    return link.shown_state.is_active and belongs_in(administration, link.administration_number)


def can_ask(administration: int, link: Connection | None = None) -> bool:
    """Whether that administration can be asked now, as far as we know."""
    link = link or present()
    return is_linked(administration, link) or (link.enabled and kept_codes.can_ask(administration))


def stands(row: Connection) -> dict[str, object]:
    """The link as its form is filled in."""
    return {"username": row.username, "code1": Unshown(row.code1_sealed), "code2": Unshown(row.code2_sealed)}


def switch_feature(actor: Actor, on: bool, opened: Opened | None = None) -> None:
    """Tick or untick the link under Functies, whose form was opened on `opened`. Unticking keeps the credentials but no
    process calls any more."""
    with write_transaction() as session:
        row = locked(session)
        typed, now = {"bookkeeping": on}, {"bookkeeping": row.enabled}
        on = meanwhile.settle(session, opened, typed, now, None, "feature.switched")["bookkeeping"]
        if row.enabled == on:
            return
        row.enabled = on
        row.version += 1
        record(session, actor, "feature.switched", to=note("link.switched_on" if on else "link.switched_off"))
        note_status(row)


def save_credentials(
    deps: Dependencies, actor: Actor, username: str, code1: str, code2: str, keep: bool = False,
    opened: Opened | None = None,
) -> bool:  # fmt: skip
    """Save the credentials, whose form was opened on `opened`. Empty codes beside the same username mean unchanged; a
    new username needs both. `keep`: the ones of before are kept for looking up as long as something is open in their
    administration.

    Raises Refusal with the field. False when nothing changed; else the link is inactive until it is started again.
    """
    username, code1, code2 = username.strip(), code1.strip(), code2.strip()
    with write_transaction() as session:
        row = locked(session)
        typed = {"username": username} | {name: code for name, code in (("code1", code1), ("code2", code2)) if code}
        typed = meanwhile.settle(session, opened, typed, stands(row), None, "connection.saved")
        username = typed["username"]
        code1, code2 = (code if isinstance(code := typed.get(name, ""), str) else "" for name in ("code1", "code2"))
        if not username:
            raise Refusal(msg("Vul uw gebruikersnaam van e-Boekhouden in."), "username")
        other_login = username != row.username or not row.code1_sealed
        if other_login and not code1:
            raise Refusal(msg("Vul Securitycode 1 in die bij deze gebruikersnaam hoort."), "code1")
        if other_login and not code2:
            raise Refusal(msg("Vul Securitycode 2 in die bij deze gebruikersnaam hoort."), "code2")
        if not (other_login or code1 or code2):
            return False
        _remember(session, deps, actor, row, keep)
        keys = deps.settings.credentials_keys
        row.username = username
        if code1:
            row.code1_sealed = seal(keys, code1, place(row, "code1"))
        if code2:
            row.code2_sealed = seal(keys, code2, place(row, "code2"))
        row.version += 1
        row.state, row.active_since, row.broken_code, row.broken_at = LinkState.INACTIVE, None, "", None
        row.paused_until = None
        record(session, actor, "connection.saved", username=username)
        note_status(row)
    return True


def has_credentials(row: Connection) -> bool:
    """Whether there is something to undo: a username or a code is kept."""
    return bool(row.username or row.code1_sealed or row.code2_sealed)


def last_saved() -> AuditEntry | None:
    """When, and by whom, the credentials were last saved; the codes themselves are never shown."""
    query = select(AuditEntry).where(AuditEntry.event == "connection.saved")
    return db.session.scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(1)).first()


class LinkChanged(Refusal):
    """The link has other credentials by now than those that were called with, or none."""

    def __init__(self) -> None:
        super().__init__(note("link.changed_meanwhile"))


def still(session: Session, credentials: Credentials) -> Connection:
    """The link, its row locked until the caller's transaction ends, when it still has the credentials that were called
    with. Raises LinkChanged when it has not: what was answered to those may be about other books.

    The lock decides: whoever changes the credentials waits for it, so they cannot change between this and the commit.
    Credentials that are kept for looking up have to be kept still.
    """
    row = locked(session)
    if not credentials.only_look_up:
        check_same(row, credentials)
    elif kept_codes.still(session, credentials) is None:
        raise LinkChanged
    return row


def check_same(row: Connection, credentials: Credentials) -> None:
    """`still`, for who locked the link. Raises LinkChanged."""
    if row.version != credentials.version:
        raise LinkChanged


def paused_until(row: Connection | None = None) -> datetime | None:
    """Until when the bookkeeping takes no calls, as it said; None when it does. A person may send an invoice all the
    same."""
    return _lasting((row or present()).paused_until)


def paused_until_of(administration: int) -> datetime | None:
    """The same of the administration that a posting belongs to, also when its codes are only kept for looking up."""
    link = present()
    if belongs_in(administration, link.administration_number):
        return paused_until(link)
    return _lasting(kept_codes.paused_until(administration))


def _lasting(until: datetime | None) -> datetime | None:
    return until if until is not None and moments.lasts(until, database_now(db.session()), LONGEST_PAUSE) else None


def takes_calls_again(problem: Problem, now: datetime) -> datetime:
    """When a limit is over: that of a day with the next one, another nobody knows, so in an hour. Nor do they say when
    their day begins: a day's limit that still holds just after our midnight may be that of their day before."""
    today = midnight(day_of(now))
    if problem is Problem.DAY_LIMIT and now - today >= _THEIR_MIDNIGHT:
        return midnight(day_of(now) + timedelta(days=1)) + timedelta(minutes=5)
    return now + timedelta(hours=1)


def note_trouble(actor: Actor | str, credentials: Credentials, said: BookkeepingError | NotSent) -> None:
    """Every trouble that a call with these credentials came back with passes here. Refused credentials break the link:
    nothing calls until they are saved again. At a limit what goes by itself pauses until it is over. Any other trouble
    changes nothing, and so does one about older ones."""
    if said.problem is not Problem.CREDENTIALS and said.problem not in LIMITS:
        return
    with suppress(LinkChanged), write_transaction() as session:
        row = still(session, credentials)
        kept = kept_codes.still(session, credentials) if credentials.only_look_up else None
        if said.problem in LIMITS:
            now, whose = database_now(session), kept or row
            again, before = takes_calls_again(said.problem, now), whose.paused_until
            whose.paused_until = max(before, again) if before and moments.lasts(before, now, LONGEST_PAUSE) else again
        elif kept is not None:
            kept_codes.erase(session, actor, kept.number, note("kept_codes.refused"))
        elif row.state != LinkState.BROKEN:
            row.state, row.broken_code, row.broken_at = LinkState.BROKEN, said.code, database_now(session)
            record(session, actor, "connection.broke", code=said.code)
            note_status(row)
            if isinstance(actor, str) or not actor.visiting:  # of a visit's finding the daily letter tells
                telling.tell(session, row.tenant_id, notices.LINK_BROKEN, row.broken_at.isoformat(), row.broken_at)


def note_taken(credentials: Credentials) -> None:
    """They took an invoice though they were to take nothing yet: the limit is over, and what paused goes on."""
    with suppress(LinkChanged), write_transaction() as session:
        still(session, credentials).paused_until = None
        due_work.hasten(session, credentials.tenant_id, due_work.BULK, due_work.READ)


def undo(deps: Dependencies, actor: Actor, keep: bool = False) -> bool:
    """Undo the link: credentials erased, history stays. Nothing is called any more but, where the owner said `keep`,
    what is open is looked up. Whether codes are kept for that."""
    with write_transaction() as session:
        row = locked(session)
        if not has_credentials(row):
            return False
        _remember(session, deps, actor, row, keep)
        row.username = row.code1_sealed = row.code2_sealed = row.administration = row.broken_code = ""
        row.state, row.active_since, row.broken_at, row.paused_until = LinkState.INACTIVE, None, None, None
        row.version += 1
        record(session, actor, "connection.undone")
        note_status(row)
        kept = kept_codes.can_ask(row.administration_number)
    stop_reading()
    deps.bookkeeping.forget(actor.tenant_id)
    return kept


def _remember(session: Session, deps: Dependencies, actor: Actor, row: Connection, keep: bool) -> None:
    """Which administration the codes open that a locked link is about to lose; and the codes themselves, when they work
    and somebody said `keep`."""
    try:
        present = _opened(deps, row)
    except CannotUnseal:
        return
    administrations.remember(session, deps, row, present)
    if keep and present is not None and row.shown_state.is_active:
        session.flush()
        kept_codes.keep(session, deps, actor, present)


def note_status(row: Connection) -> None:
    """Keep support's overview (a global table, no content) in step with the link."""
    status = db.session.get(TenantStatus, row.tenant_id)
    if status is not None:
        status.link_state = row.shown_state


def ledger_accounts() -> list[LedgerAccount]:
    """The ledger accounts to pick from, by code: profit-and-loss accounts only, which is where sales belong."""
    query = select(LedgerAccount).where(LedgerAccount.category == ledger.PROFIT_AND_LOSS).order_by(LedgerAccount.code)
    return list(db.session.scalars(query))
