"""Comparing rows as the bookkeeping has them with ours, and bringing ours in step: relations and articles alike.

The bookkeeping leads for its own fields; only differences are written. Nothing is called vanished unless the answer
was whole. Nobody is asked anything here, and nothing is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateways.bookkeeping import (
    ArticleRows,
    Bookkeeping,
    Credentials,
    GoOn,
    RelationRows,
    RemoteArticle,
    RemoteRelation,
)
from models import Article, Relation

Found = RelationRows | ArticleRows
Ours = Relation | Article
Theirs = RemoteRelation | RemoteArticle


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


@dataclass
class Tally:
    """What one comparison did."""

    added: int = 0
    changed: int = 0
    vanished: int = 0
    unchanged: int = 0
    complete: bool = True


def merge(session: Session, kind: Kind, found: Found, now: datetime) -> Tally:
    """Bring our rows in step with theirs, inside the caller's transaction."""
    have = everything(session, kind)
    # A duplicate in their answer counts once; sorted, so that who keeps a shared code is the same every time.
    rows: Sequence[Theirs] = found.rows
    theirs = {row.remote_id: row for row in sorted(rows, key=lambda row: row.remote_id)}
    known = any(row.remote_id is not None and row.vanished_at is None for row in have)
    # A list put together from several answers may miss one that stands alone, however careful the search was: it
    # is good for adding and changing, never for saying that something is gone (unless reading.Reading asked for that).
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


def everything(session: Session, kind: Kind) -> Sequence[Ours]:
    """All rows of ours of a kind."""
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
    used: set[str] = set()
    wanted = {}
    for number, remote in theirs.items():
        values = _values(kind, remote) | {"remote_id": number, "vanished_at": None}
        code = remote.code.strip()
        if code and len(code) <= longest and code not in used:
            used.add(code)
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
