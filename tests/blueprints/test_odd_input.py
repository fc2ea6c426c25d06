"""What nobody types: refused with a sentence in one place, before a row is built or a statement asked."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from domain.calendar import parse_day, parse_week
from domain.sums import MOST_LINES
from tests.isolation.test_neighbour import ids_of, tenant_rules, url
from tests.support.client import client_for, folded
from web.odd_input import MOST_BYTES, MOST_FIELDS, MOST_ROWS

SIGNS = ["%00", "%07", "%0B", "%1F", "%7F", "%C2%85"]
NEW = "/t/vos/work-orders/"


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("who", ["owner", None])
def test_a_sign_that_cannot_be_stored_is_refused_in_an_address(app: Flask, who: str | None, sign: str) -> None:
    client = client_for(app, who)
    for address in (
        f"/t/vos/work-orders/?q=a{sign}b",
        f"/login?{sign}=1",
        f"/t/vos/relations/{sign}",
        f"/help?q={sign}",
    ):
        answer = client.get(address)
        assert answer.status_code == 400, address
        assert "Dit verzoek begrijpen we niet" in answer.text


def test_bytes_that_are_no_text_find_nothing(client_as: Any) -> None:
    assert client_as("owner").get(f"{NEW}?q=%ED%A0%80").status_code == 200


def test_a_form_of_another_site_gets_no_page_of_ours_to_go_on_with(app: Flask) -> None:
    client = client_for(app, "owner")
    client.csrf = ""
    answer = client.post(NEW, data={"title": "Ketel\x0bnakijken"})
    assert (answer.status_code, "Deze pagina was te oud" in answer.text) == (400, True)


def test_a_customer_that_has_a_code_comes_back_too(client_as: Any) -> None:
    answer = client_as("owner").post("/t/vos/relations/", data={"name": "Bak\x0bker", "code": "1001"})
    assert 'name="code" value="1001"' in answer.text


def test_a_form_with_such_a_sign_comes_back_whole_without_it_and_goes_on_with_one_press(client_as: Any) -> None:
    client = client_as("owner")
    typed = {"title": "Ketel\x0bnakijken", "description": "Eerste regel\r\ntweede \x07regel", "version": "0"}
    for asked in (client.post, client.htmx_post):
        answer = asked(NEW, data=typed)
        assert answer.status_code == 400
        assert "Er is nog niets gewijzigd" in folded(answer.text)
    fields = {
        name: unescape(value)
        for name, value in re.findall(
            r'type="hidden" name="([^"]+)" value="([^"]*)"', client.post(NEW, data=typed).text
        )
    }
    assert fields.pop("csrf_token")
    assert fields.pop("once")
    assert fields.pop("whose")
    del fields["next"]  # of the choice of a language, which is a form too
    assert fields == {"title": "Ketelnakijken", "description": "Eerste regel\r\ntweede regel", "version": "0"}
    again = client.post(NEW, data=fields, follow_redirects=True)
    assert "Ketelnakijken" in again.text


@pytest.mark.parametrize(
    ("address", "secret"),
    [("/login", "password"), ("/login/code", "code"), ("/account/password", "old"),
     ("/t/vos/settings/e-boekhouden", "code2")],
)  # fmt: skip
def test_no_secret_is_written_into_that_page(app: Flask, address: str, secret: str) -> None:
    answer = client_for(app, "owner").post(address, data={"email": "a\x00@b.nl", secret: "geheim-woord"})
    assert answer.status_code == 400
    assert "geheim-woord" not in answer.text
    assert "typ het over" in folded(answer.text)


def test_tabs_and_lines_and_what_people_paste_go_through(client_as: Any) -> None:
    text = "Eén\tregel\r\nen nóg één\u2028 – “ketel” 😀 \u200d"
    page = client_as("owner").post(NEW, data={"title": "Ketel", "description": text}, follow_redirects=True)
    assert page.status_code == 200
    assert "nóg één" in page.text


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ([("lines-²-description", "x")], 400),
        ([("lines-٣-description", "x")], 400),
        ([("lines-99999999999999999999-description", "x")], 400),
        ([("a\x00b", "x")], 400),
        ([(f"lines-{n}-description", "x") for n in range(MOST_ROWS)], 422),
        ([(f"lines-{n}-description", "x") for n in range(MOST_ROWS + 1)], 413),
        ([("x", "")] * (MOST_FIELDS + 1), 413),
        ([("description", "x" * MOST_BYTES)], 413),
        ([("opened", "9" * 5000)], 422),
        ([("opened", "²")], 422),
    ],
)
def test_more_than_a_form_has_is_refused_before_it_is_built(
    client_as: Any, given: list[tuple[str, str]], status: int
) -> None:
    body = urlencode(given)
    answer = client_as("owner").post(NEW, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == status


def test_the_longest_order_fits(client_as: Any) -> None:
    page = client_as("owner").get(f"{NEW}new").text
    names = set(re.findall(r'name="lines-0-(\w+)"', page))
    outside = set(re.findall(r'name="(\w+)"', page))
    assert len(outside) + len(names) * MOST_ROWS < MOST_FIELDS
    assert MOST_ROWS > MOST_LINES


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01", "2026-13-01", "20261127", "٢026-11-27", "2050-01-01", ""])
def test_a_day_past_the_calendar_is_none(client_as: Any, text: str) -> None:
    assert parse_day(text) is None
    assert client_as("owner").get(f"/t/vos/planning/?day={text}").status_code == 200
    assert client_as("owner").get(f"/t/vos/settings/history?since={text}&through={text}").status_code == 200


@pytest.mark.parametrize("text", ["9999-W52", "0001-W01", "2026-W54", "2026-W٣٣", "2026-W5", "1979-W40", ""])
def test_a_week_past_the_calendar_is_this_week(client_as: Any, text: str) -> None:
    assert parse_week(text) is None
    assert client_as("owner").get(f"/t/vos/planning/?week={text}").status_code == 200


@pytest.mark.parametrize("text", ["1" * 20, "²:00", "9:1", "-1:00", "24:00", "9:60"])
def test_a_time_that_is_none_is_said_beside_its_field(client_as: Any, text: str) -> None:
    answer = client_as("owner").post(NEW, data={"title": "Ketel", "planned_from": text})
    assert answer.status_code == 422
    assert "is geen tijd" in answer.text


def test_an_address_to_go_to_is_written_as_headers_are(app: Flask) -> None:
    client = client_for(app, "owner")
    for target in ("/t/vos/?q=%E2%80%A8", "/t/vos/?q=é€"):
        answer = client.htmx_post("/account/confirm", data={"next": target, "password": "x"})
        assert answer.status_code < 500


@pytest.mark.timeout(300)  # it walks them all
def test_a_form_without_a_single_field_is_filled_in_with_nothing(app: Flask, vos: Any) -> None:
    """The token may come in a header, so that nothing is left; and a form that is not looked at is right."""
    client = client_for(app, "owner")
    for address in ("settings/e-boekhouden/invoicing", "settings/workers/new", "work-orders/"):
        assert client.post(f"/t/vos/{address}", data={}).status_code == 422, address
    wrong = {}
    for rule in tenant_rules(app):
        if "POST" in (rule.methods or ()):
            status = client_for(app, "owner").post(url(app, rule, "vos", ids_of(vos)), data={}).status_code
            if status >= 500:
                wrong[rule.endpoint] = status
    assert wrong == {}
