"""The start page: attention, today, first steps that tick themselves off, and a mechanic's own day."""

from __future__ import annotations

import re
from datetime import time, timedelta
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import select

from models import Company, Worker
from services.orders import attention, start, work_orders
from services.transaction import write_transaction
from tests.support import cast as cast_of
from tests.support.cast import make_order

START = "/t/vos/"


def steps() -> dict[str, bool]:
    """The first steps of Vos by key."""
    cast_of.process("vos")
    return {step.key: step.done for step in start.first_steps()}


def today_order(vos: SimpleNamespace, title: str, days: int = 0, **fields: object) -> str:
    """An order planned so many days from today for the worker of Vos; its number."""
    actor = cast_of.process("vos")
    on = start.the_day() + timedelta(days=days)
    given = {"worker_id": vos.worker_id, "planned_on": on, "planned_from": time(8, 30), "executed_on": None} | fields
    order_id = make_order(actor, vos.relation_id, state="planned", title=title, **given)
    order = work_orders.get(actor, order_id)
    assert order is not None
    return order.number


def test_the_office_sees_what_waits_for_it_and_todays_work(client_as: Any, vos: SimpleNamespace) -> None:
    today_order(vos, "Ketel vervangen")
    page = client_as("office").get(START).text
    assert "1 bon wacht op controle" in page
    assert "Ketel vervangen" in page
    assert "Nieuwe werkbon" in page


def test_a_reader_sees_the_same_and_is_offered_nothing_to_press(client_as: Any, vos: SimpleNamespace) -> None:
    page = client_as("reader").get(START).text
    assert "1 bon wacht op controle" in page
    content = page[page.index('id="content"') : page.index('<template id="draft-')]
    assert 'class="btn' not in content
    assert "/settings/" not in content


@pytest.mark.parametrize(("count", "shown"), [(99, "99"), (100, "99+")])
def test_the_menu_counts_to_a_hundred(client_as: Any, vos: SimpleNamespace, count: int, shown: str) -> None:
    with mock.patch.object(attention, "counted", return_value=attention.Counted(attention=count)):
        page = client_as("office").get(START).text
    assert f">{shown}<" in page
    assert ("meer dan 99" in page) == (shown == "99+")


def test_the_first_steps_tick_themselves_off(client_as: Any, vos: SimpleNamespace) -> None:
    present = steps()
    assert (present["company"], present["worker"], present["connect"], present["invoice"]) == (False, True, True, False)
    page = client_as("owner").get(START).text
    assert "Eerste stappen" in page
    assert 'href="/t/vos/settings/company"' in page
    cast_of.process("vos")
    with write_transaction() as session:
        company = session.scalars(select(Company)).one()
        company.address, company.city = "Dorpsstraat 1", "Waterveen"
    assert steps()["company"]
    assert "Gedaan:" in client_as("owner").get(START).text


def test_a_new_company_has_every_step_before_it(client_as: Any, app: Any) -> None:
    from services.company import tenants

    tenants.create("vers", "Vers BV", "vers@vers.example")
    tenants.leave()
    cast_of.process("vers")
    assert [step.key for step in start.first_steps() if step.done] == []
    assert start.link_panel().state == "off"


def test_the_list_of_first_steps_goes_away_when_all_are_done(client_as: Any, vos: SimpleNamespace) -> None:
    cast_of.process("vos")
    with write_transaction() as session:
        company = session.scalars(select(Company)).one()
        company.address, company.city = "Dorpsstraat 1", "Waterveen"
    from services.invoicing import press

    press.approve(vos.deps, cast_of.process("vos"), vos.order_id)
    assert steps() == dict.fromkeys(start.STEPS, True)
    page = client_as("owner").get(START).text
    assert "Eerste stappen" not in page
    assert "1 geplaatst" in page


def test_a_mechanic_sees_the_own_day_without_prices(client_as: Any, vos: SimpleNamespace) -> None:
    today_order(vos, "Ketel vervangen")
    today_order(vos, "Kraan van gisteren", days=-1)
    today_order(vos, "Badkamer morgen", days=1)
    today_order(vos, "Werk van een ander", worker_id=None)
    page = client_as("worker").get(START).text
    assert re.search("Ketel vervangen.*Nog af te maken.*Kraan van gisteren.*Badkamer morgen", page, re.S)
    assert "Werk van een ander" not in page
    assert "€" not in page


def test_a_login_without_a_worker_is_told_why_the_day_is_empty(client_as: Any, vos: SimpleNamespace) -> None:
    today_order(vos, "Werk van niemand", worker_id=None)
    cast_of.process("vos")
    with write_transaction() as session:
        for worker in session.scalars(select(Worker)):
            worker.person_id = None
    page = client_as("worker").get(START).text
    assert "Uw account hoort nog bij geen medewerker" in page
    assert "Werk van niemand" not in page


def test_the_fragment_is_the_same_alone_and_inside_the_page(client_as: Any) -> None:
    for who in ("planner", "worker"):
        client = client_as(who)
        fragment = client.htmx_get(START).text.strip()
        assert "<html" not in fragment
        assert fragment in client.get(START).text
