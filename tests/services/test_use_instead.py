"""A customer becomes another one of ours: what goes along, what keeps it back, and several who do it at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.dialects import postgresql

from domain import posting as states
from domain.message import Refusal
from domain.relation import RelationDetails
from models import Relation, WorkOrder
from services.catalogue import locations, relations, remote_relations
from services.catalogue.locations import LocationInput
from services.catalogue.use_instead import use_instead
from services.invoicing import press, recovery
from services.transaction import write_transaction
from tenancy.database import db
from tenancy.fence import FencedSession
from tests.support.cast import make_order, process
from tests.support.presses import at_once
from tests.support.sandbox_process import Sandbox


def made(vos: SimpleNamespace, name: str = "De Oven", code: str = "") -> UUID:
    """A customer made here."""
    return relations.create(vos.actor, RelationDetails(name, code=code))


def kept(relation_id: UUID) -> Relation | None:
    db.session.rollback()
    return db.session.scalars(select(Relation).where(Relation.id == relation_id)).one_or_none()


def customers_of(*orders: UUID) -> list[UUID | None]:
    db.session.rollback()
    found = dict(db.session.execute(select(WorkOrder.id, WorkOrder.relation_id)).all())
    return [found[one] for one in orders]


def refused(vos: SimpleNamespace, row: UUID, other: UUID) -> str:
    with pytest.raises(Refusal) as told:
        use_instead(vos.actor, row, other)
    return str(told.value)


@pytest.mark.parametrize("asks", [(True, False), (False, True), (False, False)])
def test_who_asks_for_its_order_number_still_does(vos: SimpleNamespace, asks: tuple[bool, bool]) -> None:
    row, other = made(vos), made(vos, "Bakkerij De Oven")
    for one, answer in zip((row, other), asks, strict=True):
        relations.save_own(vos.actor, one, relations.Own(asks_order_number=answer))
    use_instead(vos.actor, row, other)
    assert kept(other).asks_order_number is any(asks)


@pytest.mark.parametrize(
    ("row", "other", "kept_"),
    [((60, 40), (None, None), (60, 40)), ((60, 40), (50, None), (50, None)), ((), (50, 30), (50, 30))],
)
def test_what_was_agreed_about_wages_goes_along_unless_the_other_has_its_own(
    vos: SimpleNamespace, row: tuple[int, ...], other: tuple[int, ...], kept_: tuple[int, ...]
) -> None:
    ids = made(vos), made(vos, "Bakkerij De Oven")
    for one, agreed in zip(ids, (row, other), strict=True):
        parts = dict(zip(("wage_percent", "g_percent"), agreed, strict=False))
        relations.save_own(vos.actor, one, relations.Own(**parts))  # type: ignore[arg-type]
    use_instead(vos.actor, *ids)
    assert (kept(ids[1]).wage_percent, kept(ids[1]).g_percent) == kept_


def test_notes_that_only_look_like_part_of_the_others_go_along(vos: SimpleNamespace) -> None:
    row, other = made(vos), made(vos, "Bakkerij De Oven")
    relations.save_own(vos.actor, row, relations.Own("hond"))
    relations.save_own(vos.actor, other, relations.Own("Grote honden\nachterom"))
    use_instead(vos.actor, row, other)
    assert kept(other).notes == "Grote honden\nachterom\nhond"
    again = made(vos)
    relations.save_own(vos.actor, again, relations.Own("achterom"))
    use_instead(vos.actor, again, other)
    assert kept(other).notes == "Grote honden\nachterom\nhond", "the same line is not written twice"


def test_a_code_is_not_lost_with_the_one_that_had_it(vos: SimpleNamespace) -> None:
    row, other = made(vos, code="7001"), made(vos, "Bakkerij De Oven")
    use_instead(vos.actor, row, other)
    assert kept(other).code == "7001"
    third = made(vos, "Een derde", code="7002")
    use_instead(vos.actor, third, other)
    assert kept(other).code == "7001", "and its own is not taken away"


def test_an_order_that_stands_beside_another_customers_is_left_alone(vos: SimpleNamespace) -> None:
    row, other = made(vos), made(vos, "Bakkerij De Oven")
    mine, theirs = make_order(vos.actor, row), make_order(vos.actor, vos.relation_id)
    assert use_instead(vos.actor, row, other) == 1
    assert customers_of(mine, theirs) == [other, vos.relation_id]


@pytest.mark.parametrize("state", states.STATES)
@pytest.mark.parametrize("unsure", [False, True])
def test_only_an_invoice_that_is_settled_lets_its_customer_become_another(
    vos: SimpleNamespace, sandbox: Sandbox, state: str, unsure: bool
) -> None:
    other = made(vos, "Bakkerij De Oven")
    press.approve(vos.deps, vos.actor, vos.order_id)
    with write_transaction() as session:
        relations.locked(session, vos.relation_id).remote_id = None
        row = press.live_posting(session, vos.order_id)
        row.state, row.attempted_uncertain = state, unsure
    may = state in {states.POSTED, states.ABANDONED} or (state in states.MAY_SEND_AGAIN and not unsure)
    if may:
        use_instead(vos.actor, vos.relation_id, other)
    else:
        assert vos.order_number in refused(vos, vos.relation_id, other)
    assert customers_of(vos.order_id) == [other if may else vos.relation_id]


def test_an_invoice_that_was_refused_goes_out_to_the_one_it_became(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "x"}])
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.REFUSED
    relations.sync(vos.deps, vos.actor)
    other = db.session.scalars(select(Relation.id).where(Relation.code == "1003")).one()
    with write_transaction() as session:
        relations.locked(session, vos.relation_id).remote_id = None
    use_instead(vos.actor, vos.relation_id, other)
    assert press.send(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert [one["Relatiecode"] for one in sandbox.invoices("demo")] == ["1003"]


def test_the_other_of_another_company_or_merged_meanwhile_changes_nothing(vos: SimpleNamespace, app: Flask) -> None:
    row, other, third = made(vos), made(vos, "Bakkerij De Oven"), made(vos, "Een derde")
    process("buur")
    neighbours = db.session.scalars(select(Relation.id)).first()
    process("vos")
    order_id = make_order(vos.actor, row)
    assert "is er niet meer" in refused(vos, row, neighbours)
    use_instead(vos.actor, other, third)
    assert "is er niet meer" in refused(vos, row, other)
    with pytest.raises(LookupError):
        use_instead(vos.actor, other, third)
    with pytest.raises(LookupError):
        use_instead(vos.actor, row, row)
    assert customers_of(order_id) == [row]


def test_two_who_take_one_another_at_once_leave_one_with_all_the_work(vos: SimpleNamespace, app: Flask) -> None:
    pair = made(vos), made(vos, "Bakkerij De Oven")
    orders = [make_order(vos.actor, one) for one in pair]

    def takes(row: UUID, other: UUID) -> str:
        actor = process("vos")
        try:
            return f"moved {use_instead(actor, row, other)}"
        except (LookupError, Refusal):
            return "was too late"

    came = at_once(app, lambda: takes(*pair), lambda: takes(pair[1], pair[0]))
    assert sorted(came) == ["moved 1", "was too late"]
    process("vos")
    (left,) = [one for one in pair if kept(one) is not None]
    assert customers_of(*orders) == [left, left]


def test_orders_and_sites_made_at_the_same_moment_are_never_left_without_a_customer(
    vos: SimpleNamespace, app: Flask
) -> None:
    """Each is refused because the customer is gone, goes along, or belongs to it because the taking was refused."""
    row, other = made(vos), made(vos, "Bakkerij De Oven")

    def takes() -> str:
        try:
            return f"moved {use_instead(process('vos'), row, other)}"
        except Refusal:
            return "later"

    def makes() -> str:
        try:
            return str(make_order(process("vos"), row))
        except Refusal:
            return ""

    def adds() -> str:
        try:
            return str(locations.create(process("vos"), row, LocationInput("Kade 1")))
        except LookupError:
            return ""

    came = at_once(app, makes, takes, adds, makes)
    process("vos")
    there = other if kept(row) is None else row
    assert customers_of(*[UUID(one) for one in (came[0], came[3]) if one]) == [
        there for one in (came[0], came[3]) if one
    ]
    if came[2]:
        assert locations.get(there, UUID(came[2])) is not None


def test_a_press_at_the_same_moment_goes_to_one_of_both_and_never_to_nobody(
    vos: SimpleNamespace, sandbox: Sandbox, app: Flask
) -> None:
    relations.sync(vos.deps, vos.actor)
    other = db.session.scalars(select(Relation.id).where(Relation.code == "1003")).one()
    with write_transaction() as session:
        relations.locked(session, vos.relation_id).remote_id = None

    def presses() -> str:
        actor = process("vos")
        try:
            return press.approve(vos.deps, actor, vos.order_id).state
        except Refusal:
            return "refusal"

    def takes() -> str:
        try:
            return f"moved {use_instead(process('vos'), vos.relation_id, other)}"
        except Refusal:
            return "refusal"

    came = at_once(app, presses, takes)
    process("vos")
    recovery.recover_all(vos.deps, vos.actor)
    (order,) = db.session.scalars(select(WorkOrder).where(WorkOrder.id == vos.order_id))
    (customer,) = db.session.scalars(select(Relation.code).where(Relation.id == order.relation_id))
    db.session.rollback()
    if came[0] == "refusal":
        assert (came[1], sandbox.invoices("demo")) == ("moved 1", [])
    else:
        assert [one["Relatiecode"] for one in sandbox.invoices("demo")] == ["1001"]
        assert came[1] == "moved 1" or customer == "1001"


LINK, ORDER, RELATION = "connection", "work_order", "relation"


@pytest.mark.parametrize("deed", ["take", "create", "edit", "code", "make there"])
def test_who_takes_a_code_or_a_customer_away_locks_the_link_first_as_a_reading_does(
    vos: SimpleNamespace, sandbox: Sandbox, deed: str
) -> None:
    """Else a reading compares rows that are others by the time it writes."""
    row, other = made(vos), made(vos, "Bakkerij De Oven")
    seen: list[str] = []

    def look(state: Any) -> None:
        if state.is_select and "FOR UPDATE" in str(state.statement.compile(dialect=postgresql.dialect())):
            seen.append(str(state.bind_mapper.local_table))

    deeds = {
        "take": (lambda: use_instead(vos.actor, row, other), [LINK, ORDER, RELATION, RELATION]),
        "create": (lambda: made(vos, "Nieuw", "7003"), [LINK]),
        "edit": (lambda: relations.edit(vos.actor, row, RelationDetails("Anders", code="7004")), [LINK, RELATION]),
        "code": (lambda: relations.save_code(vos.actor, row, "7005"), [LINK, RELATION]),
        "make there": (
            lambda: remote_relations.create_remote(vos.deps, vos.actor, row, anyway=True),
            [LINK, RELATION, LINK, RELATION],
        ),
    }
    do, expected = deeds[deed]
    event.listen(FencedSession, "do_orm_execute", look)
    try:
        do()
    finally:
        event.remove(FencedSession, "do_orm_execute", look)
    assert seen == expected
