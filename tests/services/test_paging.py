"""Lists in pages: nothing twice, nothing lost, whatever comes in above meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from domain.relation import RelationDetails
from models import InvoiceNumber, Person, SupportVisit
from services import paging
from services.catalogue import articles, relations
from services.catalogue.articles import ArticleInput
from services.invoicing import issued_numbers, press
from services.link import runs
from services.orders import listing
from services.support import desk
from services.trail import history
from services.transaction import write_transaction
from tenancy.clock import database_now
from tests.support.cast import make_order
from tests.support.sandbox_process import Sandbox

Ask = Callable[[str], paging.Page[Any]]


def walk(ask: Ask, between: Callable[[], object] = lambda: None) -> list[Any]:
    """Every row, page after page."""
    seen, page = [], ask("")
    while True:
        assert len(page.rows) <= paging.SIZE
        seen += page.rows
        if not page.next:
            return seen
        between()
        page = ask(page.next)


def lists(vos: SimpleNamespace) -> dict[str, Ask]:
    """The lists that have pages, filled."""
    for name in ("anna", "Anna", "Bert", "anna", "ANNA", "Čapek"):
        relations.create(vos.actor, RelationDetails(name))
        articles.create(vos.actor, ArticleInput(name))
    for planned in (None, date(2026, 12, 1), date(2026, 12, 1), None, date(2026, 11, 30)):
        make_order(vos.actor, None, state="draft", planned_on=planned)
    press.approve(vos.deps, vos.actor, vos.order_id)
    for sync in (relations.sync, articles.sync, articles.sync, articles.sync):
        sync(vos.deps, vos.actor)
    with write_transaction() as session:
        staff, now = session.scalars(select(Person.id).where(Person.is_support)).first(), database_now(session)
        for _ in range(5):  # at the same moment, so that the id decides
            session.add(
                SupportVisit(tenant_id=vos.tenant_id, staff_id=staff, reason="test", started_at=now, ends_at=now)
            )
        session.add_all(InvoiceNumber(number=f"X{n}", prefix="X", year=2026, serial=n, state="free", changed_at=now)
                        for n in range(5))  # fmt: skip

    def orders(sort: str) -> Ask:
        return lambda after: listing.list_(vos.actor, listing.Filter(sort=sort, after=after))

    def part_of_the_log(kind: str) -> Ask:
        return lambda after: history.list_(after, history.Filter(kind=kind, who="t"))

    return {
        "relations": lambda after: relations.list_(after=after),
        "articles": lambda after: articles.list_(after=after),
        "log": history.list_,
        **{f"log of {kind}": part_of_the_log(kind) for kind in ("orders", "catalogue")},
        "numbers": issued_numbers.list_,
        "runs": runs.list_,
        "visits": desk.visits,
        **{sort: orders(sort) for sort in ("number", "-number", "planned", "-planned")},
    }


def whole_and_in_pages(vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every list is the same in pages of two as it is in one."""
    for name, ask in lists(vos).items():
        monkeypatch.setattr(paging, "SIZE", 1000)
        whole = ask("")
        assert whole.next == ""
        assert len(whole.rows) > 3, name
        monkeypatch.setattr(paging, "SIZE", 2)
        assert [repr(row) for row in walk(ask)] == [repr(row) for row in whole.rows], name
        for nonsense in (str(uuid4()), "onzin", "1", "x" * 4000):
            assert [repr(row) for row in ask(nonsense).rows] == [repr(row) for row in whole.rows[:2]], name


def test_every_list_is_the_same_in_pages_as_it_is_whole(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_and_in_pages(vos, monkeypatch)


def test_rows_that_come_in_above_shift_nothing(vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("D", "E", "F", "G"):
        relations.create(vos.actor, RelationDetails(name))
    before = [row.name for row in relations.list_().rows]
    monkeypatch.setattr(paging, "SIZE", 2)
    names = [
        row.name
        for row in walk(
            lambda after: relations.list_(after=after), lambda: relations.create(vos.actor, RelationDetails("A"))
        )
    ]
    assert names == before


def test_orders_without_a_day_come_last_either_way(vos: SimpleNamespace) -> None:
    asked = lists(vos)
    for sort in ("planned", "-planned"):
        days = [row.planned_on for row in asked[sort]("").rows]
        assert None in days
        assert all(day is None for day in days[days.index(None) :])


def three_on_and_back(ask: Ask, between: Callable[[], object]) -> tuple[list[Any], list[Any]]:
    """The rows of the first four pages, page by page, and those of the way back from there to the first."""
    on = [ask("")]
    assert on[0].previous == "", "there is nothing before the first page"
    for _ in range(3):
        between()
        assert on[-1].next
        on.append(ask(on[-1].next))
    back = [on[-1]]
    for _ in range(3):
        between()
        back.append(ask(back[-1].previous))
    return [page.rows for page in on], [page.rows for page in reversed(back)]


def two_a_page(vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> dict[str, Ask]:
    """The lists, with three planned orders more, in pages of two rows."""
    asked = lists(vos)
    for day in (1, 2, 3):
        make_order(vos.actor, None, state="draft", planned_on=date(2026, 12, day))
    monkeypatch.setattr(paging, "SIZE", 2)
    return asked


def test_three_pages_on_and_three_back_show_the_same_rows_while_rows_come_in(
    vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = two_a_page(vos, monkeypatch)
    comes_in = {
        "-number": lambda: make_order(vos.actor, None, state="draft"),
        "relations": lambda: relations.create(vos.actor, RelationDetails("A")),
    }
    for name, between in comes_in.items():
        on, back = three_on_and_back(asked[name], between)
        assert on == back, name


def test_a_page_on_behind_which_nothing_is_left_is_the_first_one(vos: SimpleNamespace) -> None:
    for name in ("D", "E"):
        relations.create(vos.actor, RelationDetails(name))
    last = relations.list_().rows[-1]
    found = relations.list_(after=str(last.id))
    assert last.id in [row.id for row in found.rows]
    assert found.previous == ""


def test_rows_that_come_in_between_are_shown_and_hide_none(
    vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = two_a_page(vos, monkeypatch)
    for sort in ("planned", "-planned"):
        on, back = three_on_and_back(
            asked[sort], lambda: make_order(vos.actor, None, state="draft", planned_on=date(2026, 12, 1))
        )
        for way in (on, back):
            ids = [row.id for rows in way for row in rows]
            assert len(ids) == len(set(ids)) == 8, sort


def test_every_list_is_walked_back_to_its_first_row(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, ask in lists(vos).items():
        monkeypatch.setattr(paging, "SIZE", 2)
        pages = [ask("")]
        while pages[-1].next:
            pages.append(ask(pages[-1].next))
        page, back = pages[-1], [pages[-1].rows]
        while page.previous:
            page = ask(page.previous)
            back.append(page.rows)
        assert [repr(rows) for rows in reversed(back)] == [repr(page.rows) for page in pages], name


def test_a_page_back_that_would_not_be_full_is_the_first_one(
    vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("D", "E", "F", "G"):
        relations.create(vos.actor, RelationDetails(name))
    monkeypatch.setattr(paging, "SIZE", 2)
    second = relations.list_(after=relations.list_().next)
    relations.create(vos.actor, RelationDetails("A"))
    before = relations.list_(after=second.previous)
    assert before.previous != "", "one row came in above these"
    first = relations.list_(after=before.previous)
    assert [row.name for row in first.rows] == [row.name for row in relations.list_().rows]
    assert first.previous == ""
