"""What can be chosen: a few at a time, never of a neighbour, and a line looks up only what was typed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from models import Article, Location, Relation, Worker
from services.orders import choices
from services.orders.choices import MOST, Catalogue, TypedLine
from services.transaction import write_transaction
from tenancy.database import db
from tests.isolation.test_queries import counted
from tests.support.cast import process


@pytest.fixture
def shop(app: Flask, cast: SimpleNamespace) -> SimpleNamespace:
    """Vos with thirty of everything more."""
    process("vos")
    with write_transaction() as session:
        for n in range(30):
            session.add(Relation(code=f"B{n:02d}", name=f"Bakker {n:02d}", city="Lisse"))
            session.add(Worker(name=f"Monteur {n:02d}", active=n > 0))
            session.add(Article(code=f"KR-{n:02d}", description=f"Zwenkarm {n:02d}", price=Decimal(n), vat_code="high"))
            session.add(Location(relation_id=cast.vos.relation_id, address=f"Kade {n:02d}", city="Lisse"))
        session.add(Relation(code="WEG", name="Bakker Verdwenen", vanished_at=datetime.now(UTC)))
        session.add(Article(code="OUD", description="Oude zwenkarm", active=False))
    return SimpleNamespace(vos=cast.vos, buur=cast.buur)


def test_every_kind_gives_twenty_at_most_and_says_that_there_are_more(shop: SimpleNamespace) -> None:
    for found in (
        choices.customers("bakker"), choices.workers("monteur"), choices.sold("zwenkarm"),
        choices.locations(shop.vos.relation_id, "kade"),
    ):  # fmt: skip
        assert (len(found.hits), found.more) == (MOST, True)
        assert [hit.label for hit in found.hits] == sorted(hit.label for hit in found.hits)
    assert not choices.customers("bakker 07").more


def test_what_vanished_or_is_out_of_use_is_not_offered_but_still_has_its_name(shop: SimpleNamespace) -> None:
    assert choices.customers("verdwenen").hits == ()
    assert choices.sold("oude zwenkarm").hits == ()
    assert choices.workers("monteur 00").hits == ()
    gone = db.session.scalars(select(Relation.id).where(Relation.code == "WEG")).one()
    away = db.session.scalars(select(Worker.id).where(Worker.name == "Monteur 00")).one()
    customer, worker = choices.customer(gone), choices.worker(away)
    assert customer
    assert worker
    assert (customer.label, worker.label) == ("Bakker Verdwenen (WEG)", "Monteur 00")


def test_a_label_finds_its_own_row_again_and_so_do_name_and_code_in_any_capitals(shop: SimpleNamespace) -> None:
    for text in ("Bakker 07, Lisse (B07)", "bakker 07", "b07"):
        hit = choices.customers(text).called(text)
        assert hit
        assert hit.label == "Bakker 07, Lisse (B07)"
    assert choices.customers("bakker").called("bakker") is None
    both = choices.Found(
        (choices.Hit(shop.vos.relation_id, "Jansen, A"), choices.Hit(shop.buur.relation_id, "jansen, a"))
    )
    assert both.called("Jansen, A") is None, "two that are called the same are no answer"


def test_wildcards_are_letters(shop: SimpleNamespace) -> None:
    for text in ("%", "_", "\\"):
        assert choices.customers(text).hits == choices.sold(text).hits == choices.workers(text).hits == ()


def test_a_neighbours_rows_are_nowhere(shop: SimpleNamespace) -> None:
    assert choices.customer(shop.buur.relation_id) is None
    assert choices.location(shop.buur.location_id) is None
    assert choices.worker(shop.buur.worker_id) is None
    assert choices.locations(shop.buur.relation_id).hits == ()
    assert choices.locations(None).hits == ()
    stranger = TypedLine("article", article="Zwenkarm", article_id=shop.buur.article_id)
    assert Catalogue([stranger]).complete(stranger).article_id is None


def test_a_line_is_completed_by_code_description_label_or_pick(shop: SimpleNamespace) -> None:
    row = db.session.scalars(select(Article).where(Article.code == "KR-07")).one()
    given = [
        TypedLine("article", article=text)
        for text in ("KR-07", "kr-07", "Zwenkarm 07", "zwenkarm 07", "KR-07 · Zwenkarm 07")
    ]
    picked = TypedLine("article", article="anders genoemd", article_id=row.id)
    catalogue = Catalogue([*given, picked])
    for line in (*given, picked):
        done = catalogue.complete(line)
        assert (done.article_id, done.code, done.price) == (row.id, "KR-07", Decimal(7)), line
    unknown = catalogue.complete(TypedLine("article", article="zwenk"))
    assert unknown.article_id is None
    assert catalogue.near("zwenk").more


def test_a_hundred_lines_of_picked_articles_cost_as_many_questions_as_one(shop: SimpleNamespace) -> None:
    codes = [f"KR-{n:02d}" for n in range(30)]
    asked = []
    Catalogue([])  # what a transaction begins with is no part of it
    for lines in (codes[:1], codes):
        typed = [TypedLine("article", article=code) for code in lines]
        with counted() as seen:
            catalogue = Catalogue(typed)
            assert all(catalogue.complete(line).article_id for line in typed)
        asked.append(len(seen))
    assert asked[0] == asked[1]
