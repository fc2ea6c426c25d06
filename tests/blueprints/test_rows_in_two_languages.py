"""What one person's work wrote into rows in Dutch, another reads in their language; what stood there before stays."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from babel.support import NullTranslations
from flask import Flask
from sqlalchemy import text, update

from blueprints._words import Words
from domain import posting as states
from domain.device import words
from domain.notes import note
from models import LoginSession, Person
from services.catalogue import relations
from services.invoicing import bulk, numbers, press, recovery
from services.link import runs
from services.support import access
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db
from tests.support.cast import numbered, process
from tests.support.sandbox_process import Sandbox

COLUMNS = (
    "invoice_posting.why", "invoice_posting.note", "posting_attempt.why", "invoice_number.reason", "sync_run.error",
    "bulk_job.reason", "bulk_item.reason", "login_session.device", "audit_entry.data",
)  # fmt: skip


class Pseudo(NullTranslations):
    """Every text of ours in ⟦ ⟧: what stands outside was not translated."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    ugettext = gettext

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture
def english(client_as: Any, vos: SimpleNamespace, app: Flask) -> Any:
    """The owner, who reads English; its catalogue is a play one. All else in the tests is done by somebody Dutch."""
    client = client_as("owner")
    process("vos")
    with write_transaction() as session:
        session.execute(update(Person).where(Person.email == "owner@vos.example").values(language="en"))
    app.extensions["words"]["en"] = Words(Pseudo())
    return client


def kept() -> str:
    """All that stands in the columns of our words, as the database has it."""
    process("vos")
    found = []
    for place in COLUMNS:
        table, _dot, column = place.partition(".")
        found += [str(row[0]) for row in db.session.execute(text(f"SELECT {column} FROM {table}"))]
    return "\n".join(found)


def page_of(client: Any, order_id: object) -> str:
    """The page of a work order."""
    return str(client.get(f"/t/vos/work-orders/{order_id}").text)


def test_what_became_of_an_invoice_is_told_in_the_readers_language(
    english: Any, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    rule = {"operation": "AddFactuur", "kind": "lost_answer"}
    sandbox.mischief("demo", [rule, {"operation": "GetFacturen", "kind": "html_503"}])
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    recovery.check(vos.deps, vos.actor, pressed.posting_id)
    page = page_of(english, vos.order_id)
    assert "⟦opzoeken lukte niet: ⟦HTTP 503⟧⟧" in page
    assert "opzoeken" not in kept()
    assert '"look_up.failed"' in kept()


def test_the_history_and_its_file_are_in_the_readers_language(english: Any, vos: SimpleNamespace) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    with write_transaction() as session:
        day = access.last_day_allowed(database_now(session))
    access.save(vos.actor, True, day)
    page = english.get("/t/vos/settings/history").text
    for told in (page, english.get("/t/vos/settings/history/export").text):
        assert "⟦⟦uitgevoerd⟧ → ⟦gecontroleerd⟧⟧" in told
        assert "⟦Toegang voor support: meekijken ⟦ja⟧, namens u handelen ⟦tot en met " in told
        assert f"{day.day} {day:%b} {day.year}⟧" in told
    assert "gecontroleerd" not in kept()
    assert '{"day": ' in kept()


def test_why_a_job_stopped_is_told_in_the_readers_language(english: Any, vos: SimpleNamespace) -> None:
    job_id = bulk.start(vos.deps, vos.actor, [(vos.order_id, 1)])
    bulk.stop(vos.actor, job_id)
    assert f"⟦door {vos.actor.person_name}⟧" in english.get(f"/t/vos/bulk/{job_id}").text
    assert f"⟦door {vos.actor.person_name}⟧" in english.get("/t/vos/bulk/").text
    assert "⟦Facturen in één keer gestopt: ⟦door " in english.get("/t/vos/settings/history").text
    assert "door " not in kept()


def test_why_lists_did_not_come_is_told_in_the_readers_language(
    english: Any, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    sandbox.mischief("demo", [{"kind": "html_503", "operation": "GetRelaties"}])
    relations.sync(vos.deps, vos.actor)
    assert "⟦HTTP 503⟧" in english.get("/t/vos/settings/e-boekhouden/syncs").text
    assert "⟦HTTP 503⟧" in english.get("/t/vos/").text
    assert "HTTP" not in kept()


def test_our_own_explanation_of_a_run_is_chosen_by_its_key(english: Any, vos: SimpleNamespace) -> None:
    hold = runs.begin(vos.deps, vos.actor, "relations")
    assert hold is not None
    hold.fail(runs.LINK_CHANGED)
    page = english.get("/t/vos/relations/sync").text
    assert "⟦Het ophalen is gestopt.⟧" in page


def test_what_became_of_a_number_is_told_in_the_readers_language_on_the_page_and_in_the_file(
    english: Any, vos: SimpleNamespace
) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    with write_transaction() as session:
        numbers.mark(session, numbered(1, "WB"), states.TAKEN, note("number.anothers", who="Petra"), administration=1)
    assert "⟦daar een andere factuur, zegt Petra⟧" in english.get("/t/vos/settings/numbers").text
    exported = english.get("/t/vos/settings/numbers/export").text
    assert "⟦daar al in gebruik⟧;⟦daar een andere factuur, zegt Petra⟧" in exported
    assert "zegt" not in kept()


def test_a_device_is_told_in_the_readers_language(english: Any) -> None:
    with write_transaction() as session:
        session.execute(update(LoginSession).values(device=words("Chrome/142.0 (Windows)")))
    assert "⟦Chrome op Windows⟧" in english.get("/account").text
    assert " op " not in kept()


def test_sentences_of_before_and_what_people_typed_are_shown_as_they_were_written(
    english: Any, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    press.approve(vos.deps, vos.actor, vos.order_id)
    with write_transaction() as session:
        for column, before in (("why", "geen volledig antwoord binnen 20 s"), ("note", "nog niet gevonden")):
            session.execute(text(f"UPDATE invoice_posting SET {column} = :it"), {"it": before})
    page = page_of(english, vos.order_id)
    assert "Geen volledig antwoord binnen 20 s." in page
    assert "Nog niet gevonden." in page
    assert "⟦nog niet gevonden⟧" not in page
    assert "⟦Geen volledig" not in page
