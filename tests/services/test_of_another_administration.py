"""What was read in one administration is nobody's by id or code alone in another: it waits until it is known again."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.customer import Standing
from domain.relation import RelationDetails
from models import Article, Relation, WorkOrder
from services.catalogue import articles as articles_of
from services.catalogue import lookalikes, relations
from services.invoicing import asking_ahead, press
from services.invoicing.press import Blocked
from services.transaction import write_transaction
from tenancy.database import db
from tests.services.test_administrations import link_with
from tests.support.sandbox_process import Sandbox


def customer(vos: SimpleNamespace) -> Relation:
    db.session.rollback()
    return db.session.scalars(select(Relation).where(Relation.id == vos.relation_id)).one()


def there(sandbox: Sandbox, **fields: Any) -> dict[str, Any]:
    """The other administration knows this one more."""
    sandbox.relations("bouw", {"add": [fields]})
    found: dict[str, Any] = next(one for one in sandbox.relations("bouw") if one["Code"] == fields["Code"])
    return found


@pytest.fixture(autouse=True)
def empty(sandbox: Sandbox) -> None:
    sandbox.reset("bouw")


def sent(sandbox: Sandbox) -> int:
    return len(sandbox.calls("bouw", "AddFactuur"))


def test_a_code_that_is_a_strangers_there_takes_no_invoice(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    before = customer(vos)
    name, code = before.name, before.code
    stranger = there(sandbox, Code=code, Bedrijf="Slagerij Van Heel Ergens Anders")
    link_with(vos, sandbox, "bouw")
    ours = customer(vos)
    assert (ours.name, ours.remote_id, ours.code, ours.administration) == (name, None, None, 1)
    new = db.session.scalars(select(Relation).where(Relation.code == code)).one()
    assert (new.name, new.remote_id, new.administration) == (stranger["Bedrijf"], stranger["ID"], 2)
    with pytest.raises(Blocked):
        press.approve(vos.deps, vos.actor, vos.order_id)
    assert sent(sandbox) == 0


def test_an_id_that_is_a_strangers_there_changes_nothing_of_ours(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    stranger, article = sandbox.relations("bouw")[0], sandbox.articles("bouw")[0]
    with write_transaction() as session:  # as both may have numbered theirs from the same one
        session.scalars(select(Relation).where(Relation.id == vos.relation_id)).one().remote_id = stranger["ID"]
        read_in = select(Article).where(Article.remote_id.is_not(None)).limit(1)
        session.scalars(read_in).one().remote_id = article["ArtikelID"]
    mine = {row.id: row.name for row in db.session.scalars(select(Relation))}
    articles = {row.id: row.description for row in db.session.scalars(select(Article))}
    link_with(vos, sandbox, "bouw")
    assert not articles_of.sync(vos.deps, vos.actor).error
    db.session.rollback()
    assert mine.items() <= {row.id: row.name for row in db.session.scalars(select(Relation))}.items()
    assert articles.items() <= {row.id: row.description for row in db.session.scalars(select(Article))}.items()
    with pytest.raises(Blocked):
        press.approve(vos.deps, vos.actor, vos.order_id)
    assert sent(sandbox) == 0


def test_who_has_the_same_code_and_name_is_known_again_there_and_back(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    before = customer(vos)
    first_id = before.remote_id
    known = there(sandbox, Code=before.code, Bedrijf=before.name.upper())
    link_with(vos, sandbox, "bouw")
    now = customer(vos)
    assert (now.remote_id, now.administration) == (known["ID"], 2)
    press.approve(vos.deps, vos.actor, vos.order_id)
    assert sent(sandbox) == 1
    link_with(vos, sandbox, "demo")
    again = customer(vos)
    assert (again.remote_id, again.administration) == (first_id, 1)


def test_one_who_is_known_again_by_a_press_is_of_there(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    before = customer(vos)
    sandbox.relations("bouw", [one for one in sandbox.relations("bouw") if one["Code"] != before.code])
    link_with(vos, sandbox, "bouw")
    known = there(sandbox, Code=before.code, Bedrijf=before.name)
    press.approve(vos.deps, vos.actor, vos.order_id)
    assert sent(sandbox) == 1
    now = customer(vos)
    assert (now.remote_id, now.administration) == (known["ID"], 2), "else a code that moves there raises nothing"


def test_a_code_that_was_typed_for_the_one_before_makes_nobody_a_stranger(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    mine = relations.create(vos.actor, RelationDetails(name="Bakkerij De Korst", code="7001"))
    stranger = there(sandbox, Code="7001", Bedrijf="Slagerij Van Heel Ergens Anders")
    link_with(vos, sandbox, "bouw")
    rows = {row.remote_id: (row.id, row.name) for row in db.session.scalars(select(Relation))}
    assert rows[stranger["ID"]][0] != mine
    assert relations.get(mine).name == "Bakkerij De Korst"


def test_what_was_asked_there_says_nothing_here(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    asking_ahead.ask(vos.deps, vos.actor, vos.order_id, again=True)
    before = customer(vos)
    assert before.asked_there_at is not None
    sandbox.relations("bouw", [one for one in sandbox.relations("bouw") if one["Code"] != before.code])
    link_with(vos, sandbox, "bouw")
    order = db.session.scalars(select(WorkOrder).where(WorkOrder.id == vos.order_id)).one()
    assert order.relation.code == before.code
    assert asking_ahead.known(vos.deps, order) == Standing()


def test_one_who_is_not_known_again_is_offered_who_looks_alike(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    before = customer(vos)
    there(sandbox, Code="9876", Bedrijf=before.name, Postcode=before.postcode, Plaats=before.city)
    link_with(vos, sandbox, "bouw")
    alike: list[UUID] = [one.id for one in lookalikes.of(customer(vos))]
    found = db.session.scalars(select(Relation).where(Relation.code == "9876")).one()
    assert alike == [found.id]
