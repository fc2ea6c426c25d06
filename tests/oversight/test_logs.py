"""Log lines: one each, with who and what, without secrets, whatever somebody types."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app import create_app
from blueprints._doors import anyone
from gateways.queue import make_queue
from jobs.patience import Patience
from jobs.schedule import schedule
from models import DueWork
from oversight import logs
from services import due_work
from services.company import tenants
from services.transaction import write_transaction
from settings import Settings
from tenancy.clock import database_now
from tests.support.cast import EMAILS, process
from tests.support.client import client_for

NASTY = "regel een\nregel twee\r\n2026-11-22 info crafter nep\u2028nog een\x1b[31m\x85"


class Heard:
    """What was logged since."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        """All of it."""
        return self.stream.getvalue()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The lines of production, each a JSON object."""
        return [json.loads(line) for line in self.text.split("\n") if line]

    def of(self, event: str) -> list[dict[str, Any]]:
        """The lines of one kind."""
        return [row for row in self.rows if row["event"] == event]


@pytest.fixture
def put_back() -> Iterator[None]:
    """The loggers of this process as they were, afterwards."""
    root, ours = logging.getLogger(), logging.getLogger("crafter")
    before = list(root.handlers), root.level, ours.level
    yield
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])
    logs.clear()


@pytest.fixture
def production(put_back: None) -> Heard:
    """Log lines as production writes them."""
    heard = Heard()
    logs.configure(readable=False, stream=heard.stream)
    return heard


@pytest.fixture
def demo(put_back: None) -> Heard:
    """Log lines as the demo writes them."""
    heard = Heard()
    logs.configure(readable=True, stream=heard.stream)
    return heard


def test_one_line_a_request_says_who_asked_what_and_how_it_ended(
    app: Flask, settings: Settings, cast: Any, production: Heard
) -> None:
    client = client_for(create_app(replace(settings, proxy_hops=1)), "planner")
    answer = client.get("/t/vos/work-orders/", headers={"X-Request-ID": "proxy-0123.abc"})
    (row,) = production.of("request")
    assert answer.headers["X-Request-ID"] == row["request_id"] == "proxy-0123.abc"
    assert (row["status"], row["method"], row["rule"]) == (200, "GET", "/t/<tenant_slug>/work-orders/")
    assert (row["endpoint"], row["tenant_id"]) == ("work_orders.list_", cast.vos.tenant_id)
    assert row["ms"] > 0
    assert len(row["person_id"]) == 36
    assert (row["level"], row["logger"]) == ("info", "crafter.web")
    assert row["at"].endswith("Z")


def test_the_next_request_of_the_same_thread_has_nothing_of_the_one_before(production: Heard, client_as: Any) -> None:
    client_as("planner").get("/t/vos/")
    client_as(None).get("/login")
    inside, outside = production.of("request")
    assert inside["person_id"]
    assert inside["tenant_id"]
    assert outside["person_id"] is None
    assert "tenant_id" not in outside
    assert inside["request_id"] != outside["request_id"]


def test_a_stranger_names_no_request_where_no_proxy_of_ours_stands(production: Heard, client_as: Any) -> None:
    answer = client_as(None).get("/healthz", headers={"X-Request-ID": "stranger-0123"})
    assert answer.headers["X-Request-ID"] == production.of("request")[0]["request_id"] != "stranger-0123"


@pytest.mark.parametrize("given", ["kort", "x" * 65, "met spaties erin", "<script>alert</script>", "é" * 10])
def test_an_odd_request_id_is_not_taken_over(app: Flask, settings: Settings, production: Heard, given: str) -> None:
    behind = create_app(replace(settings, proxy_hops=1))
    answer = client_for(behind, None).get("/healthz", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] != given
    assert production.of("request")[0]["request_id"] == answer.headers["X-Request-ID"]


def test_an_error_page_names_the_request_and_the_log_has_the_trace(
    app: Flask, production: Heard, client_as: Any
) -> None:
    def broken(token: str) -> str:
        raise RuntimeError(f"stuk\nmet regels, password=geheim-woord {token}")

    app.add_url_rule("/kapot/<token>", "broken", anyone(broken))
    answer = client_as(None).get("/kapot/" + "z" * 30)
    (row,) = production.of("unexpected error")
    assert row["request_id"] in answer.text
    assert row["request_id"] == production.of("request")[0]["request_id"]
    assert "RuntimeError" in row["exception"]
    assert "in broken" in row["exception"]
    assert "geheim-woord" not in production.text
    assert "stuk" not in answer.text


def test_other_error_pages_name_the_request_too(production: Heard, client_as: Any) -> None:
    answer = client_as("owner").get("/bestaat-niet")
    assert production.of("request")[0]["request_id"] in answer.text


@pytest.mark.parametrize(
    ("who", "url", "status"),
    [("planner", "/t/vos/settings/company", 403), ("neighbour", "/t/vos/", 404), ("planner", "/support/", 404)],
)
def test_a_door_that_stays_shut_is_told(production: Heard, client_as: Any, who: str, url: str, status: int) -> None:
    assert client_as(who).get(url).status_code == status
    (row,) = production.of("access.refused")
    assert (row["status"], row["level"]) == (status, "warning")
    assert row["person_id"]
    assert row["address"] == "127.0.0.1"


def test_a_page_that_does_not_exist_is_no_refusal(production: Heard, client_as: Any) -> None:
    client_as("planner").get("/bestaat-niet")
    assert production.of("access.refused") == []


def test_what_somebody_types_never_makes_a_second_line_in_production(production: Heard) -> None:
    logs.get("crafter.web").info(f"a {NASTY}", field=NASTY, inner={"x": [NASTY]})
    logging.getLogger("crafter.worker").warning("plain %s", NASTY)
    try:
        raise ValueError(NASTY)
    except ValueError:
        logging.getLogger("crafter.worker").exception("broke")
    assert len(production.text.splitlines()) == 3
    assert [row["level"] for row in production.rows] == ["info", "warning", "error"]


def test_what_somebody_types_never_looks_like_a_second_line_in_the_demo(demo: Heard) -> None:
    logs.get("crafter.web").info(f"a {NASTY}", field=NASTY)
    logging.getLogger("crafter.worker").warning("plain %s", NASTY)
    try:
        raise ValueError(NASTY)
    except ValueError:
        logging.getLogger("crafter.worker").exception("broke")
    lines = [line for line in demo.text.splitlines() if not line.startswith("    | ")]
    assert len(lines) == 3
    assert not any(ord(character) < 32 for character in demo.text.replace("\n", ""))


def test_typed_line_ends_stay_inside_one_line(production: Heard, client_as: Any) -> None:
    client_as("owner").get("/t/vos/work-orders/?q=" + "%0a%7b%22event%22%3a%22nep%22%7d", headers={"User-Agent": "a b"})
    client_as("owner").get("/t/vos%0aevent=nep/")
    assert len(production.text.splitlines()) == len(production.rows)
    assert {row["event"] for row in production.rows} == {"request", "access.refused"}


SECRETS = {
    "password": "pw-geheim", "new_password": "pw-geheim", "code1": "c1-geheim", "code2_sealed": "c2-geheim",
    "security_code1": "c1-geheim", "token": "t-geheim", "csrf_token": "t-geheim", "Cookie": "k-geheim",
    "Authorization": "a-geheim", "SessionID": "s-geheim", "totp": "o-geheim", "recovery_code": "r-geheim",
    "SECRET_KEY": "x-geheim",
}  # fmt: skip


def test_values_with_a_secrets_name_are_hidden_however_deep(production: Heard) -> None:
    logs.get("crafter.web").info("all", **SECRETS, form={"x": [SECRETS]}, company="Familie Vos")
    assert "geheim" not in production.text
    assert production.rows[0]["company"] == "Familie Vos"
    assert production.rows[0]["form"]["x"][0]["Cookie"] == logs.HIDDEN


@pytest.mark.parametrize(
    "text",
    [
        "<SecurityCode1>geheim</SecurityCode1><ns0:SecurityCode2 a='1'>geheim</ns0:SecurityCode2>",
        "<SessionID>{geheim}</SessionID>",
        "password=geheim&next=/",
        "{'token': 'geheim', 'a': 1}",
        '{"code1": "geheim"}',
        "Authorization: Bearer geheim",
        "GET /welcome/geheimgeheimgeheimgeheim HTTP/1.1",
    ],
)
def test_secrets_inside_a_text_are_hidden_also_in_lines_of_others(production: Heard, text: str) -> None:
    logging.getLogger("somebody.else").error("got %s", text)
    assert len(production.rows) == 1
    assert "geheim" not in production.text
    assert logs.HIDDEN in production.text


def test_a_status_code_is_no_secret(production: Heard) -> None:
    logs.get("crafter.web").info("refused", code="CFACT025", status_code=403)
    assert production.rows[0]["code"] == "CFACT025"


def test_others_are_kept_from_debug_whatever_the_root_is_set_to(production: Heard) -> None:
    logging.getLogger().setLevel(logging.DEBUG)
    for name in ("zeep.transports", "urllib3.connectionpool", "requests", "sqlalchemy.engine.Engine"):
        logging.getLogger(name).debug("<SecurityCode1>geheim</SecurityCode1>")
    assert production.text == ""


def test_a_round_of_the_worker_is_a_line_and_its_tenants_are_named(
    app: Flask, cast: Any, production: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.invoicing import recovery

    def broken(*_: object) -> None:
        raise RuntimeError("kapot")

    monkeypatch.setattr(recovery, "recover_all", broken)
    for place in (cast.vos, cast.buur):
        process(place.slug)
        with write_transaction() as session:
            due = {"what": due_work.POSTINGS, "due_at": database_now(session), "stamp": uuid4()}
            session.merge(DueWork(tenant_id=place.tenant_id, **due))
    tenants.leave()
    deps = app.extensions["crafter"]
    queue = make_queue(deps.settings.queue_url)
    schedule(queue, app, deps, Patience())
    (task,) = [task for task in queue._registry.periodic_tasks if task.name == "every_minute"]
    task.execute()
    failed = [row for row in production.rows if row["level"] == "error"]
    assert [row["tenant_id"] for row in failed] == [cast.vos.tenant_id, cast.buur.tenant_id]
    assert {row["round"] for row in failed} == {"every_minute"}
    (done,) = production.of("round")
    assert done["ms"] > 0
    assert done.get("tenant_id") is None


def test_logging_in_is_told_and_so_is_failing_without_what_was_typed(
    app: Flask, production: Heard, client_as: Any
) -> None:
    from tests.blueprints.test_auth import log_in
    from tests.support.cast import PASSWORD

    log_in(client_for(app, None), email=EMAILS["planner"], password="mijn verkeerde gok")
    log_in(client_for(app, None), email=EMAILS["planner"], password=PASSWORD)
    told = [row for row in production.rows if row["logger"] == "crafter.login"]
    assert [row["level"] for row in told] == ["warning", "info"]
    assert all(row["request_id"] and "from 127.0.0.1" in row["event"] for row in told)
    assert EMAILS["planner"] not in production.text
    assert "verkeerde gok" not in production.text
