"""At a limit of the bookkeeping the strook says that nothing is wrong, and from when it works again."""

from __future__ import annotations

import html
from collections.abc import Callable
from types import SimpleNamespace

from services.link import connection
from tenancy.clock import AMSTERDAM
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
