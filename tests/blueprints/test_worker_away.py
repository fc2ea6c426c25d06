"""Without a worker everything that waits for one says so, and since when; with one nothing does."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from models import Heartbeat, InvoicePosting, SyncRun
from services import due_work, heartbeat
from services.invoicing import bulk, press, recovery
from services.link import runs
from services.orders import attention
from services.transaction import write_transaction
from tenancy.clock import AMSTERDAM, database_now
from tenancy.database import db
from tests.support.cast import process
from tests.support.client import HouseClient, client_for, folded
from tests.support.sandbox_process import Sandbox

SAID = "Op de achtergrond werkt er nu niets"
SLUG = "/t/vos"


@pytest.fixture(autouse=True)
def _anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "_REMEMBERED", 0.0)


def interrupt() -> None:
    """The one posting is in sending, and its lease ran out."""
    with write_transaction() as session:
        posting = session.scalars(select(InvoicePosting)).one()
        posting.state, posting.settled_at = "sending", None
        posting.lease_until = database_now(session) - timedelta(minutes=1)


def screens(vos: SimpleNamespace, sandbox: Sandbox) -> dict[str, str]:
    """Every screen that waits for the worker, and what brings it about there."""
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    press.approve(vos.deps, vos.actor, vos.order_id)
    with write_transaction() as session:
        row = SyncRun(what="relations", started_at=database_now(session), by="Test")
        session.add(row)
    return {
        "bulk": f"{SLUG}/bulk/{vos.job_id}",
        "uncertain": f"{SLUG}/work-orders/{vos.order_id}",
        "sync": f"{SLUG}/relations/",
    }


def test_every_screen_that_waits_says_that_there_is_no_worker(
    app: Flask, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    found = screens(vos, sandbox)
    with write_transaction() as session:
        session.get_one(bulk.BulkJob, (vos.tenant_id, vos.job_id)).state = "running"
    assert runs.under_way("relations") is not None
    client: HouseClient = client_for(app, "owner")
    assert {name: SAID in client.get(url).text for name, url in found.items()} == dict.fromkeys(found, True)
    page = folded(client.get(found["bulk"]).text)
    assert "is nog niet gestart" in page
    assert "het plaatsen gaat door" not in page
    assert SAID in client_for(app, "support").get("/support/").text
    process("vos")
    interrupt()
    page = folded(client.get(found["uncertain"]).text)
    assert SAID in page
    assert "Het plaatsen is onderbroken" in page
    assert "binnen enkele seconden" not in page

    heartbeat.beat(heartbeat.WORKER, uuid4())
    assert {name: SAID in client.get(url).text for name, url in found.items()} == dict.fromkeys(found, False)
    assert SAID not in client_for(app, "support").get("/support/").text


def test_since_when_is_said(app: Flask, vos: SimpleNamespace, sandbox: Sandbox) -> None:
    url = screens(vos, sandbox)["uncertain"]
    at = gone_at(timedelta(minutes=20))
    page = folded(client_for(app, "owner").get(url).text)
    assert f"was van {at.astimezone(AMSTERDAM):%-d}" in page
    assert f"{at.astimezone(AMSTERDAM):%H:%M}. Er gaat niets verloren" in page


def test_an_interrupted_posting_needs_attention_and_a_look_at_the_list_tells_of_it(
    app: Flask, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    before = attention.count(vos.actor)
    interrupt()
    assert attention.count(vos.actor) == before + 1
    assert [item.state for item in attention.items()] == ["sending"]
    calls = sandbox.calls("demo")
    reader = folded(client_for(app, "reader").get(f"{SLUG}/").text)
    assert "Het plaatsen is onderbroken" in reader
    process("vos")
    assert [item.state for item in attention.items()] == ["sending"], "who may not post changes nothing"
    client = client_for(app, "owner")
    assert vos.order_number in client.get(f"{SLUG}/work-orders/?state=sending").text
    assert 'hx-trigger="load, every 5s"' in client.get(f"{SLUG}/work-orders/{vos.order_id}").text
    assert "Niet zeker of de factuur is aangekomen" in folded(client.get(f"{SLUG}/").text)
    process("vos")
    assert [item.state for item in attention.items()] == ["uncertain"]
    assert sandbox.calls("demo") == calls, "a list calls nobody"
    assert vos.tenant_id in due_work.tenants_with(due_work.POSTINGS)
    recovery.recover_all(vos.deps, vos.actor)
    assert press.present_posting(vos.order_id).state == "posted"


def test_a_posting_under_way_needs_nobody(vos: SimpleNamespace) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    before = attention.count(vos.actor)
    interrupt()
    with write_transaction() as session:
        session.scalars(select(InvoicePosting)).one().lease_until = database_now(session) + timedelta(minutes=1)
    assert attention.count(vos.actor) == before
    assert attention.told_items(vos.actor) == []


def gone_at(ago: timedelta) -> datetime:
    """The worker gave its last sign so long ago."""
    heartbeat.beat(heartbeat.WORKER, uuid4())
    with write_transaction() as session:
        row = session.scalars(select(Heartbeat)).one()
        row.beat_at = database_now(session) - ago
        at: datetime = row.beat_at
    db.session.rollback()
    return at


def test_readyz_is_degraded_without_a_worker_and_well_with_one(app: Flask) -> None:
    client = client_for(app, None)
    assert client.get("/readyz").json["worker"] == "never seen"
    at = gone_at(timedelta(minutes=20))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert answer.json["worker"] == f"away since {at:%Y-%m-%dT%H:%M:%SZ}"
    heartbeat.beat(heartbeat.WORKER, uuid4())
    assert client.get("/readyz").json == {"status": "ok", "database": "ok", "queue": "ok", "worker": "ok"}
