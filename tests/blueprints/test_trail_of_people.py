"""What people do at the door, and what they take with them, stands in their company's trail, and they can read it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from models import AuditEntry
from services.company import tenants
from services.people import reset
from services.trail import exports
from tenancy.database import db
from tests.blueprints.test_account import NEW, STEP, code_of, second_step, switch_on
from tests.blueprints.test_auth import log_in
from tests.support.cast import EMAILS, PASSWORD, process
from tests.support.letters import link_to

WHO = EMAILS["planner"]


def told(slug: str = "vos") -> list[str]:
    """The events of a tenant's trail about people, oldest first."""
    process(slug)
    query = select(AuditEntry.event, AuditEntry.subject_name).order_by(AuditEntry.at, AuditEntry.id)
    found = [event for event, about in db.session.execute(query) if about == WHO]
    tenants.leave()
    return found


def test_logins_and_failures_stand_in_the_trail_of_the_company_and_of_no_other(client_as: Any) -> None:
    log_in(client_as(None), email=WHO, password="een gokje")
    log_in(client_as(None), email=WHO, password=PASSWORD)
    assert told() == ["login.failed", "login.succeeded"]
    assert told("buur") == []
    page = client_as("owner").get("/t/vos/settings/history?kind=people").text
    assert "Ingelogd" in page
    assert "Inloggen mislukt" in page
    assert WHO in page


def test_strangers_who_guess_do_not_fill_a_trail(client_as: Any) -> None:
    for _ in range(4):
        log_in(client_as(None), email=WHO, password="een gokje")
    assert told() == ["login.failed"]
    log_in(client_as(None), email="niemand@nergens.example", password="een gokje")
    assert told() == ["login.failed"]


def test_the_second_step_stands_there_with_what_was_refused(client_as: Any) -> None:
    client = client_as("planner")
    secret, codes = switch_on(client)
    guest = client_as(None)
    log_in(guest, email=WHO, password=PASSWORD)
    second_step(guest, "000000")
    second_step(guest, code_of(secret))
    assert told() == ["second_factor.on", "login.factor_refused", "login.succeeded"]
    client.post("/account/confirm", data={"password": "mis", "code": codes[0]})
    client.post("/account/confirm", data={"password": PASSWORD, "code": "000000"})
    client.post("/account/confirm", data={"password": PASSWORD, "code": codes[0]})
    client.post(f"{STEP}/recovery-codes")
    client.post(f"{STEP}/off")
    client.post(f"{STEP}/off")
    expected = ["confirmation.refused", "confirmation.refused", "second_factor.renewed", "second_factor.off"]
    assert told()[3:] == expected


def test_another_password_stands_there_by_hand_and_by_mail(client_as: Any, app: Flask) -> None:
    client_as("planner").post("/account/password", data={"old": PASSWORD, "password": NEW})
    tenants.leave()
    reset.ask(app.extensions["crafter"], WHO, "10.0.0.9")
    reset.finish(app.extensions["crafter"], link_to(WHO, "/new-password").rpartition("/")[2], PASSWORD)
    assert told() == ["password.changed", "login.reset"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("settings/history/export", "logboek.csv"),
        ("settings/numbers/export", "factuurnummers.csv"),
    ],
)
def test_a_file_is_given_only_after_that_stands_in_the_trail(
    client_as: Any, app: Flask, monkeypatch: pytest.MonkeyPatch, path: str, name: str
) -> None:
    address = next(
        str(rule) for rule in app.url_map.iter_rules() if rule.endpoint == f"settings.export_{path.split('/')[1]}"
    ).replace("<tenant_slug>", "vos")
    owner = client_as("owner")
    assert name in owner.get(address).headers["Content-Disposition"]
    process("vos")
    (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "export.taken")).all()
    assert entry.data == {"what": name}
    tenants.leave()
    assert f"Bestand gedownload: {name}" in owner.get("/t/vos/settings/history?kind=people").text

    def cannot(*_given: Any) -> None:
        raise RuntimeError("the trail cannot be written")

    monkeypatch.setattr(exports, "taken", cannot)
    refused = owner.get(address)
    assert refused.status_code == 500
    assert "Content-Disposition" not in refused.headers


def test_a_tenant_made_by_a_command_begins_with_that(app: Flask) -> None:
    made = app.test_cli_runner().invoke(args=["tenant", "create", "kwast", "--owner", "Kee@kwast.example"])
    assert made.exit_code == 0, made.output
    tenants.leave()
    process("kwast")
    query = select(AuditEntry.event, AuditEntry.person_name, AuditEntry.data).order_by(AuditEntry.at, AuditEntry.id)
    assert [tuple(row) for row in db.session.execute(query)] == [
        ("tenant.opened", "opdrachtregel", {"owner": "kee@kwast.example"}),
        ("command.run", "opdrachtregel", {"what": "tenant create"}),
    ]


def test_a_second_step_taken_away_by_a_command_stands_there_too(app: Flask, client_as: Any) -> None:
    switch_on(client_as("planner"))
    tenants.leave()
    assert app.test_cli_runner().invoke(args=["support", "reset-factor", WHO]).exit_code == 0
    assert told() == ["second_factor.on", "second_factor.off", "command.run"]


def test_a_command_that_concerns_every_company_stands_in_the_trail_of_each(app: Flask) -> None:
    for words in (["support", "create", "nina@crafter.example"], ["support", "end", "nina@crafter.example"],
                  ["keys", "rotate"]):  # fmt: skip
        tenants.leave()
        done = app.test_cli_runner().invoke(args=words)
        assert done.exit_code == 0, done.output
    for slug in ("vos", "buur"):
        tenants.leave()
        process(slug)
        query = select(AuditEntry.person_name, AuditEntry.data).where(AuditEntry.event == "command.run")
        found = [tuple(row) for row in db.session.execute(query.order_by(AuditEntry.at, AuditEntry.id))]
        assert found == [("opdrachtregel", {"what": what}) for what in ("support create", "support end", "keys rotate")]
