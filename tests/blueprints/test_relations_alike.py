"""A customer that looks like another, on its page: shown before it is made in the bookkeeping, made with a yes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from domain.message import Refusal
from domain.notes import note
from domain.relation import RelationDetails
from gateways.bookkeeping import RelationRows
from models import AuditEntry, Location, Relation, WorkOrder
from services.catalogue import locations, relations
from services.catalogue.locations import LocationInput
from services.catalogue.use_instead import use_instead
from services.invoicing import press
from services.transaction import write_transaction
from tenancy.database import db
from tests.services.test_sync import remote, taken_in
from tests.support.cast import make_order, process
from tests.support.client import HTMX
from tests.support.sandbox_process import Sandbox

KNOWN = {"Code": "1500", "Bedrijf": "Bakkerij De Oven", "Postcode": "1234AB", "Email": "info@deoven.example"}


def test_the_page_shows_it_and_makes_a_new_one_only_with_a_yes(
    client_as: Any, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    sandbox.relations("demo", {"add": [KNOWN]})
    relations.sync(vos.deps, vos.actor)
    typed = RelationDetails("Een ander", email="info@deoven.example")
    address = f"/t/vos/relations/{relations.create(vos.actor, typed)}"
    client = client_as("planner")
    page = client.get(address).text
    assert "Er is al een relatie die hierop lijkt" in page
    assert "Bakkerij De Oven (1500)" in page
    assert "hetzelfde e-mailadres" in page
    refused = client.post(f"{address}/remote")
    assert refused.status_code == 422
    assert "Niet aangemaakt, want er is al een relatie die hierop lijkt: Bakkerij De Oven" in refused.text
    assert len(sandbox.relations("demo")) == len({row["Code"] for row in sandbox.relations("demo")})
    assert not [row for row in sandbox.relations("demo") if row["Bedrijf"] == "Een ander"]
    assert client.post(f"{address}/remote", data={"anyway": "y"}).status_code in (302, 303)
    assert [row["Bedrijf"] for row in sandbox.relations("demo")].count("Een ander") == 1


def test_why_a_search_ended_stands_at_the_list_and_with_the_runs(client_as: Any, vos: SimpleNamespace) -> None:
    spent = note("call.search_spent", most=2000)
    taken_in(vos, relations.KIND, RelationRows((remote(7, "1001"),), False, calls=2001, why=spent))
    client = client_as("owner")
    for address in ("/t/vos/relations/", "/t/vos/relations/sync", "/t/vos/settings/e-boekhouden/syncs"):
        page = client.get(address).text
        assert "er is vandaag 2000 keer verder gezocht in lange lijsten" in page, address
        assert "Vannacht zoekt Crafter opnieuw" in page, address
        assert "U kunt dat in e-Boekhouden verbeteren" not in page, address


def _double(vos: SimpleNamespace, sandbox: Sandbox) -> tuple[Any, Any]:
    """A customer made here, and the one over there that it is."""
    sandbox.relations("demo", {"add": [KNOWN]})
    relations.sync(vos.deps, vos.actor)
    known = db.session.scalars(select(Relation.id).where(Relation.code == "1500")).one()
    db.session.rollback()
    return relations.create(vos.actor, RelationDetails("De Oven", email="info@deoven.example")), known


def test_use_that_one_moves_its_orders_and_work_sites_and_the_copy_goes(
    client_as: Any, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    made, known = _double(vos, sandbox)
    site = locations.create(vos.actor, made, LocationInput("Kade 1"))
    relations.save_own(vos.actor, made, relations.Own("Achterom"))
    order_id = make_order(vos.actor, made, location_id=site)
    client = client_as("planner")
    assert "Neem deze" in client.get(f"/t/vos/relations/{made}").text
    answer = client.post(f"/t/vos/relations/{made}/same", data={"other": str(known)})
    assert answer.headers["Location"].endswith(f"/relations/{known}")
    page = client.get(f"/t/vos/relations/{known}").text
    assert "Werkbonnen die meekwamen: 1" in page
    assert "Kade 1" in page
    assert "Achterom" in page
    assert client.get(f"/t/vos/relations/{made}").status_code == 404
    process("vos")
    order = db.session.scalars(select(WorkOrder).where(WorkOrder.id == order_id)).one()
    assert (order.relation_id, order.version) == (known, 3), "a form that was opened before is refused"
    assert db.session.scalars(select(Location.relation_id).where(Location.id == site)).one() == known
    told = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "relation.same_as")).one()
    assert (told.subject_name, told.data["name"]) == ("Bakkerij De Oven", "De Oven")
    db.session.rollback()
    press.approve(vos.deps, vos.actor, order_id)
    assert [one["Relatiecode"] for one in sandbox.invoices("demo")] == ["1500"]


@pytest.mark.parametrize("why", ["uncertain invoice", "uncertain", "vanished", "there"])
def test_use_that_one_is_refused_and_changes_nothing_where_books_already_know(
    client_as: Any, vos: SimpleNamespace, sandbox: Sandbox, why: str
) -> None:
    made, known = _double(vos, sandbox)
    order_id = make_order(vos.actor, made)
    if why == "uncertain invoice":
        relations.save_code(vos.actor, made, "1500X")
        sandbox.relations("demo", {"add": [KNOWN | {"Code": "1500X", "Bedrijf": "De Oven"}]})
        sandbox.mischief("demo", [{"kind": "lost_answer", "operation": "AddFactuur"}])
        press.approve(vos.deps, vos.actor, order_id)
    with write_transaction() as session:
        rows = {one.id: one for one in session.scalars(select(Relation).where(Relation.id.in_([made, known])))}
        rows[made].sent_as = "something" if why == "uncertain" else ""
        rows[made].remote_id = 99999 if why == "there" else None
        rows[known].vanished_at = rows[known].synced_at if why == "vanished" else None
    with pytest.raises(Refusal):
        use_instead(vos.actor, made, known)
    assert client_as("planner").post(f"/t/vos/relations/{made}/same", data={"other": str(known)}).status_code == 422
    assert client_as("planner").post(f"/t/vos/relations/{made}/same", data={"other": "x"}).status_code == 404
    process("vos")
    assert db.session.scalars(select(WorkOrder.relation_id).where(WorkOrder.id == order_id)).one() == made


def test_who_looks_like_it_is_shown_while_it_is_typed(client_as: Any, vos: SimpleNamespace, sandbox: Sandbox) -> None:
    _double(vos, sandbox)
    client = client_as("planner")
    form = client.get("/t/vos/relations/new").text
    assert 'id="alike" aria-live="polite"' in form, "a screen reader hears of it"
    found = client.get("/t/vos/relations/alike?name=Bakkerij+de+oven&postcode=1234+ab", headers=HTMX).text
    assert "Bakkerij De Oven (1500)" in found
    assert "<html" not in found
    assert client.get("/t/vos/relations/alike?name=Iemand&postcode=9999ZZ", headers=HTMX).text.strip() == ""
    assert "Geen relatie lijkt hierop" in client.get("/t/vos/relations/alike?name=Iemand").text
