"""A PostgreSQL that is stopped under people at work: what tests/blueprints/test_database_away.py says of SQLite."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask

from tests.blueprints import test_database_away as on_sqlite
from tests.blueprints.test_database_away import Trouble, trouble
from tests.support.client import HTMX
from tests.support.sandbox_process import Sandbox

__all__ = ["trouble"]


def test_a_press_in_whose_middle_it_is_stopped_says_that_the_invoice_may_be_there(
    app: Flask, vos: SimpleNamespace, trouble: Trouble, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_sqlite.test_a_press_in_whose_middle_the_database_fails_says_that_the_invoice_may_be_there(
        app, vos, trouble, sandbox, monkeypatch, "away", HTMX
    )


def test_pages_and_readyz_say_so(app: Flask, trouble: Trouble) -> None:
    on_sqlite.test_every_page_says_that_the_database_is_away(app, trouble, "/t/vos/work-orders/")
    on_sqlite.test_readyz_says_which_part_is_missing_also_to_who_is_logged_in(app, trouble)
