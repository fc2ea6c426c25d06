"""Rows are found by their words, which follow whatever happens to the rows, in the same transaction."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import load_only

from domain.administration import FIRST
from domain.message import Refusal, msg
from domain.numbering import written
from domain.permissions import Actor
from domain.relation import RelationDetails
from gateways.bookkeeping import RemoteRelation
from models import Article, InvoicePosting, Location, Relation, SearchWord, Worker, WorkOrder
from services import paging, searching
from services.catalogue import articles, locations, relations
from services.catalogue.articles import ArticleInput
from services.catalogue.locations import LocationInput
from services.invoicing import press
from services.link.merging import merge
from services.orders import choices, listing, work_orders
from services.orders.listing import Filter
from services.orders.work_orders import OrderInput
from services.transaction import write_transaction
from tenancy.database import db

YILDIZ = RelationDetails(
    "Restaurant Yıldız", code="7104", city="’s-Hertogenbosch", postcode="5211 AB", phone="073-6123456",
    email="info@yildiz.example", contact="Ayşe Öztürk",
)  # fmt: skip


@pytest.fixture
def order(vos: SimpleNamespace) -> SimpleNamespace:
    """An order of a customer with an accent, at a work site."""
    customer = relations.create(vos.actor, YILDIZ)
    site = locations.create(vos.actor, customer, LocationInput("Kade 7", "Keuken", city="Oss"))
    key = work_orders.create(vos.actor, OrderInput(title="Afzuigkap reinigen", relation_id=customer, location_id=site))
    return SimpleNamespace(id=key, customer=customer, site=site, actor=vos.actor)


def found(actor: object, text: str) -> set[UUID]:
    return {row.id for row in listing.list_(actor, Filter(text=text)).rows}


@pytest.mark.parametrize("few", [1000, 0])
def test_an_order_is_found_by_what_stands_on_it(
    order: SimpleNamespace, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "FEW", few)  # with 0 every word is a frequent one
    for text in (
        "yildiz", "RESTAURANT YILDIZ", "7104", "hertogenbosch", "5211ab", "0736123456", "info@yildiz.example",
        "ozturk", "afzuig", "keuken oss", "yildiz afzuigkap kade",
    ):  # fmt: skip
        assert found(order.actor, text) == {order.id}, text
        assert found(order.actor, f"{text} zeppelin") == set(), text


def test_an_order_is_found_by_its_number_and_that_of_its_invoice(vos: SimpleNamespace) -> None:
    number = db.session.scalars(select(WorkOrder.number).where(WorkOrder.id == vos.order_id)).one()
    press.approve(vos.deps, vos.actor, vos.order_id)
    invoice = db.session.scalars(select(InvoicePosting.number)).one()
    for text in (number, number.replace("-", ""), invoice, invoice.lower(), invoice[:-2], invoice.rpartition("-")[2]):
        assert vos.order_id in found(vos.actor, text), text
    assert found(vos.actor, f"{invoice}9") == set()


def test_an_order_is_found_by_the_number_that_its_customer_gave(order: SimpleNamespace) -> None:
    given = OrderInput(title="Kanaal vegen", relation_id=order.customer, customer_order_number="PO-45/00123 fase 2")
    work_orders.edit(order.actor, order.id, given)
    for text in ("PO-45/00123", "po45", "00123", "123", "fase kanaal"):
        assert found(order.actor, text) == {order.id}, text
    work_orders.edit(order.actor, order.id, replace(given, customer_order_number="OPD-104257"))
    assert (found(order.actor, "00123"), found(order.actor, "opd104257")) == (set(), {order.id})


def test_words_follow_what_is_changed_and_what_goes(order: SimpleNamespace) -> None:
    relations.edit(order.actor, order.customer, replace(YILDIZ, name="Eethuis Çelik"))
    assert (found(order.actor, "restaurant"), found(order.actor, "celik")) == (set(), {order.id})
    work_orders.edit(order.actor, order.id, OrderInput(title="Kanaal vegen", relation_id=order.customer))
    assert (found(order.actor, "afzuigkap"), found(order.actor, "keuken")) == (set(), set())
    assert found(order.actor, "kanaal") == {order.id}
    locations.remove(order.actor, order.customer, order.site)
    assert db.session.scalars(select(SearchWord.word).where(SearchWord.id == order.site)).all() == []


def test_a_frequent_word_gives_the_rows_by_name_page_by_page(
    vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What few rows have is looked up, what many have is read from the index: to who turns pages it is the same."""
    with write_transaction() as session:  # a row with two words that begin alike comes once
        session.add_all(Relation(name=f"{('Zand', 'Aal')[n % 2]} {n} Bouw Bouwerij", city="Oss") for n in range(120))
        session.add_all(Relation(name=f"Bouw{n}") for n in range(3))
    for text, alike in (("bouw", 20), ("bouw oss", 20), ("bouw", 1), ("bouw zand", 20)):
        seen = {}
        for few in (1000, 0):
            monkeypatch.setattr(searching, "FEW", few)
            monkeypatch.setattr(searching, "HANDFUL", few)
            monkeypatch.setattr(searching, "SPELLED", alike)
            page, seen[few] = relations.list_(text), []
            while True:
                seen[few].append([row.name for row in page.rows])
                if not page.next:
                    break
                page = relations.list_(text, after=page.next)
            back = relations.list_(text, after=page.previous)
            assert [row.name for row in back.rows] == seen[few][-2], text
            assert [row.name for row in relations.find(text, 5)] == seen[few][0][:5]
        assert seen[0] == seen[1000], text
        assert sum(map(len, seen[0])) == {"bouw": 123, "bouw oss": 120, "bouw zand": 60}[text]


@pytest.mark.parametrize("sort", ["number", "-number", "-planned"])
def test_a_frequent_word_gives_the_orders_page_by_page_however_they_are_read(
    vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    """Looked up, read side by side from the index, or sought in the list: to who turns pages it is the same."""
    with write_transaction() as session:
        customer, site = (
            Relation(name="Goot & Co"),
            Location(name="Gootweg", address="Kade 1", relation_id=vos.relation_id),
        )
        session.add_all((customer, site))
        session.flush()
        for n in range(170):  # 57 by their own words, two that begin alike; 57 by both beside them; 56 by nothing
            own, beside = ("Goot en gootsteen", {}), ("Lamp", {"relation_id": customer.id, "location_id": site.id})
            title, of = (own, beside, ("Goud", {}))[n % 3]
            session.add(an_order(2024 + n // 100, n, title=title, planned_on=date(2026, 1, n % 20 + 1), **of))
    reading: dict[str, dict[str, int]] = {
        "looked up": {},
        "side by side": {"FEW": 0},
        "sought": {"FEW": 0, "SPELLED": 0},
        "sought near": {"FEW": 0, "SPELLED": 0, "NEAR": 40},
        "short": {"FEW": 200},
    }
    for text in ("goot", "go", "goot la"):
        seen = {}
        for name, limits in reading.items():
            with monkeypatch.context() as changed:
                for limit, value in limits.items():
                    changed.setattr(paging if limit == "NEAR" else searching, limit, value)
                state = "draft" if name == "short" else ""
                seen[name] = turned(vos.actor, Filter(text=text, sort=sort, state=state))
        assert sum(map(len, seen["looked up"])) == {"goot": 114, "go": 170, "goot la": 57}[text]
        assert all(pages == seen["looked up"] for pages in seen.values()), (sort, text)


def an_order(year: int, serial: int, **values: object) -> WorkOrder:
    now = datetime.now(UTC)
    return WorkOrder(number=written("", year, serial), created_at=now, changed_at=now, **values)


def turned(actor: Actor, wanted: Filter) -> list[list[str]]:
    """The numbers on each page, forward, and on the last but one, back."""
    page = listing.list_(actor, wanted)
    pages = [[row.number for row in page.rows]]
    while page.next:
        page = listing.list_(actor, replace(wanted, after=page.next))
        pages.append([row.number for row in page.rows])
    if page.previous:
        back = listing.list_(actor, replace(wanted, after=page.previous))
        assert [row.number for row in back.rows] == pages[-2]
    return pages


def test_of_many_words_the_longest_count(order: SimpleNamespace) -> None:
    assert found(order.actor, "afzuigkap reinigen restaurant yildiz keuken kade oss 7104 z") == {order.id}
    assert found(order.actor, "afzuigkap reinigen restaurant yildiz keuken kade z") == set()


def test_what_was_undone_left_no_words(vos: SimpleNamespace) -> None:
    with suppress(Refusal), write_transaction() as session:
        session.add(Relation(name="Zeppelin"))
        session.flush()
        raise Refusal(msg("toch niet"))
    relations.save_own(vos.actor, vos.relation_id, relations.Own("een bewaarde notitie"))
    assert db.session.scalars(select(SearchWord.id).where(SearchWord.word == "zeppelin")).all() == []


def test_what_a_sync_adds_and_changes_is_found(vos: SimpleNamespace) -> None:
    for name in ("Ångström", "Smörgås"):
        with write_transaction() as session:
            remote = RemoteRelation(remote_id=990, name=name, code="A990", city="Ede")
            merge(session, relations.KIND, remote, datetime.now(UTC), FIRST)
        assert [row.name for row in relations.list_(f"{name.lower()} a990").rows] == [name]
    assert relations.list_("angstrom").rows == ()


def test_pickers_find_alike(order: SimpleNamespace) -> None:
    articles.create(order.actor, ArticleInput("Coöperatieve buis 15 mm", code="KR 15/22"))
    with write_transaction() as session:
        session.add(Worker(name="Émile"))
    assert choices.customers("yildiz 7104").called("restaurant yildiz")
    assert choices.customers("Restaurant Yıldız, ’s-Hertogenbosch (7104)").hits
    assert len(choices.sold("cooperatieve kr15").hits) == len(choices.workers("emile").hits) == 1
    assert len(choices.locations(order.customer, "kade keuken").hits) == 1


def test_every_row_has_its_words_and_no_word_is_nobodys(order: SimpleNamespace) -> None:
    assert_in_step()


def test_words_follow_a_row_of_which_not_all_was_read(vos: SimpleNamespace) -> None:
    with write_transaction() as session:
        session.scalars(select(Worker).options(load_only(Worker.name))).one().name = "Émile"
    assert_in_step()


def assert_in_step() -> None:
    """Rows and index say the same."""
    stored: dict[UUID, set[tuple[str, str]]] = {}
    for key, word, sort in db.session.execute(select(SearchWord.id, SearchWord.word, SearchWord.sort)):
        stored.setdefault(key, set()).add((word, sort))
    kinds = (Relation, Location, Article, Worker, WorkOrder)
    rows = [row for model in kinds for row in db.session.scalars(select(model))]
    for row in rows:
        assert row.found_by == row.found_by_of({name: getattr(row, name) for name in row.FOUND_BY})
    sorts = {row.id: row.stands_at(*(getattr(row, name) for name in row.LISTED_BY)) for row in rows}
    wanted = {row.id: {(word, sorts[row.id]) for word in row.found_by.split()} for row in rows}
    assert stored == {key: words for key, words in wanted.items() if words}
