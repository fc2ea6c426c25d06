"""A login that is gone while somebody types, and a bon that goes to somebody else: what was typed is there again."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from models import Worker, WorkOrder
from services.orders import work_orders
from services.support import access
from services.transaction import write_transaction
from tenancy.clock import today
from tenancy.database import db
from tests.blueprints.test_every_form_fresh import long_ago
from tests.blueprints.test_support_acting import ACT
from tests.blueprints.test_to_copy import run_out
from tests.browser.conftest import log_in, too_wide
from tests.support.cast import EMAILS, PASSWORD, make_order, process

TEXT = "Ketel ontlucht en bijgevuld.\nKraan in de kelder lekt."


@pytest.fixture
def order_id(site: SimpleNamespace, cast: SimpleNamespace) -> UUID:
    """A bon of the mechanic, for today."""
    with site.app.app_context():
        actor = process("vos")
        return make_order(actor, cast.vos.relation_id, "planned", title="Ketel boven", executed_on=None, yes=(),
                          worker_id=cast.vos.worker_id, planned_on=today(db.session()))  # fmt: skip


def report(page: Page, site: SimpleNamespace, order_id: UUID) -> None:
    """Fill in the mechanic's report, and do not send it yet."""
    log_in(page, site, "worker")
    page.goto(f"{site.url}/t/vos/work-orders/{order_id}/report", wait_until="load")
    page.locator("[name=work_done]").fill(TEXT)
    page.locator("[name=hours]").fill("2,5")
    page.locator("[name=lines-0-description]").fill("Kraan")
    page.locator("[name=lines-0-quantity]").fill("3")


def kept(site: SimpleNamespace, order_id: UUID) -> str:
    """The report as it is on the bon."""
    with site.app.app_context():
        process("vos")
        found = db.session.get(WorkOrder, (1, order_id))
        return found.work_done if found else ""


@pytest.mark.parametrize("javascript", [True, False])
def test_a_report_whose_login_is_gone_stands_there_again_and_is_sent_with_one_press(
    site: SimpleNamespace, open_page: Callable[..., Page], order_id: UUID, javascript: bool
) -> None:
    page = open_page(360, javascript=javascript)
    report(page, site, order_id)
    page.context.clear_cookies()
    page.get_by_role("button", name="Bewaren, nog niet klaar").click()
    expect(page.locator("body")).to_contain_text("wat u invulde staat daarna weer klaar")
    assert too_wide(page) == 0
    page.locator("input[name=email]").first.fill(EMAILS["worker"])
    page.locator("input[name=password]").first.fill(PASSWORD)
    page.get_by_role("button", name="Inloggen", exact=True).click()
    expect(page.locator("[name=work_done]")).to_have_value(TEXT)
    expect(page.locator("[name=hours]")).to_have_value("2,5")
    expect(page.locator("[name=lines-0-description]")).to_have_value("Kraan")
    expect(page.locator("[name=lines-0-quantity]")).to_have_value("3")
    expect(page.locator("body")).to_contain_text("U was intussen uitgelogd")
    assert too_wide(page) == 0
    assert kept(site, order_id) == ""
    page.get_by_role("button", name="Bewaren, nog niet klaar").click()
    expect(page.locator("h1")).to_contain_text("Ketel boven")
    assert kept(site, order_id).replace("\r", "") == TEXT


def test_a_bon_that_was_given_away_gives_its_text_back(
    site: SimpleNamespace, open_page: Callable[..., Page], order_id: UUID
) -> None:
    page = open_page(360)
    report(page, site, order_id)
    with site.app.app_context():
        process("vos")
        with write_transaction() as session:
            session.add(colleague := Worker(name="Anja Zwart"))
            session.flush()
            colleague_id = colleague.id
        actor = process("vos")
        work_orders.plan(actor, order_id, today(db.session()), colleague_id, None, None)
    page.get_by_role("button", name="Bewaren, nog niet klaar").click()
    expect(page.locator("body")).to_contain_text("Hij staat nu bij Anja Zwart.")
    assert TEXT in page.get_by_label("Wat u invulde").input_value()
    assert too_wide(page) == 0


def test_a_bon_that_was_cancelled_gives_its_text_back(
    site: SimpleNamespace, open_page: Callable[..., Page], order_id: UUID
) -> None:
    page = open_page(360)
    report(page, site, order_id)
    with site.app.app_context():
        work_orders.move(process("vos"), order_id, "cancel")
    page.get_by_role("button", name="Bewaren, nog niet klaar").click()
    expect(page.locator("body")).to_contain_text("Deze werkbon is geannuleerd")
    assert TEXT in page.get_by_label("Wat u invulde").input_value()
    expect(page.locator("[name=work_done]")).to_have_value(TEXT)
    assert too_wide(page) == 0
    picture(page, "cancelled")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_form_that_had_to_wait_for_the_password_stands_there_and_is_sent_with_one_press(
    site: SimpleNamespace, cast: SimpleNamespace, open_page: Callable[..., Page], javascript: bool
) -> None:
    page = open_page(360, javascript=javascript)
    log_in(page, site, "owner")
    page.goto(f"{site.url}/t/vos/settings/team/invite", wait_until="load")
    page.locator("[name=email]").fill("nina@vos.example")
    page.locator("[name=role]").select_option("planner")
    with site.app.app_context():
        long_ago()
    page.get_by_role("button", name="Uitnodigen").click()
    page.wait_for_url("**/account/confirm?**")
    expect(page.locator("body")).to_contain_text("wat u invulde staat daarna weer klaar")
    picture(page, f"confirm-{javascript}")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Bevestigen").click()
    expect(page.locator("[name=email]")).to_have_value("nina@vos.example")
    expect(page.locator("[name=role]")).to_have_value("planner")
    expect(page.locator("body")).to_contain_text("We vroegen eerst uw wachtwoord")
    assert too_wide(page) == 0
    picture(page, f"confirmed-{javascript}")
    page.get_by_role("button", name="Uitnodigen").click()
    page.wait_for_url("**/settings/team")
    expect(page.locator("main")).to_contain_text("nina@vos.example")


@pytest.mark.parametrize("javascript", [True, False])
def test_support_whose_visit_ended_copies_what_was_typed(
    site: SimpleNamespace, cast: SimpleNamespace, open_page: Callable[..., Page], javascript: bool
) -> None:
    with site.app.app_context():
        access.save(process("vos"), True, access.last_day_allowed())
    page = open_page(360, javascript=javascript)
    log_in(page, site, "support", "**/support/**")
    token = page.locator("[name=csrf_token]").first.input_value()
    page.request.post(f"{site.url}/support/vos/step-in", form={**ACT, "csrf_token": token},
                      headers={"Referer": f"{site.url}/support/"})  # fmt: skip
    page.goto(f"{site.url}/t/vos/relations/new", wait_until="load")
    page.locator("[name=name]").fill("Bakkerij Klaver")
    with site.app.app_context():
        run_out(None)
    page.get_by_role("button", name="Opslaan").last.click()
    expect(page.get_by_label("Dit is niet bewaard; dit had u getypt")).to_have_value(re.compile("Bakkerij Klaver"))
    assert too_wide(page) == 0
    picture(page, f"visit-{javascript}")


def picture(page: Page, name: str) -> None:
    """To be looked at, where PICTURES names a folder."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"lost-{name}.png", full_page=True)
