"""Articles on the screen: list, sync, making and editing, and who may do what."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from models import Article
from services.catalogue import articles
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.cast import process
from tests.support.sandbox_process import Sandbox

LIST = "/t/vos/articles/"
TYPED = {
    "description": "Rookmelder",
    "price": "1.234,50",
    "unit": "stuk",
    "vat_code": "low",
    "ledger_code": "8000",
}


def named(description: str) -> Article:
    process("vos")
    return db.session.scalars(select(Article).where(Article.description == description)).one()


def test_the_list_shows_price_unit_vat_and_ledger_account(client_as: Any) -> None:
    assert client_as("planner").post(LIST, data=TYPED | {"active": "y"}).status_code == 303
    text = client_as("reader").get(LIST, query_string={"q": "rookmelder"}).text
    for shown in ("Rookmelder", "1.234,50", "stuk", "9%", "8000", "alleen in Crafter"):
        assert shown in text


def test_the_rows_are_the_same_alone_and_inside_the_page(client_as: Any) -> None:
    client = client_as("reader")
    rows = client.htmx_get(LIST).text.strip()
    assert "<html" not in rows
    assert rows in client.get(LIST).text


def test_fetching_shows_the_result_inline(client_as: Any, sandbox: Sandbox) -> None:
    answer = client_as("office").htmx_post(LIST + "sync")
    assert "Artikelen opgehaald" in answer.text
    assert "<html" not in answer.text
    assert client_as("reader").post(LIST + "sync").status_code == 403
    assert client_as("worker").get(LIST).status_code == 403


def test_a_wrong_price_comes_back_as_it_was_typed(client_as: Any) -> None:
    answer = client_as("planner").post(LIST, data=TYPED | {"price": "twaalf"})
    assert answer.status_code == 422
    assert 'value="twaalf"' in answer.text
    assert 'id="price-error"' in answer.text
    assert "Rookmelder" in answer.text


def test_an_article_made_here_can_be_changed_and_taken_out_of_use(client_as: Any, cast: SimpleNamespace) -> None:
    client = client_as("planner")
    page = f"{LIST}{cast.vos.article_id}"
    assert 'value="68,40"' in client.get(page + "/edit").text
    assert client.post(page, data=TYPED | {"code": "40118"}).status_code == 303
    row = named("Rookmelder")
    assert (row.id, row.price, row.active) == (cast.vos.article_id, Decimal("1234.50"), False)
    assert row.id not in {choice.id for choice in articles.find("", 20)}
    assert "Rookmelder" not in client.get(LIST).text
    assert "Rookmelder" in client.get(LIST + "?vanished=1").text


def test_an_article_of_the_bookkeeping_shows_its_facts_and_is_not_changed_here(client_as: Any) -> None:
    process("vos")
    row = db.session.scalars(select(Article).where(Article.remote_id.is_not(None)).limit(1)).one()
    article_id, name = row.id, row.description
    client = client_as("owner")
    page = client.get(f"{LIST}{article_id}/edit").text
    assert "Opslaan" not in page
    assert name in page
    answer = client.post(f"{LIST}{article_id}", data=TYPED)
    assert answer.status_code == 422
    assert "Wijzig het daar" in answer.text
    assert named(name).id == article_id


def test_a_vat_code_that_cannot_be_invoiced_is_warned_about(client_as: Any, cast: SimpleNamespace) -> None:
    process("vos")
    with write_transaction() as session:
        session.scalars(select(Article).where(Article.id == cast.vos.article_id)).one().vat_code = "HOOG_INK_21"
    client = client_as("planner")
    assert "niet te factureren" in client.get(LIST + "?q=expansievat").text
    page = client.get(f"{LIST}{cast.vos.article_id}/edit").text
    assert "Met deze btw-code kan Crafter niet factureren" in page
    assert 'selected value="HOOG_INK_21"' in page


def test_a_code_that_another_article_has_is_refused_beside_the_field(client_as: Any) -> None:
    answer = client_as("planner").post(LIST, data=TYPED | {"code": "40118"})
    assert answer.status_code == 422
    assert 'id="code-error"' in answer.text


def test_a_foreign_article_is_not_there(client_as: Any, cast: SimpleNamespace) -> None:
    assert client_as("owner").get(f"{LIST}{cast.buur.article_id}/edit").status_code == 404
    assert client_as("owner").post(f"{LIST}{cast.buur.article_id}", data=TYPED).status_code == 404
