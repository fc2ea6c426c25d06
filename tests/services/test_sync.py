"""Reading relations and articles in, against the play bookkeeping over real HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from domain.message import NOTHING, Refusal
from domain.relation import RelationDetails
from gateways.bookkeeping import ArticleRows, Odd, OddRow, RelationRows, RemoteArticle, RemoteRelation
from gateways.eboekhouden.narrowing import Narrowing
from models import Article, AuditEntry, Connection, Location, Relation, SyncRun, TenantStatus
from services.catalogue import articles, locations, relations, waiting_runs
from services.link import connection, reading, remarks, runs
from services.link.merging import Found, Kind
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db
from tests.support.sandbox_process import Sandbox


def ours(code: str) -> Relation | None:
    return db.session.scalars(select(Relation).where(Relation.code == code)).one_or_none()


def sites(relation_id: Any) -> list[Location]:
    return list(db.session.scalars(select(Location).where(Location.relation_id == relation_id)))


def change(sandbox: Sandbox, code: str, **fields: Any) -> None:
    sandbox.relations("demo", {"add": [{"Code": code, **fields}]})


def remote(number: int, code: str, **fields: Any) -> RemoteRelation:
    blank = dict.fromkeys(("contact", "address", "postcode", "city", "country", "phone", "mobile", "email"), "")
    rest = {"vat_number": "", "coc_number": "", "iban": "", "is_company": True, "name": f"Klant {number}"}
    return RemoteRelation(remote_id=number, code=code, **(blank | rest | fields))


def taken_in(vos: SimpleNamespace, kind: Kind, found: Found, since: datetime | None = None) -> SyncRun:
    credentials = connection.active_credentials(vos.deps)
    assert credentials
    db.session.rollback()
    run = reading.store(vos.deps, vos.actor, kind, found, credentials, since or database_now(db.session()))
    assert run
    return run


def stored(vos: SimpleNamespace, *rows: RemoteRelation, complete: bool = True) -> SyncRun:
    """As if the bookkeeping had answered with these rows."""
    return taken_in(vos, relations.KIND, RelationRows(rows, complete))


@pytest.fixture
def empty(vos: SimpleNamespace) -> SimpleNamespace:
    """Vos with nothing but one relation of its own, code 1001."""
    with write_transaction() as session:
        for row in session.scalars(select(Relation).where(Relation.id != vos.relation_id)):
            session.delete(row)
        own = session.scalars(select(Relation)).one()
        own.remote_id, own.synced_at, own.code, own.name = None, None, "1001", "Familie Vos"
    return vos


def test_a_second_sync_finds_everything_unchanged_and_writes_no_relation(
    sandbox: Sandbox, vos: SimpleNamespace
) -> None:
    relations.sync(vos.deps, vos.actor)
    stamps = dict(db.session.execute(select(Relation.id, Relation.synced_at)).all())
    run = relations.sync(vos.deps, vos.actor)
    assert (run.added, run.changed, run.vanished, run.error, run.complete) == (0, 0, 0, NOTHING, True)
    assert run.unchanged == len(sandbox.relations("demo"))
    assert dict(db.session.execute(select(Relation.id, Relation.synced_at)).all()) == stamps


def test_new_changed_and_vanished_relations_are_counted_and_written(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    relations.sync(vos.deps, vos.actor)
    code = next(row["Code"] for row in sandbox.relations("demo") if row["Code"] != "1001")
    change(sandbox, "7777", Bedrijf="Bakkerij De Oven", BP="B")
    change(sandbox, "1001", Bedrijf="Fam. Nieuwenaam", BP="P", Plaats="Kruisdonk")
    sandbox.relations("demo", {"remove": [code]})
    run = relations.sync(vos.deps, vos.actor)
    assert (run.added, run.changed, run.vanished, run.complete) == (1, 1, 1, True)
    fresh, changed, gone = ours("7777"), ours("1001"), ours(code)
    assert fresh
    assert fresh.name == "Bakkerij De Oven"
    assert fresh.remote_id
    assert changed
    assert (changed.name, changed.city, changed.is_company) == ("Fam. Nieuwenaam", "Kruisdonk", False)
    assert gone
    assert gone.vanished_at
    assert gone.id not in {row.id for row in relations.find("", 20)}


def test_a_vanished_relation_that_is_back_is_no_longer_vanished(empty: SimpleNamespace) -> None:
    stored(empty, remote(1, "1001"), remote(2, "1002"))
    assert stored(empty, remote(1, "1001")).vanished == 1
    run = stored(empty, remote(1, "1001"), remote(2, "1002"))
    assert (run.added, run.changed) == (0, 1)
    back = ours("1002")
    assert back
    assert back.vanished_at is None


def test_a_relation_made_here_with_the_same_code_is_adopted_with_its_notes_and_sites(empty: SimpleNamespace) -> None:
    relations.save_own(empty.actor, empty.relation_id, relations.Own("Sleutel bij de buren", True))
    run = stored(empty, remote(501, "1001", name="Fam. Vos"))
    row = relations.get(empty.relation_id)
    assert row
    assert (row.remote_id, row.name, row.notes) == (501, "Fam. Vos", "Sleutel bij de buren")
    assert row.asks_order_number
    assert [place.id for place in row.locations] == [empty.location_id]
    assert (run.added, run.changed) == (0, 1)


def test_nothing_vanishes_when_the_answer_was_capped(empty: SimpleNamespace) -> None:
    stored(empty, remote(1, "1001"), remote(2, "1002"))
    run = stored(empty, remote(1, "1001"), complete=False)
    assert (run.vanished, run.complete, run.error) == (0, False, NOTHING)
    left = ours("1002")
    assert left
    assert left.vanished_at is None


@pytest.mark.slow
def test_more_than_two_thousand_relations_come_whole_and_who_is_gone_vanishes(
    sandbox: Sandbox, vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vos.deps.bookkeeping, "narrowing", Narrowing(pause=0))
    relations.sync(vos.deps, vos.actor)
    code = next(row["Code"] for row in sandbox.relations("demo") if row["Code"] != "1001")
    sandbox.relations("demo", {"generate": 2100})
    sandbox.relations("demo", {"remove": [code]})
    run = relations.sync(vos.deps, vos.actor)
    assert (run.complete, run.added, run.vanished, run.error) == (True, 2100, 1, NOTHING)
    gone = ours(code)
    assert gone
    assert gone.vanished_at


def test_an_empty_answer_while_we_have_relations_is_not_whole(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    relations.sync(vos.deps, vos.actor)
    sandbox.relations("demo", [])
    run = relations.sync(vos.deps, vos.actor)
    assert (run.complete, run.vanished, run.error) == (False, 0, NOTHING)
    assert db.session.scalar(select(Relation.id).where(Relation.vanished_at.is_not(None)).limit(1)) is None


def test_an_empty_answer_for_empty_books_is_whole(empty: SimpleNamespace) -> None:
    run = stored(empty)
    assert (run.complete, run.added, run.vanished) == (True, 0, 0)
    own = relations.get(empty.relation_id)
    assert own
    assert own.vanished_at is None


def test_codes_that_change_places_do_not_clash(empty: SimpleNamespace) -> None:
    stored(empty, remote(1, "1001"), remote(2, "1002"), remote(3, "1003"))
    run = stored(empty, remote(1, "1002"), remote(2, "1003"), remote(3, "1001"))
    assert (run.changed, run.unchanged) == (3, 0)
    codes = dict(db.session.execute(select(Relation.remote_id, Relation.code)).all())
    assert codes == {1: "1002", 2: "1003", 3: "1001"}


def test_a_code_taken_by_another_over_there_leaves_the_row_that_had_it(empty: SimpleNamespace) -> None:
    stored(empty, remote(1, "2000"))
    relations.create(empty.actor, RelationDetails(name="Zelf gemaakt", code="3000"))
    stored(empty, remote(1, "3000"))
    holder = ours("3000")
    assert holder
    assert holder.remote_id == 1
    own = db.session.scalars(select(Relation).where(Relation.name == "Zelf gemaakt")).one()
    assert (own.code, own.remote_id) == (None, None)


def test_a_code_given_to_another_customer_does_not_turn_the_old_one_into_the_new_one(empty: SimpleNamespace) -> None:
    stored(empty, remote(1, "1001"), remote(2, "1002", name="Fam. Oud"))
    run = stored(empty, remote(1, "1001"), remote(9, "1002", name="Fam. Nieuw"))
    assert (run.added, run.vanished) == (1, 1)
    names = dict(db.session.execute(select(Relation.name, Relation.code)).all())
    assert names["Fam. Nieuw"] == "1002"
    assert names["Fam. Oud"] is None


def test_books_restored_under_new_ids_are_recognised_by_code_and_name(empty: SimpleNamespace) -> None:
    stored(empty, remote(1, "1001"), remote(2, "1002", name="Fam. Smit"))
    before = ours("1002")
    assert before
    run = stored(empty, remote(11, "1001", name="Klant 1"), remote(12, "1002", name="Fam. Smit"))
    assert (run.added, run.vanished, run.changed) == (0, 0, 2)
    after = ours("1002")
    assert after
    assert (after.id, after.remote_id) == (before.id, 12)


def test_the_same_code_twice_or_none_at_all_is_no_crash(empty: SimpleNamespace) -> None:
    rows = (remote(5, "1005"), remote(6, "1005"), remote(7, ""), remote(8, "x" * 40), remote(5, "1005"))
    assert stored(empty, *rows).added == 4
    assert stored(empty, *rows).unchanged == 4
    nameless = stored(empty, *rows[1:], remote(9, "1009", name=" ", contact="J. Smit"))
    assert nameless.added == 1
    named = ours("1009")
    assert named
    assert named.name == "J. Smit"


def test_a_code_filled_in_here_stays_when_theirs_is_empty(empty: SimpleNamespace) -> None:
    stored(empty, remote(7, ""))
    row = db.session.scalars(select(Relation).where(Relation.remote_id == 7)).one()
    relations.save_code(empty.actor, row.id, "4242")
    assert stored(empty, remote(7, "")).unchanged == 1
    assert ours("4242")


def test_a_lost_answer_changes_nothing_and_says_why(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    relations.sync(vos.deps, vos.actor)
    before = db.session.scalars(select(Relation.name).order_by(Relation.id)).all()
    change(sandbox, "1001", Bedrijf="Komt niet aan")
    sandbox.mischief("demo", [{"kind": "html_503", "operation": "GetRelaties"}])
    run = relations.sync(vos.deps, vos.actor)
    assert run.error
    assert (run.complete, run.added, run.changed, run.vanished) == (False, 0, 0, 0)
    assert db.session.scalars(select(Relation.name).order_by(Relation.id)).all() == before
    assert runs.last_run("relations") is run
    success = runs.last_success("relations")
    assert success is not None
    assert success is not run


def test_refused_credentials_break_the_link_and_are_kept_with_the_run(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    vos.deps.bookkeeping.forget(vos.actor.tenant_id)
    sandbox.mischief("demo", [{"kind": "password_changed", "operation": "OpenSession"}])
    run = relations.sync(vos.deps, vos.actor)
    assert run.error_code.startswith("E001")
    assert run.error
    row = connection.present()
    assert (row.state, row.broken_code) == ("broken", run.error_code)
    with pytest.raises(Refusal):
        relations.sync(vos.deps, vos.actor)


def test_without_an_active_link_nothing_is_read(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    connection.switch_feature(vos.actor, False)
    calls = len(sandbox.calls("demo"))
    with pytest.raises(Refusal):
        relations.sync(vos.deps, vos.actor)
    with pytest.raises(Refusal):
        articles.sync(vos.deps, vos.actor)
    assert len(sandbox.calls("demo")) == calls


def test_switched_off_relations_are_not_read_but_articles_are(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    with write_transaction() as session:
        session.scalars(select(Connection)).one().sync_relations = False
    with pytest.raises(Refusal, match="staat uit"):
        relations.sync(vos.deps, vos.actor)
    assert articles.sync(vos.deps, vos.actor).error == NOTHING


def test_rows_read_with_credentials_that_changed_meanwhile_are_not_stored(vos: SimpleNamespace) -> None:
    credentials = connection.active_credentials(vos.deps)
    assert credentials is not None
    rows = RelationRows((remote(99, "9999"),), True)
    older = replace(credentials, version=credentials.version - 1)
    with pytest.raises(connection.LinkChanged):
        reading.store(vos.deps, vos.actor, relations.KIND, rows, older, database_now(db.session()))
    assert ours("9999") is None


def test_a_run_is_kept_in_the_trail_and_in_supports_overview(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    run = relations.sync(vos.deps, vos.actor)
    assert (run.what, run.by) == ("relations", vos.actor.person_name)
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(1)).one()
    assert entry.event == "relations.synced"
    status = db.session.get(TenantStatus, vos.actor.tenant_id)
    assert status
    assert status.synced_at == run.finished_at


def test_articles_follow_the_bookkeeping_and_keep_a_vat_code_we_do_not_sell_with(vos: SimpleNamespace) -> None:
    given = RemoteArticle(4001, "ZON-1", "Zonnepaneel 400 Wp", "stuk", Decimal("129.0000"), "HOOG_INK_21", "8000", True)
    first = taken_in(vos, articles.KIND, ArticleRows((given,), False))
    assert (first.added, first.vanished, first.complete) == (1, 0, False)
    row = db.session.scalars(select(Article).where(Article.code == "ZON-1")).one()
    assert (row.vat_code, row.price) == ("HOOG_INK_21", Decimal(129))
    assert articles.unsellable(row.vat_code)
    assert taken_in(vos, articles.KIND, ArticleRows((given,), False)).unchanged == 1
    dearer = replace(given, price=Decimal("135.50"), active=False)
    assert taken_in(vos, articles.KIND, ArticleRows((dearer,), False)).changed == 1
    assert row.price == Decimal("135.50")
    assert "ZON-1" not in {choice.code for choice in articles.find("", 50)}


def test_a_site_that_an_order_names_cannot_be_removed(vos: SimpleNamespace) -> None:
    with pytest.raises(Refusal):
        locations.remove(vos.actor, vos.relation_id, vos.location_id)
    spare = locations.create(vos.actor, vos.relation_id, locations.LocationInput(address="Kade 2"))
    locations.remove(vos.actor, vos.relation_id, spare)
    assert [place.id for place in sites(vos.relation_id)] == [vos.location_id]


def test_records_that_could_not_be_taken_as_they_stood_are_named_in_the_run(
    sandbox: Sandbox, vos: SimpleNamespace
) -> None:
    for number in range(12):
        change(sandbox, f"C{number:02d}", Bedrijf=f"Bakker{chr(11)}{number}")
    run = relations.sync(vos.deps, vos.actor)
    assert (run.error, run.complete) == (NOTHING, True)
    told = str(run.remark)
    assert "C00 Bakker 0" in told
    assert "C09 Bakker 9, en nog 2" in told
    assert ours("C11") is not None
    assert str(remarks.remark((OddRow("", Odd.UNREADABLE), OddRow("A1", Odd.CLEANED)))) == (
        "Niet opgehaald, want onleesbaar: een zonder code en naam. "
        "Opgehaald, met een spatie waar een teken stond dat niet in een tekst hoort: A1."
    )


def test_at_a_limit_a_reading_waits_for_the_worker_and_asks_nothing_until_it_is_over(
    sandbox: Sandbox, vos: SimpleNamespace
) -> None:
    sandbox.mischief("demo", [{"operation": "GetRelaties", "kind": "refuse", "code": "E003.3", "text": "Limit"}])
    run = relations.sync_now(vos.deps, vos.actor)
    until = connection.paused_until()
    assert until is not None
    assert (run.finished_at, run.lease_until) == (None, None)
    assert runs.next_due() == until
    asked = len(sandbox.calls("demo"))
    other = articles.sync_now(vos.deps, vos.actor)
    assert other.finished_at is None
    waiting_runs.carry_out(vos.deps, vos.actor)
    assert len(sandbox.calls("demo")) == asked
    with write_transaction() as session:
        connection.locked(session).paused_until = None
    waiting_runs.carry_out(vos.deps, vos.actor)
    assert {one.what: str(one.error) for one in db.session.scalars(select(SyncRun))} == {
        "relations": "",
        "articles": "",
    }
