"""Keys of secrets at rest: bound to their place, moved to a new key while people save, the old one thrown away."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from models import Connection, Person, Tenant
from services import key_rotation
from services.company import tenants
from services.link import connection
from services.people import second_factor
from services.sealing import CannotUnseal, seal, unseal
from services.transaction import write_transaction
from tenancy.database import Base, db
from tests.support.cast import EMAILS, process
from tests.support.waiting import until

OLD = {"v1": b"k" * 32}
BOTH = OLD | {"v2": b"n" * 32}
NEW = {"v2": b"n" * 32}


def with_keys(deps: Any, given: dict[str, bytes]) -> Any:
    """The collaborators with other keys."""
    return replace(deps, settings=replace(deps.settings, credentials_keys=given))


def secrets_of(deps: Any, slug: str) -> tuple[str, str]:
    """Both codes of a tenant, opened."""
    process(slug)
    found = connection.credentials(deps, connection.present())
    assert found
    return found.code1.reveal(), found.code2.reveal()


def give_second_factor(deps: Any) -> str:
    """Support gets a sealed secret; returns it."""
    secret = pyotp.random_base32()
    tenants.leave()
    with write_transaction() as session:
        person = session.scalars(select(Person).where(Person.email == EMAILS["support"])).one()
        person.totp_sealed = seal(deps.settings.credentials_keys, secret, second_factor.place(person.id))
    return secret


def test_every_sealed_column_is_in_the_list() -> None:
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_sealed")
    }
    assert {column.name for column in key_rotation.SEALED} == columns, "add it to SEALED in services/keys.py"


def test_a_sealed_text_shows_nothing_and_is_never_the_same_twice() -> None:
    first, second = seal(OLD, "geheim", "a"), seal(OLD, "geheim", "a")
    assert first != second
    assert "geheim" not in first
    assert unseal(OLD, first, "a").reveal() == "geheim"
    assert "geheim" not in repr(unseal(OLD, first, "a"))


def test_a_changed_text_another_place_another_version_or_another_key_opens_nothing() -> None:
    sealed = seal(OLD, "geheim", "a")
    flipped = sealed[:-2] + ("A" if sealed[-2] != "A" else "B") + sealed[-1]
    cases: list[tuple[dict[str, bytes], str, str]] = [
        (OLD, flipped, "a"), (OLD, sealed, "b"), (BOTH, "v2" + sealed[2:], "a"), ({"v1": b"x" * 32}, sealed, "a"),
        (NEW, sealed, "a"), (OLD, "", "a"), (OLD, "v1.", "a"), (OLD, "v1.geen base64!", "a"),
    ]  # fmt: skip
    for known, text, place in cases:
        with pytest.raises(CannotUnseal):
            unseal(known, text, place)


def test_codes_put_into_the_neighbours_row_or_the_other_field_open_nothing(vos: SimpleNamespace, cast: Any) -> None:
    row = connection.present()
    code1, code2, username = row.code1_sealed, row.code2_sealed, row.username
    process("buur")
    with write_transaction() as session:
        stolen = session.scalars(select(Connection)).one()
        stolen.enabled, stolen.username, stolen.code1_sealed, stolen.code2_sealed = True, username, code1, code2
    with pytest.raises(CannotUnseal):
        connection.credentials(vos.deps, connection.present())
    process("vos")
    with write_transaction() as session:
        mine = session.scalars(select(Connection)).one()
        mine.code1_sealed, mine.code2_sealed = code2, code1
    with pytest.raises(CannotUnseal):
        connection.credentials(vos.deps, connection.present())


def test_after_rotating_the_old_key_may_go_and_everything_opens(vos: SimpleNamespace, sandbox: Any) -> None:
    given = sandbox.credentials("demo")
    totp = give_second_factor(vos.deps)
    process("buur")
    with write_transaction() as session:  # a suspended tenant's secrets move along
        row = session.scalars(select(Connection)).one()
        row.enabled, row.username = True, "buur"
        row.code1_sealed = seal(OLD, "buurcode1", connection.place(row, "code1"))
        row.code2_sealed = seal(OLD, "buurcode2", connection.place(row, "code2"))
        session.get(Tenant, row.tenant_id).suspended_at = row.active_since or session.get(Tenant, 1).created_at
    before = process("vos") and connection.present().version
    assert key_rotation.count(OLD).by_version == {"v1": 6}
    assert key_rotation.rotate(BOTH) == 6
    assert key_rotation.count(NEW) == key_rotation.Count(key_rotation.Counter({"v2": 6}), [])
    only_new = with_keys(vos.deps, NEW)
    assert secrets_of(only_new, "vos") == (given["code1"], given["code2"])
    assert connection.present().version == before, "sessions with the bookkeeping stay good: the codes are the same"
    process("buur")
    assert connection.credentials(only_new, connection.present()).code1.reveal() == "buurcode1"  # type: ignore[union-attr]
    tenants.leave()
    person = db.session.scalars(select(Person).where(Person.email == EMAILS["support"])).one()
    assert unseal(NEW, person.totp_sealed or "", second_factor.place(person.id)).reveal() == totp
    with pytest.raises(CannotUnseal):
        secrets_of(with_keys(vos.deps, OLD), "vos")
    assert key_rotation.rotate(BOTH) == 0


def test_rotating_goes_on_where_it_was_stopped(vos: SimpleNamespace) -> None:
    give_second_factor(vos.deps)

    class Stopped(Exception):
        pass

    def stop(_done: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        key_rotation.rotate(BOTH, stop)
    assert key_rotation.count(BOTH).by_version == {"v2": 2, "v1": 2}
    assert key_rotation.rotate(BOTH) == 2
    assert key_rotation.count(BOTH).by_version == {"v2": 4}


def test_what_cannot_be_opened_stays_as_it_is_and_is_named(app: Flask, vos: SimpleNamespace) -> None:
    with write_transaction() as session:
        row = session.scalars(select(Connection)).one()
        row.code2_sealed = seal({"v0": b"z" * 32}, "weg", connection.place(row, "code2"))
        name = f"connection.code2_sealed {row.id}"
    assert key_rotation.rotate(BOTH) == 2
    found = key_rotation.count(BOTH)
    assert found.by_version == {"v2": 2, "v0": 1}
    assert found.unreadable == [name]
    result = app.test_cli_runner().invoke(args=["keys", "status"])
    assert result.exit_code == 1
    assert f"niet te openen: {name}" in result.output


def test_codes_saved_during_the_rotation_are_never_lost(vos: SimpleNamespace, app: Flask) -> None:
    """A thread saves new codes over and over while another rotates back and forth between the two keys."""
    username = connection.present().username
    last, trouble = ["", ""], []
    stop = threading.Event()

    def save() -> None:
        with app.app_context():
            for turn in range(30):
                actor = process("vos")
                last[:] = [f"code1-{turn}", f"code2-{turn}"]
                try:
                    connection.save_credentials(with_keys(vos.deps, BOTH), actor, username, *last)
                    if secrets_of(with_keys(vos.deps, BOTH), "vos") != tuple(last):
                        trouble.append(turn)
                    if turn % 6 == 5:  # SQLite's lock is given to nobody in turn: let the other one by now and then
                        tenants.leave()
                        before = turns
                        until(lambda: turns > before)  # noqa: B023 - asked before the next turn
                except Exception as error:
                    trouble.append(error)
            tenants.leave()
            stop.set()

    turns = 0
    saver = threading.Thread(target=save)
    saver.start()
    backwards = dict(reversed(BOTH.items()))
    while not stop.is_set():
        key_rotation.rotate(backwards if turns % 2 else BOTH)
        turns += 1
    saver.join()
    assert trouble == []
    assert turns >= 5
    key_rotation.rotate(BOTH)
    assert secrets_of(with_keys(vos.deps, NEW), "vos") == ("code1-29", "code2-29")


def test_the_commands_show_the_way_and_no_secret(app: Flask, sandbox: Any) -> None:
    given = sandbox.credentials("demo")
    app.extensions["crafter"] = with_keys(app.extensions["crafter"], BOTH)
    runner = app.test_cli_runner()
    before = runner.invoke(args=["keys", "status"])
    assert (before.exit_code, "v1: 3 geheimen (oud: flask keys rotate)" in before.output) == (0, True)
    rotated = runner.invoke(args=["keys", "rotate"])
    assert rotated.exit_code == 0, rotated.output
    assert "3 geheimen opnieuw verzegeld met v2." in rotated.output
    assert "v1: 0 geheimen (kan weg)" in rotated.output
    assert "v2: 3 geheimen (verzegelt)" in rotated.output
    assert not re.search(re.escape(given["code1"]) + "|" + re.escape(given["code2"]), before.output + rotated.output)
