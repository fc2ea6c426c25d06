"""A list is stored in batches: what one writes, what is left when it stops halfway, and who is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event, func, select

from domain.message import NOTHING
from domain.relation import RelationDetails
from gateways.bookkeeping import Credentials, GoOn, RelationRows, RemoteRelation
from models import Relation, SyncRun
from services.catalogue import relations, waiting_runs
from services.link import connection, runs, storing
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db, hardly_waiting
from tests.services.test_sync import remote, stored, taken_in

SIZE = 10
ROWS = tuple(remote(n, str(6000 + n)) for n in range(1, 36))


class Books:
    """A bookkeeping that answers at once; `during` happens when it is asked."""

    def __init__(self, *rows: RemoteRelation, during: Callable[[], object] = lambda: None) -> None:
        self.rows = rows
        self.during = during

    def relations(self, credentials: Credentials, go_on: GoOn) -> RelationRows:
        self.during()
        db.session.rollback()
        return RelationRows(self.rows, complete=True)


@pytest.fixture
def small(vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Vos with nothing from the bookkeeping yet, its lists stored ten rows at a time, each batch noted on the run."""
    with write_transaction() as session:
        for row in session.scalars(select(Relation).where(Relation.id != vos.relation_id)):
            session.delete(row)
        session.scalars(select(Relation)).one().remote_id = None
    monkeypatch.setattr("services.link.storing.BATCH", SIZE)
    monkeypatch.setattr("services.link.merging.BATCH", SIZE)
    monkeypatch.setattr(runs, "_BEAT", 0.0)
    return vos


def sync(vos: SimpleNamespace, *rows: RemoteRelation, during: Callable[[], object] = lambda: None) -> SyncRun:
    return relations.sync(replace(vos.deps, bookkeeping=Books(*rows, during=during)), vos.actor)


@contextmanager
def heard() -> Iterator[list[tuple[str, int]]]:
    """Each statement that runs meanwhile, with how many rows of values it carries; commits stand between."""
    seen: list[tuple[str, int]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        seen.append((" ".join(statement.split()), len(values) if many else 1))

    def commit(_connection: Any) -> None:
        seen.append(("COMMIT", 0))

    event.listen(db.engine, "before_cursor_execute", hear)
    event.listen(db.engine, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
        event.remove(db.engine, "commit", commit)


def written(seen: list[tuple[str, int]]) -> list[int]:
    """Rows of relations that each transaction wrote, for those that wrote any."""
    sizes = [0]
    for statement, rows in seen:
        if statement == "COMMIT":
            sizes.append(0)
        elif statement.startswith(("INSERT INTO relation ", "UPDATE relation ")):
            sizes[-1] += rows
    return [size for size in sizes if size]


def names() -> list[tuple[int | None, str]]:
    query = select(Relation.remote_id, Relation.name).where(Relation.remote_id.is_not(None))
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(Relation.remote_id))]


def test_no_transaction_writes_more_than_a_batch(small: SimpleNamespace) -> None:
    with heard() as seen:
        run = sync(small, *ROWS)
    assert written(seen) == [10, 10, 10, 5]
    assert (run.added, run.unchanged, run.found) == (35, 0, 35)


def test_a_second_pass_writes_no_row_and_one_that_changed_is_written_alone(small: SimpleNamespace) -> None:
    sync(small, *ROWS)
    with heard() as seen:
        run = sync(small, *ROWS)
    assert written(seen) == []
    assert (run.added, run.changed, run.unchanged) == (0, 0, 35)
    with heard() as seen:
        run = sync(small, *ROWS[:20], replace(ROWS[20], city="Kruisdonk"), *ROWS[21:])
    assert written(seen) == [1]
    assert (run.added, run.changed, run.unchanged) == (0, 1, 34)


def test_what_a_row_is_sorted_by_follows_what_it_is_called(small: SimpleNamespace) -> None:
    sync(small, replace(ROWS[0], name="Éerste"))
    keys = select(Relation.sort_name).where(Relation.remote_id == ROWS[0].remote_id)
    assert db.session.scalars(keys).one() == "eerste"
    sync(small, replace(ROWS[0], name="Ander"))
    assert db.session.scalars(keys).one() == "ander"


def test_others_can_write_while_a_batch_is_compared(small: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    sync(small, *ROWS)
    compared, free = storing.compare, []

    def compare(session: Any, *rest: Any) -> Any:
        changes = compared(session, *rest)
        if not session.info.get("writing"):
            with hardly_waiting(db.engine.execution_options(immediate=True)) as other:
                free.append(other.in_transaction())
                other.rollback()
        return changes

    monkeypatch.setattr(storing, "compare", compare)
    assert sync(small, *ROWS).unchanged == 35
    assert free == [True] * 4


def test_who_vanished_is_marked_in_steps_after_all_the_rest(small: SimpleNamespace) -> None:
    sync(small, *ROWS)
    with heard() as seen:
        run = sync(small, *ROWS[:12], remote(99, "9999"))
    assert (run.added, run.vanished, run.unchanged) == (1, 23, 12)
    assert written(seen)[0] == 1
    assert max(written(seen)) <= SIZE
    assert sum(written(seen)) == 24
    assert sync(small, *ROWS[:12], remote(99, "9999")).vanished == 0


class Killed(BaseException):
    """What a process that dies looks like from inside."""


def kill_at(monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    """Die in the transaction of the so-many-th batch, once."""
    left = [batch]
    write = storing.write

    def dying(*given: Any) -> None:
        write(*given)
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    monkeypatch.setattr(storing, "write", dying)


def lease_over() -> None:
    with write_transaction() as session:
        run = session.scalars(select(SyncRun).where(SyncRun.finished_at.is_(None))).one()
        run.lease_until = database_now(session) - timedelta(seconds=1)


def test_what_a_killed_process_stored_stays_and_the_next_goes_on_without_doubling(
    small: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_at(monkeypatch, 3)
    with pytest.raises(Killed):
        sync(small, *ROWS)
    run = runs.under_way("relations")
    assert run
    assert (run.added, run.found) == (20, 35)
    assert names() == [(row.remote_id, row.name) for row in ROWS[:20]]
    db.session.rollback()
    lease_over()
    with heard() as seen:
        waiting_runs.carry_out(replace(small.deps, bookkeeping=Books(*ROWS)), small.actor)
    assert written(seen) == [10, 5]
    run = runs.last_run("relations")
    assert run
    assert (run.added, run.unchanged, run.found, run.error) == (35, 0, 35, NOTHING)
    assert names() == [(row.remote_id, row.name) for row in ROWS]
    assert db.session.scalar(select(func.count()).select_from(SyncRun).where(SyncRun.finished_at.is_(None))) == 0


def test_a_fault_halfway_ends_the_run_and_says_what_was_stored(
    small: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, left = storing.write, [2]

    def failing(*given: Any) -> None:
        write(*given)
        left[0] -= 1
        if not left[0]:
            raise ZeroDivisionError

    monkeypatch.setattr(storing, "write", failing)
    with pytest.raises(ZeroDivisionError):
        sync(small, *ROWS)
    run = runs.last_run("relations")
    assert run
    assert (run.error, run.added, run.complete) == (runs.OUR_FAULT, 10, False)
    assert sync(small, *ROWS).added == 25


def test_credentials_that_change_halfway_stop_the_writing(
    small: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, batches = storing.write, []

    def counted(*given: Any) -> None:
        batches.append(len(given[2].added))
        write(*given)

    def noted(self: runs.Hold, *given: Any, **counts: Any) -> SyncRun:
        run = kept(self, *given, **counts)
        connection.locked(given[0]).version += 1
        return run

    kept = runs.Hold.stored
    monkeypatch.setattr(storing, "write", counted)
    monkeypatch.setattr(runs.Hold, "stored", noted)
    with pytest.raises(connection.LinkChanged):
        sync(small, *ROWS)
    run = runs.last_run("relations")
    assert run
    assert (batches, run.added, run.error) == ([10], 10, runs.LINK_CHANGED)


def test_who_was_replaced_halfway_writes_no_further_batch(
    small: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, batches = storing.write, []

    def slow(*given: Any) -> None:
        batches.append(1)
        if len(batches) == 2:
            open_ = given[0].scalars(select(SyncRun).where(SyncRun.finished_at.is_(None))).one()
            open_.lease_until = database_now(given[0]) + timedelta(seconds=77)
        write(*given)

    monkeypatch.setattr(storing, "write", slow)
    run = sync(small, *ROWS)
    assert (run.finished_at, len(batches), len(names())) == (None, 2, 10)


def test_what_was_in_touch_after_the_question_is_not_overwritten_nor_called_vanished(small: SimpleNamespace) -> None:
    stored(small, *ROWS)

    def meanwhile() -> None:
        with write_transaction() as session:
            now = database_now(session)
            row = session.scalars(select(Relation).where(Relation.remote_id == 3)).one()
            row.name, row.synced_at = "Net gewijzigd", now + timedelta(milliseconds=5)
            session.add(Relation(remote_id=777, code="7777", name="Net gemaakt", synced_at=row.synced_at))

    run = sync(small, *ROWS, during=meanwhile)
    assert (run.changed, run.vanished, run.unchanged) == (0, 0, 35)
    assert dict(names())[3] == "Net gewijzigd"
    run = sync(small, *ROWS)
    assert (run.changed, run.vanished) == (1, 1)


def test_nor_is_it_when_the_list_was_read_before_its_run_began(small: SimpleNamespace) -> None:
    stored(small, *ROWS)
    db.session.rollback()
    asked_at = database_now(db.session())
    with write_transaction() as session:
        row = session.scalars(select(Relation).where(Relation.remote_id == 3)).one()
        row.name, row.synced_at = "Net gewijzigd", asked_at + timedelta(milliseconds=1)
    run = taken_in(small, relations.KIND, RelationRows(ROWS, complete=True), asked_at)
    assert (run.changed, run.unchanged) == (0, 35)
    assert dict(names())[3] == "Net gewijzigd"


def test_codes_change_places_over_the_border_of_a_batch(small: SimpleNamespace) -> None:
    stored(small, *ROWS)
    turned = [replace(row, code=ROWS[-1 - n].code) for n, row in enumerate(ROWS)]
    run = sync(small, *turned)
    assert (run.added, run.changed, run.unchanged, run.vanished) == (0, 34, 1, 0)
    codes = dict(
        db.session.execute(select(Relation.remote_id, Relation.code).where(Relation.remote_id.is_not(None))).all()
    )
    assert {row.remote_id: row.code for row in turned}.items() <= codes.items()


def test_of_two_with_one_code_in_different_batches_one_becomes_ours(small: SimpleNamespace) -> None:
    own = relations.create(small.actor, RelationDetails(name="Zelf gemaakt", code="6001"))
    run = sync(small, *ROWS, remote(36, "6001", name="Dubbel"))
    assert (run.added, run.changed) == (35, 1)
    db.session.rollback()
    assert [row for row in names() if row[0] in (1, 36)] == [(1, "Klant 1"), (36, "Dubbel")]
    adopted = relations.get(own)
    assert adopted
    assert (adopted.remote_id, adopted.code) == (1, "6001")
