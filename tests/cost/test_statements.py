"""How many statements pages and the press take: their budgets (tests/cost/bounds.py), on both databases."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask

from tests.cost.bounds import OTHERS, PRESENT, STATEMENTS
from tests.isolation.test_neighbour import ids_of, tenant_rules, url
from tests.isolation.test_queries import add_much, counted
from tests.support.cast import make_order, process
from tests.support.client import HTMX, HouseClient, client_for
from tests.support.sandbox_process import Sandbox

# what a driver does to begin, and how PostgreSQL hears whose transaction it is
NOT_COUNTED = ("BEGIN", "SAVEPOINT", "RELEASE", "SET LOCAL ")


def taken(client: HouseClient, method: str, address: str, status: int = 200) -> int:
    """The statements that one request takes; it has to answer this."""
    headers = HTMX if method == "POST" else {}
    with counted() as seen:
        answered = client.open(address, method=method, headers=headers)
    assert answered.status_code == status, f"{address} answered {answered.status_code}"
    return sum(not statement.startswith(NOT_COUNTED) for statement in seen)


def pressed(client: HouseClient, place: SimpleNamespace) -> int:
    """The statements of a press; of the second, for the first one makes the year's series."""
    first, second = (make_order(process("vos"), place.relation_id, title="Onderhoud") for _n in range(2))
    taken(client, "POST", f"/t/vos/work-orders/{first}/approve")
    return taken(client, "POST", f"/t/vos/work-orders/{second}/approve")


@pytest.mark.usefixtures("untouched")
@pytest.mark.timeout(600)  # it walks them all
def test_no_page_and_no_press_takes_more_statements_than_its_budget(
    app: Flask, cast: SimpleNamespace, sandbox: Sandbox
) -> None:
    client = client_for(app, "owner")
    add_much(cast.vos, 1, 10)
    found = {}
    for rule in tenant_rules(app):
        if "GET" in (rule.methods or set()):
            address = url(app, rule, "vos", ids_of(cast.vos))
            status = client.get(address).status_code  # what is done the first time only is not counted
            found[rule.endpoint] = taken(client, "GET", address, status)
    found["press"] = pressed(client, cast.vos)
    assert len(sandbox.invoices("demo")) == 2

    assert STATEMENTS.keys() <= found.keys(), "a budget of a page that is not there"
    over = {name: n for name, n in found.items() if n > max(STATEMENTS.get(name, OTHERS), PRESENT.get(name, 0))}
    assert over == {}, "it takes more statements than it may"
    less = {name: found[name] for name, n in PRESENT.items() if found[name] < n or n <= STATEMENTS[name]}
    assert less == {}, "it takes less than before: lower it in PRESENT, or take it out where the budget is kept"
