"""What a POST route does, said beside its door: what it makes or edits, and where its result stands.

web/once.py reads it to lead a second press of the same form to what the first one did, and
tests/blueprints/test_every_form.py and test_every_form_outside.py walk all of them, so none is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from flask import current_app, request, url_for

from blueprints._freshness import came_from

View = TypeVar("View", bound=Callable[..., Any])
HERE = ""  # the result stands on the page with the button
MAKES, EDITS, DOES = "makes", "edits", "does"


@dataclass(frozen=True)
class Deed:
    """`kind`: it makes a row of the table `what`, edits one that somebody had on a screen, or does something of which
    neither is true. `at`: the endpoint of the page with its result; what that names besides this address is the row
    that was made. `each_time`: why it is carried out at every press."""

    kind: str
    what: str = ""
    at: str = HERE
    each_time: str = ""


def makes(what: str, at: str) -> Callable[[View], View]:
    """A route that makes a row of this table."""
    return _mark(Deed(MAKES, what, at))


def edits(what: str, at: str) -> Callable[[View], View]:
    """A route that changes what somebody had on a screen of a row of this table."""
    return _mark(Deed(EDITS, what, at))


def does(at: str) -> Callable[[View], View]:
    """A route that takes a step, or asks; there is nothing in its form that a row was filled in with."""
    return _mark(Deed(DOES, "", at))


def each_time(why: str) -> Callable[[View], View]:
    """A route that does it at every press, and why that is right."""
    return _mark(Deed(DOES, each_time=why))


def _mark(deed: Deed) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.deed = deed  # type: ignore[attr-defined]
        return view

    return mark


def of_request() -> Deed | None:
    """What the present request's route does, or None when it does not say."""
    return getattr(current_app.view_functions.get(request.endpoint or ""), "deed", None)


def result_of(deed: Deed, made_id: UUID | None) -> str:
    """The address of the page with the result of the present request's deed."""
    endpoint = f"{request.blueprint}{deed.at}" if deed.at.startswith(".") else deed.at
    if endpoint == HERE:
        return came_from()
    named = {name for rule in current_app.url_map.iter_rules(endpoint) for name in rule.arguments} - {"tenant_slug"}
    values = {name: value for name, value in (request.view_args or {}).items() if name in named}
    for name in named - values.keys():
        if made_id is None:
            return came_from()
        values[name] = made_id
    return url_for(endpoint, **values)
