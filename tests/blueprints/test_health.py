"""Whether all is well, and what the monitoring may read: by whom, and what."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from app import create_app
from oversight import metrics
from services import heartbeat
from services.invoicing import press
from settings import Settings, UnsafeSettings, from_environment
from tenancy import migrated
from tests.support.cast import make_order
from tests.support.client import HouseClient, client_for
from tests.support.sandbox_process import Sandbox

TOKEN = "a token of at least thirty-two characters"


def numbers(client: HouseClient, **headers: str) -> dict[tuple[str, ...], float]:
    """Everything that is measured: (name, label values…) → value."""
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_all_is_well(client_as: Any) -> None:
    assert client_as(None).get("/healthz").json == {"status": "ok"}
    heartbeat.beat(heartbeat.WORKER, uuid4())
    answer = client_as(None).get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "ok")
    assert set(answer.json) == {"status", "database", "queue", "worker"}


def test_a_database_of_before_a_migration_is_not_ready(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrated, "known_revisions", lambda: frozenset({"9999"}))
    answer = client_for(app, None).get("/readyz")
    assert (answer.status_code, answer.json["database"], answer.json["queue"]) == (503, "not migrated", "ok")


def test_a_database_that_is_gone_is_named_while_the_process_lives(settings: Settings, tmp_path: Path) -> None:
    gone = create_app(replace(settings, database_url=f"sqlite:///{tmp_path / 'nowhere' / 'x.sqlite3'}")).test_client()
    answer = gone.get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (503, "not reached")
    assert str(tmp_path) not in answer.text
    assert gone.get("/healthz").status_code == 200


@pytest.mark.parametrize("queue", ["redis://127.0.0.1:1/0", "sqlite:////nowhere/queue.sqlite3"])
def test_a_queue_that_is_gone_is_named(app: Flask, settings: Settings, queue: str) -> None:
    answer = create_app(replace(settings, queue_url=queue)).test_client().get("/readyz")
    assert (answer.status_code, answer.json["database"], answer.json["queue"]) == (503, "ok", "not reached")


def test_the_numbers_are_hidden_from_whoever_has_no_token(app: Flask, settings: Settings) -> None:
    production_like = replace(settings, env="production", metrics_token=TOKEN)
    app.extensions["crafter"] = replace(app.extensions["crafter"], settings=production_like)
    nobody, owner = client_for(app, None), client_for(app, "owner")
    for client in (nobody, owner):
        for given in ("", f"Bearer {TOKEN}x", "Bearer ", f"Basic {TOKEN}", f"bearer {TOKEN}", "Bearer é"):
            hidden = client.get("/metrics", headers={"Authorization": given})
            assert hidden.status_code == 404
            assert "crafter_" not in hidden.text
    assert ("crafter_postings", "sending") in numbers(nobody, Authorization=f"Bearer {TOKEN}")
    without = replace(production_like, metrics_token="")
    app.extensions["crafter"] = replace(app.extensions["crafter"], settings=without)
    for given in ("Bearer ", "Bearer", ""):
        assert nobody.get("/metrics", headers={"Authorization": given}).status_code == 404


def test_the_demo_shows_its_numbers_on_this_machine_only(app: Flask) -> None:
    client = client_for(app, None)
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404


def test_a_short_token_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafeSettings, match="METRICS_TOKEN"):
        from_environment({"CRAFTER_ENV": "demo", "DATA": str(tmp_path), "METRICS_TOKEN": "kort"})
    assert TOKEN not in repr(from_environment({"CRAFTER_ENV": "demo", "DATA": str(tmp_path), "METRICS_TOKEN": TOKEN}))


def test_requests_calls_outcomes_and_what_is_unsettled_are_counted(
    app: Flask, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    client = client_for(app, "owner")
    before = numbers(client)
    second = make_order(vos_actor(), vos.relation_id)
    press.approve(vos.deps, vos_actor(), vos.order_id)
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    press.approve(vos.deps, vos_actor(), second)
    client.get("/t/vos/work-orders/")
    client.get("/t/vos/bestaat-niet")
    after = numbers(client)

    def rose(*key: str) -> float:
        return after.get(key, 0) - before.get(key, 0)

    assert rose("crafter_requests_total", "work_orders.list_", "200") == 1
    assert rose("crafter_request_seconds_count", "work_orders.list_") == 1
    assert rose("crafter_requests_total", "none", "404") == 1
    assert rose("crafter_bookkeeping_calls_total", "AddFactuur", "answered") == 1
    assert rose("crafter_bookkeeping_calls_total", "AddFactuur", "failed") == 1
    assert rose("crafter_bookkeeping_call_seconds_count", "AddFactuur") == 2
    assert rose("crafter_invoice_outcomes_total", "Posted") == 1
    assert rose("crafter_invoice_outcomes_total", "Uncertain") == 1
    assert after["crafter_postings", "uncertain"] == 1
    assert 0 < after["crafter_oldest_unsettled_posting_seconds", "posting"] < 120
    assert ("crafter_queue_length", "crafter") in after


def test_each_machine_tells_when_its_portal_and_worker_were_last_alive(
    app: Flask, monkeypatch: pytest.MonkeyPatch, leap: Callable[[timedelta], None]
) -> None:
    for machine in ("n1", "n2"):
        monkeypatch.setattr(socket, "gethostname", lambda machine=machine: machine)
        heartbeat.beat(heartbeat.WORKER, uuid4())
    leap(timedelta(minutes=5))
    heartbeat.beat(heartbeat.WORKER, uuid4())
    seen = numbers(client_for(app, None))
    assert 0 <= seen["crafter_last_sign_of_life_seconds", "worker@n2"] < 60
    assert 300 <= seen["crafter_last_sign_of_life_seconds", "worker@n1"] < 360


def vos_actor() -> Any:
    """The process inside Vos, in a session of its own."""
    from tests.support.cast import process

    return process("vos")


def test_no_label_is_something_a_visitor_typed(app: Flask) -> None:
    client = client_for(app, None)
    client.get("/een-pad-dat-niemand-kent")
    client.open("/login", method="PROPFIND")
    text = client.get("/metrics").text
    assert "niemand" not in text
    assert "PROPFIND" not in text


def test_a_circuit_that_opens_and_a_round_that_ends_have_their_moment(app: Flask) -> None:
    metrics.circuit_opened("host", 30.0)
    metrics.round_done("every_minute")
    found = numbers(client_for(app, None))
    rests = found["crafter_bookkeeping_rests_until_timestamp_seconds", "host"]
    assert 25 < rests - found["crafter_round_done_timestamp_seconds", "every_minute"] < 35


def test_counting_never_costs_what_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(metrics._outcomes, "labels", full)
    metrics.invoice_sent("Posted")


def test_the_processes_of_one_machine_tell_one_sum(tmp_path: Path) -> None:
    program = "from oversight import metrics; metrics.invoice_sent('Posted'); print(metrics.page({}).decode())"
    told = ""
    for _ in range(3):
        told = subprocess.run(
            [sys.executable, "-c", program], env={"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}, check=True,
            capture_output=True, text=True, cwd=Path(__file__).parents[2],
        ).stdout  # fmt: skip
    assert re.search(r'crafter_invoice_outcomes_total\{outcome="Posted"\} 3\.0', told)


def test_services_and_domain_do_not_know_that_they_are_measured() -> None:
    root = Path(__file__).parents[2]
    for room in ("domain", "services", "gateways", "models", "tenancy"):
        for path in (root / room).rglob("*.py"):
            assert not re.search(r"prometheus|oversight(\.| import )metrics", path.read_text()), path


def test_the_debugger_is_off(app: Flask, settings: Settings) -> None:
    for made in (app, create_app(replace(settings, base_url="https://crafter.example"))):
        assert (made.debug, made.testing) == (False, False)
        assert made.test_client().get("/console").status_code == 404
        assert made.config["PROPAGATE_EXCEPTIONS"] is None
