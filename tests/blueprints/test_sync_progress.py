"""A long reading on the screen: how far it is, that it goes on by itself, and what came of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from models import Connection
from services import heartbeat
from services.catalogue import waiting_runs
from services.link import runs
from services.transaction import write_transaction
from tests.support.cast import process
from tests.support.sandbox_process import Sandbox

LIST = "/t/vos/relations/"
BUSY = "Bezig met ophalen uit e-Boekhouden"


def work(app: Any) -> None:
    """What the worker does when it is woken."""
    waiting_runs.carry_out(app.extensions["crafter"], process("vos"))


@pytest.mark.slow
def test_a_long_list_shows_how_far_it_is_then_what_came_of_it(client_as: Any, app: Any, sandbox: Sandbox) -> None:
    sandbox.relations("demo", {"generate": 2050})
    heartbeat.beat(heartbeat.WORKER, uuid4())
    client = client_as("planner")
    pressed = client.htmx_post(LIST + "sync")
    assert pressed.status_code == 200
    assert BUSY in pressed.text
    assert "begint binnen een minuut" in pressed.text
    assert f'hx-get="{LIST}sync"' in pressed.text
    process("vos")
    (run,) = runs.waiting()
    with write_transaction() as session:
        row = session.merge(run)
        row.calls, row.found = 37, 1234
    piece = client.htmx_get(LIST + "sync").text
    assert "37 vragen gesteld" in piece
    assert "1234 gevonden tot nu toe" in piece
    assert "<html" not in piece
    assert 'id="rows"' not in piece, "the poll never touches the list somebody may be searching in"
    assert BUSY in client.get(LIST).text, "also for who comes back later"
    assert BUSY in client.post(LIST + "sync").text, "a second press begins no second one"
    work(app)
    done = client.htmx_get(LIST + "sync").text
    assert "Relaties opgehaald" in done
    assert "hx-trigger" not in done
    assert "Toon de bijgewerkte lijst" in done
    assert "autofocus" not in done
    assert BUSY not in client.get(LIST).text
    whole = client.get(LIST + "sync").text
    assert "<html" in whole
    assert done.strip() in whole


def test_trouble_of_our_own_is_told_as_such(client_as: Any, app: Any, vos: SimpleNamespace) -> None:
    runs.queue(vos.deps, vos.actor, "relations")
    with write_transaction() as session:
        session.scalars(select(Connection)).one().version += 1
        session.scalars(select(Connection)).one().state = "inactive"
    work(app)
    told = client_as("owner").get(LIST + "sync").text
    assert "De koppeling is intussen gewijzigd" in told
    assert "niet bereikbaar" not in told
    assert "/settings/e-boekhouden" in told


@pytest.mark.parametrize("area", ["relations", "articles"])
def test_who_may_read_the_list_may_see_how_far_it_is(client_as: Any, vos: SimpleNamespace, area: str) -> None:
    runs.queue(vos.deps, vos.actor, area)
    assert BUSY in client_as("reader").htmx_get(f"/t/vos/{area}/sync").text
    assert client_as("worker").get(f"/t/vos/{area}/sync").status_code == 403
    assert client_as("neighbour").get(f"/t/vos/{area}/sync").status_code == 404
    assert BUSY not in client_as("neighbour").get(f"/t/buur/{area}/").text


def test_who_looks_while_it_is_stored_sees_how_many_are_done_and_afterwards_what_stays(
    client_as: Any, vos: SimpleNamespace
) -> None:
    hold = runs.begin(vos.deps, vos.actor, "relations")
    assert hold
    with write_transaction() as session:
        hold.stored(session, 500, 1234, added=300, changed=20)
    assert "500 van 1234 verwerkt" in client_as("reader").htmx_get(LIST + "sync").text
    process("vos")
    hold.fail(runs.OUR_FAULT)
    told = client_as("owner").get(LIST + "sync").text
    assert "300 nieuw en 20 gewijzigd binnen; dat blijft staan" in told
    assert "niets gewijzigd" not in told
    assert "tot dan toe 300 nieuw, 20 gewijzigd" in client_as("owner").get("/t/vos/settings/e-boekhouden/syncs").text
