"""The list of invoice numbers as a file."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from flask import Flask

from blueprints import _csv
from services.invoicing import issued_numbers, press
from tenancy.database import db
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


def test_a_large_file_leaves_as_it_is_made_and_is_the_same_one(
    client_as: Any, vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    client = client_as("owner")
    small = client.get(EXPORT)
    assert small.content_length == len(small.data)
    monkeypatch.setattr(_csv, "_AT_ONCE", 1)
    large = client.get(EXPORT)
    assert large.content_length is None
    assert large.data == small.data
    assert large.text.startswith("\ufeffNummer;Stand;")


def test_nothing_is_read_before_it_can_leave(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []

    def rows() -> Iterator[tuple[int]]:
        for n in range(1000):
            taken.append(n)
            yield (n,)

    monkeypatch.setattr(_csv, "_AT_ONCE", 100)
    with app.test_request_context():
        answer = _csv.as_file("lijst.csv", ("Nummer",), rows())
        assert len(taken) < 100
        assert len(b"".join(answer.iter_encoded()).splitlines()) == 1001


def test_no_transaction_is_open_while_the_lines_are_taken(vos: SimpleNamespace) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    for _line in issued_numbers.all_():
        assert not db.session().in_transaction()


def test_what_goes_wrong_behind_the_first_piece_breaks_it_off(
    client_as: Any, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def halfway(_rows: Any = ()) -> Iterator[tuple[str, ...]]:
        yield from (("a" * 50,) for _n in range(9))
        raise RuntimeError("halfway")

    monkeypatch.setattr(_csv, "_AT_ONCE", 100)
    with app.test_request_context():
        answer = _csv.as_file("lijst.csv", ("Naam",), halfway())
        with pytest.raises(RuntimeError, match="halfway"):
            b"".join(answer.iter_encoded())


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
