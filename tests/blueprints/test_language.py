"""The reader's language: whose it is, what follows it, and what stays Dutch."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from blueprints import _words
from domain.languages import LANGUAGES
from domain.message import msg, one_after_another
from models import Article, Person, Tenant, WorkOrderLine
from services.company import tenants
from services.transaction import write_transaction
from tenancy.database import db
from tests.blueprints.test_auth import LOGIN, csrf_of, log_in
from tests.support.cast import EMAILS, PASSWORD, process
from tests.support.client import folded
from tests.support.letters import letters_to, link_to

ENGLISH = {"Accept-Language": "en-US,en;q=0.9"}
NEW = "new@vos.example"
LETTERS = sorted(
    path.stem for path in (Path(__file__).parents[2] / "templates" / "mail").glob("*.txt") if path.stem[0] != "_"
)
# enough for every letter; a letter that wants another value fails until it stands here
SINCE = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
VALUES = {
    "name": "Kee", "tenant": "Kwast", "link": "https://crafter.example/x", "role": msg("planner"),
    "what": msg("De tweede stap bij het inloggen staat nu aan."), "staff": "Sam", "whom": "Kee", "reason": "factuur",
    "acting": False, "broke_glass": False, "minutes": 1, "history": "https://h", "access": "https://a", "more": False,
    "since": SINCE, "page": "https://p", "choose": "https://c", "code": "E0001", "broken": SINCE, "behind": SINCE,
    "standing": [
        SimpleNamespace(number="2026-0001", customer="", how=msg("geweigerd"), since=SINCE, page="https://b", term=1)
    ],
}  # fmt: skip


def reads(who: str, language: str) -> None:
    """Let somebody of the cast read in a language."""
    tenants.leave()
    with write_transaction() as session:
        session.scalars(select(Person).where(Person.email == EMAILS[who])).one().language = language
    tenants.leave()


def company_speaks(language: str) -> None:
    """Let Vos be an English or a Dutch company."""
    tenants.leave()
    with write_transaction() as session:
        session.scalars(select(Tenant).where(Tenant.slug == "vos")).one().language = language
    tenants.leave()


def pick(client: Any, language: str, **typed: str) -> Any:
    """Press a language on the login page."""
    token = csrf_of(client.get(LOGIN).text)
    return client.post("/language", data={"csrf_token": token, "language": language} | typed)


@pytest.mark.parametrize(
    ("header", "lang", "word"),
    [
        (None, "nl", "Inloggen"), ("en-US,en;q=0.9", "en", "Log in"), ("de,en;q=0.8,nl;q=0.5", "en", "Log in"),
        ("fr", "nl", "Inloggen"), ("nl-BE", "nl", "Inloggen"), ("x" * 3000, "nl", "Inloggen"),
    ],
)  # fmt: skip
def test_who_is_not_logged_in_reads_what_the_browser_asks_for(
    client_as: Any, header: str | None, lang: str, word: str
) -> None:
    page = client_as(None).get(LOGIN, headers={"Accept-Language": header} if header else {}).text
    assert f'<html lang="{lang}"' in page
    assert f"<h1>{word}</h1>" in page


def test_the_language_picked_on_the_login_page_goes_before_the_browsers_and_stays(client_as: Any) -> None:
    guest = client_as(None)
    assert pick(guest, "en", next=LOGIN).location == LOGIN
    assert "<h1>Log in</h1>" in guest.get(LOGIN, headers={"Accept-Language": "nl"}).text
    assert pick(guest, "nl").status_code == 303
    assert "<h1>Inloggen</h1>" in guest.get(LOGIN, headers=ENGLISH).text


def test_an_unknown_language_changes_nothing_and_no_other_site_is_gone_to(client_as: Any) -> None:
    guest = client_as(None)
    assert pick(guest, "xx", next="//elsewhere.example/").location == "/"
    assert '<html lang="nl"' in guest.get(LOGIN).text
    assert guest.post("/language", data={"language": "en"}).status_code == 400  # without the form's token


def test_ones_own_language_goes_before_the_browsers(client_as: Any) -> None:
    page = client_as("owner").get("/t/vos/", headers=ENGLISH).text
    assert '<html lang="nl"' in page
    reads("owner", "en")
    page = client_as("owner").get("/t/vos/").text
    assert '<html lang="en"' in page
    assert ">Work orders</a>" in folded(page)


def test_a_login_begins_with_ones_own_language_and_logging_out_keeps_it(client_as: Any) -> None:
    reads("owner", "en")
    guest = client_as(None)
    pick(guest, "nl")
    assert log_in(guest, email=EMAILS["owner"], password=PASSWORD).status_code == 303
    page = guest.get("/t/vos/").text
    assert '<html lang="en"' in page
    guest.post("/logout", data={"csrf_token": csrf_of(page)})
    page = guest.get(LOGIN).text
    assert '<html lang="en"' in page
    assert "You have been logged out." in page


def test_a_language_is_chosen_on_ones_own_account(client_as: Any) -> None:
    client = client_as("planner")
    answer = client.post("/language", data={"language": "en", "next": "/account"})
    assert (answer.status_code, answer.location) == (303, "/account")
    page = client.get("/account").text
    assert "Crafter now speaks English with you." in page
    assert '<option value="en" lang="en" selected>English</option>' in folded(page)
    assert '<html lang="en"' in client_as("planner").get("/t/vos/").text  # on another device too
    assert '<html lang="nl"' in client_as("owner").get("/t/vos/").text
    assert client.post("/language", data={"language": "xx"}).status_code == 303
    assert '<html lang="en"' in client.get("/account").text


def test_amounts_and_days_are_written_by_the_readers_language(client_as: Any, cast: SimpleNamespace) -> None:
    address = f"/t/vos/work-orders/{cast.vos.order_id}"
    page = folded(client_as("owner").get(address).text)
    assert "18 nov 2026" in page
    assert "151,25" in page
    reads("owner", "en")
    page = folded(client_as("owner").get(address).text)
    assert "18 Nov 2026" in page
    assert "€151.25" in page
    assert "151,25" not in page


@pytest.mark.parametrize(("typed", "price"), [("1,250.50", "1250.5000"), ("1250.5", "1250.5000"), ("12,5", "12.5000")])
def test_who_reads_english_types_english_numbers(
    app: Flask, client_as: Any, cast: SimpleNamespace, typed: str, price: str
) -> None:
    reads("owner", "en")
    answer = client_as("owner").post(
        "/t/vos/articles/", data={"description": "Pump", "price": typed, "vat_code": "low", "ledger_code": "8000"}
    )
    assert answer.status_code == 303, answer.text
    process("vos")
    row = db.session.scalars(select(Article).where(Article.description == "Pump")).one()
    assert row.price == Decimal(price)
    form = client_as("owner").get(f"/t/vos/articles/{row.id}/edit").text
    assert 'value="1250.50"' in form or 'value="12.50"' in form  # what the form writes, the form reads


def test_a_number_that_could_be_two_is_asked_back_in_english_too(client_as: Any) -> None:
    reads("owner", "en")
    answer = client_as("owner").post("/t/vos/articles/", data={"description": "Pump", "price": "1,250"})
    assert answer.status_code == 422
    assert "Do you mean 1250 or 1.250? Write it without a comma." in answer.text
    assert 'value="1,250"' in answer.text


def test_who_joins_an_english_company_is_invited_and_reads_in_english(client_as: Any) -> None:
    company_speaks("en")
    assert (
        client_as("owner").post("/t/vos/settings/team/invite", data={"email": NEW, "role": "planner"}).status_code
        == 303
    )
    letter = letters_to(NEW)[0]
    assert letter.subject == "Invitation to Vos"
    assert "as planner. Follow this link" in letter.text
    guest, link = client_as(None), link_to(NEW, "/invitation")
    page = guest.get(link).text
    assert '<html lang="en"' in page
    done = guest.post(link, data={"csrf_token": csrf_of(page), "name": "Ned", "password": "a sentence of some words"})
    assert done.status_code == 303, done.text
    assert '<html lang="en"' in guest.get("/t/vos/").text


def test_who_is_known_gets_mail_in_their_own_language(client_as: Any) -> None:
    company_speaks("en")
    reads("neighbour", "nl")
    client_as("owner").post("/t/vos/settings/team/invite", data={"email": EMAILS["neighbour"], "role": "reader"})
    letter = letters_to(EMAILS["neighbour"])[0]
    assert letter.subject == "Uitnodiging voor Vos"
    assert "als lezer" in letter.text


def test_the_language_of_a_company_is_a_setting_of_it(client_as: Any) -> None:
    owner = client_as("owner")
    page = folded(owner.get("/t/vos/settings/company").text)
    assert '<option selected value="nl">Nederlands</option>' in page
    details = {"name": "Vos", "language": "en"}
    assert owner.post("/t/vos/settings/company", data=details).status_code == 303
    assert '<option selected value="en">English</option>' in folded(owner.get("/t/vos/settings/company").text)
    wrong = owner.post("/t/vos/settings/company", data=details | {"language": "xx"})
    assert wrong.status_code == 422
    assert "Kies een taal uit de lijst." in wrong.text
    assert '<html lang="nl"' in owner.get("/t/vos/").text  # who is in already keeps their own


def test_support_opens_an_english_company(client_as: Any) -> None:
    new = {"name": "Brush", "slug": "brush", "owner_email": "kay@brush.example", "language": "en"}
    assert client_as("support").post("/support/new", data=new).status_code == 303
    letter = letters_to("kay@brush.example")[0]
    assert letter.subject == "Your company in Crafter"
    assert '<html lang="en"' in client_as(None).get(link_to("kay@brush.example", "/invitation")).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LETTERS)
@pytest.mark.parametrize("changes", [{}, {"acting": True}, {"broke_glass": True, "minutes": 30}], ids=str)
def test_every_letter_is_written_in_every_language(
    app: Flask, kind: str, language: str, changes: dict[str, Any]
) -> None:
    subject, text = app.extensions["crafter"].write(kind, language, VALUES | changes)
    assert subject
    assert "\n" not in subject
    assert text.endswith("\n\nCrafter")
    assert "  " not in text
    assert "\n\n\n" not in text
    assert ("Kee" in text) or ("Kwast" in text)
    other = app.extensions["crafter"].write(kind, next(one for one in LANGUAGES if one != language), VALUES | changes)
    assert (subject, text) != other


def test_a_letter_holds_no_markup_and_no_line_of_its_own_in_the_subject(app: Flask) -> None:
    values = VALUES | {"tenant": "Vos & Zoon\n<b>x</b>", "role": msg("planner")}
    subject, text = app.extensions["crafter"].write("invitation", "nl", values)
    assert subject == "Uitnodiging voor Vos & Zoon <b>x</b>"
    assert "&amp;" not in text


def test_a_letter_in_a_language_that_is_gone_is_dutch(app: Flask) -> None:
    assert app.extensions["crafter"].write("reset", "xx", VALUES)[0] == "Een nieuw wachtwoord voor Crafter"


def test_a_message_is_said_with_the_messages_among_its_values(app: Flask) -> None:
    message = msg("Regel %(n)s: %(what)s", n=2, what=msg("omschrijving ontbreekt"))
    with app.test_request_context(headers=ENGLISH):
        assert _words.say(message) == "Line 2: description is missing"
        assert _words.say(one_after_another("Kies een dag.", msg("Vul een naam in."))) == "Choose a day. Enter a name."
        assert _words.say("dit staat in geen catalogus") == "dit staat in geen catalogus"
        assert _words.say(None) == _words.say("") == ""
    assert str(message) == "Regel 2: omschrijving ontbreekt"


def test_a_page_that_was_made_before_looks_no_text_of_a_template_up_again(
    app: Flask, client_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand look-ups were a third of a list's time."""
    reads("owner", "en")
    client, seen = client_as("owner"), []
    client.get("/t/vos/work-orders/")
    words = app.extensions["words"]["en"]
    one = words.one
    monkeypatch.setattr(words, "one", lambda text: seen.append(text) or one(text))
    assert client.get("/t/vos/work-orders/").status_code == 200
    assert len(seen) < 40, seen


def test_the_invoice_stays_dutch(client_as: Any, vos: SimpleNamespace) -> None:
    reads("owner", "en")
    page = folded(client_as("owner").get(f"/t/vos/work-orders/{vos.order_id}").text)
    assert "This goes to e-Boekhouden" in page or "Ready to post" in page
    assert f'<span lang="nl">Werkbon {vos.order_number[:5]}' in page


def test_hours_of_an_english_mechanic_stand_on_the_invoice_in_dutch(client_as: Any, cast: SimpleNamespace) -> None:
    reads("worker", "en")
    address = f"/t/vos/work-orders/{cast.vos.order_id}"
    form = client_as("worker").get(f"{address}/report").text
    version = re.search(r'name="version"[^>]*value="(\d+)"', form)
    typed = {"hours": "1.5", "work_done": "Done"} | ({"version": version[1]} if version else {})
    assert client_as("worker").post(f"{address}/report", data=typed).status_code == 303
    process("vos")
    line = db.session.scalars(select(WorkOrderLine).order_by(WorkOrderLine.position.desc())).first()
    assert line is not None
    assert (line.description, line.unit, line.quantity) == ("Arbeid", "uur", Decimal("1.5"))


def test_the_pages_of_the_help_are_searched_in_the_readers_language(client_as: Any) -> None:
    reads("owner", "en")
    page = client_as("owner").get("/t/vos/help/?q=mechanic").text
    assert "mechanic" in page.lower()
    assert "answers about" in page
    assert "No answer found" in client_as("owner").get("/t/vos/help/?q=werkvoorraad").text
