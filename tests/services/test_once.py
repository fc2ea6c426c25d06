"""A form is carried out once: what a second press finds, whoever comes first, and what takes it back."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from domain.message import Refusal
from models import FormDone, Person, WorkOrder, WorkOrderLine
from services import once, purging
from services.once import AlreadyDone, Form
from services.orders import work_orders
from services.orders.work_orders import OrderInput
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db
from tests.support.cast import EMAILS, make_order, process
from tests.support.client import HTMX
from tests.support.presses import at_once

NEW = "/t/vos/work-orders/"


@pytest.fixture(autouse=True)
def none_brought() -> Iterator[None]:
    """Whatever a test brings ends with it."""
    yield
    once.bring(None)


def form(**typed: str) -> dict[str, str]:
    """A new order as the page sends it, with the token of that page."""
    return {"title": "Nieuw", "version": "0", "once": secrets.token_urlsafe(16), **typed}


def orders(title: str = "Nieuw") -> int:
    """How many orders have this title."""
    process("vos")
    return db.session.scalar(select(func.count()).select_from(WorkOrder).where(WorkOrder.title == title)) or 0


def hours(order_id: UUID) -> int:
    """How many lines of an order are hours of a report."""
    process("vos")
    query = select(func.count()).where(WorkOrderLine.order_id == order_id, WorkOrderLine.description == "Arbeid")
    return db.session.scalar(query) or 0


def test_a_second_press_leads_to_the_order_that_the_first_one_made(client_as: Any) -> None:
    client, sent = client_as("planner"), form()
    first, second = (client.post(NEW, data=sent) for _n in range(2))
    assert first.status_code == second.status_code == 303
    assert second.location == first.location
    assert orders() == 1
    assert "Dit was al gelukt; het is niet nog eens gedaan." in client.get(second.location).text


def test_htmx_is_led_there_too(client_as: Any) -> None:
    client, sent = client_as("planner"), form()
    first = client.post(NEW, data=sent)
    assert client.post(NEW, data=sent, headers=HTMX).headers["HX-Redirect"] == first.location


def test_another_page_of_the_same_form_makes_another_order_and_one_without_a_token_is_served(client_as: Any) -> None:
    client = client_as("planner")
    for sent in (form(), form(), {"title": "Nieuw"}, {"title": "Nieuw"}, form(once="te kort")):
        assert client.post(NEW, data=sent).status_code == 303
    assert orders() == 5


def test_a_mechanic_on_a_slow_line_books_his_hours_once_and_is_done(client_as: Any, vos: SimpleNamespace) -> None:
    order_id = make_order(vos.actor, vos.relation_id, "draft", worker_id=vos.worker_id, planned_on=date(2026, 11, 18))
    client, bon = client_as("worker"), f"/t/vos/work-orders/{order_id}"
    sent = form(work_done="Klaar", hours="2,5", finish="1")
    before = hours(order_id)
    for _n in range(2):
        answer = client.post(f"{bon}/report", data=sent)
        assert (answer.status_code, answer.location) == (303, bon)
    assert hours(order_id) == before + 1
    assert "uitgevoerd" in client.get(bon).text.lower()


def test_what_was_typed_after_the_first_press_is_shown_again_and_kept_by_another_press(client_as: Any) -> None:
    client, sent = client_as("planner"), form()
    client.post(NEW, data=sent)
    changed = client.post(NEW, data=sent | {"title": "Iets anders", "lines-0-description": "Een hele regel"})
    assert changed.status_code == 422
    assert "hebt u al verstuurd" in changed.text
    assert 'value="Iets anders"' in changed.text
    assert "Een hele regel" in changed.text
    assert orders("Iets anders") == 0
    token = changed.text.rpartition('name="once" value="')[2].partition('"')[0]
    assert token != sent["once"]
    assert client.post(NEW, data={"title": "Iets anders", "once": token}).status_code == 303
    assert (orders(), orders("Iets anders")) == (1, 1)


def test_a_button_without_fields_to_show_again_says_that_the_second_was_not_done(
    client_as: Any, vos: SimpleNamespace
) -> None:
    client, token = client_as("planner"), secrets.token_urlsafe(16)
    address = f"/t/vos/work-orders/{vos.order_id}/move/resume"
    client.post(address, data={"once": token})
    second = client.post(address, data={"once": token, "also": "this"})
    assert second.status_code == 303
    assert "is niet gebeurd: doe dat hier opnieuw" in client.get(second.location).text


def test_what_was_typed_after_the_first_press_about_what_is_gone_since_is_not_found(client_as: Any) -> None:
    client = client_as("owner")
    found = db.session.scalars(select(Person.id).where(Person.email == EMAILS["worker"])).one()
    member = f"/t/vos/settings/team/{found}"
    sent = {"role": "reader", "once": secrets.token_urlsafe(16)}
    assert client.post(member, data=sent).status_code == 303
    assert client.post(f"{member}/remove").status_code == 303
    assert client.post(member, data=sent | {"role": "planner"}).status_code == 404


def test_a_refusal_leaves_the_form_to_be_sent_again(client_as: Any) -> None:
    client, sent = client_as("planner"), form(relation_id="01900000-0000-7000-8000-000000000000")
    assert client.post(NEW, data=sent).status_code == 422
    assert client.post(NEW, data=sent | {"relation_id": ""}).status_code == 303
    assert orders() == 1


def test_somebody_else_with_the_same_token_is_led_there_and_stopped_at_its_door(client_as: Any) -> None:
    sent = form()
    first = client_as("planner").post(NEW, data=sent)
    assert client_as("worker").post(NEW, data=sent).status_code == 403
    assert client_as("neighbour").post(NEW, data=sent).status_code == 404
    assert client_as("worker").get(first.location).status_code == 404


def test_whose_session_ended_meanwhile_is_led_to_what_was_done(client_as: Any) -> None:
    client, sent = client_as("planner"), form()
    client.post(NEW, data=sent)
    client.csrf = ""
    led = client.post(NEW, data=sent)
    assert led.status_code == 303
    assert client.post(NEW, data=form()).status_code == 400


def test_at_the_same_moment_one_of_both_is_carried_out(app: Flask, vos: SimpleNamespace) -> None:
    """Both stand in front of their first write when they go on."""
    barrier, sent = threading.Barrier(2), Form("k" * 64, "t" * 64, "work_order")

    def press() -> UUID | None:
        actor = process("vos")
        once.bring(sent)
        barrier.wait()
        try:
            return work_orders.create(actor, OrderInput("Nieuw"))
        except AlreadyDone as done:
            return done.made_id if done.same else None

    made = at_once(app, press, press)
    assert made[0] is not None
    assert made == [made[0]] * 2
    assert orders() == 1


def test_what_is_rolled_back_was_not_carried_out(vos: SimpleNamespace) -> None:
    sent = Form("k" * 64, "t" * 64)
    once.bring(sent)
    with pytest.raises(Refusal), write_transaction():
        raise Refusal.__new__(Refusal)
    assert once.already_done(sent) is None
    with write_transaction():
        pass
    with write_transaction():
        pass  # the second of the same request: it is the same form
    assert once.already_done(sent) is not None


def test_what_is_written_on_the_side_carries_nothing_out(vos: SimpleNamespace) -> None:
    sent = Form("k" * 64, "t" * 64)
    once.bring(sent)
    with write_transaction(apart=True):
        pass
    assert once.already_done(sent) is None


def test_nothing_of_what_was_typed_can_be_read_or_guessed_from_the_row(client_as: Any) -> None:
    client = client_as("planner")
    for _n in range(2):
        client.post(NEW, data=form())
    rows = db.session.execute(select(FormDone.key, FormDone.typed)).all()
    assert len({row.key for row in rows}) == len({row.typed for row in rows}) == 2, "the same words, hashed alike"


def test_after_seven_days_it_is_thrown_away(vos: SimpleNamespace) -> None:
    with write_transaction() as session:
        now = database_now(session)
        for name, age in (("old", timedelta(days=7, minutes=1)), ("new", timedelta(days=6))):
            session.add(FormDone(key=name, typed="", created_at=now - age))
    purging.tidy_forms()
    assert db.session.scalars(select(FormDone.key)).all() == ["new"]
