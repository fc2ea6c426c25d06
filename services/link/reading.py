"""What reading relations and reading articles share: comparing their rows with ours, and keeping the run.

The bookkeeping leads for its own fields; only differences are written. Nothing is called vanished unless the
answer was whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
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
    Watch,
)
from models import Article, Connection, Relation, SyncRun, TenantStatus
from oversight.audit_trail import record
from services.dependencies import Dependencies
from services.link import connection, runs
from services.transaction import stop_reading, write_transaction
from tenancy.clock import database_now
from tenancy.database import db

_MOST_LOOKS = 50

Rows = TypeVar("Rows", RelationRows, ArticleRows)
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


class _TooLong(Exception):
    """The list did not fit into their first answer."""


class _Halted(Exception):
    """Whoever reads has to stop."""


@dataclass(frozen=True)
class Books:
    """How a kind is read: all of it, and one by its code."""

    read: Callable[[Credentials, Watch | None], RelationRows | ArticleRows]
    look: Callable[[Credentials, str], Theirs | None]


def fetch(deps: Dependencies, actor: Actor, kind: Kind, books: Books) -> SyncRun:
    """Read with no transaction open, then store. Raises Refusal without an active link, and while another run reads.

    A failed read is a run with `error` and `error_code`, and nothing else is changed.
    """
    given = _given(deps)
    hold = runs.begin(deps, actor, kind.what)
    if hold is None:
        raise Refusal(msg("Er wordt al opgehaald. Wacht tot dat klaar is."))
    return _carry(actor, kind, books, given, hold, hold.beat)


def fetch_now(deps: Dependencies, actor: Actor, kind: Kind, books: Books) -> SyncRun:
    """Read what fits into one answer and store it; a longer list is left to the worker, and so is a run that is under
    way. Then the run that comes back did not end yet. Raises Refusal without an active link."""
    given = _given(deps)
    hold = runs.begin(deps, actor, kind.what)
    if hold is not None:
        try:
            return _carry(actor, kind, books, given, hold, _one_answer)
        except _TooLong:
            hold.hand_over()
            deps.wake(actor.tenant_id)
    run = runs.under_way(kind.what) or runs.last_run(kind.what)
    assert run is not None  # there was one just now, and none is ever thrown away
    return run


def _one_answer(_calls: int, _found: int) -> None:
    raise _TooLong


def in_one_answer(read: Callable[[Credentials, Watch | None], Rows], given: Credentials) -> Rows | None:
    """What is read when it fits into one answer, else None."""
    try:
        return read(given, _one_answer)
    except _TooLong:
        return None


def carry_on(
    deps: Dependencies, actor: Actor, kind: Kind, books: Books, run: SyncRun, halt: Callable[[], bool] = lambda: False
) -> None:
    """Carry a run out that waits, in the name of who started it. When `halt` says so it is left for another."""
    hold = runs.take(deps, run.id)
    if hold is None:
        return
    actor = replace(actor, person_id=run.by_id or actor.person_id, person_name=run.by)

    def watch(calls: int, found: int) -> None:
        if halt():
            raise _Halted
        hold.beat(calls, found)

    with suppress(runs.Lost, Refusal):
        try:
            given = _given(deps)
        except Refusal:
            hold.fail(runs.LINK_CHANGED)
            return
        try:
            _carry(actor, kind, books, given, hold, watch)
        except _Halted:
            hold.hand_over()


def _given(deps: Dependencies) -> Credentials:
    given = connection.active_credentials(deps)
    if given is None:
        raise Refusal(msg("De koppeling met e-Boekhouden is niet actief. Er is niets opgehaald."))
    return given


def _carry(actor: Actor, kind: Kind, books: Books, given: Credentials, hold: runs.Hold, watch: Watch) -> SyncRun:
    """Read and store. A run that ends without a result says why; what `watch` raises leaves it open."""
    stop_reading()
    try:
        found = _doubted(kind, books.read(given, watch), lambda code: books.look(given, code), watch)
        return store(actor, kind, found, hold, given.version)
    except BookkeepingError as error:
        run = hold.fail(error.text or error.why, error.code)
        connection.note_code(actor, given.version, error.code)
        return run
    except Refusal:
        hold.fail(runs.LINK_CHANGED)
        raise
    except (_TooLong, _Halted, runs.Lost):
        raise
    except Exception:
        hold.fail(runs.OUR_FAULT)
        raise


def _doubted(
    kind: Kind, found: RelationRows | ArticleRows, look: Callable[[str], Theirs | None], watch: Watch
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
    if len(gone) > _MOST_LOOKS or not all(gone):
        return replace(found, complete=False)
    for asked, code in enumerate(gone):
        watch(found.calls + asked, len(rows))
        if look(code) is not None:
            return replace(found, complete=False)
    return replace(found, calls=1)


def store(
    actor: Actor,
    kind: Kind,
    found: RelationRows | ArticleRows,
    hold: runs.Hold | None = None,
    version: int | None = None,
) -> SyncRun:
    """Write what differs, in one transaction; into the run that is held, else into a new one. `version` is that of
    the credentials it was read with: when they were changed meanwhile these may be other books' rows, and Refusal is
    raised instead."""
    with write_transaction() as session:
        if version is not None:
            link = session.scalars(select(Connection).with_for_update()).one()
            if link.version != version:
                raise Refusal(msg("De koppeling is intussen gewijzigd. Er is niets opgeslagen; haal opnieuw op."))
        now = database_now(session)
        run = hold.locked(session) if hold else SyncRun(what=kind.what, started_at=now, by=actor.person_name)
        session.add(run)
        tally = merge(session, kind, found, now)
        run.finished_at, run.lease_until, run.found = now, None, len(found.rows)
        run.calls = max(found.calls, hold.calls if hold else 1)
        run.added, run.changed, run.vanished = tally.added, tally.changed, tally.vanished
        run.unchanged, run.complete = tally.unchanged, tally.complete
        event = f"{kind.what}.synced"
        record(session, actor, event, added=tally.added, changed=tally.changed, vanished=tally.vanished)
        status = session.get(TenantStatus, actor.tenant_id)
        if status is not None:
            status.synced_at = now
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
