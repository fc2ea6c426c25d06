"""Relations made in the bookkeeping from here, fetched one by one, and lists too long for one answer."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from domain.message import NOTHING, Refusal
from domain.relation import RelationDetails
from gateways.bookkeeping import BookkeepingError, RelationRows, RemoteRelation, Unreachable
from models import AuditEntry, Connection, Relation
from services.catalogue import lookalikes, relations, remote_relations
from services.link import connection, reading
from services.transaction import write_transaction
from tenancy.database import db
from tests.services.test_sync import remote, stored
from tests.support.sandbox_process import Sandbox

OVEN = RelationDetails(
    name="Bakkerij De Oven", postcode="1234 AB", city="Waterveen", email="oven@bakkerij.example", contact="Ans Meel"
)


def row_of(relation_id: Any) -> Relation:
    db.session.rollback()
    row = relations.get(relation_id)
    assert row
    return row


def there(sandbox: Sandbox, name: str = OVEN.name) -> list[dict[str, Any]]:
    return [row for row in sandbox.relations("demo") if row["Bedrijf"] == name]


def made(vos: SimpleNamespace, **changes: Any) -> Any:
    return relations.create(vos.actor, replace(OVEN, **changes))


def highest(sandbox: Sandbox) -> int:
    return max(int(row["Code"]) for row in sandbox.relations("demo") if row["Code"].isdecimal())


def test_a_relation_without_a_code_is_made_under_the_next_free_one(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    relations.sync(vos.deps, vos.actor)
    relation_id = made(vos)
    code = remote_relations.create_remote(vos.deps, vos.actor, relation_id)
    (kept,) = there(sandbox)
    row = row_of(relation_id)
    assert code == row.code == kept["Code"] == str(highest(sandbox))
    assert row.remote_id == kept["ID"]
    assert (kept["Plaats"], kept["Contactpersoon"], kept["BP"]) == ("Waterveen", "Ans Meel", "B")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "relation.made_there")).one()
    assert entry.data == {"code": code}
    run = relations.sync(vos.deps, vos.actor)
    assert (run.added, run.changed, run.vanished) == (0, 0, 0)


def test_a_code_that_somebody_over_there_took_first_is_passed_over(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    relations.sync(vos.deps, vos.actor)
    next_one = highest(sandbox) + 1
    sandbox.relations("demo", {"add": [{"Code": str(next_one), "Bedrijf": "Een ander"}]})
    assert remote_relations.create_remote(vos.deps, vos.actor, made(vos)) == str(next_one + 1)
    assert len(there(sandbox)) == len(there(sandbox, "Een ander")) == 1


def test_one_that_is_only_called_the_same_is_not_taken_for_the_one_that_has_the_code(
    sandbox: Sandbox, vos: SimpleNamespace
) -> None:
    """Without postcode and address of mail two are alike to the fingerprint; each gets a customer of its own there."""
    bare = RelationDetails(name="Jansen")
    first, second = (relations.create(vos.actor, bare) for _ in range(2))
    code = remote_relations.create_remote(vos.deps, vos.actor, first)
    with write_transaction() as session:  # another code here, so that its number seems free
        session.get_one(Relation, (vos.tenant_id, first)).code = "ANDERS"
    assert remote_relations.create_remote(vos.deps, vos.actor, second) != code
    assert len(there(sandbox, "Jansen")) == 2
    assert row_of(first).remote_id != row_of(second).remote_id


def test_a_code_of_ones_own_is_kept_or_refused(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    sandbox.relations("demo", {"add": [{"Code": "OVEN", "Bedrijf": "Een ander"}]})
    relation_id = made(vos, code="OVEN")
    with pytest.raises(Refusal) as caught:
        remote_relations.create_remote(vos.deps, vos.actor, relation_id)
    assert caught.value.field == "code"
    row = row_of(relation_id)
    assert (row.code, row.remote_id) == ("OVEN", None)
    assert there(sandbox) == []
    relations.edit(vos.actor, relation_id, replace(OVEN, code="BAKKER"))
    assert remote_relations.create_remote(vos.deps, vos.actor, relation_id) == "BAKKER"


@pytest.mark.parametrize("kind", ["lost_answer", "reset_mid", "late_act"])
def test_after_a_lost_answer_a_second_press_makes_no_second_relation(
    sandbox: Sandbox, vos: SimpleNamespace, kind: str
) -> None:
    relation_id = made(vos)
    sandbox.mischief("demo", [{"kind": kind, "operation": "AddRelatie", "seconds": 0}])
    with pytest.raises(Refusal):
        remote_relations.create_remote(vos.deps, vos.actor, relation_id)
    row = row_of(relation_id)
    assert row.code
    assert row.remote_id is None
    remote_relations.create_remote(vos.deps, vos.actor, relation_id)
    (kept,) = there(sandbox)
    assert row_of(relation_id).remote_id == kept["ID"]


def test_after_a_lost_answer_a_sync_recognises_the_relation(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    relations.sync(vos.deps, vos.actor)
    relation_id = made(vos)
    sandbox.mischief("demo", [{"kind": "lost_answer", "operation": "AddRelatie"}])
    with pytest.raises(Refusal):
        remote_relations.create_remote(vos.deps, vos.actor, relation_id)
    run = relations.sync(vos.deps, vos.actor)
    assert (run.added, run.changed) == (0, 1)
    assert row_of(relation_id).remote_id == there(sandbox)[0]["ID"]
    with pytest.raises(Refusal, match="staat al"):
        remote_relations.create_remote(vos.deps, vos.actor, relation_id)


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "refuse", "operation": "AddRelatie", "code": "CREL009", "text": "Naam bestaat al"},
        {"kind": "refuse", "operation": "AddRelatie", "code": "E003.1"},
        {"kind": "password_changed"},
        {"kind": "html_503", "operation": "OpenSession"},
        {"kind": "lost_answer", "operation": "OpenSession"},
    ],
)
def test_after_a_certain_no_the_made_up_code_is_free_again(
    sandbox: Sandbox, vos: SimpleNamespace, rule: dict[str, Any]
) -> None:
    relation_id = made(vos)
    vos.deps.bookkeeping.forget(vos.tenant_id)
    sandbox.mischief("demo", [rule])
    with pytest.raises(Refusal) as caught:
        remote_relations.create_remote(vos.deps, vos.actor, relation_id)
    row = row_of(relation_id)
    assert (row.code, row.remote_id) == (None, None)
    assert there(sandbox) == []
    if rule.get("text"):
        assert "Naam bestaat al" in str(caught.value)
    if rule["kind"] == "password_changed":
        assert connection.present().state == "broken"


def test_wrong_numbers_and_long_texts_are_named_before_anything_is_sent(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    relation_id = made(vos)
    with write_transaction() as session:
        relations.locked(session, relation_id).iban = "NL00ABNA0417164300"
    for field, value in (("iban", "NL00ABNA0417164300"), ("name", "x\x0by")):
        with write_transaction() as session:
            row = relations.locked(session, relation_id)
            row.iban = ""
            setattr(row, field, value)
        with pytest.raises(Refusal) as caught:
            remote_relations.create_remote(vos.deps, vos.actor, relation_id)
        assert caught.value.field == field
        assert row_of(relation_id).code is None
    assert "AddRelatie" not in [call["operation"] for call in sandbox.calls("demo")]


def test_without_an_active_link_nothing_is_made_or_fetched(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    relation_id = made(vos)
    connection.switch_feature(vos.actor, False)
    with pytest.raises(Refusal, match="niet actief"):
        remote_relations.create_remote(vos.deps, vos.actor, relation_id)
    with pytest.raises(Refusal, match="niet actief"):
        remote_relations.fetch(vos.deps, vos.actor, "1001")
    assert row_of(relation_id).code is None
    assert sandbox.calls("demo") == []


def test_an_answer_about_other_books_is_not_kept(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    relation_id = made(vos)
    real = vos.deps.bookkeeping

    class Switched:
        """The link changes while the call is under way."""

        def add_relation(self, *given: Any) -> int:
            number: int = real.add_relation(*given)
            with write_transaction() as session:
                session.scalars(select(Connection)).one().version += 1
            return number

    with pytest.raises(Refusal, match="gewijzigd"):
        remote_relations.create_remote(replace(vos.deps, bookkeeping=Switched()), vos.actor, relation_id)
    assert row_of(relation_id).remote_id is None


def test_a_missing_relation_is_fetched_by_its_code(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    sandbox.relations("demo", {"add": [{"Code": "7777", "Bedrijf": "Verre klant", "Plaats": "Oudedijk"}]})
    relation_id = remote_relations.fetch(vos.deps, vos.actor, " 7777 ")
    row = row_of(relation_id)
    assert (row.name, row.city, row.code) == ("Verre klant", "Oudedijk", "7777")
    assert row.remote_id == there(sandbox, "Verre klant")[0]["ID"]
    assert remote_relations.fetch(vos.deps, vos.actor, "7777") == relation_id
    assert db.session.scalar(select(Relation.id).where(Relation.vanished_at.is_not(None)).limit(1)) is None


def test_a_code_that_is_not_there_and_an_empty_one_are_refused(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    with pytest.raises(Refusal, match="geen relatie met code 9999"):
        remote_relations.fetch(vos.deps, vos.actor, "9999")
    with pytest.raises(Refusal):
        remote_relations.fetch(vos.deps, vos.actor, " ")
    sandbox.mischief("demo", [{"kind": "html_503", "operation": "GetRelaties"}])
    with pytest.raises(Refusal, match="geen bruikbaar antwoord"):
        remote_relations.fetch(vos.deps, vos.actor, "1001")


# -- lists that were searched for ---------------------------------------------------------------------------


class Long:
    """A bookkeeping whose list was too long for one answer: `listed` came out of the search, `real` is there."""

    def __init__(self, listed: list[RemoteRelation], real: list[RemoteRelation], trouble: bool = False) -> None:
        self.listed = listed
        self.real = real
        self.trouble = trouble
        self.looked: list[str] = []

    def relations(self, credentials: object, go_on: object = None) -> RelationRows:
        return RelationRows(tuple(self.listed), complete=True, calls=90)

    def relation(self, credentials: object, code: str) -> RemoteRelation | None:
        assert not db.session().in_transaction()
        self.looked.append(code)
        if self.trouble:
            raise Unreachable("weg")
        return next((row for row in self.real if row.code == code), None)


@pytest.mark.parametrize("missed", [True, False])
def test_whoever_a_search_does_not_show_is_asked_for_before_being_called_vanished(
    vos: SimpleNamespace, missed: bool
) -> None:
    rows = [remote(n, str(5000 + n)) for n in range(1, 6)]
    stored(vos, *rows)
    books = Long(rows[:4], rows if missed else rows[:4])
    run = relations.sync(replace(vos.deps, bookkeeping=books), vos.actor)
    assert books.looked == ["5005"]
    assert (run.error, run.complete, run.vanished) == ((NOTHING, False, 0) if missed else (NOTHING, True, 1))


def test_when_many_are_missing_nobody_is_asked_for_and_nobody_vanishes(vos: SimpleNamespace) -> None:
    rows = [remote(n, str(5000 + n)) for n in range(1, reading._MOST_LOOKS + 3)]
    stored(vos, *rows)
    books = Long(rows[:1], rows)
    run = relations.sync(replace(vos.deps, bookkeeping=books), vos.actor)
    assert books.looked == []
    assert (run.complete, run.vanished) == (False, 0)


def test_trouble_while_asking_is_a_failed_run_and_nobody_vanishes(vos: SimpleNamespace) -> None:
    rows = [remote(n, str(5000 + n)) for n in range(1, 4)]
    stored(vos, *rows)
    run = relations.sync(replace(vos.deps, bookkeeping=Long(rows[:1], rows, trouble=True)), vos.actor)
    assert str(run.error) == "weg"
    assert run.vanished == 0
    assert issubclass(Unreachable, BookkeepingError)


# one that looks like another (M6), and one whose answer was lost (M15)

KNOWN = {"Code": "1500", "Bedrijf": "Bakkerij De Oven B.V.", "Postcode": "1234AB", "Email": "info@deoven.example",
         "KvkNummer": "12345678", "BTWNummer": "NL001234567B01"}  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (RelationDetails("bakkerij de oven", postcode="1234 ab"), "dezelfde naam en postcode"),
        (RelationDetails("Een ander", email="Info@DeOven.example"), "hetzelfde e-mailadres"),
        (RelationDetails("Een ander", coc_number="1234 5678"), "hetzelfde KvK-nummer"),
    ],
)
def test_one_that_looks_like_another_is_shown_before_it_is_made(
    sandbox: Sandbox, vos: SimpleNamespace, typed: RelationDetails, why: str
) -> None:
    sandbox.relations("demo", {"add": [KNOWN]})
    relations.sync(vos.deps, vos.actor)
    relation_id = relations.create(vos.actor, typed)
    (alike,) = lookalikes.of(row_of(relation_id))
    assert (alike.name, alike.code, alike.there, alike.why) == ("Bakkerij De Oven B.V.", "1500", True, why)
    with pytest.raises(remote_relations.LooksLike, match="Bakkerij De Oven"):
        remote_relations.create_remote(vos.deps, vos.actor, relation_id)
    assert row_of(relation_id).code is None
    assert "AddRelatie" not in [call["operation"] for call in sandbox.calls("demo")]
    assert remote_relations.create_remote(vos.deps, vos.actor, relation_id, anyway=True)
    assert row_of(relation_id).remote_id


def test_one_that_only_shares_a_postcode_or_a_name_is_another(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    sandbox.relations("demo", {"add": [KNOWN]})
    relations.sync(vos.deps, vos.actor)
    for typed in (RelationDetails("Slagerij Oven", postcode="1234 AB"), RelationDetails("Bakkerij De Oven")):
        assert lookalikes.of(row_of(relations.create(vos.actor, typed))) == ()


def test_one_made_here_twice_is_shown_too(vos: SimpleNamespace) -> None:
    first, second = made(vos), made(vos)
    assert [one.id for one in lookalikes.of(row_of(second))] == [first]
    assert not lookalikes.of(row_of(second))[0].there


def test_after_a_lost_answer_a_corrected_relation_is_recognised_and_its_correction_goes_over(
    sandbox: Sandbox, vos: SimpleNamespace
) -> None:
    relation_id = made(vos)
    sandbox.mischief("demo", [{"kind": "lost_answer", "operation": "AddRelatie"}])
    with pytest.raises(Refusal):
        remote_relations.create_remote(vos.deps, vos.actor, relation_id)
    code = row_of(relation_id).code
    relations.edit(vos.actor, relation_id, replace(OVEN, name="Bakkerij De Nieuwe Oven", code=code))
    assert remote_relations.create_remote(vos.deps, vos.actor, relation_id) == code
    assert there(sandbox) == []
    (kept,) = there(sandbox, "Bakkerij De Nieuwe Oven")
    row = row_of(relation_id)
    assert (row.remote_id, row.name, row.sent_as) == (kept["ID"], "Bakkerij De Nieuwe Oven", "")


def test_where_the_correction_does_not_arrive_it_is_said(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    relation_id = made(vos)
    sandbox.mischief("demo", [{"kind": "lost_answer", "operation": "AddRelatie"}])
    with pytest.raises(Refusal):
        remote_relations.create_remote(vos.deps, vos.actor, relation_id)
    code = row_of(relation_id).code
    relations.edit(vos.actor, relation_id, replace(OVEN, name="Bakkerij De Nieuwe Oven", code=code))
    sandbox.mischief("demo", [{"kind": "refuse", "operation": "UpdateRelatie", "code": "CREL009", "text": "x"}])
    with pytest.raises(Refusal, match="Wijzig het opnieuw"):
        remote_relations.create_remote(vos.deps, vos.actor, relation_id)
    assert (row_of(relation_id).name, row_of(relation_id).remote_id) == (OVEN.name, there(sandbox)[0]["ID"])


def test_a_sync_that_puts_an_old_name_back_over_a_correction_says_so(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    relations.sync(vos.deps, vos.actor)
    relation_id = made(vos)
    sandbox.mischief("demo", [{"kind": "lost_answer", "operation": "AddRelatie"}])
    with pytest.raises(Refusal):
        remote_relations.create_remote(vos.deps, vos.actor, relation_id)
    code = row_of(relation_id).code
    relations.edit(vos.actor, relation_id, replace(OVEN, name="Bakkerij De Nieuwe Oven", code=code))
    run = relations.sync(vos.deps, vos.actor)
    assert (run.remark.key, str(run.remark.values["names"][0])) == ("run.put_back", "Bakkerij De Nieuwe Oven")
    assert row_of(relation_id).name == OVEN.name
    assert relations.sync(vos.deps, vos.actor).remark == NOTHING


def test_a_code_that_is_another_ones_stays_another_ones_after_a_lost_answer(
    sandbox: Sandbox, vos: SimpleNamespace
) -> None:
    relation_id = made(vos, code="OVEN")
    sandbox.mischief("demo", [{"kind": "lost_answer", "operation": "AddRelatie", "act": False}])
    sandbox.relations("demo", {"add": [{"Code": "OVEN", "Bedrijf": "Heel iemand anders"}]})
    for _ in range(2):
        with pytest.raises(Refusal):
            remote_relations.create_remote(vos.deps, vos.actor, relation_id)
    assert row_of(relation_id).remote_id is None
