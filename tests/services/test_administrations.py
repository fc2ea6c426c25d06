"""A link with another administration: it is recognised, numbered, and asked what stands there before anything goes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from models import Connection, Relation, Tenant
from services.catalogue import connecting
from services.invoicing import invoice_settings
from services.link import administrations, connection
from services.transaction import write_transaction
from tenancy.database import db
from tests.services.test_keys import BOTH, NEW, OLD, with_keys
from tests.support.sandbox_process import Sandbox


def link_with(
    vos: SimpleNamespace, sandbox: Sandbox, name: str, deps: Any = None, settings: bool = True, **codes: str
) -> int:
    """Save and start an administration's codes; its number. `settings`: and look at the invoice settings there."""
    given = sandbox.credentials(name) | codes
    connection.save_credentials(deps or vos.deps, vos.actor, given["username"], given["code1"], given["code2"])
    assert connecting.start(deps or vos.deps, vos.actor).ok
    if settings:
        invoice_settings.save(vos.actor, invoice_settings.present())
    return number()


def number() -> int:
    db.session.rollback()
    return connection.present().administration_number


def known() -> list[tuple[int, str]]:
    db.session.rollback()
    return [(one.number, one.label) for one in administrations.all_()]


def marked() -> bool:
    """Whether the next invoice waits for a look over there."""
    db.session.rollback()
    return connection.present().look_back_since is not None


def test_the_same_guid_is_the_same_administration_and_another_is_the_next(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    first, second = sandbox.credentials("demo"), sandbox.credentials("bouw")
    assert link_with(vos, sandbox, "demo") == 1
    assert link_with(vos, sandbox, "bouw") == 2
    assert link_with(vos, sandbox, "bouw") == 2
    assert link_with(vos, sandbox, "demo", code2=first["code2"].lower()) == 1
    assert known() == [(1, first["company"]), (2, second["company"])]


def test_another_security_code_1_changes_nothing(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    sandbox_code = sandbox.change_password("demo")
    assert link_with(vos, sandbox, "demo", code1=sandbox_code) == 1
    assert len(known()) == 1


@pytest.mark.parametrize("leave", ["save", "undo"])
def test_the_link_of_before_there_were_administrations_is_the_first_one(
    vos: SimpleNamespace, sandbox: Sandbox, leave: str
) -> None:
    with write_transaction() as session:
        for row in administrations.all_():
            session.delete(row)
    if leave == "undo":
        connection.undo(vos.deps, vos.actor)
    assert link_with(vos, sandbox, "bouw") == 2
    assert link_with(vos, sandbox, "demo") == 1


def test_codes_that_were_never_started_are_no_administration(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    with write_transaction() as session:
        for row in administrations.all_():
            session.delete(row)
        session.scalars(select(Connection)).one().active_since = None
    assert link_with(vos, sandbox, "bouw") == 1


def test_in_another_administration_a_look_comes_first(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    link_with(vos, sandbox, "demo")
    assert not marked()
    link_with(vos, sandbox, "bouw")
    assert marked()


def test_what_was_behind_was_the_other_one(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    with write_transaction() as session:
        link = session.scalars(select(Connection)).one()
        link.behind_since = session.scalars(select(Tenant.created_at)).first()
    link_with(vos, sandbox, "bouw")
    assert connection.present().behind_since is None


def test_what_comes_from_there_says_so(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    link_with(vos, sandbox, "bouw")
    news = select(Relation.administration).where(Relation.remote_id.is_not(None), Relation.vanished_at.is_(None))
    assert set(db.session.scalars(news)) == {2}


def test_a_fingerprint_moves_to_a_new_key(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    from services import key_rotation
    from tests.support.cast import process

    link_with(vos, sandbox, "demo", with_keys(vos.deps, OLD))
    assert key_rotation.rotate(BOTH) > 0
    process("vos")
    assert link_with(vos, sandbox, "demo", with_keys(vos.deps, NEW)) == 1
    assert len(known()) == 1


@pytest.mark.parametrize(("administration", "expected"), [("demo", 1), ("bouw", 2)])
def test_without_its_key_an_administration_is_known_by_user_and_name(
    vos: SimpleNamespace, sandbox: Sandbox, administration: str, expected: int
) -> None:
    link_with(vos, sandbox, "demo", with_keys(vos.deps, OLD))
    assert link_with(vos, sandbox, administration, with_keys(vos.deps, NEW)) == expected
