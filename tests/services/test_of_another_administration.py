"""What was read in one administration is nobody's by id or code alone in another: it waits until it is known again."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from models import Article, Relation
from services.catalogue import articles as articles_of
from services.catalogue import lookalikes
from services.invoicing import press
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


def test_one_who_is_not_known_again_is_offered_who_looks_alike(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    before = customer(vos)
    there(sandbox, Code="9876", Bedrijf=before.name, Postcode=before.postcode, Plaats=before.city)
    link_with(vos, sandbox, "bouw")
    alike: list[UUID] = [one.id for one in lookalikes.of(customer(vos))]
    found = db.session.scalars(select(Relation).where(Relation.code == "9876")).one()
    assert alike == [found.id]
