"""The day of execution, everywhere it comes in: never one to come, and one of long ago only with a yes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from models import AuditEntry, BulkItem, WorkOrder
from services.company import tenants
from services.invoicing import bulk
from services.transaction import write_transaction
from tenancy.clock import day_of
from tenancy.database import db
from tests.blueprints.test_work_orders import LIST, order_at, order_of, typed
from tests.blueprints.test_work_orders_invoice import change_link
from tests.support.cast import make_order, process
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox

TODAY = day_of(datetime.now(UTC))
TOMORROW = TODAY + timedelta(days=1)
LONG_AGO = TODAY - timedelta(days=400)


def executed(order_id: UUID, day: date) -> None:
    """Work done on that day stands on the order, past the screens: an older release, or a year that went by."""
    process("vos")
    with write_transaction() as session:
        session.scalars(select(WorkOrder).where(WorkOrder.id == order_id)).one().executed_on = day


def confirmed(order_id: UUID) -> list[str]:
    """What the trail tells of a yes."""
    process("vos")
    query = select(AuditEntry).where(AuditEntry.event == "work_order.confirmed", AuditEntry.subject_id == order_id)
    return [entry.person_name for entry in db.session.scalars(query)]


# --- the form ------------------------------------------------------------------------------------------------------


def test_a_day_to_come_is_refused_beside_the_field_and_nothing_typed_is_lost(client_as: Any) -> None:
    answer = client_as("planner").post(LIST, data=typed(executed_on=TOMORROW.isoformat()))
    assert answer.status_code == 422
    beside = answer.text.partition('id="executed_on-error"')[2].partition("</p>")[0]
    assert "Deze dag moet nog komen" in beside
    assert f'value="{TOMORROW.isoformat()}"' in answer.text
    assert "Lekkage badkamer" in answer.text
    assert order_at(client_as("planner").post(LIST, data=typed(executed_on=TODAY.isoformat()))).executed_on == TODAY


def test_a_day_of_long_ago_is_asked_about_and_the_yes_counts_for_that_day(client_as: Any) -> None:
    client = client_as("planner")
    asked = client.post(LIST, data=typed(executed_on=LONG_AGO.isoformat()))
    assert asked.status_code == 422
    assert "meer dan een jaar geleden" in asked.text
    box = re.search(r'type="checkbox" id="yes" name="yes" value="([^"]+)"', asked.text)
    assert box
    other = LONG_AGO - timedelta(days=1)
    again = client.post(LIST, data=typed(executed_on=other.isoformat(), yes=box[1]))
    assert again.status_code == 422
    order = order_at(client.post(LIST, data=typed(executed_on=LONG_AGO.isoformat(), yes=box[1])))
    assert (order.executed_on, order.sure_of_day) == (LONG_AGO, LONG_AGO)
    assert confirmed(order.id) == ["Planner Vos"]


def test_a_yes_is_kept_while_something_else_in_the_form_is_mended(client_as: Any) -> None:
    wrong = typed(executed_on=LONG_AGO.isoformat(), yes=f"day:{LONG_AGO}", title="")
    assert f'name="yes" type="hidden" value="day:{LONG_AGO}"' in client_as("planner").post(LIST, data=wrong).text


def test_a_day_that_stands_there_already_is_not_asked_about_when_something_else_changes(
    client_as: Any, vos: Any
) -> None:
    executed(vos.order_id, LONG_AGO)
    form = typed(title="Anders", executed_on=LONG_AGO.isoformat(), version=str(order_of(vos.order_id).version))
    answer = client_as("planner").post(f"{LIST}{vos.order_id}/edit", data=form)
    assert order_at(answer).title == "Anders"
    assert confirmed(vos.order_id) == []


# --- the phone -----------------------------------------------------------------------------------------------------


def test_work_that_is_finished_now_was_done_today_when_a_day_to_come_was_filled_in(client_as: Any, vos: Any) -> None:
    order_id = make_order(
        vos.actor, vos.relation_id, state="planned", executed_on=None, planned_on=TODAY, worker_id=vos.worker_id
    )
    executed(order_id, TOMORROW)
    client = client_as("worker")
    assert client.post(f"{LIST}{order_id}/report", data={"work_done": "Klaar", "finish": "1"}).status_code == 303
    assert order_of(order_id).executed_on == TODAY


EARLIER = TODAY - timedelta(days=3)


def planned(vos: Any, day: date, **fields: Any) -> UUID:
    """An order that Wim has to do on this day; nobody said when it was done."""
    given = {"state": "planned", "executed_on": None, "planned_on": day, "worker_id": vos.worker_id}
    return make_order(vos.actor, vos.relation_id, **given | fields)


@pytest.mark.parametrize("who", ["worker", "planner"])
def test_who_finishes_later_than_planned_is_asked_when_it_was_done(client_as: Any, vos: Any, who: str) -> None:
    order_id = planned(vos, EARLIER)
    client, bon = client_as(who), f"{LIST}{order_id}"
    asked = client.post(f"{bon}/move/finish")
    assert (asked.status_code, asked.location) == (303, f"{bon}/finished")
    assert (order_of(order_id).state, order_of(order_id).executed_on) == ("planned", None)
    form = client.get(asked.location).text
    assert "Wanneer is het werk gedaan?" in form
    assert f'value="{EARLIER.isoformat()}"' in form, "the day it was planned for is proposed"

    empty = client.post(f"{bon}/finished", data={"executed_on": ""})
    assert empty.status_code == 422
    assert "Vul in op welke dag het werk is gedaan" in beside_day(empty.text)
    to_come = client.post(f"{bon}/finished", data={"executed_on": TOMORROW.isoformat()})
    assert to_come.status_code == 422
    assert "Deze dag moet nog komen" in beside_day(to_come.text)
    assert order_of(order_id).state == "planned"

    day = EARLIER + timedelta(days=1)
    done = client.post(f"{bon}/finished", data={"executed_on": day.isoformat()})
    assert (done.status_code, done.location) == (303, bon)
    assert (order_of(order_id).state, order_of(order_id).executed_on) == ("done", day)
    assert client.get(f"{bon}/finished").location == bon, "it is done: there is nothing to ask"


def test_a_year_that_is_wrong_is_asked_about_as_everywhere(client_as: Any, vos: Any) -> None:
    order_id = planned(vos, EARLIER)
    client, bon = client_as("worker"), f"{LIST}{order_id}"
    asked = client.post(f"{bon}/finished", data={"executed_on": LONG_AGO.isoformat()})
    assert asked.status_code == 422
    assert f'name="yes" value="day:{LONG_AGO}"' in asked.text
    assert order_of(order_id).state == "planned"
    given = {"executed_on": LONG_AGO.isoformat(), "yes": f"day:{LONG_AGO}"}
    assert client.post(f"{bon}/finished", data=given).status_code == 303
    order = order_of(order_id)
    assert (order.executed_on, order.sure_of_day) == (LONG_AGO, LONG_AGO)


@pytest.mark.parametrize(
    ("day", "known"), [(TODAY, None), (TOMORROW, None), (EARLIER, EARLIER - timedelta(days=1))],
    ids=["planned today", "done before its day", "the office filled in when"],
)  # fmt: skip
def test_nothing_is_asked_when_the_day_is_known(client_as: Any, vos: Any, day: date, known: date | None) -> None:
    order_id = planned(vos, day, executed_on=known)
    client, bon = client_as("worker"), f"{LIST}{order_id}"
    assert "Wanneer is het werk gedaan?" not in client.get(f"{bon}/report").text
    assert client.post(f"{bon}/move/finish").location == bon
    assert (order_of(order_id).state, order_of(order_id).executed_on) == ("done", known or TODAY)


def test_a_report_asks_for_the_day_beside_its_button_and_loses_nothing(client_as: Any, vos: Any) -> None:
    order_id = planned(vos, EARLIER)
    client, address = client_as("worker"), f"{LIST}{order_id}/report"
    assert f'value="{EARLIER.isoformat()}"' in client.get(address).text
    opened_before = {"work_done": "Kraan vervangen", "hours": "1,5", "finish": "1"}  # on the day itself
    asked = client.post(address, data=opened_before)
    assert asked.status_code == 422
    assert "Dit werk stond gepland op" in beside_day(asked.text)
    for typed_or_proposed in ("Kraan vervangen", 'value="1,5"', f'value="{EARLIER.isoformat()}"'):
        assert typed_or_proposed in asked.text
    order = order_of(order_id)
    assert (order.state, order.work_done, len(order.lines)) == ("planned", "", 1), "all or nothing"

    assert client.post(address, data={**opened_before, "executed_on": EARLIER.isoformat()}).status_code == 303
    order = order_of(order_id)
    assert (order.state, order.executed_on, len(order.lines)) == ("done", EARLIER, 2)


def test_a_report_that_finishes_nothing_leaves_the_day_open(client_as: Any, vos: Any) -> None:
    order_id = planned(vos, EARLIER)
    given = {"work_done": "Half", "executed_on": EARLIER.isoformat()}
    assert client_as("worker").post(f"{LIST}{order_id}/report", data=given).status_code == 303
    assert (order_of(order_id).state, order_of(order_id).executed_on) == ("planned", None)


def beside_day(page: str) -> str:
    """What is said beside the day of execution."""
    return page.partition('id="executed_on-error"')[2].partition("</p>")[0]


# --- the press -----------------------------------------------------------------------------------------------------


def test_an_invoice_for_work_that_is_yet_to_be_done_is_never_sent(client_as: Any, vos: Any, sandbox: Sandbox) -> None:
    executed(vos.order_id, TOMORROW)
    client, bon = client_as("planner"), f"{LIST}{vos.order_id}"
    for answer in (client.get(bon), client.htmx_post(f"{bon}/approve"), client.post(f"{bon}/approve")):
        assert "ligt in de toekomst" in answer.text
        assert f'href="{bon}/edit"' in answer.text
    assert "ligt in de toekomst" in client.post("/t/vos/bulk/preview", data={"order": [str(vos.order_id)]}).text
    assert order_of(vos.order_id).state == "done"
    assert sandbox.calls("demo", "AddFactuur") == []


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "without JavaScript"])
def test_a_press_for_work_of_long_ago_is_held_until_somebody_says_yes(
    client_as: Any, vos: Any, sandbox: Sandbox, htmx: bool
) -> None:
    executed(vos.order_id, LONG_AGO)
    client, bon = client_as("planner"), f"{LIST}{vos.order_id}"
    post = client.htmx_post if htmx else client.post
    asked = post(f"{bon}/approve")
    assert asked.status_code == 422
    assert ("<html" in asked.text) is not htmx
    assert "Klopt dit?" in asked.text
    assert "meer dan een jaar geleden" in asked.text
    assert f'name="yes" value="day:{LONG_AGO}"' in asked.text
    assert order_of(vos.order_id).state == "done"
    assert sandbox.calls("demo", "AddFactuur") == []
    assert post(f"{bon}/approve", data={"yes": f"day:{TODAY}"}).status_code == 422
    assert confirmed(vos.order_id) == []

    assert post(f"{bon}/approve", data={"yes": f"day:{LONG_AGO}"}).status_code in {200, 303}
    (invoice,) = sandbox.invoices("demo")
    told = f"uitgevoerd {LONG_AGO.day}-{LONG_AGO.month}-{LONG_AGO.year}"
    assert told in invoice["Regels"][0]["Omschrijving"]
    assert confirmed(vos.order_id) == ["Planner Vos"]
    assert "Bevestigd: Is het werk uitgevoerd op" in folded(client.get(bon).text)


def test_the_yes_is_remembered_when_the_invoice_goes_out_again(client_as: Any, vos: Any, sandbox: Sandbox) -> None:
    executed(vos.order_id, LONG_AGO)
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT028", "text": "x"}])
    client, bon = client_as("planner"), f"{LIST}{vos.order_id}"
    client.htmx_post(f"{bon}/approve", data={"yes": f"day:{LONG_AGO}"})
    assert sandbox.invoices("demo") == []
    assert "staat klaar in e-Boekhouden" in client.htmx_post(f"{bon}/send").text
    assert confirmed(vos.order_id) == ["Planner Vos"]


def test_an_order_that_was_checked_without_a_link_is_asked_about_when_it_is_sent(
    client_as: Any, vos: Any, sandbox: Sandbox
) -> None:
    order_id = vos.order_id
    executed(order_id, LONG_AGO)
    change_link(enabled=False)
    client, bon = client_as("planner"), f"{LIST}{order_id}"
    assert client.post(f"{bon}/approve").status_code == 303
    assert order_of(order_id).state == "approved"
    change_link(enabled=True)
    asked = client.htmx_post(f"{bon}/send")
    assert f'action="{bon}/send"' in asked.text
    assert "Klopt dit?" in asked.text
    assert "staat klaar" in client.htmx_post(f"{bon}/send", data={"yes": f"day:{LONG_AGO}"}).text


# --- many at once --------------------------------------------------------------------------------------------------


def test_many_at_once_set_aside_what_is_asked_about_with_the_way_to_say_yes(
    client_as: Any, vos: Any, sandbox: Sandbox
) -> None:
    fine = make_order(vos.actor, vos.relation_id)
    executed(vos.order_id, LONG_AGO)
    page = client_as("planner").post("/t/vos/bulk/preview", data={"order": [str(vos.order_id), str(fine)]}).text
    held = page.partition('id="held-title"')[2].partition("</section>")[0]
    assert "Daar is een ja op de bon voor nodig" in held
    assert f'href="{LIST}{vos.order_id}"' in held
    assert f'name="order" value="{vos.order_id}' not in page
    assert f'name="order" value="{fine}' in page


def test_a_job_passes_over_what_came_to_be_asked_about_and_says_so(vos: Any, sandbox: Sandbox) -> None:
    job_id = bulk.start(vos.deps, vos.actor, [(vos.order_id, order_of(vos.order_id).version)])
    executed(vos.order_id, LONG_AGO)
    bulk.carry_out(vos.deps, process("vos"), job_id)
    item = db.session.scalars(select(BulkItem).where(BulkItem.job_id == job_id)).one()
    assert (item.state, item.reason.key) == ("skipped", "bulk.asked")
    assert "Is het werk uitgevoerd op" in str(item.reason)
    assert sandbox.calls("demo", "AddFactuur") == []
    tenants.leave()


def test_who_said_yes_on_the_form_is_not_asked_at_the_press(client_as: Any, vos: Any, sandbox: Sandbox) -> None:
    order_id = make_order(vos.actor, vos.relation_id, executed_on=LONG_AGO, yes=(f"day:{LONG_AGO}",))
    assert "staat klaar" in client_as("planner").htmx_post(f"{LIST}{order_id}/approve").text
