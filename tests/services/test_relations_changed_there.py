"""Relations of the bookkeeping, changed from here: theirs first, ours only after their yes."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from domain.message import Refusal
from domain.relation import RelationDetails
from models import AuditEntry, Relation
from services.catalogue import relations, remote_relations
from services.link import connection
from services.trail.history import sentence
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.sandbox_process import Sandbox

CODE = "1001"


@pytest.fixture
def synced(sandbox: Sandbox, vos: SimpleNamespace) -> SimpleNamespace:
    """Vos with its relations read in; `seen` is the one with code 1001 as its form shows it."""
    relations.sync(vos.deps, vos.actor)
    row = db.session.scalars(select(Relation).where(Relation.code == CODE)).one()
    vos.row_id, vos.seen = row.id, remote_relations.as_typed(row)
    return vos


def ours(row_id: Any) -> RelationDetails:
    db.session.rollback()
    row = relations.get(row_id)
    assert row
    return remote_relations.as_typed(row)


def theirs(sandbox: Sandbox) -> dict[str, Any]:
    return next(row for row in sandbox.relations("demo") if row["Code"] == CODE)


def save(synced: SimpleNamespace, **typed: Any) -> tuple[str, ...]:
    return remote_relations.edit_remote(
        synced.deps, synced.actor, synced.row_id, replace(synced.seen, **typed), synced.seen
    )


def test_what_was_typed_stands_there_and_here_and_the_rest_is_as_it_was(
    sandbox: Sandbox, synced: SimpleNamespace
) -> None:
    before = theirs(sandbox)
    sandbox.relations("demo", {"add": [before | {"Notitie": "van hen", "Telefoon": "020-1112223"}]})
    changed = save(synced, city=" Oudedijk ", iban="nl91 abna 0417 1643 00")
    assert set(changed) == {"city", "iban"}
    expected = {"Plaats": "Oudedijk", "IBAN": "NL91ABNA0417164300", "Notitie": "van hen", "Telefoon": "020-1112223"}
    assert theirs(sandbox) == before | expected
    assert ours(synced.row_id) == replace(synced.seen, city="Oudedijk", iban="NL91ABNA0417164300")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "relation.changed_there")).one()
    assert (str(sentence(entry)), entry.subject_id) == (
        "Relatie gewijzigd, hier en in e-Boekhouden: plaats, IBAN",
        synced.row_id,
    )


def test_when_nothing_was_typed_nothing_is_sent(sandbox: Sandbox, synced: SimpleNamespace) -> None:
    before = len(sandbox.calls("demo"))
    assert save(synced) == ()
    assert len(sandbox.calls("demo")) == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("iban", "NL00ABNA0417164300"),
        ("vat_number", "NL000000000B00"),
        ("coc_number", "123"),
        ("postcode", "1234"),
        ("name", " "),
        ("contact", "x" * 51),
        ("city", "Oude\x0bdijk"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_changes_anywhere(
    sandbox: Sandbox, synced: SimpleNamespace, field: str, value: str
) -> None:
    before = theirs(sandbox)
    with pytest.raises(Refusal) as caught:
        save(synced, **{field: value})
    assert caught.value.field == field
    assert theirs(sandbox) == before
    assert ours(synced.row_id) == synced.seen
    assert sandbox.calls("demo", "UpdateRelatie") == []


def test_an_old_wrong_number_that_nobody_touched_is_in_nobodys_way(sandbox: Sandbox, synced: SimpleNamespace) -> None:
    sandbox.relations("demo", {"add": [theirs(sandbox) | {"KvkNummer": "12"}]})
    with write_transaction() as session:
        relations.locked(session, synced.row_id).coc_number = "12"
    synced.seen = replace(synced.seen, coc_number="12")
    assert save(synced, phone="0201234567") == ("phone",)
    assert theirs(sandbox)["KvkNummer"] == "12"


def test_a_field_that_was_changed_there_meanwhile_is_shown_first_and_replaced_on_the_second_press(
    sandbox: Sandbox, synced: SimpleNamespace
) -> None:
    moved = {"Plaats": "Kruisdonk", "Email": "nieuw@klant.example"}
    sandbox.relations("demo", {"add": [theirs(sandbox) | moved]})
    with pytest.raises(remote_relations.Moved) as caught:
        save(synced, city="Oudedijk", phone="0201234567")
    assert set(caught.value.told) == {"city"}
    assert "Kruisdonk" in str(caught.value)
    assert theirs(sandbox)["Plaats"] == "Kruisdonk"
    now = ours(synced.row_id)
    assert (now.city, now.email) == ("Kruisdonk", "nieuw@klant.example")
    synced.seen = now
    assert set(save(synced, city="Oudedijk", phone="0201234567")) == {"city", "phone"}
    kept = theirs(sandbox)
    assert (kept["Plaats"], kept["Telefoon"], kept["Email"]) == ("Oudedijk", "0201234567", "nieuw@klant.example")


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "refuse", "operation": "UpdateRelatie", "code": "CREL009", "text": "Plaats bestaat niet"},
        {"kind": "html_503", "operation": "GetRelaties"},
        {"kind": "reset_before", "operation": "UpdateRelatie"},
        {"kind": "html_503", "operation": "UpdateRelatie"},
    ],
)
def test_while_they_did_not_say_yes_ours_stays_as_it_was(
    sandbox: Sandbox, synced: SimpleNamespace, rule: dict[str, Any]
) -> None:
    before = theirs(sandbox)
    sandbox.mischief("demo", [rule])
    with pytest.raises(Refusal) as caught:
        save(synced, city="Oudedijk")
    assert theirs(sandbox) == before
    assert ours(synced.row_id) == synced.seen
    told = str(caught.value)
    assert rule.get("text", "sla over een paar minuten opnieuw op") in told
    if rule["operation"] == "GetRelaties":
        assert "Niet gewijzigd, hier niet en in e-Boekhouden niet" in told


@pytest.mark.parametrize("kind", ["lost_answer", "reset_mid", "empty_200"])
def test_a_lost_answer_is_read_back_and_what_arrived_is_taken_over(
    sandbox: Sandbox, synced: SimpleNamespace, kind: str
) -> None:
    sandbox.mischief("demo", [{"kind": kind, "operation": "UpdateRelatie"}])
    assert save(synced, city="Oudedijk") == ("city",)
    assert theirs(sandbox)["Plaats"] == ours(synced.row_id).city == "Oudedijk"
    assert len(sandbox.calls("demo", "UpdateRelatie")) == 1


def test_what_arrives_late_is_in_nobodys_way_at_the_next_press(sandbox: Sandbox, synced: SimpleNamespace) -> None:
    lost = {"kind": "lost_answer", "operation": "UpdateRelatie"}
    sandbox.mischief("demo", [lost, {"kind": "html_503", "operation": "GetRelaties", "skip": 1}])
    with pytest.raises(Refusal, match="niet zeker"):
        save(synced, city="Oudedijk")
    assert ours(synced.row_id) == synced.seen
    sandbox.clear_mischief("demo")
    assert theirs(sandbox)["Plaats"] == "Oudedijk"
    assert save(synced, city="Oudedijk") == ("city",)
    assert ours(synced.row_id).city == "Oudedijk"


def test_one_that_is_gone_there_one_that_is_only_here_and_no_link_are_refused(
    sandbox: Sandbox, synced: SimpleNamespace
) -> None:
    sandbox.relations("demo", {"remove": [CODE]})
    with pytest.raises(Refusal, match="staat niet meer in e-Boekhouden"):
        save(synced, city="Oudedijk")
    connection.switch_feature(synced.actor, False)
    with pytest.raises(Refusal, match="niet actief"):
        save(synced, city="Oudedijk")
    connection.switch_feature(synced.actor, True)
    synced.row_id = relations.create(synced.actor, RelationDetails(name="Alleen hier"))
    with pytest.raises(Refusal, match="nog niet in e-Boekhouden"):
        save(synced, city="Oudedijk")
    assert sandbox.calls("demo", "UpdateRelatie") == []
