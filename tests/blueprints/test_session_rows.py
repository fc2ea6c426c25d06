"""A session has a row when there is something to keep, and none for whoever only looks whether we are there."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from models import LoginSession
from tenancy.database import db
from tests.blueprints.test_auth import csrf_of
from tests.support.cast import EMAILS, PASSWORD
from tests.support.client import client_for


def rows() -> int:
    """How many sessions there are."""
    db.session.remove()
    return db.session.scalar(select(func.count()).select_from(LoginSession)) or 0


FOR_NOTHING = [
    ("GET", "/"), ("GET", "/account"), ("GET", "/t/vos/"), ("GET", "/wp-login.php"), ("GET", "/t/none/x"),
    ("GET", "/language"), ("GET", "/healthz"), ("GET", "/robots.txt"), ("PUT", "/login"),
    ("POST", "/wp-login.php"), ("POST", "/login"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "address"), FOR_NOTHING)
def test_a_stranger_without_a_form_is_no_row_and_gets_no_cookie(app: Flask, method: str, address: str) -> None:
    answer = client_for(app, None).open(address, method=method)
    assert answer.status_code < 500
    assert rows() == 0
    assert "Set-Cookie" not in answer.headers
    assert "csrf_token" not in answer.text  # what would not be known when it came back


def test_who_asks_for_headers_alone_is_none_on_any_page(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    assert "/login" in {rule.rule for rule in rules}
    for rule in rules:
        answer = client_for(app, None).head(rule.rule)
        assert (rows(), answer.headers.get("Set-Cookie")) == (0, None), rule.rule


def test_a_page_with_a_form_begins_one_and_an_error_before_or_after_it_is_in_nobodys_way(app: Flask) -> None:
    browser = client_for(app, None)
    browser.get("/wp-login.php")
    page = browser.get("/login")
    assert rows() == 1
    lost = browser.get("/wp-login.php")
    assert rows() == 1
    assert 'name="language"' in lost.text  # there is a session to keep it in
    sent = {"email": EMAILS["owner"], "password": PASSWORD, "csrf_token": csrf_of(page.text)}
    assert browser.post("/login", data=sent).status_code == 303
    assert browser.get("/wp-login.php").status_code == 404
    assert browser.get("/account").status_code == 200
