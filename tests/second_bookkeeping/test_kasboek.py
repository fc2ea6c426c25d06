"""A second bookkeeping behind the port takes orders without any other change: one factory, handed to create_app."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from domain.link import LinkState
from models import Article, InvoicePosting, LedgerAccount, Relation
from services.catalogue import waiting_runs
from services.company import tenants
from services.invoicing import press, recovery
from services.link import connection
from settings import Settings
from tenancy.database import db
from tests.second_bookkeeping.gateway import KasboekGateway
from tests.second_bookkeeping.kasboek import Kasboek, running
from tests.support.cast import line, make_order, process
from tests.support.client import HouseClient, client_for, folded

LINK = "/t/buur/settings/e-boekhouden"
CODES = {"username": "buur", "code1": "sleutel-A", "code2": "sleutel-B"}


@pytest.fixture
def books() -> Iterator[Kasboek]:
    """Books with three customers (a page and a bit), two things for sale and two accounts."""
    shelf = Kasboek(
        customers=[{"no": n, "short": f"100{n}", "called": name} for n, name in enumerate(("Aal", "Buur", "Crans"))],
        goods=[
            {"no": 7, "short": "UUR", "called": "Een uur", "each": "62.50", "rate": "H", "account": "omzet"},
            {"no": 8, "short": "BOEK", "called": "Een boek", "each": "10.00", "rate": "L", "account": "omzet"},
        ],
        accounts=[
            {"no": 1, "short": "omzet", "called": "Omzet", "side": "+"},
            {"no": 2, "short": "kas", "called": "Kas", "side": "="},
        ],
    )
    with running(shelf) as shelf:
        yield shelf


@pytest.fixture
def app(settings: Settings, books: Kasboek) -> Iterator[Flask]:
    """Crafter with the other bookkeeping; nothing but the factory tells it so."""
    made = create_app(settings, bookkeeping=lambda _settings: KasboekGateway(books.url))
    with made.app_context():
        yield made
        tenants.leave()
        db.engine.dispose()


@pytest.fixture
def owner(app: Flask) -> HouseClient:
    """The owner of a company that was never linked, with the link switched on."""
    client = client_for(app, "neighbour")
    client.post("/t/buur/settings/features", data={"bookkeeping": "y"})
    return client


@pytest.fixture
def linked(owner: HouseClient) -> HouseClient:
    """The same, with the link started."""
    assert "Actief sinds" in owner.post(f"{LINK}/start", data=CODES, follow_redirects=True).text
    return owner


def posting(app: Flask, order_id: UUID) -> InvoicePosting:
    """The order's live posting."""
    process("buur")
    row = press.present_posting(order_id)
    assert row is not None
    return row


def pressed(client: HouseClient, order_id: UUID) -> str:
    """The strook after Gecontroleerd, as text."""
    return folded(client.htmx_post(f"/t/buur/work-orders/{order_id}/approve").text)


def another_order(cast: SimpleNamespace, **changes: object) -> UUID:
    """One more executed order of the same customer."""
    return make_order(process("buur"), cast.buur.relation_id, lines=(line(**changes),))


def test_starting_the_link_reads_accounts_articles_and_relations_in_our_words(
    app: Flask, linked: HouseClient, books: Kasboek
) -> None:
    process("buur")
    assert connection.present().administration == "Kasboek van Buur"
    accounts = {row.code: row.category for row in db.session.scalars(select(LedgerAccount))}
    assert accounts == {"omzet": "profit_and_loss", "kas": "balance"}
    assert [row.code for row in connection.ledger_accounts()] == ["omzet"]
    there = select(Article).where(Article.remote_id.is_not(None))
    assert {row.code: row.vat_code for row in db.session.scalars(there)} == {"UUR": "high", "BOEK": "low"}


def test_a_list_of_more_than_one_answer_is_the_workers_and_the_screen_says_how_much_fits(
    app: Flask, linked: HouseClient, books: Kasboek
) -> None:
    books.customers.append({"no": 9, "short": "1009", "called": "Dool"})
    waiting_runs.carry_out(app.extensions["crafter"], process("buur"))
    page = folded(linked.post("/t/buur/relations/sync", follow_redirects=True).text)
    assert "hoogstens 2 tegelijk" in page
    waiting_runs.carry_out(app.extensions["crafter"], process("buur"))
    there = select(Relation).where(Relation.remote_id.is_not(None))
    assert {row.code: row.name for row in db.session.scalars(there)} == {
        "1000": "Aal", "1001": "Buur", "1002": "Crans", "1009": "Dool",
    }  # fmt: skip


def test_an_approved_order_stands_in_the_other_books(
    app: Flask, linked: HouseClient, books: Kasboek, cast: SimpleNamespace
) -> None:
    page = pressed(linked, cast.buur.order_id)
    row = posting(app, cast.buur.order_id)
    assert (row.state, list(books.invoices)) == ("posted", [row.number])
    assert "geplaatst" in page
    there = books.invoices[row.number]
    assert (there["for"], [one["rate"] for one in there["lines"]], there["vat"]) == ("1001", ["H"], "26.25")


def test_a_refusal_is_explained_in_the_words_of_the_other_gateway(
    app: Flask, linked: HouseClient, books: Kasboek, cast: SimpleNamespace
) -> None:
    books.customers.clear()
    page = pressed(linked, cast.buur.order_id)
    row = posting(app, cast.buur.order_id)
    assert (row.state, row.code, row.text) == ("refused", "who-is-that", "Deze klant kennen we niet")
    assert "Kasboek kent deze klant niet." in page


def test_a_lost_answer_is_uncertain_and_settled_by_looking_up(
    app: Flask, linked: HouseClient, books: Kasboek, cast: SimpleNamespace
) -> None:
    books.swallow = 1
    pressed(linked, cast.buur.order_id)
    row = posting(app, cast.buur.order_id)
    assert (row.state, list(books.invoices)) == ("uncertain", [row.number])
    recovery.check(app.extensions["crafter"], process("buur"), row.id)
    assert posting(app, cast.buur.order_id).state == "posted"
    assert len(books.invoices) == 1


def test_a_taken_number_leads_to_the_next_and_a_limit_is_a_certain_no(
    app: Flask, linked: HouseClient, books: Kasboek, cast: SimpleNamespace
) -> None:
    pressed(linked, cast.buur.order_id)
    first = posting(app, cast.buur.order_id).number
    following = f"{first[:-1]}{int(first[-1]) + 1}"
    books.invoices[following] = books.invoices[first] | {"nr": following, "for": "1002"}
    second = another_order(cast)
    pressed(linked, second)
    assert posting(app, second).state == "posted"
    assert posting(app, second).number not in {first, following}

    third = another_order(cast)
    books.closed = True
    pressed(linked, third)
    row = posting(app, third)
    assert (row.state, row.code) == ("not_sent", "slow-down")
    process("buur")
    assert connection.present().state == LinkState.ACTIVE


def test_their_limits_block_before_anything_is_sent(
    app: Flask, linked: HouseClient, books: Kasboek, cast: SimpleNamespace
) -> None:
    long = make_order(process("buur"), cast.buur.relation_id, lines=(line(),) * 4)
    page = pressed(linked, long)
    assert "De werkbon heeft meer dan 3 regels" in page
    assert books.invoices == {}


def test_refused_credentials_break_the_link_and_help_explains_their_codes(
    app: Flask, linked: HouseClient, books: Kasboek, cast: SimpleNamespace
) -> None:
    books.key = "een andere"
    pressed(linked, cast.buur.order_id)
    assert posting(app, cast.buur.order_id).state == "not_sent"
    process("buur")
    assert (connection.present().state, connection.present().broken_code) == (LinkState.BROKEN, "wrong-key")
    assert "Kasboek laat ons niet binnen." in folded(linked.get(LINK).text)
    helped = folded(linked.get("/t/buur/help/securitycodes").text)
    assert "wrong-key" in helped
    assert "E001" not in helped
