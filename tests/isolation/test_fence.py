"""Each wall of the fence on its own: what it stops, and that it is there."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from models import Location, Relation, Worker, WorkOrder, load_lists
from services.company import tenants
from services.transaction import write_transaction
from tenancy.database import db
from tenancy.fence import FencedSession, ForeignRow, NoTenant, WroteOutside, enter, standing
from tenancy.many_rows import insert_rows, update_rows
from tests.support.cast import process

RELATIONS = standing(select(Relation.name))


def test_without_a_tenant_its_tables_cannot_be_asked(app: Flask) -> None:
    with pytest.raises(NoTenant):
        db.session.scalars(select(Relation)).all()


def test_every_way_of_reading_sees_only_ones_own(app: Flask, cast: SimpleNamespace) -> None:
    process("buur")
    other = aliased(Relation)
    joined = select(WorkOrder.id).join(Relation, Relation.id == WorkOrder.relation_id)
    assert {row.name for row in db.session.scalars(select(Relation))} == {"Familie Buur"}
    assert db.session.scalars(select(other.name)).all() == ["Familie Buur"]
    assert db.session.scalar(select(func.count()).select_from(Relation)) == 1
    assert db.session.scalars(joined).all() == [cast.buur.order_id]
    assert db.session.get(Relation, (cast.vos.tenant_id, cast.vos.relation_id)) is None
    union = select(Relation.name).union_all(select(Relation.name))
    assert set(db.session.scalars(union)) == {"Familie Buur"}


def test_a_standing_statement_serves_whoever_asks_it_with_their_own_rows(app: Flask, cast: SimpleNamespace) -> None:
    joined = standing(
        select(Relation.name, WorkOrder.id)
        .join(WorkOrder, WorkOrder.relation_id == Relation.id)
        .where(WorkOrder.id.in_(bindparam("orders", expanding=True)))
    )
    everybodys = [cast.buur.order_id, cast.vos.order_id]
    for slug in ("buur", "vos", "buur"):  # the second and third take what was compiled for the first
        mine = getattr(cast, slug)
        process(slug)
        given = {"orders": everybodys, "present_tenant": cast.vos.tenant_id}  # not for who asks to say
        assert [row.id for row in db.session.execute(joined, given)] == [mine.order_id]
        assert set(db.session.scalars(RELATIONS)) == set(db.session.scalars(select(Relation.name)))
    for _ in range(2):  # what is known of it from the first time on is no way in
        tenants.leave()
        with pytest.raises(NoTenant):
            db.session.execute(RELATIONS)


def test_lists_loaded_by_one_statement_are_ones_own(app: Flask, cast: SimpleNamespace) -> None:
    for slug in ("buur", "vos"):
        process(slug)
        orders = load_lists(db.session(), db.session.scalars(select(WorkOrder)).all(), WorkOrder.lines)
        lines = [line for order in orders for line in order.lines]
        assert {line.tenant_id for line in lines} == {getattr(cast, slug).tenant_id}


def test_one_session_serves_one_tenant(app: Flask, cast: SimpleNamespace) -> None:
    process("buur")
    with pytest.raises(ForeignRow):
        enter(db.session(), cast.vos.tenant_id)


def test_a_foreign_row_cannot_be_added_or_moved(app: Flask, cast: SimpleNamespace) -> None:
    process("buur")
    with pytest.raises(ForeignRow), write_transaction() as session:
        session.add(Relation(tenant_id=cast.vos.tenant_id, name="Indringer"))
    with pytest.raises(ForeignRow), write_transaction() as session:
        session.scalars(select(Relation)).one().tenant_id = cast.vos.tenant_id


def test_a_bulk_update_touches_only_ones_own(app: Flask, cast: SimpleNamespace) -> None:
    process("buur")
    with write_transaction() as session:
        session.execute(update(Relation).values(notes="van buur"))
    process("vos")
    assert db.session.scalars(select(Relation.notes).where(Relation.id == cast.vos.relation_id)).one() == ""


def test_a_reference_to_a_foreign_row_cannot_be_stored(app: Flask, cast: SimpleNamespace) -> None:
    """The composite key itself: the fence's own guard does not see this one."""
    process("buur")
    with pytest.raises(IntegrityError), write_transaction() as session:
        session.add(Location(relation_id=cast.vos.relation_id, address="Elders 1"))


def test_nothing_is_written_outside_a_write_transaction(app: Flask, cast: SimpleNamespace) -> None:
    process("buur")
    db.session.add(Relation(name="Zomaar"))
    with pytest.raises(WroteOutside):
        db.session.flush()
    tenants.leave()
    process("buur")
    for statement in (update(Relation).values(name="Zomaar"), delete(Relation)):
        with pytest.raises(WroteOutside):
            db.session.execute(statement)
    tenants.leave()


def test_bulk_writes_are_refused(app: Flask, cast: SimpleNamespace) -> None:
    process("buur")
    with pytest.raises(ForeignRow):
        db.session().bulk_save_objects([])


def test_the_guard_looks_at_each_row_once_however_many_wait(
    vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    real = FencedSession.new.fget
    monkeypatch.setattr(FencedSession, "new", property(lambda session: (made.append(1), real(session))[1]))
    with write_transaction() as session:
        session.add_all([Worker(name=f"Jan {n}") for n in range(300)])
        session.flush()
    assert len(made) < 10, "session.new is a new set of all waiting rows each time"


def test_many_rows_at_once_are_written_as_ones_own_only(app: Flask, cast: SimpleNamespace) -> None:
    process("buur")
    with pytest.raises(WroteOutside):
        insert_rows(db.session(), Relation, [{"name": "Zomaar"}])
    with write_transaction() as session:
        insert_rows(session, Relation, [{"name": "Nieuw", "tenant_id": cast.vos.tenant_id}])
        update_rows(session, Relation, [{"id": cast.vos.relation_id, "notes": "van buur"}])
    assert set(db.session.scalars(select(Relation.name))) == {"Familie Buur", "Nieuw"}
    process("vos")
    assert db.session.scalars(select(Relation.notes).where(Relation.id == cast.vos.relation_id)).one() == ""
    tenants.leave()
    nobody = db.session()
    nobody.info["writing"] = True
    with pytest.raises(NoTenant):
        update_rows(nobody, Relation, [])
