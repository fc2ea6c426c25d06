"""Planted secrets are found nowhere after a full run: no log, no page, no stored row, no byte of the database's files.

What may not be there: security codes (right and wrong ones), passwords, session tokens, the tokens of mailed links, the
secret of a second factor and its recovery codes. The two pages that hand somebody his own secret once are not read.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from gateways.mail import Handed, Letter
from jobs import rounds
from models import Mail, PostingAttempt, Tenant
from oversight import logs
from services import mail
from services.company import tenants
from services.link import connection
from services.transaction import write_transaction
from tenancy.database import Base, db
from tenancy.row_security import tell
from tests.blueprints.test_account import second_step, switch_on
from tests.blueprints.test_auth import cookie, log_in
from tests.blueprints.test_reset import ask, choose
from tests.isolation.test_neighbour import ids_of, tenant_rules, url
from tests.support.cast import EMAILS, PASSWORD, make_order, process
from tests.support.client import HTMX, HouseClient, client_for
from tests.support.sandbox_process import Sandbox

NEW_PASSWORD = "kanarie zingt in de achtertuin"
WRONG_PASSWORD = "kanarie die niemand kent"
WRONG_CODES = ("kanariecode1verkeerd", "kanariecode2verkeerd")
SICK = ("http_500_fault", "html_503", "truncated_xml")  # five failures would open the circuit


class Postbox:
    """A mail server that keeps what it was handed."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def send(self, letter: Letter) -> Handed:
        """Take a letter."""
        self.letters.append(letter)
        return Handed("sent")

    def link(self, path: str) -> str:
        """The newest link of a kind, after the worker's round of letters."""
        tenants.leave()
        mail.deliver(current_app.extensions["crafter"])
        found = [hit for letter in self.letters for hit in re.findall(rf"({path}/[\w-]+)", letter.text)]
        return found[-1]


@pytest.fixture
def postbox(app: Flask) -> Postbox:
    """The app as production has it: mail goes out, and no play credentials are at hand."""
    box, deps = Postbox(), app.extensions["crafter"]
    settings = replace(deps.settings, sandbox_control_url="")
    app.extensions["crafter"] = replace(deps, settings=settings, mailer=box)
    return box


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Every logger at DEBUG; SQL at INFO, for at DEBUG it prints the rows it reads, letters that wait among them."""
    for name in ("", *list(logging.root.manager.loggerDict)):
        caplog.set_level("INFO" if name.startswith("sqlalchemy") else "DEBUG", logger=name)
    yield caplog
    logs.clear()


class Pages:
    """Every page that was seen."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def crawl(self, app: Flask, client: HouseClient, ids: dict[str, Any]) -> None:
        """Every page of the tenant and the portal that this person can open, as page and as fragment."""
        addresses = [url(app, rule, "vos", ids) for rule in tenant_rules(app) if "GET" in (rule.methods or ())]
        for address in [*addresses, "/", "/account", "/account/second-factor", "/bestaat-niet", "/support/", "/outbox"]:
            for headers in ({}, HTMX):
                self.texts.append(client.get(address, headers=headers).text)


def people(app: Flask, postbox: Postbox, pages: Pages) -> set[str]:
    """Passwords, links, a second factor, sessions; what was secret in it."""
    guest = client_for(app, None)
    pages.texts.append(log_in(guest, email=EMAILS["planner"], password=WRONG_PASSWORD).text)
    pages.texts.append(ask(guest, EMAILS["planner"]).text)
    tokens = {postbox.link("/new-password").rpartition("/")[2]}
    assert choose(guest, postbox.link("/new-password"), NEW_PASSWORD).status_code == 303
    assert log_in(guest, email=EMAILS["planner"], password=NEW_PASSWORD).status_code == 303
    owner = client_for(app, "owner")
    invited = owner.post("/t/vos/settings/team/invite", data={"email": "kanarie@elders.example", "role": "planner"})
    assert invited.status_code == 303
    tokens.add(postbox.link("/invitation").rpartition("/")[2])
    secret, recovery = switch_on(guest_with_token(guest))
    again = client_for(app, None)
    log_in(again, email=EMAILS["planner"], password=NEW_PASSWORD)
    pages.texts.append(second_step(again, recovery[0]).text)
    cookies = {cookie(client) for client in (guest, owner, again)}
    assert len(tokens) == 2
    assert len(cookies) == 3
    return {NEW_PASSWORD, WRONG_PASSWORD, PASSWORD, secret, *recovery, *tokens, *cookies}


def guest_with_token(client: HouseClient) -> HouseClient:
    """Somebody who logged in by the form, with the CSRF token of a page."""
    found = re.search(r'X-CSRFToken&#34;: &#34;([^&]+)|X-CSRFToken": "([^"]+)', client.get("/account").text)
    assert found
    client.csrf = next(filter(None, found.groups()))
    return client


def books(app: Flask, sandbox: Sandbox, vos: SimpleNamespace, pages: Pages) -> None:
    """Invoices under every kind of sickness, pressed on the screen, then the worker, then wrong codes and a crash."""
    owner, deps = client_for(app, "owner"), app.extensions["crafter"]
    for kind in ("refuse", *SICK):
        order_id = make_order(process("vos"), vos.relation_id)
        sandbox.mischief("demo", [{"kind": kind, "operation": "AddFactuur", "code": "CFACT025"}])
        pages.texts.append(owner.post(f"/t/vos/work-orders/{order_id}/approve", headers=HTMX).text)
        sandbox.clear_mischief("demo")
    tenants.leave()
    sandbox.mischief("demo", [{"kind": "html_503", "operation": "OpenSession"}])
    deps.bookkeeping.forget(vos.tenant_id)
    pages.texts.append(owner.post("/t/vos/settings/e-boekhouden/start").text)
    sandbox.clear_mischief("demo")
    form = wrong_codes(owner)
    pages.texts.append(owner.post("/t/vos/settings/e-boekhouden", data=form | {"username": ""}).text)
    pages.texts.append(owner.post("/t/vos/settings/e-boekhouden/start", data=form, headers=HTMX).text)
    pages.texts.append(owner.post("/t/vos/settings/e-boekhouden/start").text)
    rounds.every_minute(deps)
    rounds.every_hour(deps)


def test_no_planted_secret_is_found_anywhere(
    app: Flask, vos: SimpleNamespace, cast: Any, sandbox: Sandbox, postbox: Postbox,
    heard: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    pages, given = Pages(), sandbox.credentials("demo")
    secrets = people(app, postbox, pages) | {given["code1"], given["code2"], *WRONG_CODES}
    books(app, sandbox, vos, pages)
    crash(app, monkeypatch, pages)
    pages.crawl(app, client_for(app, "owner"), ids_of(cast.vos))
    pages.crawl(app, client_for(app, "support"), ids_of(cast.vos))
    logging.getLogger("crafter.web").error("the canary song")

    seen = {
        "pages": "\n".join(pages.texts),
        "rows": stored(),
        "logs": heard.text,
        "prints": "".join(capfd.readouterr()),
    }
    assert len(pages.texts) > 80
    assert "kanarie@elders.example" in seen["pages"], "the pages were not read at all"
    assert "Unexpected crash" in seen["logs"]
    assert "the canary song" in seen["logs"]
    assert "CFACT025" in seen["rows"]
    assert "kanarievogel" in seen["rows"], "the wrong codes were not saved at all"
    process("vos")
    assert len(db.session.scalars(select(PostingAttempt)).all()) >= len(SICK)
    found = [
        (place, secret[:12])
        for place, text in seen.items()
        for secret in secrets
        if secret.lower() in text.lower() or secret.strip("{}").lower() in text.lower()
    ]
    assert found == []
    # a mailed token stood in a waiting letter; the row is erased, a file keeps old pages until they are written over
    mailed = {postbox.link(path).rpartition("/")[2] for path in ("/new-password", "/invitation")}
    raw = raw_bytes(app)
    assert [secret[:12] for secret in secrets - mailed if secret.strip("{}").encode() in raw] == []


def wrong_codes(owner: HouseClient) -> dict[str, str]:
    """The form with them, from somebody who read what becomes of the invoices that are open."""
    read = re.search(r'name="seen" value="(\w+)"', owner.get("/t/vos/settings/e-boekhouden/change").text)
    typed = {"username": "kanarievogel", "code1": WRONG_CODES[0], "code2": WRONG_CODES[1]}
    return typed | ({"seen": read[1]} if read else {})


def crash(app: Flask, monkeypatch: pytest.MonkeyPatch, pages: Pages) -> None:
    """An error of our own with codes and a password in hand: the page and the trace tell neither."""

    def broken(*_: object) -> str:
        raise RuntimeError("Unexpected crash")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "seal", broken)
        owner = client_for(app, "owner")
        answer = owner.post("/t/vos/settings/e-boekhouden", data=wrong_codes(owner))
    assert answer.status_code == 500
    pages.texts.append(answer.text)


def stored() -> str:
    """Every value of every row, all tables, tenant after tenant."""
    tenants.leave()
    found = []
    for tenant_id in db.session.scalars(select(Tenant.id)).all():
        with db.engine.connect() as connection:
            tell(connection, tenant_id)
            for table in Base.metadata.sorted_tables:
                found += [f"{table.name} {row}" for row in connection.execute(select(table))]
    return "\n".join(found)


def raw_bytes(app: Flask) -> bytes:
    """The database's files as they lie on the disk, the log of SQLite included; nothing on another database."""
    tenants.leave()
    kept = app.extensions["crafter"].settings.database_url.partition("sqlite:///")[2]
    paths = [Path(kept + tail) for tail in ("", "-wal")] if kept else []
    found = b"".join(path.read_bytes() for path in paths if path.exists())
    assert not kept or b"kanarie@elders.example" in found, "the files were not read at all"
    return found


def test_a_letter_that_went_is_erased(app: Flask, postbox: Postbox) -> None:
    ask(client_for(app, None), EMAILS["planner"])
    token = postbox.link("/new-password").rpartition("/")[2]
    assert token not in stored()
    assert [row.state for row in db.session.scalars(select(Mail))] == ["sent"]


def test_an_error_of_the_database_shows_no_value(app: Flask) -> None:
    tenants.leave()
    first = db.session.scalars(select(Tenant)).first()
    twin = Tenant(slug=first.slug, name="kanarie in een fout", created_at=first.created_at)
    with write_transaction() as session:
        session.add(twin)
        with pytest.raises(IntegrityError) as caught:
            session.flush()
        session.rollback()
    assert "kanarie" not in str(caught.value)
