"""Relations on the screen: list, search, sync, code, notes, work sites, and who may do what."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from domain.relation import RelationDetails
from models import Connection, Location, Relation
from services import paging
from services.catalogue import relations
from services.company import tenants
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.cast import process
from tests.support.sandbox_process import Sandbox

LIST = "/t/vos/relations/"


def entered() -> Any:
    return process("vos")


def test_the_list_finds_by_name_city_and_code_and_says_when_nothing_is_found(
    client_as: Any, cast: SimpleNamespace
) -> None:
    row = relations_row(cast.vos.relation_id)
    page = client_as("planner")
    for word in (row.name, row.city, row.code):
        assert f"/relations/{row.id}" in page.get(LIST, query_string={"q": word}).text
    nothing = page.get(LIST, query_string={"q": "zeker niet te vinden"}).text
    assert "Geen relaties gevonden" in nothing
    assert f"/relations/{row.id}" not in nothing


def relations_row(relation_id: Any) -> Relation:
    entered()
    row = relations.get(relation_id)
    assert row is not None
    db.session.expunge(row)
    return row


def test_the_rows_are_the_same_alone_and_inside_the_page(client_as: Any) -> None:
    client = client_as("reader")
    rows = client.htmx_get(LIST).text.strip()
    assert "<html" not in rows
    assert rows in client.get(LIST).text


def test_pages_follow_each_other_by_name_without_a_row_twice_or_missing(client_as: Any, cast: SimpleNamespace) -> None:
    actor = entered()
    for number in range(paging.SIZE + 10):
        relations.create(actor, RelationDetails(name=f"Zelfde naam {number // 40}"))
    ids: list[Any] = []
    after = ""
    while True:
        page = relations.list_(after=after)
        ids += [row.id for row in page.rows]
        after = page.next
        if not after:
            break
    assert len(ids) == len(set(ids)) == len(db.session.scalars(select(Relation.id)).all())
    client, ways = client_as("planner"), re.compile(r'href="([^"]*after=[^"]*)"')
    text = client.get(f"{LIST}?q=naam").text
    assert 'rel="prev"' not in text
    back = ways.findall(client.get(unescape(ways.findall(text)[0])).text)[0]
    assert "q=naam" in back
    assert client.get(unescape(back)).text.count("Zelfde naam") == text.count("Zelfde naam") == 50
    entered()
    assert relations.list_(after=str(uuid4())).rows == relations.list_(after="onzin").rows == relations.list_().rows


def test_fetching_shows_the_result_inline_above_the_list(client_as: Any, sandbox: Sandbox) -> None:
    client_as("planner").post(LIST + "sync")
    sandbox.relations("demo", {"add": [{"Code": "7777", "Bedrijf": "Bakkerij De Oven", "BP": "B"}]})
    answer = client_as("planner").htmx_post(LIST + "sync")
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "1 nieuw, 0 gewijzigd, 0 verdwenen" in answer.text
    assert "Bakkerij De Oven" in answer.text
    whole = client_as("planner").post(LIST + "sync").text
    assert "<html" in whole
    assert "Relaties opgehaald" in whole


def test_an_empty_answer_is_called_incomplete_on_the_screen(client_as: Any, sandbox: Sandbox) -> None:
    sandbox.relations("demo", [])
    answer = client_as("planner").htmx_post(LIST + "sync").text
    assert "onvolledig opgehaald" in answer
    assert "0 verdwenen" in answer


def test_a_failed_fetch_says_what_why_and_what_now_and_refused_codes_show_their_code(
    client_as: Any, sandbox: Sandbox, app: Any, cast: SimpleNamespace
) -> None:
    sandbox.mischief("demo", [{"kind": "html_503", "operation": "GetRelaties"}])
    answer = client_as("owner").htmx_post(LIST + "sync").text
    assert "Relaties ophalen is niet gelukt" in answer
    assert "In Crafter is niets gewijzigd" in answer
    tenants.leave()
    app.extensions["crafter"].bookkeeping.forget(cast.vos.tenant_id)
    sandbox.mischief("demo", [{"kind": "password_changed", "operation": "OpenSession"}])
    refused = client_as("owner").htmx_post(LIST + "sync").text
    assert "E001" in refused
    assert "/settings/e-boekhouden" in refused
    assert "De koppeling met e-Boekhouden is verbroken" in refused
    assert "Nu ophalen" not in refused


@pytest.mark.parametrize("who", ["reader", "worker"])
def test_fetching_asks_a_permission_and_the_button_is_not_there_without_it(client_as: Any, who: str) -> None:
    client = client_as(who)
    assert client.post(LIST + "sync").status_code == 403
    assert "Nu ophalen" not in client.get(LIST).text


def test_without_a_link_or_with_fetching_off_the_button_makes_way_for_a_line(client_as: Any) -> None:
    entered()
    with write_transaction() as session:
        session.scalars(select(Connection)).one().sync_relations = False
    text = client_as("owner").get(LIST).text
    assert "Relaties synchroniseren staat uit" in text
    assert "Nu ophalen" not in text
    assert client_as("owner").post(LIST + "sync").status_code == 422
    entered()
    with write_transaction() as session:
        session.scalars(select(Connection)).one().state = "inactive"
    assert "nog niet actief" in client_as("owner").get(LIST).text


def test_a_relation_made_here_is_saved_with_tidied_numbers(client_as: Any) -> None:
    typed = {
        "name": " De Kwast ", "is_company": "yes", "postcode": "1234ab", "coc_number": "12 34 56 78",
        "iban": "NL91 ABNA 0417 1643 00", "vat_number": "NL 0100.00446.B01",
    }  # fmt: skip
    answer = client_as("planner").post(LIST, data=typed)
    assert answer.status_code == 303
    entered()
    row = db.session.scalars(select(Relation).where(Relation.name == "De Kwast")).one()
    assert (row.postcode, row.coc_number, row.iban) == ("1234 AB", "12345678", "NL91ABNA0417164300")
    assert (row.vat_number, row.code, row.is_company) == ("NL010000446B01", None, True)


def test_wrong_numbers_come_back_beside_their_fields_with_everything_typed(client_as: Any) -> None:
    typed = {
        "name": "De Kwast", "is_company": "no", "postcode": "1234A", "coc_number": "123", "iban": "NL00ABNA0417164300",
        "vat_number": "NL000000000B00", "email": "info@dekwast", "city": "Oudedijk",
    }  # fmt: skip
    answer = client_as("planner").post(LIST, data=typed)
    assert answer.status_code == 422
    for name in ("postcode", "coc_number", "iban", "vat_number", "email"):
        assert f'id="{name}-error"' in answer.text
        assert f'value="{typed[name]}"' in answer.text
    assert 'value="Oudedijk"' in answer.text
    assert 'selected value="no"' in answer.text


def test_a_field_holds_what_the_bookkeeping_takes_of_it(client_as: Any) -> None:
    client = client_as("planner")
    new = client.get(f"{LIST}new").text
    assert "meer dan 50 tekens" in new, "the address may be refused there"
    typed = {"name": "Bakker", "is_company": "yes", "contact": "x" * 51, "email": f"{'a' * 50}@x.example"}
    refused = client.post(LIST, data=typed)
    assert refused.status_code == 422
    assert refused.text.count("Gebruik hoogstens 50 tekens.") >= 1
    assert client.post(LIST, data=typed | {"contact": "x" * 50}).status_code == 303


def test_a_foreign_customer_needs_no_dutch_postcode(client_as: Any) -> None:
    typed = {
        "name": "Dachdecker",
        "is_company": "yes",
        "postcode": "47533",
        "country": "Duitsland",
        "coc_number": "HRB 1",
    }
    assert client_as("planner").post(LIST, data=typed).status_code == 303


def test_a_code_that_another_relation_has_is_refused_beside_the_field(client_as: Any, cast: SimpleNamespace) -> None:
    taken = relations_row(cast.vos.relation_id).code
    answer = client_as("planner").post(LIST, data={"name": "Dubbel", "is_company": "yes", "code": taken})
    assert answer.status_code == 422
    assert 'id="code-error"' in answer.text


def test_a_relation_without_a_code_gets_one_once(client_as: Any) -> None:
    relation_id = relations.create(entered(), RelationDetails(name="Zonder code"))
    client = client_as("planner")
    assert 'id="code"' in client.get(f"{LIST}{relation_id}").text
    assert client.post(f"{LIST}{relation_id}/code", data={"code": " "}).status_code == 422
    assert client.post(f"{LIST}{relation_id}/code", data={"code": "4242"}).status_code == 303
    assert relations_row(relation_id).code == "4242"
    assert client.post(f"{LIST}{relation_id}/code", data={"code": "4343"}).status_code == 422
    assert relations_row(relation_id).code == "4242"


def typed_in(page: str) -> dict[str, str]:
    """What a browser would send of the form on a page."""
    fields = dict(
        re.findall(r'<input[^>]*? name="(\w+)"[^>]*? value="([^"]*)"', page.partition('action="/t/vos/rel')[2])
    )
    return {name: unescape(value) for name, value in fields.items()} | {"is_company": "yes"}


def opened(client: Any, url: str) -> dict[str, str]:
    found = typed_in(client.get(url + "/edit").text)
    assert found["was"]
    return found


def test_fields_of_the_bookkeeping_are_changed_there_and_here(
    client_as: Any, cast: SimpleNamespace, sandbox: Sandbox
) -> None:
    client = client_as("planner")
    client.post(LIST + "sync")
    row = relations_row(cast.vos.relation_id)
    page = f"{LIST}{row.id}"
    assert "Wat u hier wijzigt, wordt ook daar gewijzigd" in client.get(page).text
    assert "U wijzigt deze relatie in e-Boekhouden" in client.get(page + "/edit").text
    typed = opened(client, page) | {"is_company": "yes" if row.is_company else "no", "city": "Oudedijk"}
    answer = client.post(page, data=typed)
    assert answer.status_code == 303
    assert "staat in e-Boekhouden en hier" in client.get(page).text
    (kept,) = [there for there in sandbox.relations("demo") if there["Code"] == row.code]
    after = relations_row(row.id)
    assert kept["Plaats"] == after.city == "Oudedijk"
    assert (after.name, after.is_company, after.code) == (row.name, row.is_company, row.code)


def test_a_refused_change_stands_beside_its_field_and_keeps_all_that_was_typed(
    client_as: Any, cast: SimpleNamespace, sandbox: Sandbox
) -> None:
    client = client_as("planner")
    client.post(LIST + "sync")
    row = relations_row(cast.vos.relation_id)
    page = f"{LIST}{row.id}"
    kind = {"is_company": "yes" if row.is_company else "no"}
    typed = opened(client, page) | kind | {"iban": "NL00ABNA0417164300", "city": "Oudedijk"}
    wrong = client.post(page, data=typed)
    assert wrong.status_code == 422
    assert 'id="iban-error"' in wrong.text
    assert 'value="NL00ABNA0417164300"' in wrong.text
    assert 'value="Oudedijk"' in wrong.text
    sandbox.mischief("demo", [{"kind": "html_503", "operation": "GetRelaties"}])
    down = client.post(page, data=typed | {"iban": ""})
    assert down.status_code == 422
    assert "Wat u typte staat hier nog" in down.text
    assert 'value="Oudedijk"' in down.text
    assert relations_row(row.id).city == row.city


def test_a_form_refused_for_what_changed_there_shows_theirs_and_keeps_ours(
    client_as: Any, cast: SimpleNamespace, sandbox: Sandbox
) -> None:
    client = client_as("planner")
    client.post(LIST + "sync")
    row = relations_row(cast.vos.relation_id)
    page = f"{LIST}{row.id}"
    kind = {"is_company": "yes" if row.is_company else "no"}
    typed = opened(client, page) | kind | {"city": "Oudedijk"}
    (there,) = [one for one in sandbox.relations("demo") if one["Code"] == row.code]
    sandbox.relations("demo", {"add": [there | {"Plaats": "Kruisdonk", "Telefoon": "020-9"}]})
    answer = client.post(page, data=typed)
    assert answer.status_code == 422
    assert "staat hier intussen ‘Kruisdonk’" in answer.text
    again = typed_in(answer.text) | kind
    assert (again["city"], again["phone"]) == ("Oudedijk", "020-9")
    assert client.post(page, data=again).status_code == 303
    assert (relations_row(row.id).city, relations_row(row.id).phone) == ("Oudedijk", "020-9")


def test_a_form_that_lost_what_it_was_opened_with_overwrites_nothing(
    client_as: Any, cast: SimpleNamespace, sandbox: Sandbox
) -> None:
    client = client_as("planner")
    client.post(LIST + "sync")
    row = relations_row(cast.vos.relation_id)
    for was in ("", "[]", "{", '{"name": 3}'):
        answer = client.post(f"{LIST}{row.id}", data={"name": "Gekaapt", "is_company": "yes", "was": was})
        assert answer.status_code == 422
    assert "Gekaapt" not in {there["Bedrijf"] for there in sandbox.relations("demo")}
    assert relations_row(row.id).name == row.name


def test_without_the_link_a_relation_of_the_bookkeeping_is_not_changed_but_notes_are(
    client_as: Any, cast: SimpleNamespace
) -> None:
    client = client_as("planner")
    page = f"{LIST}{cast.vos.relation_id}"
    typed = opened(client, page)
    entered()
    with write_transaction() as session:
        session.scalars(select(Connection)).one().state = "inactive"
    assert client.get(page + "/edit").status_code == 303
    answer = client.post(page, data=typed | {"city": "Oudedijk"})
    assert answer.status_code == 422
    assert "niet actief" in answer.text
    assert "Zolang de koppeling niet actief is, wijzigt u ze daar" in client.get(page).text
    assert client.post(page + "/notes", data={"notes": "Sleutel bij de buren"}).status_code == 303
    assert relations_row(cast.vos.relation_id).notes == "Sleutel bij de buren"


def test_work_sites_are_made_changed_and_removed_unless_an_order_names_them(
    client_as: Any, cast: SimpleNamespace
) -> None:
    client = client_as("planner")
    page = f"{LIST}{cast.vos.relation_id}"
    assert client.post(page + "/locations", data={"name": "Loods", "address": ""}).status_code == 422
    assert client.post(page + "/locations", data={"name": "Loods", "address": "Kade 2"}).status_code == 303
    entered()
    spare = db.session.scalars(select(Location.id).where(Location.name == "Loods")).one()
    assert client.post(f"{page}/locations/{spare}", data={"name": "Hal", "address": "Kade 3"}).status_code == 303
    assert "Kade 3" in client.get(page).text
    assert client.post(f"{page}/locations/{spare}/remove").status_code == 303
    assert "Kade 3" not in client.get(page).text
    used = client.post(f"{page}/locations/{cast.vos.location_id}/remove")
    assert used.status_code == 422
    assert "gebruikt deze werklocatie" in used.text


def test_a_reader_sees_a_relation_and_its_orders_but_no_forms(client_as: Any, cast: SimpleNamespace) -> None:
    page = f"{LIST}{cast.vos.relation_id}"
    text = client_as("reader").get(page).text
    assert "Onderhoud vos" in text
    assert "/notes" not in text
    assert client_as("reader").post(page + "/notes", data={"notes": "x"}).status_code == 403


def test_a_foreign_or_unknown_relation_or_site_is_not_there(client_as: Any, cast: SimpleNamespace) -> None:
    client = client_as("owner")
    assert client.get(f"{LIST}{cast.buur.relation_id}").status_code == 404
    assert client.post(f"{LIST}{cast.buur.relation_id}/code", data={"code": "1"}).status_code == 404
    assert client.get(f"{LIST}{cast.vos.relation_id}/locations/{cast.buur.location_id}").status_code == 404
    assert client.post(f"{LIST}{cast.vos.relation_id}/locations/{uuid4()}/remove").status_code == 404


def test_a_relation_made_here_is_made_over_there_with_one_press(client_as: Any, sandbox: Sandbox) -> None:
    relation_id = relations.create(entered(), RelationDetails(name="Bakkerij De Oven"))
    client = client_as("planner")
    page = f"{LIST}{relation_id}"
    assert "Aanmaken in e-Boekhouden" in client.get(page).text
    assert client.post(page + "/remote").status_code == 303
    text = client.get(page).text
    assert "De relatie staat nu in e-Boekhouden, met code" in text
    assert "Aanmaken in e-Boekhouden" not in text
    (kept,) = [row for row in sandbox.relations("demo") if row["Bedrijf"] == "Bakkerij De Oven"]
    assert relations_row(relation_id).code == kept["Code"]
    again = client.post(page + "/remote")
    assert again.status_code == 422
    assert "staat al in e-Boekhouden" in again.text


def test_a_relation_with_a_code_can_be_made_or_fetched(client_as: Any, sandbox: Sandbox) -> None:
    sandbox.relations("demo", {"add": [{"Code": "OVEN", "Bedrijf": "Bakkerij De Oven", "Plaats": "Oudedijk"}]})
    relation_id = relations.create(entered(), RelationDetails(name="De Oven", code="OVEN"))
    client = client_as("planner")
    text = client.get(f"{LIST}{relation_id}").text
    assert "Haal relatie met code OVEN op" in text
    refused = client.post(f"{LIST}{relation_id}/remote")
    assert refused.status_code == 422
    assert "Code OVEN is in e-Boekhouden al van een andere relatie" in refused.text
    assert client.post(LIST + "fetch", data={"code": "OVEN"}).location.endswith(str(relation_id))
    assert relations_row(relation_id).city == "Oudedijk"


def test_a_missing_relation_is_fetched_from_the_list_by_its_code(client_as: Any, sandbox: Sandbox) -> None:
    sandbox.relations("demo", {"add": [{"Code": "7777", "Bedrijf": "Verre klant"}]})
    client = client_as("planner")
    text = client.get(LIST, query_string={"q": "7777"}).text
    assert "Haal relatie met code ‘7777’ op" in text
    answer = client.post(LIST + "fetch", data={"code": "7777"})
    assert answer.status_code == 303
    assert "Verre klant" in client.get(answer.location).text
    missing = client.post(LIST + "fetch", data={"code": "9999", "q": "9999"})
    assert missing.status_code == 422
    assert "e-Boekhouden heeft geen relatie met code 9999" in missing.text


def test_without_a_link_or_a_permission_nothing_is_offered_or_done(client_as: Any) -> None:
    relation_id = relations.create(entered(), RelationDetails(name="De Oven"))
    for who in ("reader", "worker"):
        client = client_as(who)
        assert client.post(f"{LIST}{relation_id}/remote").status_code == 403
        assert client.post(LIST + "fetch", data={"code": "1"}).status_code == 403
    assert "Aanmaken in e-Boekhouden" not in client_as("reader").get(f"{LIST}{relation_id}").text
    assert "Haal relatie met code" not in client_as("reader").get(LIST, query_string={"q": "7777"}).text
    entered()
    with write_transaction() as session:
        session.scalars(select(Connection)).one().state = "inactive"
    assert "Aanmaken in e-Boekhouden" not in client_as("planner").get(f"{LIST}{relation_id}").text
    assert "Haal relatie met code" not in client_as("planner").get(LIST, query_string={"q": "7777"}).text
