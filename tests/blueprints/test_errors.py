"""No screen ends in a stack trace: unknown page, foreign id, server error, expired form, each as page and fragment."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from tests.support.client import HTMX, HouseClient


def test_an_unknown_page_has_its_own_page(client_as: Callable[[str | None], HouseClient]) -> None:
    answer = client_as("owner").get("/bestaat-niet")
    assert answer.status_code == 404
    assert "Deze pagina bestaat niet" in answer.text
    assert "<html" in answer.text


def test_htmx_gets_the_error_as_a_fragment(client_as: Callable[[str | None], HouseClient]) -> None:
    answer = client_as("owner").get("/bestaat-niet", headers=HTMX)
    assert "Deze pagina bestaat niet" in answer.text
    assert "<html" not in answer.text


def test_a_server_error_shows_a_reference_and_no_trace(
    app: Flask, client_as: Callable[[str | None], HouseClient]
) -> None:
    from blueprints._doors import anyone

    @anyone
    def broken() -> str:
        raise RuntimeError("geheim detail")

    app.add_url_rule("/kapot", "broken", broken)
    answer = client_as(None).get("/kapot")
    assert answer.status_code == 500
    assert "Kenmerk" in answer.text
    assert "geheim detail" not in answer.text


def test_a_form_without_its_token_is_refused_kindly(client_as: Callable[[str | None], HouseClient]) -> None:
    client = client_as("owner")
    client.csrf = ""
    answer = client.post("/logout")
    assert answer.status_code == 400
    assert "Deze pagina was te oud" in answer.text


def test_pages_carry_the_security_headers(client_as: Callable[[str | None], HouseClient]) -> None:
    headers = client_as("owner").get("/bestaat-niet").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert {"HX-Request", "HX-Request-Type", "Cookie"} <= {part.strip() for part in headers["Vary"].split(",")}
