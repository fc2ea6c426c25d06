"""The settings area: functions, the e-Boekhouden.nl page, company, workers, numbers and the log."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from domain.meanwhile import Opened
from models import Company, Connection, Worker
from services.catalogue import relations
from services.company import tenants
from services.invoicing import invoice_settings, press
from services.link import connection
from tenancy.database import db
from tests.support.cast import EMAILS, process
from tests.support.client import HouseClient, without_tokens
from tests.support.sandbox_process import Sandbox

SETTINGS = "/t/vos/settings"
LINK = f"{SETTINGS}/e-boekhouden"
Client = Callable[[str | None], HouseClient]


def link() -> Connection:
    """Vos's link as it stands now."""
    process("vos")
    return connection.present()


def typed(page: str, name: str) -> str:
    """What an input shows."""
    tag = re.search(rf'<input[^>]*\bname="{name}"[^>]*>', page)
    assert tag, f"no input named {name}"
    value = re.search(r'\bvalue="([^"]*)"', tag.group())
    return html.unescape(value.group(1)) if value else ""


def invoicing_form(**changes: object) -> dict[str, object]:
    """The invoice settings as the page would send them back."""
    process("vos")
    stands = invoice_settings.present()
    form: dict[str, object] = {
        "template": stands.template,
        "term_days": stands.term_days,
        "prefix": stands.prefix,
        "next_number": stands.next_number,
        "opened": str(Opened.on(stands.by_field())),
        "sync_relations": "y",
    }
    for kind, line in stands.lines.items():
        form |= {f"{kind}_code": line.code, f"{kind}_ledger": line.ledger_code, f"{kind}_vat": line.vat_code}
    return form | changes


def test_the_tab_exists_only_while_the_link_is_ticked(client_as: Client) -> None:
    client = client_as("owner")
    assert f'href="{LINK}"' in client.get(f"{SETTINGS}/features").text

    client.post(f"{SETTINGS}/features", data={})

    assert f'href="{LINK}"' not in client.get(f"{SETTINGS}/features").text
    assert client.get(LINK).status_code == 404
    assert client.post(f"{LINK}/start", data={"username": "demo"}).status_code == 404

    client.post(f"{SETTINGS}/features", data={"bookkeeping": "y"})
    assert client.get(LINK).status_code == 200


@pytest.mark.parametrize("who", ["planner", "worker", "reader"])
def test_settings_are_for_owner_and_office(client_as: Client, who: str) -> None:
    client = client_as(who)
    for path in ("features", "company", "workers", "e-boekhouden", "numbers"):
        assert client.get(f"{SETTINGS}/{path}").status_code == 403, path
    assert client.post(f"{SETTINGS}/company", data={"name": "Overgenomen"}).status_code == 403
    assert client.get(f"{SETTINGS}/history").status_code == (403 if who == "worker" else 200)


def test_only_the_owner_reaches_the_credentials(client_as: Client) -> None:
    office = client_as("office")
    page = office.get(LINK).text
    assert "Alleen de eigenaar" in page
    assert 'name="code1"' not in page
    for path, data in (("", {"username": "x", "code1": "x", "code2": "y"}), ("/start", {}), ("/undo", {})):
        assert office.post(LINK + path, data=data).status_code == 403
    assert link().state == "active"


def test_the_codes_are_never_rendered_back(client_as: Client, sandbox: Sandbox) -> None:
    account, client = sandbox.credentials("demo"), client_as("owner")
    pages = [
        client.get(LINK).text,
        client.post(LINK, data={"username": "", "code1": account["code1"], "code2": account["code2"]}).text,
        client.post(LINK, data={"username": "iemand-anders", "code1": "half-getypt", "code2": ""}).text,
        client.htmx_post(
            f"{LINK}/start", data={"username": "iemand-anders", "code1": "geheim-een", "code2": "geheim-twee"}
        ).text,
    ]
    for page in pages:
        assert (typed(page, "code1"), typed(page, "code2")) == ("", "")
        for secret in (account["code1"], account["code2"], "half-getypt", "geheim-een", "geheim-twee"):
            assert secret not in page
    assert typed(pages[2], "username") == "iemand-anders"


def test_a_wrong_form_comes_back_with_the_message_at_its_field(client_as: Client) -> None:
    answer = client_as("owner").post(LINK, data={"username": "iemand-anders", "code1": "x", "code2": ""})
    assert answer.status_code == 422
    assert "Vul Securitycode 2 in" in answer.text
    assert 'aria-describedby="code2-help code2-error"' in answer.text
    assert link().username == "demo"


def test_start_saves_what_was_typed_and_shows_what_was_found(client_as: Client, sandbox: Sandbox) -> None:
    account, client = sandbox.credentials("demo"), client_as("owner")
    client.post(f"{LINK}/undo")
    data = {name: account[name] for name in ("username", "code1", "code2")}

    answer = client.htmx_post(f"{LINK}/start", data=data)

    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "De verbinding is actief sinds" in answer.text
    assert account["company"] in answer.text
    relations = len(sandbox.relations("demo"))
    assert f"{relations} relaties" in answer.text
    assert "6 artikelen" in answer.text
    assert link().state == "active"


def test_a_refused_start_names_the_code_and_what_to_do(client_as: Client, sandbox: Sandbox) -> None:
    sandbox.mischief("demo", [{"kind": "password_changed", "operation": "OpenSession"}])
    client = client_as("owner")

    answer = client.htmx_post(f"{LINK}/start", data={"username": "demo", "code1": "", "code2": ""})

    assert answer.status_code == 422
    assert "E001.1" in answer.text
    assert "Securitycode 1" in answer.text
    assert "wachtwoord van e-Boekhouden.nl gewijzigd" in answer.text
    later = client.get(LINK).text
    assert "verbroken" in later
    assert "E001.1" in later


def test_start_without_javascript_answers_with_the_whole_page(client_as: Client, sandbox: Sandbox) -> None:
    answer = client_as("owner").post(f"{LINK}/start", data={"username": "demo", "code1": "", "code2": ""})
    assert answer.status_code == 200
    assert "<html" in answer.text
    assert "De verbinding is actief sinds" in answer.text
    assert 'id="invoice-settings"' in answer.text


def test_the_fragment_is_the_piece_of_the_page(client_as: Client) -> None:
    client = client_as("owner")
    page, fragment = client.get(LINK).text, client.htmx_get(LINK).text
    assert without_tokens(fragment).strip() in without_tokens(page)


def test_emptying_everything_asks_first_and_then_erases(client_as: Client) -> None:
    client = client_as("owner")
    emptied = {"username": "", "code1": "", "code2": ""}

    assert client.post(LINK, data=emptied).location.endswith("/e-boekhouden/undo")
    assert client.htmx_post(LINK, data=emptied).headers["HX-Redirect"].endswith("/e-boekhouden/undo")
    assert link().state == "active"
    assert "worden gewist" in client.get(f"{LINK}/undo").text

    client.post(f"{LINK}/undo")

    row = link()
    assert (row.state, row.username, row.code1_sealed) == ("inactive", "", "")
    assert "niet actief" in client.get(LINK).text


def test_practice_credentials_are_shown_in_a_demo_until_the_link_is_active(client_as: Client, sandbox: Sandbox) -> None:
    client, account = client_as("owner"), sandbox.credentials("demo")
    assert "Oefengegevens" not in client.get(LINK).text
    client.post(f"{LINK}/undo")
    assert account["code1"] in client.get(LINK).text


def test_production_never_shows_practice_credentials(app: Flask, client_as: Client, sandbox: Sandbox) -> None:
    from dataclasses import replace

    client = client_as("owner")
    client.post(f"{LINK}/undo")
    deps = app.extensions["crafter"]
    app.extensions["crafter"] = replace(deps, settings=replace(deps.settings, env="production"))
    assert sandbox.credentials("demo")["code1"] not in client.get(LINK).text


def test_invoice_settings_are_saved_by_a_form_of_their_own(client_as: Client) -> None:
    form = invoicing_form(template="Blauw", term_days="30", prefix="F", next_number="187", hours_ledger="8010")
    form.pop("sync_relations")

    answer = client_as("owner").htmx_post(f"{LINK}/invoicing", data=form)

    assert "De factuurinstellingen zijn opgeslagen" in answer.text
    row = link()
    assert (row.template, row.term_days, row.sync_relations) == ("Blauw", 30, False)
    stands = invoice_settings.present()
    assert (stands.prefix, stands.next_number, stands.lines["hours"].ledger_code) == ("F", 187, "8010")


def test_wrong_invoice_settings_come_back_as_typed(client_as: Client) -> None:
    form = invoicing_form(template="Half getypt", term_days="veertien", prefix="F/", hours_code="UUR")
    answer = client_as("owner").post(f"{LINK}/invoicing", data=form)
    assert answer.status_code == 422
    assert "Vul een heel getal in." in answer.text
    assert [typed(answer.text, name) for name in ("template", "term_days", "prefix", "hours_code")] == [
        "Half getypt", "veertien", "F/", "UUR",
    ]  # fmt: skip
    assert link().template == "Factuursjabloon"


def test_an_issued_number_is_refused_beside_its_field(
    client_as: Client, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    answer = client_as("owner").post(f"{LINK}/invoicing", data=invoicing_form(next_number="1"))
    assert answer.status_code == 422
    assert "is al uitgegeven" in answer.text
    assert 'id="next_number-error"' in answer.text


def test_company_details_are_checked_and_kept_in_their_usual_spelling(client_as: Client) -> None:
    client = client_as("office")
    wrong = {
        "name": "Vos",
        "postcode": "1234",
        "coc_number": "12",
        "iban": "NL00INGB0001234567",
        "vat_number": "NL000000000B00",
    }

    refused = client.post(f"{SETTINGS}/company", data=wrong)
    assert refused.status_code == 422
    for name, value in wrong.items():
        assert typed(refused.text, name) == value
        assert name == "name" or f'id="{name}-error"' in refused.text

    right = wrong | {"postcode": "1234ab", "coc_number": "1234 5678", "iban": "nl20ingb0001234567", "vat_number": ""}
    assert client.post(f"{SETTINGS}/company", data=right).status_code == 303
    process("vos")
    row = db.session.scalars(select(Company)).one()
    assert (row.postcode, row.coc_number, row.iban) == ("1234 AB", "12345678", "NL20INGB0001234567")


def test_a_worker_is_added_with_a_login_that_nobody_else_has(client_as: Client) -> None:
    client = client_as("owner")
    form = client.get(f"{SETTINGS}/workers/new").text
    offered = dict(re.findall(r'<option value="([0-9a-f-]{36})">([^<]+)<', form))
    assert EMAILS["worker"] not in " ".join(offered.values()), "Wim has that login already"
    planner = next(key for key, text in offered.items() if EMAILS["planner"] in text)

    data = {"name": "Piet Plan", "colour": "moss", "active": "y", "person_id": planner}
    assert client.post(f"{SETTINGS}/workers/new", data=data).status_code == 303

    assert "swatch-moss" in client.get(f"{SETTINGS}/workers").text
    twice = client.post(f"{SETTINGS}/workers/new", data=data | {"name": "Dubbel"})
    assert twice.status_code == 422
    assert typed(twice.text, "name") == "Dubbel"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "Vul de naam van de medewerker in."),
        ({"name": "Wim Vos"}, "Er is al een medewerker met de naam"),
        ({"colour": "violet"}, "Kies een kleur uit de lijst."),
    ],
)
def test_a_wrong_worker_is_refused(client_as: Client, wrong: dict[str, str], message: str) -> None:
    data = {"name": "Nieuw", "colour": "petrol", "active": "y", "person_id": ""} | wrong
    answer = client_as("owner").post(f"{SETTINGS}/workers/new", data=data)
    assert answer.status_code == 422
    assert message in html.unescape(answer.text)


def test_a_neighbours_member_cannot_become_a_login_here(client_as: Client, cast: SimpleNamespace) -> None:
    from models import Person

    tenants.leave()
    stranger = db.session.scalars(select(Person.id).where(Person.email == EMAILS["neighbour"])).one()
    data = {"name": "Vreemd", "colour": "petrol", "active": "y", "person_id": str(stranger)}
    assert client_as("owner").post(f"{SETTINGS}/workers/new", data=data).status_code == 422


def test_somebody_who_left_is_made_inactive_and_stays(client_as: Client, cast: SimpleNamespace) -> None:
    client = client_as("owner")
    address = f"{SETTINGS}/workers/{cast.vos.worker_id}/edit"
    assert client.get(address).status_code == 200
    client.post(address, data={"name": "Wim Vos", "colour": "petrol", "person_id": ""})
    process("vos")
    worker = db.session.scalars(select(Worker).where(Worker.id == cast.vos.worker_id)).one()
    assert (worker.name, worker.active, worker.person_id) == ("Wim Vos", False, None)
    assert client.get(f"{SETTINGS}/workers/{cast.buur.worker_id}/edit").status_code == 404


def test_numbers_and_log_lead_to_the_work_order(client_as: Client, vos: SimpleNamespace, sandbox: Sandbox) -> None:
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    assert pressed.state == "posted"
    client = client_as("owner")
    for page in ("numbers", "numbers?state=posted", "history", "history?kind=invoices"):
        text = client.get(f"{SETTINGS}/{page}").text
        assert f'href="/t/vos/work-orders/{vos.order_id}"' in text, page
    assert str(vos.order_id) not in client.get(f"{SETTINGS}/numbers?state=void").text
    assert str(vos.order_id) not in client.get(f"{SETTINGS}/history?kind=support").text


def test_the_synchronisations_stand_in_a_list_with_what_came_of_them(
    client_as: Client, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    sandbox.mischief("demo", [{"operation": "GetRelaties", "kind": "refuse", "code": "E009", "text": "Te veel"}])
    relations.sync(vos.deps, vos.actor)
    relations.sync(vos.deps, vos.actor)
    client = client_as("office")
    assert f"{LINK}/syncs" in client.get(LINK).text
    text = html.unescape(client.get(f"{LINK}/syncs").text)
    assert re.search(r"nieuw, \d+ gewijzigd", text)
    assert "E009 Te veel" in text
    assert text.index("nieuw,") < text.index("E009"), "the newest comes first"
    assert client_as("planner").get(f"{LINK}/syncs").status_code == 403


def test_the_owner_sees_what_the_day_took_and_until_when_it_is_paused(
    client_as: Client, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    relations.sync(vos.deps, vos.actor)
    client = client_as("owner")
    text = html.unescape(client.get(LINK).text)
    assert re.search(r"Aanroepen vandaag</dt><dd>\d+ van 9\.000", text)
    assert "de laatste 1.000 zijn voor facturen" in text
    assert "gaan weer opdrachten naar e-Boekhouden" not in text
    sandbox.mischief("demo", [{"operation": "GetRelaties", "kind": "refuse", "code": "E003.3"}])
    process("vos")
    run = relations.sync(vos.deps, vos.actor)
    assert run.finished_at is None
    assert "gaan weer opdrachten naar e-Boekhouden vanaf" in client.get(LINK).text
    listed = client.get("/t/vos/relations/").text
    assert "haalt Crafter ze vanzelf op" in listed


def test_a_visit_of_support_stands_in_the_log_with_both_names(client_as: Client) -> None:
    client_as("support").post("/support/vos/step-in", data={"reason": "factuur geweigerd"})
    text = client_as("owner").get(f"{SETTINGS}/history").text
    assert "Support kijkt mee: factuur geweigerd" in text
    assert "Sam Steun" in text
    assert "support, bij Vos" in text


def test_a_strange_page_mark_begins_at_the_start(client_as: Client) -> None:
    client = client_as("owner")
    for page in ("history", "numbers", "e-boekhouden/syncs"):
        for after in ("onzin", "00000000-0000-0000-0000-000000000000"):
            assert client.get(f"{SETTINGS}/{page}?after={after}").status_code == 200


def test_the_connections_credentials_ask_the_password_again_before_anything_is_typed(client_as: Client) -> None:
    owner = client_as("owner")
    assert 'name="code1"' in owner.get(LINK).text
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        page = owner.get(LINK).text
        assert 'name="code1"' not in page
        assert f'href="/account/confirm?next={LINK}"' in page
        for path in ("", "/start", "/undo"):
            answer = owner.post(LINK + path, data={"username": "ander"})
            assert answer.location.startswith("/account/confirm?next="), path
        htmx = owner.htmx_post(LINK, data={"username": "ander"})
        assert htmx.headers["HX-Redirect"].startswith("/account/confirm?next=")
    assert link().username != "ander"
