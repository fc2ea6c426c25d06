"""The seals over the audit trail: whoever changes, removes, inserts or swaps an entry is found out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.engine import Connection

from jobs import rounds
from models import AppendOnly, AuditEntry, AuditSeal, TenantStatus
from oversight.audit_trail import record
from services.company import tenants
from services.trail import seals
from services.transaction import write_transaction
from settings import UnsafeSettings, from_environment
from tenancy.database import Base, db
from tests.support.cast import process

ENTRIES: Table = Base.metadata.tables["audit_entry"]
SEALS: Table = Base.metadata.tables["audit_seal"]
KEYS = {"v1": b"1" * 32}
NOW = timedelta(0)


def happen(vos: SimpleNamespace, *names: str) -> None:
    """One entry per name, and a seal over them."""
    for name in names:
        process("vos")
        with write_transaction() as session:
            record(session, vos.actor, "location.changed", name=name)
    seals.seal(KEYS, vos.tenant_id, NOW)
    tenants.leave()


def verdict(keys: dict[str, bytes] = KEYS) -> seals.Verdict:
    """How Vos's trail stands."""
    return seals.verify(keys, "vos")[0]


def tamper(deed: Callable[[Connection], object]) -> None:
    """Do something to the database behind the back of everything that is ours, triggers and policies too."""
    tenants.leave()
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit%'"
            for (name,) in connection.exec_driver_sql(query).all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        deed(connection)


@pytest.fixture
def sealed(vos: SimpleNamespace) -> SimpleNamespace:
    """Vos with three seals. `ids` are the entries of the second one, in order."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the app's role on PostgreSQL cannot tamper; tests/postgres shows that")
    happen(vos, "een", "twee")
    happen(vos, "drie", "vier", "vijf")
    happen(vos, "zes")
    process("vos")
    names = {row.data["name"]: row.id for row in db.session.scalars(select(AuditEntry)) if "name" in row.data}
    tenants.leave()
    assert verdict().broken == ""
    assert verdict().seals == 3
    return SimpleNamespace(ids=[names[name] for name in ("drie", "vier", "vijf")], **vars(vos))


def entry(entry_id: object) -> Callable[[Connection], dict[str, object]]:
    """The stored row of an entry, as a dictionary."""
    return lambda connection: dict(connection.execute(select(ENTRIES).where(ENTRIES.c.id == entry_id)).one()._mapping)


@pytest.mark.parametrize(
    "change",
    [
        {"person_name": "Iemand Anders"}, {"event": "location.removed"}, {"data": {"name": "anders"}},
        {"on_behalf_of": "Niemand"}, {"subject_name": "x"}, {"person_id": None}, {"visit_id": uuid4()},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_a_changed_entry_is_found(sealed: SimpleNamespace, change: dict[str, object]) -> None:
    tamper(lambda c: c.execute(update(ENTRIES).where(ENTRIES.c.id == sealed.ids[1]).values(**change)))
    assert "zegel 2 klopt niet" in verdict().broken


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_removed_entry_is_found(sealed: SimpleNamespace, place: int) -> None:
    tamper(lambda c: c.execute(delete(ENTRIES).where(ENTRIES.c.id == sealed.ids[place])))
    assert "zegel 2 telt 3 regels; er zijn er 2" in verdict().broken


def test_an_inserted_entry_is_found(sealed: SimpleNamespace) -> None:
    def insert_one(connection: Connection) -> None:
        row = entry(sealed.ids[1])(connection) | {"id": uuid4(), "person_name": "Erbij gezet"}
        connection.execute(insert(ENTRIES).values(**row))

    tamper(insert_one)
    assert "er zijn er 4" in verdict().broken
    process("vos")
    seals.seal(KEYS, sealed.tenant_id, NOW)
    assert "er zijn er 4" in verdict().broken  # the next round does not take it in


def test_a_removed_entry_with_another_in_its_place_is_found(sealed: SimpleNamespace) -> None:
    tamper(lambda c: c.execute(update(ENTRIES).where(ENTRIES.c.id == sealed.ids[1]).values(id=uuid4())))
    assert "zegel 2 klopt niet" in verdict().broken


def test_two_swapped_entries_are_found(sealed: SimpleNamespace) -> None:
    def swap(connection: Connection) -> None:
        one, other = (entry(sealed.ids[place])(connection) for place in (0, 2))
        for row, at in ((one, other["at"]), (other, one["at"])):
            connection.execute(update(ENTRIES).where(ENTRIES.c.id == row["id"]).values(at=at))

    tamper(swap)
    assert "zegel 2 klopt niet" in verdict().broken


def test_an_entry_moved_from_one_seal_to_the_next_is_found(sealed: SimpleNamespace) -> None:
    def move(connection: Connection) -> None:
        later = connection.execute(select(ENTRIES.c.at).order_by(ENTRIES.c.at.desc()).limit(1)).scalar_one()
        connection.execute(update(ENTRIES).where(ENTRIES.c.id == sealed.ids[2]).values(at=later))

    tamper(move)
    assert "zegel 2" in verdict().broken


@pytest.mark.parametrize(("number", "words"), [(1, "zegel 1 ontbreekt"), (2, "zegel 2 ontbreekt"), (3, "3 zegels")])
def test_a_removed_seal_is_found_the_last_one_by_the_count(sealed: SimpleNamespace, number: int, words: str) -> None:
    tamper(lambda c: c.execute(delete(SEALS).where(SEALS.c.number == number)))
    assert words in verdict().broken


def test_a_seal_made_without_the_key_is_found(sealed: SimpleNamespace) -> None:
    """Whoever can write to the database but does not have the key cannot seal a changed trail again."""
    tamper(lambda c: c.execute(update(ENTRIES).where(ENTRIES.c.id == sealed.ids[1]).values(person_name="Anders")))
    tamper(lambda c: c.execute(delete(SEALS).where(SEALS.c.number > 1)))
    seals.seal({"v1": b"2" * 32}, sealed.tenant_id, NOW)
    assert "zegel 2 klopt niet" in verdict().broken


def test_a_seal_changed_itself_is_found(sealed: SimpleNamespace) -> None:
    tamper(lambda c: c.execute(update(SEALS).where(SEALS.c.number == 2).values(previous="0" * 64)))
    assert "zegel 2 sluit niet aan" in verdict().broken


def test_a_key_that_is_gone_is_said(sealed: SimpleNamespace) -> None:
    assert "sleutel v1" in verdict({"v2": b"3" * 32}).broken


def test_seals_of_an_older_key_stay_good_beside_a_new_one(sealed: SimpleNamespace) -> None:
    keys = KEYS | {"v2": b"3" * 32}
    happen(sealed, "zeven")  # still by the old one
    process("vos")
    with write_transaction() as session:
        record(session, sealed.actor, "location.changed", name="acht")
    seals.seal(keys, sealed.tenant_id, NOW)
    assert verdict(keys).broken == ""
    assert verdict(keys).seals == 5


def test_what_removes_the_end_together_with_its_count_shows_only_in_the_hash_kept_elsewhere(
    sealed: SimpleNamespace,
) -> None:
    """The limit of a chain that lies beside what it seals; docs/architecture.md says so."""
    head = verdict().head
    status: Table = Base.metadata.tables["tenant_status"]
    tamper(lambda c: c.execute(delete(SEALS).where(SEALS.c.number == 3)))
    tamper(lambda c: c.execute(update(status).where(status.c.tenant_id == sealed.tenant_id).values(seals=2)))
    assert verdict().broken == ""
    assert verdict().head != head


def test_the_newest_minute_waits_for_the_next_seal(vos: SimpleNamespace) -> None:
    process("vos")
    with write_transaction() as session:
        record(session, vos.actor, "location.changed", name="zojuist")
    seals.seal(KEYS, vos.tenant_id)
    found = verdict()
    assert found.broken == ""
    assert found.unsealed > 0


def test_entries_of_one_moment_are_never_split_over_two_seals(
    vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "MOST", 2)
    process("vos")
    with write_transaction() as session:
        at = session.scalars(select(AuditEntry.at).order_by(AuditEntry.at.desc())).first()
        for number in range(5):
            session.add(AuditEntry(at=at, event="location.changed", person_name="x", data={"name": str(number)}))
    seals.seal(KEYS, vos.tenant_id, NOW)
    found = verdict()
    assert (found.broken, found.unsealed) == ("", 0)
    assert found.seals > 1


def test_a_tenant_without_news_gets_no_seal_and_one_tenants_seals_say_nothing_of_another(vos: SimpleNamespace) -> None:
    happen(vos, "een")
    happen(vos)
    assert verdict().seals == 1
    assert seals.verify(KEYS, "buur")[0].seals == 0
    with pytest.raises(LookupError):
        seals.verify(KEYS, "onbekend")


def test_our_own_code_cannot_change_or_remove_an_entry(vos: SimpleNamespace) -> None:
    happen(vos, "een")
    for kind in (AuditEntry, AuditSeal):
        process("vos")
        with pytest.raises(AppendOnly), write_transaction() as session:
            session.delete(session.scalars(select(kind)).first())
        process("vos")
        with pytest.raises(AppendOnly), write_transaction() as session:
            setattr(session.scalars(select(kind)).first(), "person_name" if kind is AuditEntry else "hash", "anders")


def test_the_round_seals_and_the_command_says_so(
    app: Flask, vos: SimpleNamespace, leap: Callable[[timedelta], None]
) -> None:
    leap(seals.MARGIN)
    rounds.every_minute(vos.deps)
    tenants.leave()
    assert db.session.get(TenantStatus, vos.tenant_id).seals == 1  # type: ignore[union-attr]
    tenants.leave()
    good = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert good.exit_code == 0
    assert "vos:" in good.output
    assert "buur:" in good.output
    assert app.test_cli_runner().invoke(args=["audit", "verify", "--tenant", "niemand"]).exit_code == 1


def test_the_command_fails_at_a_break(app: Flask, sealed: SimpleNamespace) -> None:
    tamper(lambda c: c.execute(delete(ENTRIES).where(ENTRIES.c.id == sealed.ids[1])))
    bad = app.test_cli_runner().invoke(args=["audit", "verify", "--tenant", "vos"])
    assert bad.exit_code == 1
    assert "GEBROKEN" in bad.output


def test_a_seal_waits_for_whoever_is_halfway_writing(app: Flask, vos: SimpleNamespace) -> None:
    """Else an entry could be committed into time that is sealed already, and look like one that was inserted."""
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    halfway, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with app.app_context():
            actor = process("vos")
            with write_transaction() as session:
                record(session, actor, "location.changed", name="langzaam")
                session.flush()
                halfway.set()
                go_on.wait(30)
            tenants.leave()

    thread = threading.Thread(target=slow)
    thread.start()
    assert halfway.wait(30)
    process("vos")
    with write_transaction() as session:
        record(session, vos.actor, "location.changed", name="snel")
    assert seals.seal(KEYS, vos.tenant_id, NOW) == 0
    go_on.set()
    thread.join()
    assert seals.seal(KEYS, vos.tenant_id, NOW) > 1
    assert verdict().broken == ""


def test_the_key_follows_from_the_secret_until_one_is_given(app: Flask) -> None:
    settings = app.extensions["crafter"].settings
    (derived,) = settings.audit_keys
    (other,) = replace(settings, secret_key="another secret, long enough too").audit_keys
    assert derived != other
    given = replace(settings, given_audit_keys={"v1": b"1" * 32, "v2": b"2" * 32})
    assert list(given.audit_keys) == [derived, "v1", "v2"]  # the last one seals, the others still verify
    with pytest.raises(UnsafeSettings, match="AUDIT_KEY"):
        from_environment({"CRAFTER_ENV": "demo", "DATA": str(settings.data), "AUDIT_KEY": "kort"})
