"""What a page and a round cost does not grow with what a tenant ever did.

Every page, as everybody who may open it, and the worker's rounds, on two databases that differ in history only: ten
times the orders may take half as much work again, and no statement may look at much more than it shows. Work is counted
in steps of the database (tests/support/work.py), so a busy machine changes nothing. A new route joins by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from domain.permissions import OFFICE, OWNER, PLANNER, READER, WORKER
from jobs import rounds
from services.invoicing import press
from services.orders import work_orders
from services.orders.work_orders import OrderInput
from tenancy.database import db
from tests.cost.bounds import EXCEPTIONS, GROWTH
from tests.cost.conftest import Grown
from tests.isolation.test_neighbour import ids_of, tenant_rules, url
from tests.support.cast import line, process
from tests.support.client import client_for
from tests.support.work import Work, worked

pytestmark = pytest.mark.timeout(600)  # whoever comes first makes the databases, and the others wait
ROLES = (OWNER, OFFICE, PLANNER, WORKER, READER)
ALWAYS = 4_000  # steps that any statement may take more at the larger size: trees are deeper there
MOST = 60_000  # steps of one statement: twenty rows looked at for each of fifty shown, at fifty steps a row, and some


def ids(grown: Grown, order_id: UUID) -> dict[str, UUID]:
    """What a URL may name, out of the middle of the history."""
    filled = grown.filled
    return ids_of(grown.place) | {
        "order_id": order_id, "relation_id": filled.relation_id, "location_id": filled.location_id,
        "article_id": filled.article_id,
    }  # fmt: skip


def pages(app: Flask) -> list[str]:
    """The endpoints of a tenant that can be opened."""
    return sorted({rule.endpoint for rule in tenant_rules(app) if "GET" in (rule.methods or ())})


def opened(grown: Grown, role: str) -> dict[str, Work]:
    """The work of every page that this role may open, by endpoint and order; each is opened twice, the last counts."""
    found = {}
    with grown.app.app_context():
        client = client_for(grown.app, role)
        for rule in tenant_rules(grown.app):
            if "GET" not in (rule.methods or ()):
                continue
            orders = (grown.filled.posted_order, grown.filled.done_order, grown.filled.refused_order)
            for order_id in orders if "order_id" in rule.arguments else orders[:1]:
                address = url(grown.app, rule, "vos", ids(grown, order_id))
                if client.get(address).status_code not in {200, 204}:
                    continue
                with worked(db.engine) as work:
                    client.get(address)
                found[f"{rule.endpoint} {orders.index(order_id)}"] = work
    return found


def too_much(name: str, small: Work, large: Work) -> list[str]:
    """The statements of `name` that grow, or look at too much, in words."""
    before, wrong = small.by_statement(), []
    for statement, steps in large.by_statement().items():
        short = " ".join(statement.split())
        allowed = next((one for one in EXCEPTIONS if one.where in name and one.statement in short), None)
        most = max(before.get(statement, 0) * (allowed.most if allowed else GROWTH), 0) + ALWAYS
        if steps > most:
            wrong.append(f"{name}: {before.get(statement, 0)} -> {steps} steps: {short[:300]}")
        elif steps > MOST and allowed is None:
            wrong.append(f"{name}: {steps} steps: {short[:300]}")
    return wrong


@pytest.mark.parametrize("role", ROLES)
def test_no_page_costs_more_because_of_what_was_ever_done(role: str, small: Grown, grown: Grown) -> None:
    before, after = opened(small, role), opened(grown, role)
    assert before.keys() == after.keys()
    assert len(after) > 5
    wrong = [line for name in after for line in too_much(f"{role} {name}", before[name], after[name])]
    print(*wrong, sep="\n")
    assert wrong == []


def deeds(grown: Grown) -> dict[str, Callable[[], object]]:
    """What people do all day, on the services; each once."""
    deps, filled = grown.app.extensions["crafter"], grown.filled
    actor = process("vos")
    typed = OrderInput(title="Nieuw", relation_id=filled.relation_id, lines=(line(),))
    made: list[UUID] = []
    return {
        "create": lambda: made.append(work_orders.create(actor, typed)),
        "edit": lambda: work_orders.edit(actor, made[0], 1, typed),
        "plan": lambda: work_orders.plan(actor, made[0], actor_day(), grown.place.worker_id, None, None),
        "finish": lambda: work_orders.move(actor, made[0], "finish"),
        "press": lambda: press.approve(deps, actor, filled.done_order),
        "give up": lambda: press.give_up(actor, filled.refused_order, "dubbel"),
    }


def actor_day() -> object:
    """Today."""
    from services.orders.start import the_day

    return the_day()


def done(grown: Grown) -> dict[str, Work]:
    """The work of each deed and each round."""
    found = {}
    with grown.app.app_context():
        for name, deed in deeds(grown).items():
            with worked(db.engine) as work:
                deed()
            found[name] = work
        deps = grown.app.extensions["crafter"]
        for work_round in (rounds.every_minute, rounds.every_hour):
            work_round(deps)
            with worked(db.engine) as work:
                work_round(deps)
            found[work_round.__name__] = work
    return found


def test_no_deed_and_no_round_costs_more_because_of_what_was_ever_done(small: Grown, grown: Grown) -> None:
    before, after = done(small), done(grown)
    wrong = [line for name in after for line in too_much(name, before[name], after[name])]
    print(*wrong, sep="\n")
    assert wrong == []


def test_without_one_index_it_is_seen(small: Grown, grown: Grown) -> None:
    """The check can turn red."""
    found = {}
    for place in (small, grown):
        with place.app.app_context():
            with db.engine.begin() as connection:
                connection.execute(text("DROP INDEX ix_work_order_billing"))
            client = client_for(place.app, OWNER)
            client.get("/t/vos/help/")
            with worked(db.engine) as work:
                assert client.get("/t/vos/").status_code == 200
            found[place] = work
    assert too_much("start", found[small], found[grown]) != []
