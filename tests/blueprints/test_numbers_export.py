"""The list of invoice numbers as a file."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from services.invoicing import press
from tests.support.cast import numbered
from tests.support.sandbox_process import Sandbox

EXPORT = "/t/vos/settings/numbers/export"


def test_every_number_is_in_the_file_with_its_state_and_no_cell_is_a_formula(
    client_as: Any, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "x"}])
    press.approve(vos.deps, vos.actor, vos.order_id)
    press.give_up(vos.actor, vos.order_id, "=1+1")
    answer = client_as("owner").get(EXPORT)
    assert answer.mimetype == "text/csv"
    assert f"{numbered(1, 'WB')};weer vrij;'=1+1;{numbered(1)};" in answer.text


def test_a_planner_may_not_download_it(client_as: Any) -> None:
    assert client_as("planner").get(EXPORT).status_code == 403
