"""When the database cannot do its work: a page and a strook of their own, 503, in the reader's words, and no blame."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event

from services.invoicing import press
from settings import Settings
from tenancy import database
from tenancy.database import db
from tests.blueprints.test_auth import csrf_of
from tests.blueprints.test_every_form_lost import whose
from tests.support.cast import numbered, process
from tests.support.client import HTMX, HouseClient, client_for, folded
from tests.support.sandbox_process import Sandbox

SLUG = "/t/vos"
TITLES = {
    "away": "Crafter kan nu niet bij zijn gegevens",
    "full": "De schijf van Crafter is vol",
    "busy": "De database van Crafter is bezet",
    "read_only": "Crafter kan nu niets bewaren",
}


@contextmanager
def _on_every_connection(statement: str) -> Iterator[None]:
    """New connections begin with this statement; there is none yet."""

    def begin(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(statement)

    engine = db.engine
    engine.dispose()
    event.listen(engine, "connect", begin)
    try:
        yield
    finally:
        event.remove(engine, "connect", begin)
        engine.dispose()


@contextmanager
def _full() -> Iterator[None]:
    """SQLite's own answer of a full disk, to everything that is to be committed."""

    def grow(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE more (room)")

    engine = db.engine
    event.listen(engine, "commit", grow)
    try:
        with _on_every_connection("PRAGMA max_page_count = 1"):
            yield
    finally:
        event.remove(engine, "commit", grow)


@contextmanager
def _file_away(file: Path) -> Iterator[None]:
    """No connection is left open, and the file cannot be opened: something else has its name."""
    db.engine.dispose()
    aside = file.with_name("aside")
    shutil.move(file, aside)
    file.mkdir()
    try:
        yield
    finally:
        file.rmdir()
        shutil.move(aside, file)


@contextmanager
def _locked(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody else writes for longer than we wait."""
    monkeypatch.setattr(database, "_PATIENCE", "busy_timeout=20")
    db.engine.dispose()
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()
        db.engine.dispose()


Trouble = Callable[[str], Any]


@pytest.fixture
def trouble(settings: Settings, app: Flask, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Trouble:
    """trouble(kind): while it lasts the database is so."""
    if settings.database_url.startswith("postgresql"):
        server = request.getfixturevalue("postgres_server")

        @contextmanager
        def stopped(kind: str) -> Iterator[None]:
            if kind != "away":
                pytest.skip("said by PostgreSQL itself, in its codes")
            server.stop()
            try:
                yield
            finally:
                server.start()

        return stopped
    file = Path(settings.database_url.removeprefix("sqlite:///"))
    kinds: dict[str, Callable[[], Any]] = {
        "away": lambda: _file_away(file),
        "full": _full,
        "busy": lambda: _locked(file, monkeypatch),
        "read_only": lambda: _on_every_connection("PRAGMA query_only = ON"),
    }
    return lambda kind: kinds[kind]()


def _after_the_call(monkeypatch: pytest.MonkeyPatch, app: Flask, begin: Callable[[], Any]) -> None:
    """What begins as soon as the bookkeeping has answered a press."""
    books = app.extensions["crafter"].bookkeeping
    post = books.post_invoice

    def posted(*given: Any, **named: Any) -> Any:
        outcome = post(*given, **named)
        begin()
        return outcome

    monkeypatch.setattr(books, "post_invoice", posted)


@pytest.mark.parametrize(("kind", "headers"), [("away", {}), *((kind, HTMX) for kind in TITLES)])
def test_a_press_in_whose_middle_the_database_fails_says_that_the_invoice_may_be_there(
    app: Flask, vos: SimpleNamespace, trouble: Trouble, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch,
    kind: str, headers: dict[str, str],
) -> None:  # fmt: skip
    client = client_for(app, "owner")
    lasting = trouble(kind)
    _after_the_call(monkeypatch, app, lasting.__enter__)
    try:
        answer = client.post(f"{SLUG}/work-orders/{vos.order_id}/approve", headers=headers)
    finally:
        lasting.__exit__(None, None, None)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    text = folded(answer.text)
    assert TITLES[kind] in text
    assert "hij kan al in e-Boekhouden staan" in text
    assert "Plaats hem niet opnieuw" in text
    assert f'href="{SLUG}/work-orders/{vos.order_id}"' in text
    assert "fout in Crafter" not in text
    assert ("<html" in text) == (not headers)
    assert ('<section class="strook' in text) == bool(headers)
    assert [one["Factuurnummer"] for one in sandbox.invoices("demo")] == [numbered(1, "WB")]
    shown = client.get(f"{SLUG}/work-orders/{vos.order_id}")
    assert shown.status_code == 200
    process("vos")
    assert press.present_posting(vos.order_id).state == "sending"


@pytest.mark.parametrize("kind", TITLES)
def test_what_cannot_be_written_is_not_called_a_mistake_of_crafter(app: Flask, trouble: Trouble, kind: str) -> None:
    client = client_for(app, "owner")
    guest = client_for(app, None)
    form = {"email": "owner@vos.example", "password": "x", "csrf_token": csrf_of(guest.get("/login").text)}
    with trouble(kind):
        answer = client.post(f"{SLUG}/settings/company", data={"name": "Vos"})
        login = guest.post("/login", data=form)
    for told in (answer, login):
        assert told.status_code == 503
        assert TITLES[kind] in told.text
        assert "We weten niet zeker of bewaard is wat u deed." in told.text


@pytest.mark.parametrize("url", ["/", f"{SLUG}/", f"{SLUG}/work-orders/", "/bestaat-niet"])
def test_every_page_says_that_the_database_is_away(app: Flask, trouble: Trouble, url: str) -> None:
    client = client_for(app, "owner")
    with trouble("away"):
        page, part = client.get(url), client.htmx_get(url)
    assert (page.status_code, part.status_code) == (503, 503)
    assert "Deze pagina kan nu niet getoond worden." in page.text
    assert "<html" in page.text
    assert f'href="{url}"' in page.text
    assert "<html" not in part.text
    assert "Deze pagina kan nu niet getoond worden." in part.text
    assert "Content-Security-Policy" in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.headers
    assert client.get(f"{SLUG}/").status_code == 200  # nobody was logged out


def test_who_asks_in_english_reads_english(app: Flask, trouble: Trouble) -> None:
    client: HouseClient = client_for(app, "owner")
    with trouble("away"):
        answer = client.get(f"{SLUG}/", headers={"Accept-Language": "en"})
    assert 'lang="en"' in answer.text
    assert "Crafter cannot reach its data now" in answer.text


def test_readyz_says_which_part_is_missing_also_to_who_is_logged_in(app: Flask, trouble: Trouble) -> None:
    client = client_for(app, "owner")
    with trouble("away"):
        answer = client.get("/readyz")
        assert client.get("/healthz").status_code == 200
    assert (answer.status_code, answer.is_json) == (503, True)
    assert answer.json["database"] == "not reached"


def test_a_mistake_of_ours_is_still_called_one(app: Flask, settings: Settings) -> None:
    from sqlalchemy import text

    from blueprints._doors import anyone

    @anyone
    def broken() -> str:
        db.session.execute(text("SELECT nothing_of_the_kind"))
        return ""

    app.add_url_rule("/kapot", "broken", broken)
    answer = client_for(app, "owner").get("/kapot")
    assert answer.status_code == 500
    assert "Er zit een fout in Crafter" in answer.text


@pytest.mark.parametrize(("kind", "headers"), [("away", {}), ("away", HTMX), ("busy", {}), ("full", {})])
def test_what_was_typed_stands_on_the_page_that_says_so(
    client_as: Any, vos: Any, trouble: Trouble, kind: str, headers: dict[str, str]
) -> None:
    client = client_as("owner")
    typed = {"name": "Bakkerij De Korenaar", "password": "geheim-2026", "relation_id": str(vos.relation_id)}
    ours = whose(client, "/t/vos/relations/new")
    with trouble(kind):
        answer = client.post("/t/vos/relations/", data={**typed, "whose": ours}, headers=headers)
        strange = client.post("/t/vos/relations/", data={**typed, "whose": "made up"}, headers=headers)
    assert (answer.status_code, strange.status_code) == (503, 503)
    assert "Dit had u getypt" in answer.text
    assert "Bakkerij De Korenaar" in answer.text
    assert "geheim-2026" not in answer.text
    assert str(vos.relation_id) not in answer.text
    assert "Bakkerij De Korenaar" not in strange.text, "another site sends it"
