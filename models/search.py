"""The words that rows are found by (domain/finding.py), in an index that both databases read alike.

What has words says by which columns (`Searched`), and its words are written in the same transaction, as the last thing
before its commit; who writes rows without the ORM calls `write_words` or `rewrite_words`. Why a table of ours:
docs/adr/0014.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, Uuid, delete, event, inspect, select
from sqlalchemy.orm import Mapped, Session, SessionTransaction, UOWTransaction, mapped_column

from domain.finding import LONGEST_WORD, words_in
from models._sorted import by_code
from tenancy.database import Base
from tenancy.fence import FencedSession, TenantScoped
from tenancy.many_rows import insert_rows

_TOLD = "told"  # in a session's info: id → the words it should have, and whether it is new
_STEP = 5000
_Told = dict[str, dict[UUID, tuple[frozenset[str], bool]]]


class SearchWord(TenantScoped, Base):
    """A word that a row of the table `kind` is found by."""

    __tablename__ = "search_word"
    __table_args__ = (
        UniqueConstraint("tenant_id", "owner_id", "word"),
        Index("ix_search_word_tenant_id_kind", "tenant_id", "kind", "word", "owner_id"),
    )
    kind: Mapped[str] = mapped_column(String(10))
    word: Mapped[str] = mapped_column(by_code(LONGEST_WORD))
    owner_id: Mapped[UUID] = mapped_column(Uuid)


class Searched:
    """Mixin of a tenant's table whose rows are found by what somebody types."""

    FOUND_BY: ClassVar[tuple[str, ...]]  # the columns whose words they are found by

    @classmethod
    def words_of(cls, values: Mapping[str, Any]) -> frozenset[str]:
        """The words of a row with these values."""
        return words_in(*(values.get(column) or "" for column in cls.FOUND_BY))


def rewrite_words(session: Session, model: Any, ids: Collection[UUID]) -> None:
    """Give rows that were changed without the ORM the words that they have now."""
    columns = [getattr(model, column) for column in model.FOUND_BY]
    rows = session.execute(select(model.id, *columns).where(model.id.in_(ids))) if ids else ()
    words = {row.id: model.words_of(dict(zip(model.FOUND_BY, row[1:], strict=True))) for row in rows}
    if words:
        write_words(session, model.__tablename__, words)


def write_words(session: Session, kind: str, words: Mapping[UUID, frozenset[str]], new: bool = False) -> None:
    """Give rows of a kind these words in the place of those they have, inside the caller's transaction; only what
    differs is written. `new`: they have none yet."""
    missing = {(owner, word) for owner, wanted in words.items() for word in wanted}
    gone = []
    if not new:
        present = select(SearchWord.id, SearchWord.owner_id, SearchWord.word).where(SearchWord.owner_id.in_(words))
        for word_id, owner, word in session.execute(present):
            if word in words[owner]:
                missing.remove((owner, word))
            else:
                gone.append(word_id)
    for step in range(0, len(gone), _STEP):
        these = SearchWord.id.in_(gone[step : step + _STEP])
        session.execute(delete(SearchWord).where(these).execution_options(synchronize_session=False))
    insert_rows(session, SearchWord, [{"kind": kind, "owner_id": owner, "word": word} for owner, word in missing])


@event.listens_for(FencedSession, "after_flush")
def _notice(session: FencedSession, _context: UOWTransaction) -> None:
    told: _Told = session.info.setdefault(_TOLD, {})
    for rows, new, gone in ((session.new, True, False), (session.dirty, False, False), (session.deleted, False, True)):
        for row in rows:
            if isinstance(row, Searched):
                _note(told, row, new, gone)


def _note(told: _Told, row: Any, new: bool, gone: bool) -> None:
    values = inspect(row).attrs
    if new or gone or any(values[column].history.has_changes() for column in row.FOUND_BY):
        words = frozenset() if gone else row.words_of({column: getattr(row, column) for column in row.FOUND_BY})
        of_kind = told.setdefault(row.__tablename__, {})
        _words, new = of_kind.get(row.id, (words, new))  # made in this transaction, it is new whatever changed since
        of_kind[row.id] = words, new


@event.listens_for(FencedSession, "before_commit")
def _write(session: FencedSession) -> None:
    session.flush()
    for kind, rows in session.info.pop(_TOLD, {}).items():
        for new in (True, False):
            words = {owner: wanted for owner, (wanted, is_new) in rows.items() if is_new is new}
            if words:
                write_words(session, kind, words, new)


@event.listens_for(FencedSession, "after_transaction_end")
def _forget(session: FencedSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_TOLD, None)
