"""Work of more than one day: its first day beside the last, checked, shown, and on the invoice as a period."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from domain.message import Refusal
from services.orders import work_orders
from tenancy.clock import day_of
from tests.blueprints.test_work_orders import LIST, order_at, order_of, typed
from tests.support.cast import make_order, process
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox

TODAY = day_of(datetime.now(UTC))


def told(day: date) -> str:
    """A day as the invoice writes it."""
    return f"{day.day}-{day.month}-{day.year}"


def test_the_invoice_tells_the_period(client_as: Any, cast: SimpleNamespace, sandbox: Sandbox) -> None:
    client, first = client_as("owner"), TODAY - timedelta(days=11)
    order = order_at(client.post(LIST, data=typed(relation_id=str(cast.vos.relation_id), executed_on=TODAY.isoformat(),
                                                  executed_from=first.isoformat())))  # fmt: skip
    assert (order.executed_from, order.executed_on) == (first, TODAY)
    bon = f"{LIST}{order.id}"
    assert f'value="{first.isoformat()}"' in client.get(f"{bon}/edit").text
    assert client.post(f"{bon}/move/finish").status_code == 303
    page = folded(client.get(bon).text)
    assert f"uitgevoerd van {told(first)} t/m {told(TODAY)}" in page
    sent = make_order(process("vos"), cast.vos.relation_id, executed_on=TODAY, executed_from=first)
    client.post(f"{LIST}{sent}/approve", data={"version": str(order_of(sent).version)})
    (invoice,) = sandbox.invoices("demo")
    assert f", uitgevoerd van {told(first)} t/m {told(TODAY)}" in invoice["Regels"][0]["Omschrijving"]


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (0, -1, "De eerste dag ligt na de dag waarop het werk klaar was."),
        (1, 0, "Deze dag moet nog komen. Vul in wanneer het werk begon."),
        (1, None, "Deze dag moet nog komen. Vul in wanneer het werk begon."),
        (-367, 0, "Dat is meer dan een jaar eerder. Kijk of het jaar klopt."),
    ],
)
def test_a_first_day_that_cannot_be_is_asked_back_beside_its_field(
    client_as: Any, first: int, last: int | None, said: str
) -> None:
    begun = (TODAY + timedelta(days=first)).isoformat()
    done = "" if last is None else (TODAY + timedelta(days=last)).isoformat()
    answer = client_as("planner").post(LIST, data=typed(executed_from=begun, executed_on=done))
    assert answer.status_code == 422
    beside = answer.text.partition('id="executed_from-error"')[2].partition("</p>")[0]
    assert said in beside
    assert f'value="{begun}"' in answer.text
    assert "Lekkage badkamer" in answer.text


@pytest.mark.parametrize(("first", "last"), [(0, 0), (-1, 0), (-365, 0), (-3, None)])
def test_a_first_day_that_can_be_is_kept(client_as: Any, first: int, last: int | None) -> None:
    begun = TODAY + timedelta(days=first)
    done = "" if last is None else (TODAY + timedelta(days=last)).isoformat()
    order = order_at(client_as("planner").post(LIST, data=typed(executed_from=begun.isoformat(), executed_on=done)))
    assert order.executed_from == begun


def test_work_is_not_finished_before_it_began(client_as: Any) -> None:
    client, begun = client_as("planner"), TODAY - timedelta(days=2)
    order = order_at(client.post(LIST, data=typed(executed_from=begun.isoformat(), executed_on="")))
    with pytest.raises(Refusal) as caught:
        work_orders.move(process("vos"), order.id, "finish", begun - timedelta(days=1))
    assert caught.value.field == "executed_on"
    assert order_of(order.id).executed_on is None
    assert client.post(f"{LIST}{order.id}/move/finish").status_code == 303
    assert order_of(order.id).executed_on == TODAY
