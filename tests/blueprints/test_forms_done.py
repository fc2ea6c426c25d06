"""What the script asks of the forms that it keeps in the browser."""

from __future__ import annotations

import secrets
from types import SimpleNamespace
from typing import Any

from flask import Flask

from tests.support.client import client_for

ARTICLES = "/t/vos/articles/"


def done(client: Any, *forms: str) -> Any:
    """What the server says of forms, each a token and an address."""
    return client.get("/account/forms-done", query_string={"form": list(forms)}).json["done"]


def test_who_knows_the_token_hears_whether_the_form_was_carried_out(app: Flask, cast: SimpleNamespace) -> None:
    client, token, refused = client_for(app, "owner"), secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    typed = {"description": "Rookmelder", "price": "12,50", "vat_code": "", "ledger_code": "", "active": "y"}
    forms = [f"{one} {ARTICLES}" for one in (token, refused)]
    assert done(client, *forms) == []
    assert client.post(ARTICLES, data=typed | {"once": token}).status_code == 303
    assert client.post(ARTICLES, data=typed | {"description": "", "once": refused}).status_code == 422
    assert done(client, *forms) == [token]
    assert done(client_for(app, "owner"), *forms) == [token]
    assert done(client, f"{token} /t/bakker/articles/", f"{token}", "", "x y z", "é è") == []


def test_a_stranger_is_not_answered(app: Flask, cast: SimpleNamespace) -> None:
    answer = client_for(app, None).get("/account/forms-done", query_string={"form": f"x {ARTICLES}"})
    assert answer.status_code == 303
    assert "/login" in answer.location
