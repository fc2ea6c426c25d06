"""A rolling upgrade: while it lasts, the code of before works on the schema of after.

Each migration after 0011 names in RUNS_BESIDE the commit whose code has to work on it. 0011 itself gives tables another
shape (a contract step without the expand step before it), and 0018, which comes with it, the index of words: an upgrade
to those stops portal and worker.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from alembic.script import ScriptDirectory
from flask import Flask

from services.company import tenants
from settings import Settings
from tests.cluster.house import Process, answers, free_port
from tests.support.cast import make_order, process
from tests.support.old_code import ROOT, Day, checked_out
from tests.support.waiting import until

FIRST_SHAPE = "0011"  # from the next one on, every migration goes under running code
EXPAND = (
    "ALTER TABLE work_order ADD COLUMN later text",
    "ALTER TABLE work_order_line ADD COLUMN later numeric(12, 2) NOT NULL DEFAULT 0",
    "CREATE TABLE later (tenant_id bigint, id uuid, PRIMARY KEY (tenant_id, id))",
)
CONTRACT = ("ALTER TABLE work_order RENAME COLUMN title TO heading",)


def beside() -> dict[str, str | None]:
    """The commit that each migration after the first shape names, by its revision."""
    steps = ScriptDirectory(str(ROOT / "migrations")).walk_revisions()
    return {step.revision: getattr(step.module, "RUNS_BESIDE", None) for step in steps if step.revision > FIRST_SHAPE}


@contextmanager
def portal(tree: Path, settings: Settings) -> Iterator[str]:
    """The portal of a tree on a database; its address."""
    address = f"127.0.0.1:{free_port()}"
    environment = {
        "CRAFTER_ENV": "trial" if (tree / "modes.py").exists() else "demo",  # a demo was not bound to SQLite before
        "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key,
        "CREDENTIALS_KEY": f"v1:{settings.credentials_keys['v1'].hex()}", "EBOEKHOUDEN_URL": settings.eboekhouden_url,
        "DATA": str(settings.data / "old"), "WEB_CONCURRENCY": "1", "QUEUE_URL": settings.queue_url,
    }  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "--log-level", "critical", "--bind", address, "app:create_app()"]
    running = Process(command, environment, settings.data / "portal.log", tree)
    running.start()
    try:
        until(lambda: answers(f"http://{address}/healthz"), seconds=90)
        yield f"http://{address}"
    finally:
        running.kill()


def change(as_owner: psycopg.Connection, statements: tuple[str, ...]) -> None:
    """Change the schema, as a migration would."""
    for statement in statements:
        as_owner.execute(statement)
    as_owner.commit()


def test_every_migration_from_here_on_names_the_code_that_runs_beside_it() -> None:
    wrong = [one for one, commit in beside().items() if not re.fullmatch(r"[0-9a-f]{7,40}", commit or "")]
    assert wrong == [], "name the commit before it: RUNS_BESIDE = '…' (CONTRIBUTING, How to add a migration)"


@pytest.mark.parametrize("commit", sorted({commit for commit in beside().values() if commit}))
def test_the_code_that_a_migration_names_works_on_the_present_schema(
    app: Flask, settings: Settings, cast: SimpleNamespace, commit: str
) -> None:
    order_id = make_order(process("vos"), cast.vos.relation_id)
    tenants.leave()
    with checked_out(commit) as tree, portal(tree, settings) as url:
        day = Day(url, "vos")
        assert (day.work(order_id), day.failed) == ("posted", [])


def test_code_works_on_a_schema_that_was_expanded_under_it(
    settings: Settings, cast: SimpleNamespace, as_owner: psycopg.Connection
) -> None:
    with portal(ROOT, settings) as url:
        change(as_owner, EXPAND)
        day = Day(url, "vos")
        assert (day.work(cast.vos.order_id), day.failed) == ("posted", [])


def test_a_contract_step_that_comes_too_early_is_noticed(
    settings: Settings, cast: SimpleNamespace, as_owner: psycopg.Connection
) -> None:
    with portal(ROOT, settings) as url:
        change(as_owner, CONTRACT)
        day = Day(url, "vos")
        assert day.work(cast.vos.order_id) != "posted"
        assert any(one.endswith(": 500") for one in day.failed)


def test_the_code_of_a_commit_is_at_hand_and_a_missing_one_is_a_failure() -> None:
    with checked_out("HEAD") as tree:
        assert (tree / "app.py").read_text().startswith('"""create_app')
    assert not tree.exists()
    with pytest.raises(pytest.fail.Exception, match="with its history"), checked_out("0" * 40):
        pass
