"""A customer that looks like another, on its page: shown before it is made in the bookkeeping, made with a yes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from domain.notes import note
from domain.relation import RelationDetails
from gateways.bookkeeping import RelationRows
from services.catalogue import relations
from tests.services.test_sync import remote, taken_in
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
