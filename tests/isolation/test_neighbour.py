"""A neighbour gets 404 for every tenant URL, in every parameter place, and nothing of ours changes.

New routes join by themselves; a route with an unknown parameter fails until the table below knows it.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from domain.permissions import GRANTED, OFFICE, OWNER, PLANNER, READER, WORKER
from models import Worker
from services.transaction import write_transaction
from tenancy.database import Base, db
from tenancy.row_security import tell
from tests.support.cast import Place, make_order, process
from tests.support.client import HTMX, client_for

# Who asks, and as what they belong to Buur.
NEIGHBOURS = {"neighbour": OWNER} | {f"neighbour_{role}": role for role in (OFFICE, PLANNER, WORKER, READER)}
OTHER_PARAMETERS = {"verb": "finish", "topic": "relaties", "number": 1, "n": 1, "what": "invoice"}


def tenant_rules(app: Flask) -> list[Rule]:
    """All routes under a tenant."""
    return [rule for rule in app.url_map.iter_rules() if "tenant_slug" in rule.arguments]


def ids_of(place: Place) -> dict[str, UUID]:
    """The ids a URL may name, by parameter."""
    return {
        "order_id": place.order_id,
        "relation_id": place.relation_id,
        "location_id": place.location_id,
        "article_id": place.article_id,
        "worker_id": place.worker_id,
        "job_id": place.job_id,
        "person_id": place.person_id,
        "invitation_id": place.invitation_id,
        "finding_id": place.finding_id,
    }


def url(app: Flask, rule: Rule, slug: str, ids: dict[str, UUID]) -> str:
    """The URL of a rule for these ids."""
    values: dict[str, Any] = {"tenant_slug": slug}
    for name in rule.arguments - {"tenant_slug"}:
        assert name in ids or name in OTHER_PARAMETERS, (
            f"{rule.endpoint} has the parameter {name!r}: add it to tests/isolation/test_neighbour.py"
        )
        values[name] = ids.get(name, OTHER_PARAMETERS.get(name))
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, values, method=next(iter(rule.methods or {"GET"})))


def fingerprint_of(tenant_id: int) -> dict[str, list[str]]:
    """Every row of a tenant, as text. Core on purpose: the fence must not decide what this test sees."""
    db.session.remove()
    found = {}
    with db.engine.connect() as connection:
        tell(connection, tenant_id)
        for table in Base.metadata.sorted_tables:
            if "tenant_id" in table.columns:
                rows = connection.execute(select(table).where(table.c.tenant_id == tenant_id))
                found[table.name] = sorted(str(row) for row in rows)
    return found


def methods(rule: Rule) -> set[str]:
    """The methods a route has, without the automatic ones."""
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}


def asks(app: Flask, rule: Rule) -> str:
    """The permission the door of a route asks."""
    kind, permission = app.view_functions[rule.endpoint].door  # type: ignore[attr-defined]
    assert kind == "tenant", rule.endpoint
    return str(permission)


@pytest.mark.parametrize("who", [*NEIGHBOURS, "support"])
def test_the_neighbours_url_is_not_found(app: Flask, cast: SimpleNamespace, who: str) -> None:
    client = client_for(app, who)
    before = fingerprint_of(cast.vos.tenant_id)
    for rule in tenant_rules(app):
        for method in methods(rule):
            for headers in ({}, HTMX):
                address = url(app, rule, "vos", ids_of(cast.vos))
                status = client.open(address, method=method, headers=headers, data={}).status_code
                assert status == 404, f"{who} {method} {address} answered {status}"
    assert fingerprint_of(cast.vos.tenant_id) == before


@pytest.mark.parametrize("who", NEIGHBOURS)
def test_a_foreign_id_under_ones_own_tenant_is_not_found(app: Flask, cast: SimpleNamespace, who: str) -> None:
    """Who may not use the route at all hears so, whatever the id; everybody else gets 404."""
    client = client_for(app, who)
    before = fingerprint_of(cast.vos.tenant_id)
    own, foreign = ids_of(cast.buur), ids_of(cast.vos)
    found = set()
    for rule in tenant_rules(app):
        expected = 404 if asks(app, rule) in GRANTED[NEIGHBOURS[who]] else 403
        for place in rule.arguments & set(own):
            address = url(app, rule, "buur", own | {place: foreign[place]})
            for method in methods(rule):
                status = client.open(address, method=method, data={"version": "1"}).status_code
                assert status == expected, f"{who} {method} {address} (foreign {place}) answered {status}"
                found.add(status)
    assert 404 in found
    assert fingerprint_of(cast.vos.tenant_id) == before


def test_support_visiting_the_neighbour_comes_no_further_than_the_neighbour(app: Flask, cast: SimpleNamespace) -> None:
    client = client_for(app, "support")
    wish = {"mode": "reading", "reason": "uitleg over een factuur"}
    assert client.post("/support/buur/step-in", data=wish).status_code == 303
    before = fingerprint_of(cast.vos.tenant_id)
    own, foreign = ids_of(cast.buur), ids_of(cast.vos)
    assert client.get("/t/buur/relations/").status_code == 200
    for rule in tenant_rules(app):
        for method in methods(rule):
            address = url(app, rule, "vos", foreign)
            assert client.open(address, method=method, data={}).status_code == 404, f"{method} {address}"
            for place in rule.arguments & set(own):
                address = url(app, rule, "buur", own | {place: foreign[place]})
                status = client.open(address, method=method, data={}).status_code
                assert status in {403, 404}, f"{method} {address} answered {status}"
    assert fingerprint_of(cast.vos.tenant_id) == before


def test_an_id_that_never_existed_is_not_found_either(app: Flask, cast: SimpleNamespace) -> None:
    client = client_for(app, "owner")
    for rule in tenant_rules(app):
        for place in rule.arguments & set(ids_of(cast.vos)):
            address = url(app, rule, "vos", ids_of(cast.vos) | {place: uuid4()})
            for method in methods(rule):
                status = client.open(address, method=method, data={}).status_code
                assert status == 404, f"{method} {address} answered {status}"


def test_somebody_not_logged_in_is_sent_to_the_login_page(app: Flask, cast: SimpleNamespace) -> None:
    client = client_for(app, None)
    for rule in tenant_rules(app):
        if "GET" in methods(rule):
            answer = client.get(url(app, rule, "vos", ids_of(cast.vos)))
            assert answer.status_code == 303, rule.endpoint
            assert answer.location.startswith("/login"), rule.endpoint


def test_a_mechanic_without_a_workers_row_sees_no_order_at_all(app: Flask, cast: SimpleNamespace) -> None:
    """`worker_id == None` would read as "planned for nobody" and show every order in the backlog."""
    actor = process("vos")
    unplanned = make_order(actor, cast.vos.relation_id, title="Voor niemand gepland")
    with write_transaction() as session:
        session.scalars(select(Worker)).one().person_id = None
    client = client_for(app, "worker")
    assert "Voor niemand gepland" not in client.get("/t/vos/work-orders/").text
    assert client.get(f"/t/vos/work-orders/{unplanned}").status_code == 404
    assert client.post(f"/t/vos/work-orders/{unplanned}/move/finish").status_code == 404
