"""What keeps an invoice back that is not about the invoice: the strook says so, and from when or how it goes on."""

from __future__ import annotations

import html
from collections.abc import Callable
from types import SimpleNamespace

from blueprints._words import written_day
from domain.numbering import written
from services.invoicing import posting
from services.link import connection
from tenancy.clock import AMSTERDAM, today
from tenancy.database import db
from tests.support.books import put_a_foreign_invoice
from tests.support.cast import process
from tests.support.client import HouseClient
from tests.support.sandbox_process import Sandbox


def test_a_days_limit_is_nothing_to_mend_and_says_from_when_it_works_again(
    client_as: Callable[[str], HouseClient], sandbox: Sandbox, vos: SimpleNamespace
) -> None:
    said = {"code": "E003.3", "text": "Soap call limit hit (10.000 / day)"}
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", **said}])
    bon = f"/t/vos/work-orders/{vos.order_id}"
    client = client_as("planner")
    piece = html.unescape(client.htmx_post(f"{bon}/approve").text)
    for text in (
        "Er is niets verstuurd",
        "neemt vandaag geen opdrachten meer aan",
        "U hoeft niets te verbeteren",
        "neemt weer facturen aan vanaf",
        "Code E003.3",
    ):
        assert text in piece, text
    process("vos")
    until = connection.paused_until()
    assert until is not None
    assert f"{until.astimezone(AMSTERDAM):%H:%M}" in piece
    assert "Verbeter" not in piece
    assert "staat klaar" in client.htmx_post(f"{bon}/send").text, "somebody may try all the same"


def test_numbers_that_are_all_taken_are_called_that_and_not_a_line_that_is_down(
    client_as: Callable[[str], HouseClient], vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    on = today(db.session())
    numbers = [written("WB", on.year, serial) for serial in range(1, posting.MAX_NUMBERS_TRIED + 1)]
    for number in numbers:
        put_a_foreign_invoice(vos, number)
    client = client_as("owner")
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "html_503", "skip": 1}])  # the list
    piece = html.unescape(client.htmx_post(f"/t/vos/work-orders/{vos.order_id}/approve").text)
    for text in (
        "Er staat niets in e-Boekhouden",
        "weigerde hem elke keer meteen",
        "Onder die nummers staan daar al andere facturen",
        "Factuurinstellingen openen",
        "3 keer verstuurd",
        *(f"{number} (een factuur van {written_day(on)} aan relatie 1001)" for number in numbers),
        "Het overzicht van daar kwam niet of kan afgekapt zijn",
    ):
        assert text in piece, text
    for untrue in ("heeft Crafter niet verlaten", "Er is niets verstuurd", "niet op tijd bereikbaar"):
        assert untrue not in piece, untrue
    assert "staat klaar" in client.htmx_post(f"/t/vos/work-orders/{vos.order_id}/send").text
