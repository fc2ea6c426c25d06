"""Migrations, presses at once and every page on PostgreSQL, as a role that owns nothing."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import psycopg
import pytest
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from app import create_app
from models import NumberSeries, Relation, SearchWord
from models.search import change_rows
from services.catalogue import relations
from services.invoicing import numbers, press, recovery
from services.link import connection
from services.transaction import write_transaction
from settings import Settings, UnsafeSettings
from tenancy.database import db
from tests.isolation.test_neighbour import ids_of, tenant_rules, url
from tests.services.test_paging import whole_and_in_pages
from tests.support.cast import process
from tests.support.client import client_for
from tests.support.postgres import OWNER, PostgresServer
from tests.support.presses import at_once, press_at_once
from tests.support.sandbox_process import Sandbox


def until_somebody_waits(as_owner: psycopg.Connection) -> None:
    """Return when a transaction waits for the lock of another one."""
    until = time.monotonic() + 20
    while not as_owner.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0]:
        assert time.monotonic() < until, "nobody waits"
        time.sleep(0.02)


def test_the_migrations_lead_to_the_models_and_back(settings: Settings, owner_url: str) -> None:
    app = create_app(replace(settings, database_url=owner_url))
    with app.app_context():
        check()
        downgrade(revision="base")
        upgrade()
        check()
        db.engine.dispose()


def test_eight_presses_at_once_make_one_invoice(app: Flask, cast: SimpleNamespace, sandbox: Sandbox) -> None:
    assert press_at_once(app, cast.vos.order_id) == ["posted"] + ["refusal"] * 7
    assert len(sandbox.invoices("demo")) == 1


def test_two_first_invoice_numbers_of_a_year_at_the_same_moment_are_both_given(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no row yet that the second could wait for. SQLite lets only one write at a time."""
    both, look = threading.Barrier(2, timeout=20), numbers._locked_series

    def look_together(session: Session, kind: str, administration: int = 1) -> list[NumberSeries]:
        found = look(session, kind, administration)
        if not found and not both.broken:
            both.wait()
        return found

    def take() -> str:
        process("vos")
        with write_transaction() as session:
            return numbers.reserve_invoice_number(session, date(2031, 1, 1), 1)

    monkeypatch.setattr(numbers, "_locked_series", look_together)
    assert sorted(at_once(app, take, take)) == ["WB2031-0001", "WB2031-0002"]


def test_the_second_order_of_a_new_year_waits_for_the_first_and_follows_it(
    app: Flask, as_owner: psycopg.Connection
) -> None:
    """It waits for last year's row; the new year's is not in what it sees when the wait is over."""
    begun = threading.Event()

    def first() -> str:
        process("vos")
        with write_transaction() as session:
            number = numbers.next_order_number(session, date(2031, 1, 1))
            begun.set()
            until_somebody_waits(as_owner)
            return number

    def second() -> str:
        process("vos")
        assert begun.wait(20)
        with write_transaction() as session:
            return numbers.next_order_number(session, date(2031, 1, 1))

    assert at_once(app, first, second) == ["2031-0001", "2031-0002"]


def test_who_changes_the_credentials_waits_for_who_writes_an_answer_to_them(
    app: Flask, vos: SimpleNamespace, as_owner: psycopg.Connection
) -> None:
    held, order = threading.Event(), []

    def writes() -> None:
        process("vos")
        credentials = connection.active_credentials(vos.deps)
        assert credentials is not None
        with write_transaction() as session:
            connection.still(session, credentials)
            held.set()
            until_somebody_waits(as_owner)
            order.append("written")

    def changes() -> None:
        process("vos")
        assert held.wait(20)
        connection.switch_feature(vos.actor, False)
        order.append("changed")

    at_once(app, writes, changes)
    assert order == ["written", "changed"]


def test_a_sync_that_waited_for_who_renamed_its_customer_leaves_no_word_of_that_name(
    app: Flask, vos: SimpleNamespace, as_owner: psycopg.Connection
) -> None:
    held = threading.Event()

    def renames() -> None:
        process("vos")
        with write_transaction() as session:
            relations.locked(session, vos.relation_id).name = "Ångström"
            session.flush()
            held.set()
            until_somebody_waits(as_owner)

    def syncs() -> None:
        process("vos")
        assert held.wait(20)
        with write_transaction() as session:
            change_rows(session, Relation, [{"id": vos.relation_id, "name": "Smörgås"}])

    at_once(app, renames, syncs)
    process("vos")
    words = select(SearchWord.word).where(SearchWord.id == vos.relation_id)
    has = select(Relation.found_by).where(Relation.id == vos.relation_id)
    found = db.session.scalars(words).all()
    assert sorted(found) == sorted(db.session.scalars(has).one().split())
    assert ("smorgas" in found, "angstrom" in found) == (True, False)


def test_every_list_is_the_same_in_pages_as_it_is_whole(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_and_in_pages(vos, monkeypatch)


def test_a_lost_answer_is_adopted(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    assert pressed.state == "uncertain"
    assert recovery.check(vos.deps, vos.actor, pressed.posting_id) == "posted"
    assert len(sandbox.invoices("demo")) == 1


def test_every_page_answers(app: Flask, cast: SimpleNamespace) -> None:
    client = client_for(app, "owner")
    for rule in tenant_rules(app):
        if "GET" in (rule.methods or set()):
            address = url(app, rule, "vos", ids_of(cast.vos))
            assert client.get(address).status_code < 500, address


def test_production_refuses_a_role_that_sees_everything(settings: Settings, postgres_server: PostgresServer) -> None:
    superuser = postgres_server.url(str(make_url(settings.database_url).database), "postgres")
    create_app(replace(settings, env="production"))
    with pytest.raises(UnsafeSettings, match="superuser"):
        create_app(replace(settings, env="production", database_url=superuser))


def test_production_serves_as_no_role_that_could_switch_the_wall_off(
    settings: Settings, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = postgres_server.url(str(make_url(settings.database_url).database), OWNER)
    with pytest.raises(UnsafeSettings, match="owns no tables"):
        create_app(replace(settings, env="production", database_url=owner))
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")  # a command: the owner migrates and grants
    create_app(replace(settings, env="production", database_url=owner))
