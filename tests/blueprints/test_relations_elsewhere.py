"""Customers of another administration on their page, and the ways to it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from models import Relation
from services.catalogue import elsewhere
from services.invoicing import press
from services.invoicing.press import Blocked
from tenancy.database import db
from tests.services.test_administrations import link_with
from tests.services.test_elsewhere_relations import moved, row_of, waiting
from tests.support.cast import process
from tests.support.sandbox_process import Sandbox

__all__ = ["moved"]
LIST = "/t/vos/relations/elsewhere"


def test_the_page_shows_each_with_who_it_may_be(
    client_as: Any, vos: SimpleNamespace, sandbox: Sandbox, moved: dict[str, UUID]
) -> None:
    page = client_as("planner").get(LIST).text
    for text in ("De Oven B.V. (77)</a>", "Niemand in deze administratie lijkt erop", "Neem alle zekere over"):
        assert text in page, text
    looks = client_as("reader").get(LIST).text
    assert "Twee keer" in looks
    assert "Neem deze" not in looks, "a reader is offered nothing to press"


def test_the_ways_to_it(client_as: Any, vos: SimpleNamespace, sandbox: Sandbox, moved: dict[str, UUID]) -> None:
    client = client_as("owner")
    for address in ("/t/vos/relations/", "/t/vos/", f"/t/vos/relations/{moved['Twee keer']}"):
        assert LIST in client.get(address).text, address
    assert LIST in client.post("/t/vos/settings/e-boekhouden/start").text
    process("vos")
    elsewhere.put_aside_all(vos.actor)
    for address in ("/t/vos/relations/", "/t/vos/"):
        assert LIST not in client.get(address).text, address
    assert "Geen relatie wacht" in client.get(LIST).text


def test_an_order_that_is_refused_for_it_leads_to_the_customer_where_one_chooses(
    client_as: Any, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    sandbox.reset("bouw")
    sandbox.relations("bouw", {"add": [{"Code": "4711", "Bedrijf": "Vos, familie", "Postcode": "1234 AB"}]})
    taken = row_of(vos.relation_id)
    assert taken is not None
    sandbox.relations("bouw", {"add": [{"Code": taken.code, "Bedrijf": "Een heel ander"}]})
    link_with(vos, sandbox, "bouw")
    with pytest.raises(Blocked) as blocked:
        press.approve(vos.deps, vos.actor, vos.order_id)
    assert {one.mend for one in blocked.value.blockers} <= {"relation", "relation_code"}
    client = client_as("owner")
    page = client.get(f"/t/vos/relations/{vos.relation_id}").text
    assert "Nog niet herkend in deze administratie" in page
    same = f"/t/vos/relations/{vos.relation_id}/same"
    wrong = client.post(same, data={"code": "9999"})
    assert (wrong.status_code, 'value="9999"' in wrong.text) == (422, True)
    assert "geen relatie met die code" in wrong.text
    assert client.post(same, data={"code": "4711"}).status_code in (302, 303)
    process("vos")
    press.approve(vos.deps, vos.actor, vos.order_id)
    assert [one["Relatiecode"] for one in sandbox.invoices("bouw")] == ["4711"]


def test_taking_who_is_sure_making_one_there_and_leaving_the_others(
    client_as: Any, vos: SimpleNamespace, sandbox: Sandbox, moved: dict[str, UUID]
) -> None:
    client = client_as("planner")
    answer = client.post(f"{LIST}/sure")
    assert answer.headers["Location"].endswith(LIST)
    assert "1 relatie is overgenomen" in client.get(LIST).text
    made = client.post(f"/t/vos/relations/{moved['Familie Vos']}/remote", data={"list": "1"})
    assert made.headers["Location"].endswith(LIST)
    assert "Familie Vos" in [one["Bedrijf"] for one in sandbox.relations("bouw")]
    process("vos")
    assert sorted(waiting()) == ["Alleen daar", "De Linde", "Twee keer"]
    other = db.session.scalars(select(Relation.id).where(Relation.code == "80")).one()
    chosen = client.post(f"/t/vos/relations/{moved['Twee keer']}/same", data={"other": str(other), "list": "1"})
    assert chosen.headers["Location"].endswith(LIST)
    client.post(f"/t/vos/relations/{moved['De Linde']}/aside")
    assert "De Linde" not in client.get(LIST).text.split("Eén voor één")[1]
    page = client.get(f"/t/vos/relations/{moved['De Linde']}").text
    assert "Deze relatie is opgeborgen" in page
    client.post(f"/t/vos/relations/{moved['De Linde']}/back")
    process("vos")
    assert sorted(waiting()) == ["Alleen daar", "De Linde"]
    assert client.post(f"{LIST}/aside").headers["Location"].endswith("/relations/")
    process("vos")
    assert waiting() == {}


def test_while_somebody_reads_them_nothing_is_taken_and_that_is_said(
    client_as: Any, vos: SimpleNamespace, sandbox: Sandbox, moved: dict[str, UUID]
) -> None:
    link_with(vos, sandbox, "demo")
    sandbox.mischief("bouw", [{"operation": "GetRelaties", "kind": "html_503", "times": 1}])
    link_with(vos, sandbox, "bouw")
    client = client_as("planner")
    assert "nog niet opgehaald" in client.get(LIST).text
    assert client.post(f"{LIST}/sure").status_code == 422
