"""The number of a row rises with each change, whoever writes it, and stays when nothing changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import select, update

from domain.administration import FIRST
from domain.message import Refusal
from domain.money import MOST
from domain.relation import RelationDetails
from gateways.bookkeeping import RemoteRelation
from models import Relation, WorkOrder
from services.catalogue import relations
from services.link.merging import merge
from services.orders import work_orders
from services.orders.work_orders import OrderInput
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.cast import line


def version(relation_id: UUID) -> int:
    return db.session.scalars(select(Relation.row_version).where(Relation.id == relation_id)).one()


def test_a_version_rises_with_each_change_and_with_nothing_else(vos: SimpleNamespace) -> None:
    key = relations.create(vos.actor, RelationDetails("Kok"))
    assert version(key) == 1
    relations.edit(vos.actor, key, RelationDetails("Kok", city="Ede"))
    assert version(key) == 2
    relations.edit(vos.actor, key, RelationDetails("Kok", city="Ede"))
    assert version(key) == 2, "saved as it was"
    with write_transaction() as session:
        session.execute(update(Relation).where(Relation.id == key).values(notes="door een opdracht"))
    assert version(key) == 3


def test_a_sync_raises_it_too(vos: SimpleNamespace) -> None:
    for name, wanted in (("Kok", 1), ("Kok", 1), ("Kok Beheer", 2)):
        with write_transaction() as session:
            merge(session, relations.KIND, RemoteRelation(remote_id=990, name=name), datetime.now(UTC), FIRST)
        (key,) = db.session.scalars(select(Relation.id).where(Relation.remote_id == 990))
        assert version(key) == wanted


def test_a_total_that_fits_is_kept_to_the_cent_and_a_larger_one_is_refused(vos: SimpleNamespace) -> None:
    most = replace(line(), quantity=Decimal(1), price=Decimal("99999999.99"))
    lines = (replace(most, quantity=Decimal(100)),)
    key = work_orders.create(vos.actor, OrderInput(title="Brug", relation_id=vos.relation_id, lines=lines))
    db.session.expire_all()
    total = db.session.scalars(select(WorkOrder.total_excl).where(WorkOrder.id == key)).one()
    assert total == Decimal("9999999999.00") <= MOST
    with pytest.raises(Refusal, match="te groot"):
        work_orders.create(vos.actor, OrderInput(title="Brug", lines=(replace(most, quantity=Decimal(99999999)),)))
