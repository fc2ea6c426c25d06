"""The cost is counted of everything there is: a new page, filter or form joins, or a test says what is missing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict

from tests.cost.asked import VIEWS, pages
from tests.cost.bounds import EXCEPTIONS
from tests.cost.deeds import DEEDS, ELSEWHERE
from tests.isolation.test_neighbour import ids_of, tenant_rules, url
from tests.support.client import client_for


def test_every_view_is_one_of_a_page(app: Flask) -> None:
    assert VIEWS.keys() <= {rule.endpoint for rule in pages(app)}


def test_everything_a_page_asks_its_address_is_in_a_view(app: Flask, cast: SimpleNamespace) -> None:
    heard: set[str] = set()

    class Heard(ImmutableMultiDict[str, str]):
        def __getitem__(self, key: str) -> Any:
            heard.add(key)
            return super().__getitem__(key)

        def __contains__(self, key: object) -> bool:
            heard.add(str(key))
            return super().__contains__(key)

        def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
            heard.add(key)
            return super().get(key, *args, **kwargs)

        def getlist(self, key: str, *args: Any, **kwargs: Any) -> Any:
            heard.add(key)
            return super().getlist(key, *args, **kwargs)

    class Listening(Request):
        parameter_storage_class = Heard

    app.request_class = Listening
    client, missing = client_for(app, "owner"), {}
    for rule in pages(app):
        heard.clear()
        client.get(url(app, rule, "vos", ids_of(cast.vos)))
        if rule.endpoint == "work_orders.list_":
            assert {"state", "sort", "after", "q"} <= heard, "nothing is heard any more"
        known = {name for view in VIEWS.get(rule.endpoint, ()) for name in parse_qs(view, keep_blank_values=True)}
        if heard - known:
            missing[rule.endpoint] = heard - known
    assert missing == {}, "add a view that asks this to tests/cost/asked.py"


def test_what_may_grow_is_ten_things_at_most() -> None:
    assert len(EXCEPTIONS) <= 10


def test_everything_that_can_be_done_is_described(app: Flask) -> None:
    there = {rule.endpoint for rule in tenant_rules(app) if "POST" in (rule.methods or ())}
    assert there - DEEDS.keys() - ELSEWHERE.keys() == set(), "describe it in tests/cost/deeds.py"
    assert (DEEDS.keys() | ELSEWHERE.keys()) - there == set(), "it is not there any more"
