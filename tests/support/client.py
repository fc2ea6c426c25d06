"""A test client that is logged in, sends the CSRF token, and can speak as htmx."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.company import tenants
from tests.support.cast import EMAILS, cookie_for

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


class HouseClient(FlaskClient):
    """Adds the CSRF token to unsafe requests; each request starts and ends without a tenant, as in production."""

    csrf = ""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        headers = dict(kwargs.pop("headers", None) or {})
        if kwargs.get("method", "GET") != "GET" and self.csrf:
            headers.setdefault("X-CSRFToken", self.csrf)
        tenants.leave()
        for name in list(g):  # the test's own context lasts: who asked before must not linger in it
            g.pop(name)
        try:
            return super().open(*args, headers=headers, **kwargs)
        finally:
            tenants.leave()

    def htmx_get(self, url: str, **kwargs: Any) -> TestResponse:
        """GET as htmx does for a fragment."""
        return self.get(url, headers=HTMX, **kwargs)

    def htmx_post(self, url: str, **kwargs: Any) -> TestResponse:
        """POST as htmx does for a fragment."""
        return self.post(url, headers=HTMX, **kwargs)


def client_for(app: Flask, who: str | None) -> HouseClient:
    """A client logged in as a role of Vos, as support, as neighbour, or as nobody (None)."""
    app.test_client_class = HouseClient
    client = app.test_client()
    assert isinstance(client, HouseClient)
    if who is not None:
        signed = cookie_for(EMAILS[who], app.config["SECRET_KEY"])
        client.set_cookie("crafter_session", signed.token)
        client.csrf = signed.csrf
    return client


def folded(text: str) -> str:
    """A page with its white space folded as a browser does: where a template breaks its lines is no matter."""
    return " ".join(text.split())


def without_tokens(text: str) -> str:
    """A page without its tokens: every form has other ones each time."""
    return re.sub(r'name="(csrf_token|once|whose|shown_order)" value="[^"]*"', "", text)
