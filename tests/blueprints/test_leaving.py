"""Before the link is changed or undone while invoices are open, a page says what becomes of each."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select

from models import Connection
from services.invoicing import press
from services.link import connection, leaving
from tenancy.database import db
from tests.support.cast import make_order, process
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox

LINK = "/t/vos/settings/e-boekhouden"


@pytest.fixture
def owner(client_as: Any, cast: SimpleNamespace, sandbox: Sandbox) -> Any:
    """The owner, with an invoice of which nobody knows whether it arrived."""
    client = client_as("owner")
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    client.htmx_post(f"/t/vos/work-orders/{cast.vos.order_id}/approve")
    return client


def stands() -> tuple[str, int]:
    process("vos")
    row = db.session.scalars(select(Connection)).one()
    return row.username, row.version


def seen() -> str:
    process("vos")
    return leaving.listed(current_app.extensions["crafter"], connection.present()).seen


def test_other_codes_are_typed_only_after_reading_what_becomes_of_each(owner: Any, cast: Any, sandbox: Sandbox) -> None:
    before, codes = stands(), {"username": "ander", "code1": "x", "code2": "y"}
    page = owner.get(LINK).text
    assert 'name="code1"' not in page
    assert f"{LINK}/change" in page
    for path in ("", "/start"):
        assert owner.post(LINK + path, data=codes).location.endswith(f"{LINK}/change")
        assert owner.htmx_post(LINK + path, data=codes).headers["HX-Redirect"].endswith(f"{LINK}/change")
    assert stands() == before

    page = folded(owner.get(f"{LINK}/change").text)
    process("vos")
    live = press.present_posting(cast.vos.order_id)
    assert live is not None
    for text in (
        live.number,
        cast.vos.order_number,
        "Familie",
        "Wordt niet meer opgezocht",
        'data-state="uncertain"',
    ):
        assert text in page, text
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found is not None
    assert 'name="code1"' in owner.get(f"{LINK}?seen={found[1]}").text

    assert owner.post(LINK, data=codes | {"seen": seen()}).location.endswith(LINK)
    assert stands() == ("ander", before[1] + 1)


def test_who_read_of_others_reads_again(owner: Any, cast: Any, sandbox: Sandbox) -> None:
    read = seen()
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    other = make_order(process("vos"), cast.vos.relation_id)
    owner.htmx_post(f"/t/vos/work-orders/{other}/approve")
    before = stands()
    codes = {"username": "ander", "code1": "x", "code2": "y", "seen": read}
    assert owner.post(LINK, data=codes).location.endswith(f"{LINK}/change")
    assert owner.post(f"{LINK}/undo", data={"seen": read}).location.endswith(f"{LINK}/undo")
    assert stands() == before


def test_undoing_names_what_is_open_and_asks_who_did_not_read_it_to_do_so(owner: Any) -> None:
    page = folded(owner.get(f"{LINK}/undo").text)
    assert "Wordt niet meer opgezocht" in page
    assert f'name="seen" value="{seen()}"' in page
    assert owner.post(f"{LINK}/undo").location.endswith(f"{LINK}/undo")
    assert stands()[0] != ""
    assert owner.post(f"{LINK}/undo", data={"seen": seen()}).location.endswith(LINK)
    assert stands()[0] == ""


def test_with_nothing_open_nothing_is_asked(client_as: Any, sandbox: Sandbox) -> None:
    client = client_as("owner")
    assert 'name="code1"' in client.get(LINK).text
    assert client.get(f"{LINK}/change").location.endswith(LINK)
    assert client.post(LINK, data={"username": "ander", "code1": "x", "code2": "y"}).location.endswith(LINK)
    assert stands()[0] == "ander"
