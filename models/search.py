"""The words that rows are found by (domain/finding.py): in a text beside the row, and in an index of all words,
which both databases read alike and in which the rows of a word stand as lists show them.

What has words says by which columns (`Searched`). The text follows them at every flush; the index follows the text in
the same transaction, as the last thing before its commit. Who writes rows without the ORM does so by
`add_rows` and `change_rows`. Why a table of ours: docs/adr/0014.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Connection, PrimaryKeyConstraint, String, Text, event, inspect, select
from sqlalchemy.orm import Mapped, Mapper, Session, SessionTransaction, UOWTransaction, declared_attr, mapped_column
from uuid_utils.compat import uuid7

from domain.finding import LONGEST_WORD, words_in
from domain.fold import LONGEST
from models._sorted import by_code
from tenancy.database import Base
from tenancy.fence import FencedSession, TenantScoped
from tenancy.many_rows import delete_rows, insert_rows, update_rows

_TOLD = "told"  # in a session's info: kind → id → what the index says of it, and what it should say
_Entries = frozenset[tuple[str, str]]  # each word, and what the row is sorted by
_NONE: _Entries = frozenset()
_Told = dict[str, dict[UUID, tuple[_Entries, _Entries]]]


class SearchWord(TenantScoped, Base):
    """A word, and the `id` of a row of the table `kind` that is found by it, with what that table is listed by
    (`sort`). The key is all there is, so a word more is one entry in one tree."""

    __tablename__ = "search_word"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "kind", "word", "sort", "id"),
        {"sqlite_with_rowid": False},
    )
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    word: Mapped[str] = mapped_column(by_code(LONGEST_WORD), primary_key=True)
    sort: Mapped[str] = mapped_column(by_code(LONGEST), primary_key=True)


class Searched:
    """Mixin of a tenant's table whose rows are found by what somebody types. `found_by` is their words, each behind a
    blank."""

    FOUND_BY: ClassVar[tuple[str, ...]]  # the columns whose words they are found by
    LISTED_BY: ClassVar[tuple[str, ...]] = ("sort_name",)  # the columns that say where a row stands among them

    @declared_attr
    def found_by(cls) -> Mapped[str]:
        """The words as one text, for who has the row and asks whether a word is among them."""
        return mapped_column(
            Text().with_variant(Text(collation="C"), "postgresql"),
            default=lambda row: cls.found_by_of(row.get_current_parameters()),
            server_default="",
            active_history=True,  # what stood there is what has to go from the index
        )

    @classmethod
    def found_by_of(cls, values: Mapping[str, Any]) -> str:
        """The words of a row with these values."""
        return "".join(f" {word}" for word in words_in(*(values.get(column) or "" for column in cls.FOUND_BY)))

    @staticmethod
    def stands_at(sort_name: str) -> str:
        """What the index has a row sorted by, of the values of `LISTED_BY`."""
        return sort_name


def add_rows(session: Session, model: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add rows of a table that is listed by name and found by words, without the ORM, inside the caller's
    transaction."""
    new = [{"id": uuid7(), **row, **_followed(model, row)} for row in rows]
    insert_rows(session, model, new)
    _write(
        session, model.__tablename__, {row["id"]: (_NONE, _entries(row["found_by"], row["sort_name"])) for row in new}
    )


def change_rows(session: Session, model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Change rows of such a table, each named by its `id` with the columns that get another value; of the index is
    written what differs."""
    names = {"found_by", "sort_name", *model.FOUND_BY, *model.CALLED}
    columns = [getattr(model, name) for name in sorted(names)]
    ids = [row["id"] for row in rows]
    # locked: whoever changes one of them now would leave words behind that are not in what was read
    query = select(model.id, *columns).where(model.id.in_(ids)).with_for_update(key_share=True)
    present = session.execute(query).mappings() if ids else ()
    before = {row["id"]: dict(row) for row in present}
    new = [{**row, **_followed(model, {**before[row["id"]], **row})} for row in rows]
    update_rows(session, model, new)
    told = {row["id"]: (_entries_of(before[row["id"]]), _entries_of(row)) for row in new}
    _write(session, model.__tablename__, told)


def _followed(model: Any, values: Mapping[str, Any]) -> dict[str, str]:
    return {"sort_name": model.sort_name_of(values), "found_by": model.found_by_of(values)}


def _entries(found_by: str, sort: str) -> _Entries:
    return frozenset((word, sort) for word in found_by.split())


def _entries_of(row: Mapping[str, Any]) -> _Entries:
    return _entries(row["found_by"], row["sort_name"])


def _write(session: Session, kind: str, rows: Mapping[UUID, tuple[_Entries, _Entries]]) -> None:
    gone = sorted((*one, key) for key, (before, now) in rows.items() for one in before - now)
    missing = sorted((*one, key) for key, (before, now) in rows.items() for one in now - before)
    for entries, do in ((gone, delete_rows), (missing, insert_rows)):  # neighbours in the index follow one another
        do(session, SearchWord, [{"kind": kind, "word": word, "sort": sort, "id": key} for word, sort, key in entries])


@event.listens_for(Searched, "before_update", propagate=True)
def _follow(_mapper: Mapper[Any], _connection: Connection, row: Any) -> None:
    values = inspect(row).attrs
    if any(values[column].history.has_changes() for column in row.FOUND_BY):
        row.found_by = row.found_by_of({column: getattr(row, column) for column in row.FOUND_BY})


@event.listens_for(FencedSession, "after_flush")
def _notice(session: FencedSession, _context: UOWTransaction) -> None:
    told: _Told = session.info.setdefault(_TOLD, {})
    for rows, new, gone in ((session.new, True, False), (session.dirty, False, False), (session.deleted, False, True)):
        for row in rows:
            if isinstance(row, Searched):
                _note(told, row, new, gone)


def _note(told: _Told, row: Any, new: bool, gone: bool) -> None:
    state, names = inspect(row).attrs, ("found_by", *row.LISTED_BY)
    if not (new or gone or any(state[name].history.has_changes() for name in names)):
        return
    histories = [state[name].load_history() for name in names]
    before = [(history.deleted or history.unchanged or ("",))[0] for history in histories]
    of_kind = told.setdefault(row.__tablename__, {})
    first = _NONE if new else _entries(before[0], row.stands_at(*before[1:]))
    first, _now = of_kind.get(row.id, (first, _NONE))  # what an earlier flush found is what the index still says
    of_kind[row.id] = first, _NONE if gone else _entries(row.found_by, _place_of(row))


def _place_of(row: Any) -> str:
    stands: str = row.stands_at(*(getattr(row, name) for name in row.LISTED_BY))
    return stands


@event.listens_for(FencedSession, "before_commit")
def _write_told(session: FencedSession) -> None:
    session.flush()
    for kind, rows in session.info.pop(_TOLD, {}).items():
        _write(session, kind, rows)


@event.listens_for(FencedSession, "after_transaction_end")
def _forget(session: FencedSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_TOLD, None)
