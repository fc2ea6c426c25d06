"""An invoice that was not sent for its numbers: another next number is chosen where one reads so, and it goes out."""

from __future__ import annotations

import html
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from domain import posting as states
from domain.message import Refusal
from domain.numbering import written
from models import InvoiceNumber
from services.invoicing import next_number_chosen, numbers, older_copy, press
from services.link import connection
from services.transaction import write_transaction
from tenancy.clock import today
from tenancy.database import db
from tests.services.test_numbers_in_use import known, of_others
from tests.services.test_what_is_written import row
from tests.support.cast import process
from tests.support.client import HouseClient
from tests.support.sandbox_process import Sandbox

WHO_MAY = "Het volgend nummer kiest wie de instellingen mag wijzigen"
GO_ON = "Verder vanaf dit nummer"


def number(serial: int) -> str:
    """A number of our series of this year."""
    return written("WB", today(db.session()).year, serial)


@pytest.fixture
def bon(vos: SimpleNamespace, sandbox: Sandbox) -> str:
    """The page of an order whose invoice was not sent: 1 to 9 are in use there, and no list came."""
    of_others(vos, 9)
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "html_503", "skip": 1}])
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.NOT_SENT
    return f"/t/vos/work-orders/{vos.order_id}"


def test_the_field_shows_the_next_one_and_the_invoice_goes_out_under_what_is_chosen(
    vos: SimpleNamespace, bon: str, client_as: Callable[[str], HouseClient]
) -> None:
    client = client_as("owner")
    page = client.get(bon).text
    assert GO_ON in page
    assert 'name="next_number"' in page
    assert 'value="5"' in page
    piece = html.unescape(client.htmx_post(f"{bon}/number-from", data={"next_number": "12"}).text)
    assert f"Factuur {number(12)} staat klaar" in piece
    process("vos")
    assert row(vos).number == number(12)
    assert known(number(4)) == (states.VOID, "number.passed")
    assert db.session.scalars(select(InvoiceNumber.number).order_by(InvoiceNumber.serial.desc())).first() == number(12)


def test_it_works_without_javascript_too(
    vos: SimpleNamespace, bon: str, client_as: Callable[[str], HouseClient]
) -> None:
    client = client_as("owner")
    answer = client.post(f"{bon}/number-from", data={"next_number": "10"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{bon}#invoice")
    process("vos")
    assert row(vos).state == states.POSTED


@pytest.mark.parametrize("typed", ["", "tien", "0", "99999999", "3"])
def test_what_cannot_be_chosen_is_said_beside_the_field_and_what_was_typed_stays(
    vos: SimpleNamespace, bon: str, client_as: Callable[[str], HouseClient], typed: str
) -> None:
    answer = client_as("owner").htmx_post(f"{bon}/number-from", data={"next_number": typed})
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert f'value="{typed}"' in answer.text
    process("vos")
    assert (row(vos).state, row(vos).number) == (states.NOT_SENT, number(4))


def test_who_may_not_is_told_whom_to_ask(
    vos: SimpleNamespace, bon: str, client_as: Callable[[str], HouseClient]
) -> None:
    client = client_as("planner")
    page = client.get(bon).text
    assert (GO_ON in page, WHO_MAY in page) == (False, True)
    answer = client.htmx_post(f"{bon}/number-from", data={"next_number": "12"})
    assert answer.status_code == 422
    assert WHO_MAY in answer.text
    process("vos")
    assert row(vos).number == number(4)


def test_it_is_for_an_invoice_that_was_not_sent_for_its_numbers_only(vos: SimpleNamespace, bon: str) -> None:
    assert next_number_chosen.send_from(vos.deps, vos.actor, vos.order_id, 12).state == states.POSTED
    with pytest.raises(Refusal):
        next_number_chosen.send_from(vos.deps, vos.actor, vos.order_id, 20)
    assert row(vos).number == number(12)


def test_no_number_is_chosen_where_the_invoice_would_not_go(
    vos: SimpleNamespace, bon: str, client_as: Callable[[str], HouseClient]
) -> None:
    with write_transaction() as session:
        connection.locked(session).administration_number = 2
    page = client_as("owner").get(bon).text
    assert (number(4) in page, GO_ON in page) == (True, False)
    process("vos")
    with pytest.raises(Refusal):
        next_number_chosen.send_from(vos.deps, vos.actor, vos.order_id, 12)
    assert numbers.invoice_series(db.session(), today(db.session()).year, 1) == ("WB", 5)
    assert known(number(4))[0] == states.HELD


def test_no_number_is_taken_while_our_data_are_behind(vos: SimpleNamespace, bon: str) -> None:
    with write_transaction() as session:
        older_copy.note_behind(session, vos.actor, connection.locked(session))
    with pytest.raises(older_copy.Behind):
        next_number_chosen.send_from(vos.deps, vos.actor, vos.order_id, 12)
    assert row(vos).number == number(4)
