"""A look back over lists that may have been cut off: nothing that was sent is missed, and it stops nobody."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from domain import posting as states
from services.invoicing import looking_back, press
from tenancy.clock import today
from tenancy.database import db
from tests.support.cast import numbered
from tests.support.older_copy import OlderCopy, approve, behind, billed, older_copy, orders, sent_and_forgotten, stands
from tests.support.reconciled import foreign_invoices
from tests.support.sandbox_process import Sandbox

__all__ = ["older_copy"]

BOTH = pytest.mark.parametrize("used_number", ["refuse", "let_through"])


def test_a_list_that_may_have_been_cut_off_is_read_in_halves_so_nothing_sent_is_missed(
    vos: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy
) -> None:
    sandbox.switches("demo", used_number="let_through", invoice_cap=100, list_order="shuffled")
    sent, _others = sent_and_forgotten(vos, older_copy, 8)
    on = today(db.session())
    only = {"Aantal": 1, "Omschrijving": "Onderhoud", "PrijsPerEenheid": 10, "BTWCode": "HOOG_VERK_21"}
    for n in range(300):  # by luck all eight of ours are among a hundred of these, once in ten thousand times
        of_others = {"Factuurnummer": f"X{n}", "Relatiecode": "1001", "Datum": str(on + timedelta(days=n % 26))}
        sandbox.add_invoice("demo", **of_others, Regels=[only | {"TegenrekeningCode": "8000"}])
    looking_back.expect_to_be_behind()

    assert approve(vos, sent[7]) == "order.step_too_late"

    assert [stands(order_id)[1] for order_id in sent] == [states.POSTED] * 8


@BOTH
def test_what_a_list_of_one_day_does_not_hold_is_found_by_its_number(
    vos: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy, used_number: str
) -> None:
    foreign_invoices(sandbox, [today(db.session())] * 100)
    sandbox.switches("demo", used_number=used_number, invoice_cap=100)
    sent, others = sent_and_forgotten(vos, older_copy)
    sandbox.remove_invoice("demo", numbered(2, "WB"))  # a number that nothing stands under hides none behind it
    looking_back.expect_to_be_behind()

    assert approve(vos, sent[2]) == "order.step_too_late"

    assert [stands(order_id)[1] for order_id in sent] == [states.POSTED, "", states.POSTED]
    assert approve(vos, others[0]) == states.POSTED
    ours = [name for name in billed(sandbox) if name.startswith("Werkbon")]
    assert len(ours) == len(set(ours)) == 3


def test_so_is_what_went_out_under_a_number_that_was_free(
    vos: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy
) -> None:
    foreign_invoices(sandbox, [today(db.session())] * 100)
    sandbox.switches("demo", used_number="let_through", invoice_cap=100)
    (refused,) = orders(vos, 1)
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse"}])
    assert approve(vos, refused) == states.REFUSED
    press.give_up(vos.actor, refused, "Toch niet")
    sent, _others = sent_and_forgotten(vos, older_copy, 1)
    looking_back.expect_to_be_behind()

    assert approve(vos, sent[0]) == "order.step_too_late"

    assert stands(sent[0])[1:] == (states.POSTED, numbered(1, "WB"))


def test_a_list_of_one_day_that_only_looks_cut_off_keeps_nobody_from_sending(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    foreign_invoices(sandbox, [today(db.session())] * 50)
    looking_back.expect_to_be_behind()
    assert approve(vos, vos.order_id) == states.POSTED


def test_where_one_look_does_not_find_all_by_number_the_next_goes_on_and_nothing_is_sent_before(
    vos: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking_back, "MOST", 2)
    foreign_invoices(sandbox, [today(db.session())] * 100)
    sandbox.switches("demo", used_number="let_through", invoice_cap=100)
    sent, _others = sent_and_forgotten(vos, older_copy, 5)
    looking_back.expect_to_be_behind()

    assert approve(vos, sent[4]) == "behind"
    assert [looking_back.look_again(vos.deps, vos.actor) for _ in range(2)] == [2, 1]

    assert not behind(vos)
    assert approve(vos, sent[4]) == "order.step_too_late"
    assert [stands(order_id)[1] for order_id in sent] == [states.POSTED] * 5
