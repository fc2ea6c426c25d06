"""Which VAT an order has as a whole: chosen at the customer or on the order, shown with its reason, and sent."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from models import Relation
from services.transaction import write_transaction
from tests.blueprints.test_language import reads
from tests.blueprints.test_work_orders import LIST, order_at, order_of, typed
from tests.services.test_customer_of_an_invoice import change_there
from tests.services.test_vat_on_the_invoice import BUILDER
from tests.support.cast import process
from tests.support.client import HTMX, folded
from tests.support.sandbox_process import Sandbox

REVERSED = "btw verlegd (onderaanneming)"


@pytest.fixture
def builder(cast: SimpleNamespace, sandbox: Sandbox) -> UUID:
    """The customer of Vos is a contractor: VAT is reversed to it as a rule."""
    process("vos")
    change_there(sandbox, "1001", BP="B", BTWNummer=BUILDER)
    with write_transaction() as session:
        row = session.scalars(select(Relation).where(Relation.id == cast.vos.relation_id)).one()
        row.is_company, row.vat_number, row.vat_regime = True, BUILDER, "reversed"
    relation_id: UUID = cast.vos.relation_id
    return relation_id


def options(page: str) -> list[tuple[str, str]]:
    """The regimes that a form offers: value, and the one that is counted with."""
    select_ = page[page.index('name="vat_regime"') :]
    found = re.findall(r"<option[^>]*>", select_[: select_.index("</select>")])
    return [(re.search('value="(.*?)"', one)[1], re.search('data-regime="(.*?)"', one)[1]) for one in found]  # type: ignore[index]


def test_the_customer_says_which_vat_its_orders_have_and_a_reader_reads_it(
    client_as: Any, cast: SimpleNamespace
) -> None:
    address = f"/t/vos/relations/{cast.vos.relation_id}"
    client = client_as("planner")
    assert client.post(f"{address}/notes", data={"vat_regime": "reversed", "notes": ""}).status_code == 303
    assert re.search(r'<option selected value="reversed">', client.get(address).text)
    assert f"Btw op de factuur: {REVERSED}." in client_as("reader").get(address).text
    assert client.post(f"{address}/notes", data={"vat_regime": "moon", "notes": ""}).status_code == 422
    client.post(f"{address}/notes", data={"vat_regime": "", "notes": ""})
    assert "Btw op de factuur" not in client_as("reader").get(address).text


def test_the_form_of_an_order_offers_first_what_its_customer_usually_has(
    client_as: Any, cast: SimpleNamespace, builder: UUID
) -> None:
    client = client_as("planner")
    assert options(client.get(f"{LIST}new").text)[0] == ("", "domestic")
    offered = options(client.get(f"{LIST}new?relation={builder}").text)
    assert offered[0] == ("", "reversed")
    assert ("domestic", "domestic") in offered
    assert ("reversed", "reversed") not in offered
    picked = client.get(f"{LIST}locations?relation_id={builder}", headers=HTMX).text
    assert options(picked) == offered, "and it comes along when the customer is picked"


@pytest.mark.parametrize(("chosen", "why"), [("", "Zo staat het bij de klant."), ("domestic", "Zo is het op deze bon")])
def test_it_is_shown_with_its_reason(client_as: Any, builder: UUID, chosen: str, why: str) -> None:
    client = client_as("owner")
    order = order_at(client.post(LIST, data=typed(relation_id=str(builder), vat_regime=chosen)))
    page = folded(client.get(f"{LIST}{order.id}").text)
    assert why in page
    assert (REVERSED in page) is (not chosen)
    assert ("verlegd 21%" in page) is (not chosen), "on the lines too"


def test_another_regime_on_the_form_changes_no_line_and_can_be_taken_back(
    client_as: Any, cast: SimpleNamespace, builder: UUID
) -> None:
    client = client_as("planner")
    order = order_at(client.post(LIST, data=typed(relation_id=str(builder))))
    before = [(one.vat_code, one.price) for one in order.lines]
    for chosen, holds in (("eu", "zakelijk in een ander EU-land"), ("", REVERSED)):
        data = typed(relation_id=str(builder), vat_regime=chosen)
        changed = order_at(client.post(f"{LIST}{order.id}/edit", data=data))
        assert holds in folded(client.get(f"{LIST}{order.id}").text)
        assert [(one.vat_code, one.price) for one in changed.lines] == before
        assert order_of(order.id).vat_regime == chosen


def test_a_company_says_since_when_it_is_a_small_business_and_no_form_offers_a_choice_then(client_as: Any) -> None:
    client = client_as("owner")
    at, form = "/t/vos/settings/company", {"name": "Vos", "language": "nl"}
    wrong = client.post(at, data=form | {"small_until": "31-12-2026"})
    assert wrong.status_code == 422
    assert "Vul ook in vanaf wanneer de regeling geldt." in wrong.text
    wrong = client.post(at, data=form | {"small_since": "1-1-2027", "small_until": "31-12-2026"})
    assert "De laatste dag ligt voor de eerste." in wrong.text
    assert client.post(at, data=form | {"small_since": "1-1-2026"}).status_code == 303
    assert options(client.get(f"{LIST}new").text) == [("", "small")]
    order = order_at(client.post(LIST, data=typed(**{"lines-0-vat_code": ""})))
    page = folded(client.get(f"{LIST}{order.id}").text)
    assert "Uw bedrijf valt sinds" in page
    assert order.totals.vat == 0
    assert client.post(at, data=form | {"small_since": ""}).status_code == 303
    assert options(client.get(f"{LIST}new").text)[0] == ("", "domestic")


def test_the_names_are_in_the_readers_language(client_as: Any, cast: SimpleNamespace) -> None:
    reads("owner", "en")
    client = client_as("owner")
    page = client.get(f"/t/vos/relations/{cast.vos.relation_id}").text
    assert "VAT reverse charge (subcontracting)" in page
    assert "verlegd" not in page
    assert "verlegd (" not in client.get(f"{LIST}new").text


def test_picked_for_work_of_before_the_company_was_a_small_business_the_choice_stands(
    client_as: Any, cast: SimpleNamespace, builder: UUID
) -> None:
    client = client_as("owner")
    form = {"name": "Vos", "language": "nl", "small_since": "1-6-2026"}
    assert client.post("/t/vos/settings/company", data=form).status_code == 303
    for day, first in (("2026-05-31", "reversed"), ("2026-06-01", "small"), ("", "small")):
        address = f"{LIST}locations?relation_id={builder}&executed_on={day}"
        assert options(client.get(address, headers=HTMX).text)[0] == ("", first), day
