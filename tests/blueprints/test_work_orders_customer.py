"""A customer that is not in the list yet, fetched by code from the work order's form."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from models import Connection, Relation, WorkOrder
from services.transaction import write_transaction
from tenancy.database import db
from tests.blueprints.test_work_orders import LIST, typed
from tests.support.cast import process
from tests.support.sandbox_process import Sandbox

OFFER = "Haal op met relatiecode"


@pytest.fixture
def far(sandbox: Sandbox) -> Sandbox:
    """Their books hold a customer that ours do not."""
    sandbox.relations("demo", {"add": [{"Code": "7777", "Bedrijf": "Verre klant", "Plaats": "Oudedijk"}]})
    return sandbox


def id_of(name: str) -> Any:
    process("vos")
    return db.session.scalar(select(Relation.id).where(Relation.name == name))


def orders() -> int:
    process("vos")
    return len(db.session.scalars(select(WorkOrder.id)).all())


def test_a_missing_customer_is_fetched_and_chosen_and_all_that_was_typed_stays(client_as: Any, far: Sandbox) -> None:
    client, before = client_as("planner"), orders()
    assert OFFER in client.get(LIST + "new").text
    form = typed(ask="customer", fetch_code=" 7777 ", relation_id="", title="Dak lekt", work_done="Half klaar")
    page = client.post(LIST, data=form)
    assert page.status_code == 200
    assert "<html" in page.text
    assert f'name="relation_id" value="{id_of("Verre klant")}"' in page.text
    assert "Verre klant is opgehaald en gekozen" in page.text
    for text in ('value="Dak lekt"', "Half klaar", 'value="Arbeid'):
        assert text in page.text
    assert 'value="7777"' not in page.text
    assert orders() == before
    saved = client.post(LIST, data=typed(relation_id=str(id_of("Verre klant")), title="Dak lekt"))
    assert saved.status_code == 303


def test_htmx_gets_the_customers_corner_alone(client_as: Any, far: Sandbox) -> None:
    piece = client_as("planner").htmx_post(LIST, data=typed(ask="customer", fetch_code="7777", relation_id=""))
    assert piece.status_code == 200
    assert "<html" not in piece.text
    assert 'name="title"' not in piece.text
    assert f'name="relation_id" value="{id_of("Verre klant")}"' in piece.text


def test_a_code_that_is_not_there_or_no_answer_is_told_beside_the_code_and_nothing_is_lost(
    client_as: Any, far: Sandbox
) -> None:
    client = client_as("planner")
    for code, said in (("9999", "geen relatie met code 9999"), (" ", "Vul de code in")):
        page = client.post(LIST, data=typed(ask="customer", fetch_code=code, title="Dak lekt"))
        assert page.status_code == 422
        assert 'id="fetch_code-error"' in page.text
        assert said in page.text
        assert 'value="Dak lekt"' in page.text
    far.mischief("demo", [{"kind": "html_503", "operation": "GetRelaties"}])
    down = client.post(LIST, data=typed(ask="customer", fetch_code="7777", title="Dak lekt"))
    assert down.status_code == 422
    assert "geen bruikbaar antwoord" in down.text
    assert 'value="7777"' in down.text


def test_saving_with_a_code_that_was_not_fetched_fetches_first_and_saves_nothing(client_as: Any, far: Sandbox) -> None:
    before = orders()
    page = client_as("planner").post(LIST, data=typed(fetch_code="7777"))
    assert page.status_code == 200
    assert "is opgehaald en gekozen" in page.text
    assert orders() == before


def test_an_order_that_is_changed_gets_its_new_customer_without_the_old_ones_work_site(
    client_as: Any, cast: SimpleNamespace, far: Sandbox
) -> None:
    address = f"{LIST}{cast.vos.order_id}/edit"
    sent = typed(ask="customer", fetch_code="7777", location_id=str(cast.vos.location_id), version="1")
    page = client_as("office").post(address, data=sent)
    assert page.status_code == 200
    assert f'name="relation_id" value="{id_of("Verre klant")}"' in page.text
    assert str(cast.vos.location_id) not in page.text
    process("vos")
    assert db.session.get_one(WorkOrder, (cast.vos.tenant_id, cast.vos.order_id)).relation_id == cast.vos.relation_id


def test_without_a_link_nothing_is_offered_and_without_the_right_nothing_is_fetched(
    client_as: Any, far: Sandbox
) -> None:
    assert client_as("worker").post(LIST, data=typed(ask="customer", fetch_code="7777")).status_code == 403
    process("vos")
    with write_transaction() as session:
        session.scalars(select(Connection)).one().state = "inactive"
    assert OFFER not in client_as("planner").get(LIST + "new").text
    assert id_of("Verre klant") is None
