"""Comparing rows as the bookkeeping has them with ours, and bringing ours in step: relations and articles alike.

The bookkeeping leads for its own fields; only differences are written. It goes by batches: a `Listing` knows of the
whole list what no batch can tell, `compare` only reads, and `write` writes what came of it inside the caller's
transaction. Nothing is called vanished unless the answer was whole. Nobody is asked anything here, and nothing is
committed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import literal, or_, select
from sqlalchemy.orm import Session

from domain import moments
from domain.relation import LED_THERE
from domain.visible import bare, reads_the_same
from gateways.bookkeeping import (
    ArticleRows,
    Bookkeeping,
    Credentials,
    GoOn,
    RelationRows,
    RemoteArticle,
    RemoteRelation,
)
from models import Article, Relation, add_rows, change_rows
from services.link.moved_codes import Moved, raise_for
from tenancy.clock import database_now
from tenancy.many_rows import update_rows

Found = RelationRows | ArticleRows
Theirs = RemoteRelation | RemoteArticle
BATCH = 200  # rows: what is compared at once, and written in one transaction, each with its twenty words to search by


@dataclass(frozen=True)
class Kind:
    """What is read: the word in SyncRun.what, our table, the fields they lead for, and the field that names a row.

    `spare` are the fields whose text stands in for an empty name. `read` asks a bookkeeping for all of the kind, `look`
    for the one with a code.
    """

    what: str
    model: type[Relation] | type[Article]
    fields: tuple[str, ...]
    name: str
    spare: tuple[str, ...]
    read: Callable[[Bookkeeping, Credentials, GoOn], Found]
    look: Callable[[Bookkeeping, Credentials, str], Theirs | None]


RELATIONS = Kind(
    "relations",
    Relation,
    LED_THERE,
    read=lambda bookkeeping, credentials, go_on: bookkeeping.relations(credentials, go_on),
    look=lambda bookkeeping, credentials, code: bookkeeping.relation(credentials, code),
    name="name",
    spare=("contact", "code"),
)


@dataclass(frozen=True)
class Listing:
    """What all of their rows say together: which ids there are, which code our row of each should get (a code is left
    out, so that ours stays, when theirs is empty, too long or given twice), and whether who is not in it is certainly
    gone. `owners`: who has each code."""

    ids: Collection[int]
    codes: Mapping[int, str]
    complete: bool
    owners: Mapping[str, Theirs]


@dataclass
class Changes:
    """What one batch comes to: rows to add, rows to change, rows that lose their code to another, and how many stay.
    `put_back`: the names of rows that were sent by us, corrected here since, and follow theirs all the same. `moved`:
    customers of ours whose code somebody else has by now."""

    added: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    emptied: set[UUID] = field(default_factory=set)
    unchanged: int = 0
    put_back: list[str] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether there is something to write."""
        return bool(self.added or self.changed or self.emptied)


@dataclass(frozen=True)
class Missing:
    """A row of ours that did not vanish yet, and is not in their list."""

    id: UUID
    code: str


def in_order(rows: Sequence[Theirs]) -> list[Theirs]:
    """Their rows by id, so that who keeps a shared code is the same every time; a duplicate counts once."""
    by_id = {row.remote_id: row for row in rows}
    return [by_id[number] for number in sorted(by_id)]


def listing(kind: Kind, rows: Sequence[Theirs], complete: bool) -> Listing:
    """What these rows, in order, say together."""
    longest = _lengths(kind)["code"] or 0
    owners: dict[str, Theirs] = {}
    for row in rows:
        code = row.code.strip()
        if code and len(code) <= longest:
            owners.setdefault(code, row)
    codes = {row.remote_id: code for code, row in owners.items()}
    return Listing({row.remote_id for row in rows}, codes, complete, owners)


def knows_any(session: Session, kind: Kind) -> bool:
    """Whether a row of ours came from there and did not vanish."""
    here = select(kind.model.id).where(kind.model.remote_id.is_not(None), kind.model.vanished_at.is_(None))
    return session.scalars(here.limit(1)).first() is not None


def merge(session: Session, kind: Kind, row: Theirs, now: datetime, administration: int) -> None:
    """Bring our row of one of theirs, who is of this administration, in step, inside the caller's transaction."""
    write(session, kind, compare(session, kind, listing(kind, [row], complete=False), [row]), now, administration)


def compare(
    session: Session, kind: Kind, whole: Listing, batch: Sequence[Theirs], since: datetime | None = None
) -> Changes:
    """What it takes to bring our rows in step with a batch of theirs. For who writes it the link is locked: whoever
    else changes a code, a name or an id locks it too, so that rows are still as they were compared.

    A row of ours that was in touch with them after `since` is left alone: what is in the list is older.
    """
    ours = _ours(session, kind, batch)
    by_id = {row.remote_id: row for row in ours if row.remote_id is not None}
    by_code = {row.code: row for row in ours if row.code}
    changes = Changes(moved=[*_moved(session, kind, whole, ours, since)] if kind.model is Relation else [])
    paired: set[UUID] = set()
    for remote in batch:
        number, values = remote.remote_id, as_kept(kind, remote)
        row = by_id.get(number) or _adopted(kind, whole, by_code.get(remote.code.strip()), values)
        if row is not None and row.id in paired:
            row = None  # two of theirs never become one of ours
        if row is not None and since is not None and _heard_of_since(session, row, since):
            changes.unchanged += 1
            continue
        code = whole.codes.get(number)
        holder = by_code.get(code) if code else None
        if holder is not None and (row is None or holder.id != row.id):
            changes.emptied.add(holder.id)
        if row is None:
            changes.added.append({**values, "remote_id": number, "code": code})
            continue
        paired.add(row.id)
        new = {**values, "remote_id": number, "vanished_at": None} | ({"code": code} if code else {})
        if row.remote_id is None and row.sent_as:
            new["sent_as"] = ""
            changes.put_back += [row.name] if any(getattr(row, name) != values[name] for name in kind.fields) else []
        if all(getattr(row, name) == value for name, value in new.items()):
            changes.unchanged += 1
        else:
            changes.changed.append({"id": row.id, **new})
    return changes


def write(session: Session, kind: Kind, changes: Changes, now: datetime, administration: int) -> None:
    """Write what was found to differ from that administration, inside the caller's transaction. A code is taken from
    the row that holds it before another row gets it: codes are unique, also halfway a swap. Invoices that went out
    under a code that is somebody else's by now are raised."""
    raise_for(session, changes.moved, administration, now)
    change_rows(session, kind.model, [{"id": row_id, "code": None} for row_id in changes.emptied])
    new = {"synced_at": now, "administration": administration}
    change_rows(session, kind.model, [{**row, **new} for row in changes.changed])
    add_rows(session, kind.model, [{**row, **new} for row in changes.added])


def missing(
    session: Session, kind: Kind, ids: Collection[int], since: datetime | None = None
) -> Iterator[list[Missing]]:
    """Who of ours came from there, did not vanish yet and has none of these ids, a step at a time (a step may be
    empty); who was in touch with them after `since` is passed over."""
    model = kind.model
    query = select(model.id, model.remote_id, model.code).where(model.vanished_at.is_(None))
    if since is not None:
        query = query.where(_not_since(kind, since, database_now(session)))
    after = model.remote_id.is_not(None)
    while True:
        rows = session.execute(query.where(after).order_by(model.remote_id).limit(BATCH)).all()
        yield [Missing(row.id, row.code or "") for row in rows if row.remote_id not in ids]
        if len(rows) < BATCH:
            return
        after = model.remote_id > rows[-1].remote_id


def vanish(session: Session, kind: Kind, gone: Sequence[Missing], now: datetime, since: datetime) -> int:
    """Mark rows as vanished, inside the caller's transaction, but for those that were heard of meanwhile; how many."""
    still = select(kind.model.id).where(
        kind.model.id.in_([row.id for row in gone]), kind.model.vanished_at.is_(None), _not_since(kind, since, now)
    )
    ids = session.scalars(still).all()
    update_rows(session, kind.model, [{"id": row_id, "vanished_at": now} for row_id in ids])
    return len(ids)


def _heard_of_since(session: Session, row: Any, since: datetime) -> bool:
    """Whether a row was in touch with the bookkeeping since this moment; not one of before a clock was set back."""
    if row.synced_at is None or row.synced_at <= since:
        return False
    return not moments.is_ahead(row.synced_at, database_now(session))


def _not_since(kind: Kind, since: datetime, now: datetime) -> Any:
    """The opposite, of rows."""
    at = kind.model.synced_at
    return or_(at.is_(None), at <= since, at > now + moments.CLOCKS_DIFFER)


def _ours(session: Session, kind: Kind, batch: Sequence[Theirs]) -> list[Any]:
    """Our rows that a batch of theirs may be about: by their id, and by a code that one of theirs has."""
    model = kind.model
    sent_as = model.sent_as if model is Relation else literal("").label("sent_as")
    names = (model.id, model.administration, model.remote_id, model.code, model.vanished_at, model.synced_at, sent_as)
    query = select(*names, *(getattr(model, name) for name in kind.fields))
    found = list(session.execute(query.where(model.remote_id.in_([row.remote_id for row in batch]))))
    codes = {row.code.strip() for row in batch} - {row.code for row in found} - {""}
    if codes:
        have = {row.id for row in found}
        found += [row for row in session.execute(query.where(model.code.in_(sorted(codes)))) if row.id not in have]
    return found


def _adopted(kind: Kind, whole: Listing, row: Any, values: Mapping[str, Any]) -> Any:
    """The row of ours with the code of one of theirs, when it is that one though it does not have its id.

    One made here is adopted. One that was read in another administration or got its code there, or whose id is
    certainly gone, is taken up again when its name is the same too (books restored under new ids); a code alone may be
    another customer's.
    """
    if row is None or (row.remote_id is None and row.synced_at is None):
        return row
    same = reads_the_same(values[kind.name], getattr(row, kind.name))
    return row if same and (row.remote_id is None or (whole.complete and row.remote_id not in whole.ids)) else None


def _moved(
    session: Session, kind: Kind, whole: Listing, ours: Sequence[Any], since: datetime | None
) -> Iterator[Moved]:
    """Who of ours has a code that is somebody else's over there: one with another id, or of another name where we know
    no id. Who was in touch with them after `since` is passed over."""
    for row in ours:
        there = whole.owners.get(row.code or "")
        if there is None or row.remote_id == there.remote_id:
            continue
        if since is not None and _heard_of_since(session, row, since):
            continue
        values = as_kept(kind, there)
        if row.remote_id is None:
            ours_still = bool(row.sent_as) or reads_the_same(values[kind.name], getattr(row, kind.name))
        else:
            ours_still = _adopted(kind, whole, row, values) is not None
        if not ours_still:
            yield Moved(row.id, row.code, getattr(row, kind.name), values[kind.name], row.administration)


def as_kept(kind: Kind, remote: Theirs) -> dict[str, Any]:
    """Their fields but the code, as a row of ours holds them: cut to its columns, and never nameless."""
    lengths = _lengths(kind)
    values: dict[str, Any] = {}
    for name in kind.fields:
        value = getattr(remote, name)
        values[name] = value.strip()[: lengths[name]] if isinstance(value, str) else value
    if not bare(values[kind.name]):
        spare = (getattr(remote, name).strip() for name in kind.spare)
        values[kind.name] = next((text for text in spare if text), str(remote.remote_id))[: lengths[kind.name]]
    return values


@cache
def _lengths(kind: Kind) -> dict[str, int | None]:
    """How many characters the columns hold that a list fills."""
    columns = kind.model.__mapper__.columns
    return {name: getattr(columns[name].type, "length", None) for name in (*kind.fields, "code")}
