"""What the processes of one machine count together in a file, and what they do without it."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest

from domain.outcome import Problem
from gateways.bookkeeping import Spent
from gateways.eboekhouden.guards import Budget
from gateways.file_counts import FileCounts, day_counts
from gateways.shared_counts import Away
from tests.gateways.conftest import Books

LIST, INVOICE = "GetRelaties", "AddFactuur"


def test_processes_count_together_and_the_owner_is_told_the_sum(tmp_path: Path) -> None:
    here, there = (Budget(10, 4, FileCounts(tmp_path / "calls.sqlite3"), searching=2) for _ in range(2))
    threads = [threading.Thread(target=one.spend, args=(1, LIST)) for one in (here, there) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in (here, there):
        assert (one.told(1).made, one.told(1).most, one.told(1).kept, one.told(2).made) == (6, 10, 4, 0)
        with pytest.raises(Spent) as spent:
            one.spend(1, LIST)
        assert spent.value.problem is Problem.NONE, "invoices still go"
    for turn in range(4):
        (here, there)[turn % 2].spend(1, INVOICE)
    with pytest.raises(Spent) as last:
        here.spend(1, INVOICE)
    assert last.value.problem is Problem.DAY_LIMIT
    here.search(1)
    there.search(1)
    with pytest.raises(Spent, match="verder gezocht"):
        here.search(1)
    assert here.told(1).searched == 2


def test_a_new_day_begins_at_nothing_and_what_is_old_goes(tmp_path: Path) -> None:
    days = [date(2026, 11, 26)]
    budget = Budget(2, 0, FileCounts(tmp_path / "calls.sqlite3"), lambda: days[-1])
    budget.spend(1, LIST)
    days.append(date(2026, 11, 27))
    assert budget.told(1).made == 0
    counts = FileCounts(tmp_path / "calls.sqlite3")
    counts.spend("gone", 0, 9, -5)
    counts.spend("new", 0, 9, 60)
    assert (counts.told("gone"), counts.told("new")) == (0, 1)


def test_without_the_file_each_counts_for_itself(tmp_path: Path) -> None:
    lost = FileCounts(tmp_path / "not there" / "calls.sqlite3")
    for ask in (lambda: lost.spend("a", 0, 1, 1), lambda: lost.told("a")):
        with pytest.raises(Away):
            ask()
    budget = Budget(1, 0, lost)
    budget.spend(1, LIST)
    with pytest.raises(Spent):
        budget.spend(1, LIST)
    assert budget.told(1).made == 1


def test_with_redis_there_is_no_file() -> None:
    assert day_counts("redis://127.0.0.1:1/0") is None
    assert day_counts("sqlite:////data/queue.sqlite3") is not None


def test_a_search_ends_where_its_days_budget_does_and_keeps_what_it_found(books: Books) -> None:
    books.gateway._budget = Budget(searching=3)
    books.sandbox.relations("demo", {"generate": 2100})
    found = books.gateway.relations(books.credentials)
    assert not found.complete
    assert found.why.key == "call.search_spent"
    assert len(found.rows) >= 2000
    assert books.gateway.calls_today(1).searched == 3
    assert books.gateway.find_invoice(books.credentials, "WB1") is None
