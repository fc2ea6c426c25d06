"""A release that was killed halfway is finished by this one, with the bytes that were frozen then."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask_migrate import upgrade
from sqlalchemy import text

from app import create_app
from services.company import tenants
from tenancy.database import db
from tests.conftest import settings_for
from tests.support.old_release import finish, old_release
from tests.support.recorder import recording
from tests.support.sandbox_process import Sandbox

# every code that rows held in the bookkeeping's words, and what it became
pytestmark = pytest.mark.slow
NAMES = {
    "HOOG_VERK_21": "high", "LAAG_VERK_9": "low", "GEEN": "none", "VERL_VERK": "reverse_high",
    "VERL_VERK_L9": "reverse_low", "BU_EU_VERK": "export", "BI_EU_VERK": "eu_goods", "BI_EU_VERK_D": "eu_services",
    "AFST_VERK": "eu_distance", "VW": "profit_and_loss", "BAL": "balance", "FIN": "money", "DEB": "receivable",
    "CRED": "payable", "AF19": "vat", "AF6": "vat", "VOOR": "vat", "BTWRC": "vat",
}  # fmt: skip


@pytest.mark.parametrize("arrived", [False, True], ids=["lost", "arrived"])
def test_what_a_killed_release_left_is_finished_with_its_own_bytes(
    tmp_path: Path, sandbox: Sandbox, arrived: bool
) -> None:
    old = old_release("0.2")
    with recording(sandbox.soap_url) as recorder:
        app = create_app(settings_for(tmp_path, recorder.url))
        with app.app_context():
            upgrade(revision=old.revision)
            with db.engine.begin() as connection:
                old.load(connection)
            upgrade()
            finish(app.extensions["crafter"], old, sandbox, recorder, arrived)
            tenants.leave()
            db.engine.dispose()
        app.extensions["crafter"].bookkeeping.close()


def test_rows_get_our_words_and_the_trail_keeps_its_own(tmp_path: Path) -> None:
    old = old_release("0.2")
    app = create_app(settings_for(tmp_path, "http://127.0.0.1:9/soap.asmx"))
    with app.app_context():
        upgrade(revision=old.revision)
        with db.engine.begin() as connection:
            old.load(connection)
            trail = connection.execute(text("SELECT * FROM audit_entry ORDER BY id")).all()
        upgrade()
        with db.engine.connect() as connection:
            for table, column in (
                ("work_order_line", "vat_code"), ("article", "vat_code"), ("line_default", "vat_code"),
                ("ledger_account", "category"),
            ):  # fmt: skip
                found = set(connection.execute(text(f"SELECT id, {column} FROM {table}")).all())
                was = old.rows(table, "id", column)
                assert found == {(key, NAMES.get(code, code)) for key, code in was}
                assert {code for _, code in was} - {"", "HOOG_INK_21"} <= set(NAMES)
            assert connection.execute(text("SELECT * FROM audit_entry ORDER BY id")).all() == trail
        db.engine.dispose()
    assert {code for _, code in old.rows("work_order_line", "id", "vat_code")} >= set(NAMES) - {
        "VW", "BAL", "FIN", "DEB", "CRED", "AF19", "AF6", "VOOR", "BTWRC",
    }, "each code is in a line of that release"  # fmt: skip
