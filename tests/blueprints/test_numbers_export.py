"""The list of invoice numbers as a file."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from flask import Flask

from blueprints import _csv
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
    assert f"{numbered(1, 'WB')};weer vrij;'=1+1;{vos.order_number};" in answer.text


def test_a_file_that_does_not_fit_in_memory_is_as_whole_and_says_how_long_it_is(
    client_as: Any, vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    client = client_as("owner")
    small = client.get(EXPORT)
    monkeypatch.setattr(_csv, "_IN_MEMORY", 1)
    large = client.get(EXPORT)
    assert large.data == small.data
    assert large.content_length == len(large.data)
    assert large.text.startswith("\ufeffNummer;Stand;")


def test_what_goes_wrong_halfway_is_an_error_page_and_never_half_a_file(client_as: Any, app: Flask) -> None:
    def halfway() -> Iterator[object]:
        yield from ()
        raise RuntimeError("halfway")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    with mock.patch("services.invoicing.issued_numbers.all_", halfway):
        answer = client_as("owner").get(EXPORT)
    assert (answer.status_code, answer.mimetype) == (500, "text/html")


def test_a_planner_may_not_download_it(client_as: Any) -> None:
    assert client_as("planner").get(EXPORT).status_code == 403
