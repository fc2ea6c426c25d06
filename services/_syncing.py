"""What reading relations and reading articles share: comparing their rows with ours, and keeping the run.

The bookkeeping leads for its own fields; only differences are written. Nothing is called vanished unless the
answer was whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from domain.message import Refusal, msg
from domain.permissions import Actor
from gateways.bookkeeping import (
    ArticleRows,
    BookkeepingError,
    Credentials,
    RelationRows,
    RemoteArticle,
    RemoteRelation,
)
from models import Article, Connection, Relation, SyncRun, TenantStatus
from oversight.audit_trail import record
from services import connection
from services._transaction import stop_reading, write_transaction
from services.parts import Parts
from tenancy.clock import database_now
from tenancy.database import db

_MOST_LOOKS = 50

Ours = Relation | Article
Theirs = RemoteRelation | RemoteArticle


@dataclass(frozen=True)
class Kind:
    """What is read: the word in SyncRun.what, our table, the fields they lead for, and the field that names a row.

    `spare` are the fields whose text stands in for an empty name.
    """

    what: str
    model: type[Relation] | type[Article]
    fields: tuple[str, ...]
    name: str
    spare: tuple[str, ...]


@dataclass
class Tally:
    """What one comparison did."""

    added: int = 0
    changed: int = 0
    vanished: int = 0
    unchanged: int = 0
    complete: bool = True


def fetch(
    parts: Parts,
    actor: Actor,
    kind: Kind,
    read: Callable[[Credentials], RelationRows | ArticleRows],
    look: Callable[[Credentials, str], Theirs | None],
) -> SyncRun:
    """Read with no transaction open, then store. Raises Refusal without an active link. `look` reads one by its code.

    A failed read is a run with `error` and `error_code`, and nothing else is changed.
    """
    given = connection.active_credentials(parts)
    if given is None:
        raise Refusal(msg("De koppeling met e-Boekhouden is niet actief. Er is niets opgehaald."))
    started = database_now(db.session())
    stop_reading()
    try:
        found = _doubted(kind, read(given), lambda code: look(given, code))
    except BookkeepingError as error:
        return _failed(actor, kind, given, started, error)
    return store(actor, kind, found, started, given.version)


def _doubted(
    kind: Kind, found: RelationRows | ArticleRows, look: Callable[[str], Theirs | None]
) -> RelationRows | ArticleRows:
    """A list that was too long for one answer was searched for, and a search may miss something: whoever we know and
    do not find in it is asked for by code. One that is there after all, or too many to ask: not complete. When they
    are all gone indeed it is as good as one whole answer, and counts as one."""
    if found.calls == 1 or not found.complete:
        return found
    rows: Sequence[Theirs] = found.rows
    there = {row.remote_id for row in rows}
    known = [row for row in _all(db.session(), kind) if row.remote_id is not None and row.vanished_at is None]
    gone = [row.code or "" for row in known if row.remote_id not in there]
    stop_reading()
    if len(gone) > _MOST_LOOKS or not all(gone) or any(look(code) is not None for code in gone):
        return replace(found, complete=False)
    return replace(found, calls=1)


def store(
    actor: Actor,
    kind: Kind,
    found: RelationRows | ArticleRows,
    started: datetime | None = None,
    version: int | None = None,
) -> SyncRun:
    """Write what differs, in one transaction. `version` is that of the credentials it was read with: when they were
    changed meanwhile these may be other books' rows, and Refusal is raised instead."""
    with write_transaction() as session:
        if version is not None:
            link = session.scalars(select(Connection).with_for_update()).one()
            if link.version != version:
                raise Refusal(msg("De koppeling is intussen gewijzigd. Er is niets opgeslagen; haal opnieuw op."))
        now = database_now(session)
        tally = merge(session, kind, found, now)
        run = SyncRun(
            what=kind.what,
            started_at=started or now,
            finished_at=now,
            by=actor.person_name,
            added=tally.added,
            changed=tally.changed,
            vanished=tally.vanished,
            unchanged=tally.unchanged,
            complete=tally.complete,
        )
        session.add(run)
        event = f"{kind.what}.synced"
        record(session, actor, event, added=tally.added, changed=tally.changed, vanished=tally.vanished)
        status = session.get(TenantStatus, actor.tenant_id)
        if status is not None:
            status.synced_at = now
    return run


def _failed(actor: Actor, kind: Kind, given: Credentials, started: datetime, error: BookkeepingError) -> SyncRun:
    with write_transaction() as session:
        run = SyncRun(
            what=kind.what,
            started_at=started,
            finished_at=database_now(session),
            by=actor.person_name,
            complete=False,
            error_code=error.code[:20],
            error=(error.text or error.why)[:300],
        )
        session.add(run)
    connection.note_code(actor, given.version, error.code)
    return run


def merge(session: Session, kind: Kind, found: RelationRows | ArticleRows, now: datetime) -> Tally:
    """Bring our rows in step with theirs, inside the caller's transaction."""
    have = _all(session, kind)
    # A duplicate in their answer counts once; sorted, so that who keeps a shared code is the same every time.
    rows: Sequence[Theirs] = found.rows
    theirs = {row.remote_id: row for row in sorted(rows, key=lambda row: row.remote_id)}
    known = any(row.remote_id is not None and row.vanished_at is None for row in have)
    # A list put together from several answers may miss one that stands alone, however careful the search was: it
    # is good for adding and changing, never for saying that something is gone (unless _doubted asked for that).
    whole = found.complete and found.calls == 1
    tally = Tally(complete=whole and (bool(theirs) or not known))
    pairs = _pair(kind, have, theirs, tally.complete)
    wanted = _wanted(kind, theirs)
    differing = {number for number, row in pairs.items() if _differs(row, wanted[number])}
    _make_room(session, have, pairs, wanted)
    for number, values in wanted.items():
        row = pairs.get(number)
        if row is None:
            session.add(kind.model(**values, synced_at=now))
            tally.added += 1
        elif number in differing:
            for name, value in values.items():
                setattr(row, name, value)
            row.synced_at = now
            tally.changed += 1
        else:
            tally.unchanged += 1
    if tally.complete:
        present = {row.id for row in pairs.values()}
        for row in have:
            if row.remote_id is not None and row.vanished_at is None and row.id not in present:
                row.vanished_at = now
                tally.vanished += 1
    return tally


def _all(session: Session, kind: Kind) -> Sequence[Ours]:
    rows: Sequence[Any] = session.scalars(select(kind.model)).all()
    return rows


def _pair(kind: Kind, have: Sequence[Ours], theirs: Mapping[int, Theirs], complete: bool) -> dict[int, Ours]:
    """Which row of ours is which of theirs: by their id, else by code.

    One made here with that code is adopted. One whose id is certainly gone is taken up again when its name is the
    same too (books restored under new ids); a code alone may have been given to another customer since.
    """
    by_id = {row.remote_id: row for row in have if row.remote_id is not None}
    by_code = {row.code: row for row in have if row.code and row.remote_id not in theirs}
    pairs: dict[int, Ours] = {}
    for number, remote in theirs.items():
        row = by_id.get(number)
        if row is None:
            code = remote.code.strip()
            row = by_code.get(code)
            if row is not None and row.remote_id is not None:
                same = _values(kind, remote)[kind.name].casefold() == getattr(row, kind.name).casefold()
                row = row if complete and same else None
            if row is not None:
                by_code.pop(code)  # two of theirs never become one of ours
        if row is not None:
            pairs[number] = row
    return pairs


def _wanted(kind: Kind, theirs: Mapping[int, Theirs]) -> dict[int, dict[str, Any]]:
    """What our rows should hold. A code is left out (ours stays) when theirs is empty, too long or given twice."""
    longest = _length(kind, "code") or 0
    given: set[str] = set()
    wanted = {}
    for number, remote in theirs.items():
        values = _values(kind, remote) | {"remote_id": number, "vanished_at": None}
        code = remote.code.strip()
        if code and len(code) <= longest and code not in given:
            given.add(code)
            values["code"] = code
        wanted[number] = values
    return wanted


def _values(kind: Kind, remote: Theirs) -> dict[str, Any]:
    """Their fields but the code, cut to what our columns hold; a row never goes nameless."""
    values: dict[str, Any] = {}
    for name in kind.fields:
        value = getattr(remote, name)
        values[name] = value.strip()[: _length(kind, name)] if isinstance(value, str) else value
    if not values[kind.name]:
        spare = (getattr(remote, name).strip() for name in kind.spare)
        values[kind.name] = next((text for text in spare if text), str(remote.remote_id))[: _length(kind, kind.name)]
    return values


def _length(kind: Kind, name: str) -> int | None:
    length: int | None = getattr(kind.model.__mapper__.columns[name].type, "length", None)
    return length


def _differs(row: Ours, values: Mapping[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in values.items())


def _make_room(
    session: Session, have: Sequence[Ours], pairs: Mapping[int, Ours], wanted: Mapping[int, Mapping[str, Any]]
) -> None:
    """Take a code from the row that holds it before another row gets it: codes are unique, also halfway a swap."""
    holders = {row.code: row for row in have if row.code}
    for number, values in wanted.items():
        holder = holders.get(values.get("code", ""))
        if holder is not None and holder is not pairs.get(number):
            holder.code = None
    session.flush()


def last_run(what: str) -> SyncRun | None:
    """The newest run of this kind, failed or not."""
    return db.session.scalars(_newest(what)).first()


def last_success(what: str) -> SyncRun | None:
    """The newest run of this kind that read something."""
    return db.session.scalars(_newest(what).where(SyncRun.error == "")).first()


def _newest(what: str) -> Select[SyncRun]:
    return select(SyncRun).where(SyncRun.what == what).order_by(SyncRun.started_at.desc(), SyncRun.id.desc()).limit(1)
