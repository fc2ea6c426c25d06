"""Everything that is listed by name stands in one order, on both databases, however its row was written."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, select
from uuid_utils.compat import uuid7

from domain.administration import FIRST
from domain.fold import sort_key
from domain.relation import RelationDetails
from gateways.bookkeeping import RemoteRelation
from models import Article, Location, Relation, Worker
from services.catalogue import articles, relations
from services.company import workers
from services.link.merging import merge
from services.orders import choices
from services.transaction import write_transaction
from tenancy.database import db
from tests.domain.test_fold import NAMES
from tests.services.test_paging import walk


@pytest.fixture
def named(vos: SimpleNamespace) -> SimpleNamespace:
    """Vos with sixty relations, articles, workers and work sites of those names, written in any order."""
    mixed = NAMES.copy()
    random.Random(11).shuffle(mixed)
    with write_transaction() as session:
        for name in mixed:
            session.add_all([Relation(name=name), Article(description=name), Worker(name=name)])
            session.add(Location(relation_id=vos.relation_id, name=name, address="Kade 1"))
    return vos


def ours(names: list[str]) -> list[str]:
    return [name for name in names if name in NAMES]


def test_relations_articles_workers_and_work_sites_are_listed_in_that_order(named: SimpleNamespace) -> None:
    assert ours([row.name for row in walk(lambda after: relations.list_(after=after))]) == NAMES
    assert ours([row.description for row in walk(lambda after: articles.list_(after=after))]) == NAMES
    assert ours([worker.name for worker, _mail in workers.list_(named.actor)]) == NAMES
    site = relations.get(named.relation_id)
    assert site is not None
    assert ours([row.name for row in site.locations]) == NAMES
    for found in (choices.workers(), choices.locations(named.relation_id)):
        assert ours([hit.names[0] if hit.names else hit.label for hit in found.hits])[:9] == NAMES[:9]


def test_who_is_called_otherwise_goes_to_another_place(vos: SimpleNamespace) -> None:
    key = relations.create(vos.actor, RelationDetails("Zoë"))
    relations.edit(vos.actor, key, RelationDetails("Émile"))
    assert db.session.scalar(select(Relation.sort_name).where(Relation.id == key)) == "emile"
    for name in ("Ängelholm", "'t Hof"):  # added by a sync, then changed by one
        remote = RemoteRelation(remote_id=990, name=name)
        with write_transaction() as session:
            merge(session, relations.KIND, remote, datetime.now(UTC), FIRST)
        read = db.session.scalars(select(Relation.sort_name).where(Relation.remote_id == 990)).one()
        assert read == sort_key(remote.name)


def test_who_adds_rows_without_the_orm_gets_it_too(vos: SimpleNamespace) -> None:
    key = {"tenant_id": vos.tenant_id, "relation_id": vos.relation_id}
    rows = [key | {"id": uuid7(), "name": name, "address": "Kade 8"} for name in ("Čapek", "")]
    with write_transaction() as session:
        session.execute(insert(Location.__table__), rows)  # type: ignore[arg-type]
    found = select(Location.sort_name).where(Location.id.in_([row["id"] for row in rows])).order_by(Location.id)
    assert list(db.session.scalars(found)) == ["capek\tkade 018", "kade 018"]
