"""The page of the administrations that the link was with, and the choice to keep the codes of the one that is left."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from domain import posting as states
from services import heartbeat
from services.invoicing import press
from services.link import ever_linked, kept_codes
from tests.blueprints.test_leaving import LINK, owner, seen  # noqa: F401 - owner is a fixture
from tests.support.cast import process
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox

PAGE = f"{LINK}/administrations"


@pytest.fixture(autouse=True)
def a_worker(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is one: without it nobody says when something is certain."""
    monkeypatch.setattr(heartbeat, "_REMEMBERED", 0.0)
    with app.app_context():
        heartbeat.beat(heartbeat.WORKER, uuid4())


def kept() -> list[int]:
    process("vos")
    return [row.number for row in kept_codes.kept()]


def move(client: Any, sandbox: Sandbox, keep: str, name: str = "bouw") -> Any:
    """Type and start the codes of another administration, having read what is open."""
    codes = sandbox.credentials(name)
    typed = {field: codes[field] for field in ("username", "code1", "code2")}
    return client.post(f"{LINK}/start", data=typed | {"seen": seen(), "keep": keep}, follow_redirects=True)


def test_the_page_before_the_change_says_both_and_lets_the_owner_choose(owner: Any, cast: SimpleNamespace) -> None:  # noqa: F811
    page = folded(owner.get(f"{LINK}/change").text)
    for text in ("Codes bewaard:", "Wordt daar verder opgezocht", "Codes weggegooid:", "Wordt niet meer opgezocht"):
        assert text in page, text
    assert re.search(r"Uiterlijk om \d\d:\d\d weet u het zeker", page)
    assert re.search(r'name="keep" value="yes" checked', page)
    assert 'name="keep" value="no"' in page
    form = owner.get(f"{LINK}?seen={seen()}&keep=yes").text
    assert '<input type="hidden" name="keep" value="yes">' in form


def test_undoing_throws_away_unless_asked_to_keep(owner: Any) -> None:  # noqa: F811
    page = owner.get(f"{LINK}/undo").text
    assert re.search(r'name="keep" value="no" checked', page)
    owner.post(f"{LINK}/undo", data={"seen": seen(), "keep": "yes"})
    assert kept() == [1]
    assert "bewaard sinds" in owner.get(PAGE).text


def test_without_a_link_that_works_nothing_is_promised(owner: Any) -> None:  # noqa: F811
    owner.post(LINK, data={"username": "ander", "code1": "x", "code2": "y", "seen": seen(), "keep": "no"})
    page = folded(owner.get(f"{LINK}/change").text)
    assert 'name="keep"' not in page
    assert "weet u het zeker" not in page
    assert "worden niet bewaard" in page
    assert "Wordt daar verder opgezocht" not in page


@pytest.mark.parametrize(("keep", "expected"), [("yes", [1]), ("no", []), ("", [])])
def test_what_the_owner_chose_is_done(owner: Any, sandbox: Sandbox, keep: str, expected: list[int]) -> None:  # noqa: F811
    assert move(owner, sandbox, keep).status_code == 200
    assert kept() == expected
    page = folded(owner.get(PAGE).text)
    for one in ("demo", "bouw"):
        assert sandbox.credentials(one)["company"] in page
        assert sandbox.credentials(one)["code1"] not in page
        assert sandbox.credentials(one)["code2"] not in page
    assert ("bewaard sinds" in page) == bool(expected)
    assert "nu gekoppeld" in page
    assert "1 open" in page


def test_the_strook_says_when_it_is_certain_only_while_it_is_looked_up(
    owner: Any,  # noqa: F811
    cast: SimpleNamespace,
    sandbox: Sandbox,
) -> None:
    order = f"/t/vos/work-orders/{cast.vos.order_id}"
    move(owner, sandbox, "yes")
    assert "weet u het zeker" in folded(owner.get(order).text)
    owner.post(f"{PAGE}/1/erase")
    assert kept() == []
    page = folded(owner.get(order).text)
    assert "weet u het zeker" not in page
    assert "Opzoeken kan nu niet" in page
    assert "gewist" in owner.get(PAGE).text


def test_the_office_sees_the_page_and_erases_nothing(owner: Any, client_as: Any, sandbox: Sandbox) -> None:  # noqa: F811
    move(owner, sandbox, "yes")
    office = client_as("office")
    assert "bewaard sinds" in office.get(PAGE).text
    assert "/erase" not in office.get(PAGE).text
    assert office.post(f"{PAGE}/1/erase").status_code == 403
    assert kept() == [1]


def test_a_number_says_whose_it_is_where_there_were_more(owner: Any, sandbox: Sandbox) -> None:  # noqa: F811
    name = sandbox.credentials("demo")["company"]
    assert name not in owner.get("/t/vos/settings/numbers").text
    move(owner, sandbox, "yes")
    assert name in owner.get("/t/vos/settings/numbers").text
    assert name in owner.get("/t/vos/settings/numbers/export").text


def test_two_of_one_name_are_told_apart(owner: Any, sandbox: Sandbox) -> None:  # noqa: F811
    move(owner, sandbox, "yes")
    process("vos")
    rows = kept_codes.administrations.all_()
    rows[1].label = rows[0].label
    with kept_codes.db.session.no_autoflush:
        assert list(ever_linked._called(rows).values()) == [f"{rows[0].label} (1)", f"{rows[0].label} (2)"]
    kept_codes.db.session.rollback()


def test_what_was_not_there_says_so(owner: Any, cast: SimpleNamespace, sandbox: Sandbox, leap: Any) -> None:  # noqa: F811
    for one in sandbox.invoices("demo"):
        sandbox.remove_invoice("demo", one["Factuurnummer"])
    move(owner, sandbox, "yes")
    leap(timedelta(minutes=10))
    owner.post(f"/t/vos/work-orders/{cast.vos.order_id}/check")
    process("vos")
    live = press.present_posting(cast.vos.order_id)
    assert live is not None
    assert live.state == states.NOT_SENT
    page = folded(owner.get(f"/t/vos/work-orders/{cast.vos.order_id}").text)
    assert "stond er na de wachttijd niet in de administratie waar hij heen ging" in page
    assert "heeft Crafter niet verlaten" not in page
