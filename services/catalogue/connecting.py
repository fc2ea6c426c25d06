"""Starting the connection: a real session, then what is needed to make invoices."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from domain.link import LinkState
from domain.message import NOTHING, Message, Refusal, msg
from domain.notes import note
from domain.permissions import Actor
from gateways.bookkeeping import BookkeepingError, Credentials, CredentialsRefused, Declined, Explanation, one_answer
from gateways.bookkeeping import LedgerAccount as RemoteLedger
from gateways.sandbox_credentials import PlayAdministration, fetch
from models import LedgerAccount, Relation
from oversight.audit_trail import record
from services.catalogue import articles, elsewhere, relations
from services.dependencies import Dependencies
from services.link import administrations, connection, kept_codes, runs
from services.sealing import CannotUnseal
from services.transaction import stop_reading, write_transaction
from tenancy.clock import database_now
from tenancy.database import db


@dataclass(frozen=True)
class Started:
    """The result of starting: ok with what was found, or which code was wrong and its explanation. `later` names what
    is too long for one answer (relations, articles), so that the worker reads it now; `waiting`: how many customers of
    another administration were not recognised."""

    ok: bool
    administration: str = ""
    since: datetime | None = None
    relations: int = 0
    articles: int = 0
    ledgers: int = 0
    code: str = ""
    text: str = ""
    why: Message = NOTHING
    explanation: Explanation | None = None
    relations_why: Message = NOTHING
    later: tuple[str, ...] = ()
    waiting: int = 0


def start(deps: Dependencies, actor: Actor) -> Started:
    """Open a real session and read administration, ledger accounts, articles and (if wished) relations.

    Raises Refusal when there are no usable credentials, or when they were changed meanwhile.
    """
    row = connection.present()
    try:
        credentials = connection.credentials(deps, row)
    except CannotUnseal:
        raise Refusal(msg("De bewaarde codes zijn niet meer te lezen. Vul beide opnieuw in."), "code1") from None
    sync_relations, username = row.sync_relations, row.username
    if credentials is None:
        raise Refusal(msg("Vul eerst gebruikersnaam en beide securitycodes in en sla ze op."), "username")
    asked_at = database_now(db.session())
    stop_reading()
    bookkeeping = deps.bookkeeping
    bookkeeping.forget(actor.tenant_id)  # a session of before proves nothing about these codes
    try:
        bookkeeping.ready(credentials)
        administration = _administration(deps, credentials) or username
        ledgers = bookkeeping.ledger_accounts(credentials)
        article_rows = bookkeeping.articles(credentials, one_answer)
    except BookkeepingError as error:
        return _start_failed(deps, actor, credentials, error)
    with write_transaction() as session:
        row = connection.still(session, credentials)
        administrations.arrive(session, deps, row, credentials, administration)
        kept_codes.erase(session, actor, row.administration_number, note("kept_codes.linked"))
        row.state, row.administration = LinkState.ACTIVE, administration
        row.active_since = since = database_now(session)
        row.broken_code, row.broken_at, row.paused_until = "", None, None
        _store_ledgers(ledgers)
        record(session, actor, "connection.started", administration=administration)
        connection.note_status(row)
    later = []
    if article_rows.stopped:
        runs.queue(deps, actor, articles.KIND.what)
    else:
        articles.store(deps, actor, article_rows, credentials, asked_at)
    if runs.under_way(articles.KIND.what):
        later.append(articles.KIND.what)
    relations_why = _sync_relations(deps, actor) if sync_relations else NOTHING
    if sync_relations and runs.under_way(relations.KIND.what):
        later.append(relations.KIND.what)
    count = db.session.scalar(select(func.count()).select_from(Relation).where(Relation.remote_id.is_not(None))) or 0
    goods = 0 if articles.KIND.what in later else len(article_rows.rows)
    return Started(
        True, administration, since, count, goods, len(ledgers), relations_why=relations_why, later=tuple(later),
        waiting=elsewhere.count(),
    )  # fmt: skip


def _administration(deps: Dependencies, credentials: Credentials) -> str:
    """The administration's name, or an empty text when they do not tell it to this user."""
    try:
        return deps.bookkeeping.administration(credentials)
    except Declined:
        return ""


def _sync_relations(deps: Dependencies, actor: Actor) -> Message:
    """Why the relations did not come, or NOTHING. The link is active all the same."""
    try:
        return relations.sync_now(deps, actor).error
    except Refusal as refusal:
        return refusal.message


def play_administrations(deps: Dependencies, actor: Actor) -> tuple[PlayAdministration, ...]:
    """The play bookkeeping's credentials for this tenant: the administration of its own name, else all. Not in
    production."""
    settings = deps.settings
    if settings.production or not settings.sandbox_control_url:
        return ()
    stop_reading()
    found = fetch(settings.sandbox_control_url)
    own = tuple(one for one in found if one.name == actor.tenant_slug)
    return own or found


def _start_failed(deps: Dependencies, actor: Actor, credentials: Credentials, error: BookkeepingError) -> Started:
    with write_transaction() as session:
        if isinstance(error, CredentialsRefused):
            with suppress(connection.LinkChanged):
                row = connection.still(session, credentials)
                row.state, row.broken_code, row.broken_at = LinkState.BROKEN, error.code, database_now(session)
                connection.note_status(row)
        record(session, actor, "connection.failed", code=error.code or note("link.no_answer"))
    explanation = deps.bookkeeping.explain(error.code) if error.code else None
    return Started(False, code=error.code, text=error.text, why=error.why, explanation=explanation)


def _store_ledgers(ledgers: Sequence[RemoteLedger]) -> None:
    """Write only what changed: a second start with the same ledger accounts writes nothing."""
    session = db.session()
    have = {row.code: row for row in session.scalars(select(LedgerAccount))}
    for account in ledgers:
        row = have.pop(account.code, None)
        if row is None:
            row = LedgerAccount(code=account.code)
            session.add(row)
        for name in ("description", "category"):
            if getattr(row, name) != getattr(account, name):
                setattr(row, name, getattr(account, name))
    for gone in have.values():
        session.delete(gone)
