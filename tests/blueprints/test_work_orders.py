"""Work orders on the screen: list, form, steps, report; who sees prices and buttons."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from blueprints._fields import parse_number
from services.orders import listing, work_orders
from services.orders.work_orders import OrderInput
from tests.support.cast import line, make_order, process
from tests.support.client import folded, without_tokens

LIST = "/t/vos/work-orders/"


def order_of(order_id: UUID) -> Any:
    """The order as it stands, read anew."""
    order = work_orders.get(process("vos"), order_id)
    assert order is not None
    return order


def order_at(answer: Any) -> Any:
    """The order whose page an answer leads to."""
    assert answer.status_code == 303, answer.text
    return order_of(UUID(answer.location.rsplit("/", 1)[1]))


def typed(**changes: str) -> dict[str, str]:
    """A new order as somebody types it: an hour line, and a row left empty."""
    return {
        "title": "Lekkage badkamer", "executed_on": "18-11-2026", "yes": "day:2026-11-18",
        "lines-0-kind": "hours", "lines-0-description": "Arbeid monteur", "lines-0-quantity": "2,5",
        "lines-0-unit": "uur", "lines-0-price": "€ 1.062,50", "lines-0-vat_code": "high",
        "lines-1-kind": "article", "lines-1-description": "", "lines-1-quantity": "", "lines-1-price": "",
    } | changes  # fmt: skip


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.234,50", "1234.50"), ("1234.50", "1234.50"), ("1234,5", "1234.5"), ("€ 12", "12"), ("-3,5", "-3.5"),
     ("1.234.567", "1234567"), ("1,234.50", "1234.50"), ("0.125", "0.125"), (",5", "0.5"), (" 7 ", "7")],
)  # fmt: skip
def test_a_number_is_read_as_a_dutch_person_means_it(text: str, number: str) -> None:
    assert parse_number(text) == Decimal(number)


@pytest.mark.parametrize("text", ["1.234", "999.000", "veel", "1,2,3", "12-", "NaN", "Infinity", "1e3", "--1", ""])
def test_a_number_that_is_none_or_could_be_two_is_asked_back(app: Flask, text: str) -> None:
    with app.test_request_context(), pytest.raises(ValueError):
        parse_number(text)


# --- the list ------------------------------------------------------------------------------------------------------


def test_the_list_filters_by_state_worker_relation_and_word(client_as: Any, cast: SimpleNamespace, vos: Any) -> None:
    draft = make_order(vos.actor, None, state="draft", title="Dakgoot vervangen")
    client = client_as("planner")
    other = f"/work-orders/{cast.vos.order_id}"
    for query in ({"state": "draft"}, {"q": "dakgoot"}):
        page = client.get(LIST, query_string=query).text
        assert f"/work-orders/{draft}" in page, query
        assert other not in page, query
    for query in (
        {"state": "done"},
        {"relation": str(vos.relation_id)},
        {"worker": str(vos.worker_id)},
        {"q": "familie vos"},
    ):
        page = client.get(LIST, query_string=query).text
        assert other in page, query
        assert f"/work-orders/{draft}" not in page, query


def test_what_htmx_gets_of_the_list_is_a_piece_of_the_page(client_as: Any) -> None:
    client = client_as("planner")
    piece = client.htmx_get(LIST).text
    assert "<html" not in piece
    assert without_tokens(piece).strip() in without_tokens(client.get(LIST).text)


def test_the_views_keep_the_filter_and_a_wrong_filter_is_left_out(client_as: Any) -> None:
    client = client_as("planner")
    assert "state=done&amp;q=vos" in client.get(LIST, query_string={"q": "vos"}).text
    odd = client.get(LIST, query_string={"state": "zzz", "relation": "x", "worker": "1", "sort": "y", "after": "§"})
    assert odd.status_code == 200


def test_nothing_found_says_what_was_sought(client_as: Any) -> None:
    page = client_as("planner").get(LIST, query_string={"q": "zeker<niet>"}).text
    assert "Er is geen bon met ‘zeker&lt;niet&gt;’" in page
    assert "Filters wissen" in page


def test_pages_follow_each_other_without_a_bon_twice_or_missing(client_as: Any, vos: Any) -> None:
    made = {str(make_order(vos.actor, None, state="draft", planned_on=date(2026, 12, n % 9 + 1))) for n in range(60)}
    client = client_as("planner")
    for sort in ("-number", "planned"):
        seen: list[str] = []
        address = f"{LIST}?state=draft&sort={sort}"
        while address:
            page = folded(client.htmx_get(address).text)
            seen += [part.split('"')[0] for part in page.split('<a class="plain tap" href="/t/vos/work-orders/')[1:]]
            more = page.partition('rel="next"')[0]
            address = more.rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&") if 'rel="next"' in page else ""
        assert sorted(seen) == sorted(made), sort


# --- making and changing -------------------------------------------------------------------------------------------


def test_an_order_is_made_from_dutch_numbers_and_empty_rows_are_no_lines(client_as: Any) -> None:
    order = order_at(client_as("planner").post(LIST, data=typed()))
    assert order.executed_on == date(2026, 11, 18)
    assert [(row.description, row.quantity, row.price) for row in order.lines] == [
        ("Arbeid monteur", Decimal("2.5"), Decimal("1062.5"))
    ]


def test_wrong_input_comes_back_as_it_was_typed_with_the_reason_beside_it(client_as: Any, vos: Any) -> None:
    before = len(listing.list_(vos.actor, listing.Filter()).rows)
    wrong = {"title": "", "lines-0-quantity": "veel", "planned_on": "31-31-2026", "description": "Let op de <hond>"}
    answer = client_as("planner").post(LIST, data=typed(**wrong))
    assert answer.status_code == 422
    for text in ("Geef kort aan wat het werk is.", 'value="veel"', "veel is geen aantal uren",
                 "31-31-2026 is geen datum",
                 'value="31-31-2026"', 'value="€ 1.062,50"', "Let op de &lt;hond&gt;"):  # fmt: skip
        assert text in answer.text, text
    assert len(listing.list_(process("vos"), listing.Filter()).rows) == before


def test_a_row_without_a_price_or_with_an_unknown_article_is_asked_back(client_as: Any) -> None:
    client = client_as("planner")
    assert "Vul een prijs in" in client.post(LIST, data=typed(**{"lines-0-kind": "article", "lines-0-price": ""})).text
    unknown = client.post(LIST, data=typed(**{"lines-0-article": "BESTAAT-NIET"}))
    assert unknown.status_code == 422
    assert "Dit artikel kennen we niet" in unknown.text
    assert 'value="BESTAAT-NIET"' in unknown.text


@pytest.mark.parametrize("text", ["40118", "40118 · Expansievat 18 liter", "expansievat 18 liter"])
def test_an_article_fills_what_was_left_empty(client_as: Any, cast: SimpleNamespace, text: str) -> None:
    empty = {f"lines-0-{name}": "" for name in ("description", "price", "unit", "vat_code")}
    order = order_at(
        client_as("planner").post(LIST, data=typed(**empty, **{"lines-0-kind": "article", "lines-0-article": text}))
    )
    (row,) = order.lines
    assert (row.code, row.description, row.price) == ("40118", "Expansievat 18 liter", Decimal("68.40"))
    assert (row.vat_code, row.ledger_code, row.article_id) == ("high", "8000", cast.vos.article_id)


def test_a_button_shows_the_work_sites_without_javascript_and_saves_nothing(
    client_as: Any, cast: SimpleNamespace
) -> None:
    client = client_as("planner")
    asked = client.post(LIST, data=typed(ask="location_id", relation_id=str(cast.vos.relation_id), title=""))
    assert asked.status_code == 200
    assert f'value="{cast.vos.location_id}"' in asked.text
    assert 'value="2,5"' in asked.text
    piece = client.htmx_get(f"{LIST}locations", query_string={"relation_id": str(cast.vos.relation_id)}).text
    assert 'data-choice="/t/vos/choices/locations" data-within="relation_id"' in piece
    assert "Het adres van de klant" in piece
    here = client.htmx_get("/t/vos/choices/locations", query_string={"relation_id": str(cast.vos.relation_id)}).text
    assert f'data-id="{cast.vos.location_id}"' in here
    foreign = client.htmx_get("/t/vos/choices/locations", query_string={"relation_id": str(cast.buur.relation_id)}).text
    assert str(cast.buur.location_id) not in foreign


def test_another_customers_work_site_is_refused_beside_its_field(client_as: Any, cast: SimpleNamespace) -> None:
    answer = client_as("planner").post(LIST, data=typed(location_id=str(cast.vos.location_id)))
    assert answer.status_code == 422
    assert "Deze werklocatie hoort niet bij de gekozen klant." in answer.text


def test_an_older_form_never_overwrites_a_newer_change(client_as: Any, cast: SimpleNamespace) -> None:
    client = client_as("planner")
    address = f"{LIST}{cast.vos.order_id}/edit"
    opened = re.search(r'name="opened" value="([^"]+)"', client.get(address).text)
    assert opened
    assert client.post(address, data=typed(opened=opened[1], title="Eerste")).status_code == 303
    late = client.post(address, data=typed(opened=opened[1], title="Tweede"))
    assert late.status_code == 422
    assert "Iemand anders heeft dit intussen ook gewijzigd" in late.text
    assert 'value="Tweede"' in late.text
    assert order_of(cast.vos.order_id).title == "Eerste"


def test_editing_shows_the_lines_and_saving_them_unchanged_changes_nothing(
    client_as: Any, cast: SimpleNamespace
) -> None:
    before = order_of(cast.vos.order_id)
    form = {"title": before.title}
    (row,) = before.lines
    shown = client_as("planner").get(f"{LIST}{before.id}/edit").text
    for name, value in {"kind": row.kind, "article": row.code, "code": row.code, "description": row.description,
                        "quantity": "2,00", "unit": row.unit, "price": "62,50", "vat_code": row.vat_code,
                        "ledger_code": row.ledger_code}.items():  # fmt: skip
        form[f"lines-0-{name}"] = value
        assert f'name="lines-0-{name}"' in shown
        assert f'value="{value}"' in shown, name
    assert client_as("planner").post(f"{LIST}{before.id}/edit", data=form).status_code == 303
    (after,) = order_of(before.id).lines
    for name in ("kind", "code", "description", "quantity", "unit", "price", "vat_code", "ledger_code"):
        assert getattr(after, name) == getattr(row, name), name


# --- steps and the mechanic ----------------------------------------------------------------------------------------


def test_a_step_of_the_table_is_made_and_one_outside_it_is_explained(client_as: Any, cast: SimpleNamespace) -> None:
    client = client_as("planner")
    assert client.post(f"{LIST}{cast.vos.order_id}/move/resume").status_code == 303
    assert order_of(cast.vos.order_id).state == "started"
    refused = client.post(f"{LIST}{cast.vos.order_id}/move/resume")
    assert refused.status_code == 422
    assert "Deze stap kan niet meer: de werkbon is nu in uitvoering." in refused.text
    assert client.post(f"{LIST}{cast.vos.order_id}/move/approve").status_code == 404


def test_a_mechanic_sees_their_own_orders_and_no_price_anywhere(
    client_as: Any, cast: SimpleNamespace, vos: Any
) -> None:
    others = make_order(vos.actor, vos.relation_id, title="Van een ander")
    client = client_as("worker")
    listed, shown = client.get(LIST).text, client.get(f"{LIST}{cast.vos.order_id}").text
    form = client.get(f"{LIST}{cast.vos.order_id}/report").text
    assert f"/work-orders/{cast.vos.order_id}" in listed
    assert str(others) not in listed
    assert client.get(f"{LIST}{others}").status_code == 404
    for page in (listed, shown, form):
        for price in ("62,50", "125,00", "68,40", "€"):
            assert price not in page
    assert "Arbeid monteur" in shown
    for path in (f"{cast.vos.order_id}/edit", "new", f"{cast.vos.order_id}/invoice", f"{cast.vos.order_id}/give-up"):
        assert client.get(LIST + path).status_code == 403
    assert client.post(f"{LIST}{cast.vos.order_id}/approve").status_code == 403


def test_a_report_adds_lines_at_the_articles_price_and_finishes_the_work(client_as: Any, cast: SimpleNamespace) -> None:
    actor = process("vos")
    given = OrderInput(title="Klus", relation_id=cast.vos.relation_id, worker_id=cast.vos.worker_id,
                       planned_on=date(2026, 11, 19), lines=(line(),))  # fmt: skip
    order_id = work_orders.create(actor, given)
    client, address = client_as("worker"), f"{LIST}{order_id}/report"
    wrong = client.post(address, data={"work_done": "Gedaan", "hours": "lang", "lines-0-article": "x", "finish": "1"})
    assert wrong.status_code == 422
    for text in ('value="lang"', "Gedaan", "lang is geen aantal uren", "Dit artikel kennen we niet"):
        assert text in wrong.text
    right = {
        "work_done": "Vat vervangen",
        "hours": "1,5",
        "lines-0-article": "40118",
        "lines-0-quantity": "2",
        "finish": "1",
        "lines-0-price": "0,01",
        "executed_on": "19-11-2026",
    }
    assert client.post(address, data=right).status_code == 303
    order = order_of(order_id)
    assert (order.state, order.work_done, order.executed_on) == ("done", "Vat vervangen", date(2026, 11, 19))
    # The rate of an hour is the price of the article under the code of that kind of line; a sent price is not read.
    assert [(row.kind, row.quantity, row.price) for row in order.lines] == [
        ("hours", 2, Decimal("62.5")), ("hours", Decimal("1.5"), Decimal(60)), ("article", 2, Decimal("68.4"))
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["reader", "support"])
def test_who_only_looks_is_offered_no_button_that_changes_something(
    client_as: Any, cast: SimpleNamespace, who: str
) -> None:
    client = client_as(who)
    if who == "support":
        assert client.post("/support/vos/step-in", data={"reason": "Vraag over een bon, ticket 12"}).status_code == 303
    page = client.get(f"{LIST}{cast.vos.order_id}").text
    main = page.partition("<main")[2]
    assert "Dit gaat naar e-Boekhouden" in main
    assert 'method="post"' not in main
    assert "hx-post" not in main
    assert "/edit" not in main
    assert client.post(f"{LIST}{cast.vos.order_id}/approve").status_code == 403
