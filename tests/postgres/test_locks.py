"""What one statement that locks rows of two tables locks first; SQLite has one write lock and nothing to see."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from domain.meanwhile import Changed, Opened
from models import Article, Connection, WorkOrder
from services.catalogue import articles
from services.invoicing import claims
from services.transaction import write_transaction
from tenancy.database import Base
from tests.postgres.test_on_postgres import until_somebody_waits
from tests.support.cast import process
from tests.support.presses import at_once


@pytest.mark.parametrize(("first", "other", "is_free"), [(Connection, WorkOrder, True), (WorkOrder, Connection, False)])
def test_a_press_that_waits_for_the_link_holds_no_order_and_one_that_waits_for_an_order_holds_the_link(
    app: Flask, vos: SimpleNamespace, as_owner: psycopg.Connection, first: type[Base], other: type[Base], is_free: bool
) -> None:
    held, looked = threading.Event(), []

    def holds() -> None:
        process("vos")
        with write_transaction() as session:
            session.scalars(select(first).with_for_update()).all()
            held.set()
            until_somebody_waits(as_owner)
            as_owner.execute("SELECT set_config('app.tenant_id', %s, true)", [str(vos.tenant_id)])
            try:
                as_owner.execute(f"SELECT 1 FROM {other.__tablename__} FOR UPDATE NOWAIT")
                looked.append(True)
            except psycopg.errors.LockNotAvailable:
                looked.append(False)
            as_owner.rollback()

    def presses() -> None:
        process("vos")
        assert held.wait(20)
        with write_transaction() as session:
            link, orders = claims.lock_with_the_link(session, vos.order_id)
            assert (link.tenant_id, list(orders)) == (vos.tenant_id, [vos.order_id])

    at_once(app, holds, presses)
    assert looked == [is_free]


def test_what_another_commits_while_a_form_waits_for_the_row_is_not_overwritten(
    app: Flask, vos: SimpleNamespace, as_owner: psycopg.Connection
) -> None:
    process("vos")
    article = articles.get(vos.article_id)
    assert article is not None
    shown, held, refused = articles.stands(article), threading.Event(), []

    def owner() -> None:
        process("vos")
        with write_transaction() as session:
            row = session.scalars(select(Article).where(Article.id == vos.article_id).with_for_update()).one()
            held.set()
            until_somebody_waits(as_owner)
            row.price = Decimal(99)

    def planner() -> None:
        actor = process("vos")
        assert held.wait(20)
        try:
            articles.edit(actor, vos.article_id, replace(shown, price=Decimal(20)), Opened.on(shown))
        except Changed as changed:
            refused.append(dict(changed.stands))

    at_once(app, owner, planner)
    assert refused == [{"price": Decimal(99)}]
    process("vos")
    after = articles.get(vos.article_id)
    assert after is not None
    assert after.price == Decimal(99)
