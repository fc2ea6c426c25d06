"""Choosing one row from many: no page carries a table, the answers keep to the fence and the role, nothing is lost."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from models import Article, Location, Relation, Worker
from services.transaction import write_transaction
from tests.blueprints.test_work_orders import LIST, typed
from tests.isolation.test_neighbour import ids_of, tenant_rules, url
from tests.support.cast import process
from tests.support.client import client_for, without_tokens

HITS = "/t/vos/choices/"
PAGES_WORTH = 30_000  # bytes: fifty rows of a list, or twenty hits, and the way to the next page
# Pages that are a table themselves, whole, on purpose.
TABLES = {
    "planning.show": "the board has a row for every worker",
    "settings.workers": "the list of the workers",
    "relations.show": "a customer with all its work sites",
}


def fill(cast: SimpleNamespace) -> None:
    process("vos")
    with write_transaction() as session:
        session.add_all(Relation(code=f"V{n:04d}", name=f"Volle klant {n:04d}", city="Lisse") for n in range(2000))
        session.add_all(Article(code=f"V{n:04d}", description=f"Vol artikel {n:04d}") for n in range(2000))
        session.add_all(Worker(name=f"Volle monteur {n:03d}") for n in range(500))
        session.add_all(Location(relation_id=cast.vos.relation_id, address=f"Volle kade {n}") for n in range(200))


def sizes(app: Flask, cast: SimpleNamespace) -> dict[str, int]:
    """How long every page with a form is."""
    client, found = client_for(app, "owner"), {}
    for rule in tenant_rules(app):
        if "GET" not in (rule.methods or set()) or "export" in rule.rule:
            continue
        text = client.get(url(app, rule, "vos", ids_of(cast.vos))).text
        if "<form" in text:
            found[rule.endpoint] = len(without_tokens(text))
    return found


@pytest.mark.slow
def test_no_page_carries_a_table(app: Flask, cast: SimpleNamespace) -> None:
    small = sizes(app, cast)
    fill(cast)
    large = sizes(app, cast)
    assert {"work_orders.list_", "work_orders.new", "work_orders.report_form", "planning.form"} <= small.keys()
    grown = {name: size - small[name] for name, size in large.items() if size - small[name] > PAGES_WORTH}
    assert grown.keys() == TABLES.keys(), grown
    for form in ("work_orders.new", "work_orders.edit", "work_orders.report_form", "planning.form"):
        assert large[form] - small[form] < 200, form


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("owner", {"customers", "workers", "locations", "articles"}),
        ("planner", {"customers", "workers", "locations", "articles"}),
        ("worker", {"articles"}),
        ("reader", {"customers", "workers"}),
    ],
)
def test_who_may_not_see_rows_may_not_search_them(
    client_as: Any, cast: SimpleNamespace, who: str, may: set[str]
) -> None:
    client = client_as(who)
    for kind in ("customers", "workers", "locations", "articles"):
        assert client.htmx_get(HITS + kind).status_code == (200 if kind in may else 403), kind


def test_a_mechanic_finds_articles_without_their_prices_and_searches_no_customers_by_the_filter(
    client_as: Any, cast: SimpleNamespace
) -> None:
    assert 'data-price="68,40"' in client_as("planner").htmx_get(HITS + "articles?q=40118").text
    found = client_as("worker").htmx_get(HITS + "articles?q=40118").text
    assert "Expansievat 18 liter" in found
    assert not any(word in found for word in ("68,40", "data-price", "data-vat", "data-ledger"))
    page = (
        client_as("worker").get(LIST, query_string={"relation-text": "Fam", "worker-text": "W", "ask": "relation"}).text
    )
    assert "choices/customers" not in page
    assert "Familie Voorbeeld, Hagewoud" not in page


def test_what_was_found_is_counted_and_what_was_typed_is_shown_as_text(client_as: Any, cast: SimpleNamespace) -> None:
    client = client_as("planner")
    assert 'data-said="1 gevonden"' in client.htmx_get(HITS + "customers?q=1001").text
    fill(cast)
    many = client.htmx_get(HITS + "customers?q=volle").text
    assert many.count('role="option"') == 20
    assert "Dit zijn de eerste 20." in many
    none = client.htmx_get(HITS + "customers", query_string={"q": "<b>x</b>" + "y" * 2000}).text
    assert "<b>" not in none
    assert "Geen klant gevonden met ‘&lt;b&gt;x" in none


def test_a_text_that_names_one_row_is_a_choice(client_as: Any, cast: SimpleNamespace) -> None:
    sent = typed(relation_id="", **{"relation_id-text": "familie VOORBEELD", "relation_id-asked": ""})
    assert client_as("planner").post(LIST, data=sent).status_code == 303


def test_a_text_that_names_no_row_or_several_is_asked_back_with_a_list_and_nothing_is_lost(
    client_as: Any, cast: SimpleNamespace
) -> None:
    fill(cast)
    old = str(cast.vos.relation_id)
    sent = typed(
        relation_id=old, title="Dak lekt", **{"relation_id-text": "volle klant 00", "relation_id-asked": "Familie"}
    )
    page = client_as("planner").post(LIST, data=sent)
    assert page.status_code == 422
    assert 'id="relation_id-error"' in page.text
    assert "Kies een klant uit de lijst." in page.text
    assert page.text.count('type="radio" name="relation_id"') == 20
    for kept in ('value="volle klant 00"', 'value="Dak lekt"', 'value="Arbeid'):
        assert kept in page.text
    assert old not in page.text, "what stood chosen before is not what was typed"
    nobody = typed(worker_id="", **{"worker_id-text": "zzz", "worker_id-asked": ""})
    assert "Geen medewerker gevonden met ‘zzz’." in client_as("planner").post(LIST, data=nobody).text


def test_a_pick_from_the_list_is_kept_and_an_emptied_field_is_nobody(client_as: Any, cast: SimpleNamespace) -> None:
    client = client_as("planner")
    sent = typed(relation_id=["", str(cast.vos.relation_id)], **{"relation_id-text": "fam", "relation_id-asked": "fam"})
    address = client.post(LIST, data=sent).headers["Location"]
    assert "Familie Voorbeeld" in client.get(address).text
    emptied = typed(relation_id=str(cast.vos.relation_id), **{"relation_id-text": "", "relation_id-asked": "Familie"})
    address = client.post(LIST, data=emptied).headers["Location"]
    assert "Familie Voorbeeld" not in client.get(address).text


def test_a_filter_that_is_not_answered_shows_a_list_and_one_that_is_names_the_customer(
    client_as: Any, cast: SimpleNamespace
) -> None:
    client = client_as("reader")
    page = client.get(LIST, query_string={"relation-text": "fam", "ask": "relation"}).text
    assert f'type="radio" name="relation" value="{cast.vos.relation_id}"' in page
    named = client.get(LIST, query_string={"relation": str(cast.vos.relation_id)}).text
    assert 'value="Familie Voorbeeld, Hagewoud (1001)"' in named
    foreign = client.get(LIST, query_string={"relation": str(cast.buur.relation_id)}).text
    assert "Familie" not in foreign
