"""The one home of htmx: reading its headers and writing its answers."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request
from werkzeug.urls import iri_to_uri


def wants_fragment() -> bool:
    """Whether this request takes a fragment. History restore and boosted pages ask for the full page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") == "partial"


def from_htmx() -> bool:
    """Whether htmx sent this request at all."""
    return request.headers.get("HX-Request") == "true"


def answer(page: str, fragment: str, /, status: int = 200, **context: Any) -> Response:
    """The fragment for htmx, the full page (which includes that fragment) for everybody else."""
    template = fragment if wants_fragment() else page
    return make_response(render_template(template, **context), status)


def go(url: str) -> Response:
    """After a deed: 303 for a browser, HX-Redirect for htmx (which would swap a followed 303 into the target)."""
    if from_htmx():
        response = make_response("", 200)
        response.headers["HX-Redirect"] = iri_to_uri(url)
        return response
    return make_response(redirect(url, 303))


def over_the_page(response: Response) -> Response:
    """Let htmx put this answer in place of the whole page's content, whatever the button's own target was."""
    if wants_fragment():
        response.headers["HX-Retarget"] = "#content"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def in_place_of(response: Response, target: str) -> Response:
    """Let htmx put this answer into another element than the button's own target."""
    response.headers["HX-Retarget"] = target
    return response


def known_as(response: Response, url: str) -> Response:
    """Let htmx put this address in the address bar instead of the one it asked."""
    response.headers["HX-Push-Url"] = iri_to_uri(url)
    return response


def vary(response: Response) -> Response:
    """Fragments and pages share URLs; caches must tell them apart."""
    response.vary.update(("HX-Request", "HX-Request-Type", "Cookie"))
    return response
