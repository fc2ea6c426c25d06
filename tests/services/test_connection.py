"""The link: saving credentials, starting for real, breaking, undoing; and the invoice settings behind it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from domain.meanwhile import Opened
from domain.message import Refusal
from models import AuditEntry, Connection, LedgerAccount, Relation, TenantStatus
from services import paging
from services.catalogue import connecting
from services.invoicing import invoice_settings, issued_numbers, press
from services.invoicing.numbers import set_invoice_series
from services.link import connection
from services.trail import history
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.sandbox_process import Sandbox


def link() -> Connection:
    """The link as it stands in the database now."""
    db.session.rollback()
    return connection.present()


def events() -> list[str]:
    """The names of all that happened, oldest first."""
    return list(db.session.scalars(select(AuditEntry.event).order_by(AuditEntry.at, AuditEntry.id)))


def save(vos: SimpleNamespace, username: str, code1: str = "", code2: str = "") -> bool:
    return connection.save_credentials(vos.deps, vos.actor, username, code1, code2)


def test_the_codes_are_not_in_the_database_as_typed(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    account = sandbox.credentials("demo")
    row = link()
    assert row.code1_sealed
    assert account["code1"] not in row.code1_sealed + row.code2_sealed
    given = connection.credentials(vos.deps, row)
    assert given is not None
    assert (given.code1.reveal(), given.code2.reveal()) == (account["code1"], account["code2"])
    assert account["code1"] not in repr(given)


def test_empty_codes_beside_the_same_username_change_nothing(vos: SimpleNamespace) -> None:
    row = link()
    before = row.username, row.code1_sealed, row.code2_sealed, row.version, row.state

    assert save(vos, row.username) is False

    row = link()
    assert (row.username, row.code1_sealed, row.code2_sealed, row.version, row.state) == before


@pytest.mark.parametrize(
    ("username", "code1", "code2", "field"),
    [("", "x", "y", "username"), ("iemand-anders", "", "y", "code1"), ("iemand-anders", "x", "", "code2")],
)
def test_a_new_username_needs_both_codes(
    vos: SimpleNamespace, username: str, code1: str, code2: str, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        save(vos, username, code1, code2)
    assert refused.value.field == field
    assert link().state == "active"


def test_new_credentials_are_inactive_until_started_and_use_no_session_of_before(vos: SimpleNamespace) -> None:
    version = link().version
    assert save(vos, "iemand-anders", "x", "y") is True
    row = link()
    assert (row.state, row.version) == ("inactive", version + 1)
    assert connection.active_credentials(vos.deps) is None


def test_starting_reads_administration_ledgers_articles_and_relations(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    started = connecting.start(vos.deps, vos.actor)

    assert started.ok
    assert started.administration == sandbox.credentials("demo")["company"]
    codes = set(db.session.scalars(select(LedgerAccount.code)))
    assert started.ledgers == len(codes)
    assert {"8000", "8010"} <= codes
    assert started.articles == 6
    assert started.relations == len(sandbox.relations("demo"))
    assert link().active_since == started.since


def test_starting_opens_a_real_session_although_an_older_one_is_at_hand(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    assert connecting.start(vos.deps, vos.actor).ok
    sandbox.mischief("demo", [{"kind": "password_changed", "operation": "OpenSession"}])

    started = connecting.start(vos.deps, vos.actor)

    assert (started.ok, started.code) == (False, "E001.1")


def test_a_refused_code_breaks_the_link_and_says_which_one(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    account = sandbox.credentials("demo")
    save(vos, account["username"], account["code1"], "00000000-0000-4000-8000-000000000000")

    started = connecting.start(vos.deps, vos.actor)

    assert (started.ok, started.code) == (False, "E001.3")
    assert started.explanation is not None
    assert "Securitycode 2" in str(started.explanation.what)
    row = link()
    assert (row.state, row.broken_code) == ("broken", "E001.3")
    assert connection.active_credentials(vos.deps) is None
    assert events()[-1] == "connection.failed"


def test_no_answer_leaves_the_link_as_it_was(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    sandbox.mischief("demo", [{"kind": "html_503", "operation": "GetGrootboekrekeningen"}])
    started = connecting.start(vos.deps, vos.actor)
    assert (started.ok, started.code) == (False, "")
    assert link().state == "active"


def test_an_administration_that_is_not_told_does_not_stop_the_start(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    sandbox.mischief("demo", [{"kind": "refuse", "operation": "GetAdministraties", "code": "E9999", "act": "never"}])
    started = connecting.start(vos.deps, vos.actor)
    assert started.ok
    assert started.administration == sandbox.credentials("demo")["username"]


def test_relations_stay_away_when_synchronising_is_off(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    invoice_settings.save(vos.actor, replace(invoice_settings.present(), sync_relations=False))
    sandbox.control("DELETE", "demo/calls")
    assert connecting.start(vos.deps, vos.actor).ok
    assert sandbox.calls("demo", "GetArtikelen")
    assert not sandbox.calls("demo", "GetRelaties")


def test_undoing_erases_the_credentials_and_keeps_what_was_made(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    relations = db.session.scalars(select(Relation.id)).all()

    connection.undo(vos.deps, vos.actor)

    row = link()
    assert (row.state, row.username, row.code1_sealed, row.code2_sealed) == ("inactive", "", "", "")
    assert db.session.scalars(select(Relation.id)).all() == relations
    assert [issued.state for issued in issued_numbers.list_().rows] == ["posted"]
    assert (
        db.session.scalars(select(TenantStatus.link_state).where(TenantStatus.tenant_id == vos.tenant_id)).one()
        == "inactive"
    )
    assert events()[-1] == "connection.undone"
    sandbox.control("DELETE", "demo/calls")
    with pytest.raises(Refusal):
        connecting.start(vos.deps, vos.actor)
    assert not sandbox.calls("demo")


def test_undoing_what_is_not_there_leaves_no_trace(vos: SimpleNamespace) -> None:
    connection.undo(vos.deps, vos.actor)
    connection.undo(vos.deps, vos.actor)
    assert events().count("connection.undone") == 1


def test_the_practice_credentials_come_only_in_a_demo(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    shown = connecting.play_administrations(vos.deps, vos.actor)
    assert {one.name for one in shown} == {entry["name"] for entry in sandbox.administrations()}
    own = replace(vos.actor, tenant_slug="demo")
    assert [one.username for one in connecting.play_administrations(vos.deps, own)] == [
        sandbox.credentials("demo")["username"]
    ]

    production = replace(vos.deps, settings=replace(vos.deps.settings, env="production"))
    assert connecting.play_administrations(production, own) == ()


def test_the_practice_credentials_fail_quietly(vos: SimpleNamespace) -> None:
    nobody = replace(vos.deps, settings=replace(vos.deps.settings, sandbox_control_url="http://127.0.0.1:1"))
    assert connecting.play_administrations(nobody, vos.actor) == ()


def test_invoice_settings_are_kept_and_an_unchanged_save_leaves_no_trace(vos: SimpleNamespace) -> None:
    stands = invoice_settings.present()
    hours = replace(stands.lines["hours"], code="UUR", ledger_code="8010", vat_code="low")
    wanted = replace(
        stands, template="Blauw", term_days=30, prefix="F-", next_number=187, lines={**stands.lines, "hours": hours}
    )

    assert invoice_settings.save(vos.actor, wanted) is True
    assert invoice_settings.present() == wanted
    assert invoice_settings.save(vos.actor, wanted) is False
    assert events().count("invoice_settings.changed") == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"template": " "}, "template"),
        ({"term_days": 366}, "term_days"),
        ({"prefix": "F/"}, "prefix"),
        ({"prefix": "ABCDEFGHIJK"}, "prefix"),
        ({"next_number": 0}, "next_number"),
    ],
)
def test_wrong_invoice_settings_are_refused_at_their_field(
    vos: SimpleNamespace, wrong: dict[str, object], field: str
) -> None:
    stands = invoice_settings.present()
    with pytest.raises(Refusal) as refused:
        invoice_settings.save(vos.actor, replace(stands, **wrong))  # type: ignore[arg-type]
    assert refused.value.field == field
    assert invoice_settings.present() == stands


def test_a_ledger_account_that_is_not_in_the_administration_is_refused(vos: SimpleNamespace) -> None:
    stands = invoice_settings.present()
    text = replace(stands.lines["text"], ledger_code="4711")
    with pytest.raises(Refusal) as refused:
        invoice_settings.save(vos.actor, replace(stands, lines={**stands.lines, "text": text}))
    assert refused.value.field == "text_ledger"


def test_a_number_that_was_issued_is_never_given_out_again(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    with pytest.raises(Refusal) as refused:
        invoice_settings.save(vos.actor, replace(invoice_settings.present(), next_number=1))
    assert refused.value.field == "next_number"


def test_a_number_that_went_out_meanwhile_is_no_reason_to_refuse_other_settings(vos: SimpleNamespace) -> None:
    shown = invoice_settings.present()
    with write_transaction() as session:
        set_invoice_series(session, shown.year, shown.prefix, shown.next_number + 5, 1)

    assert invoice_settings.save(vos.actor, replace(shown, term_days=21), Opened.on(shown.by_field()))

    assert invoice_settings.present().next_number == shown.next_number + 5


def test_the_log_names_who_and_leads_from_an_invoice_to_its_order(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)

    newest = history.list_().rows[0]

    assert str(newest.what).startswith("Factuur ")
    assert str(newest.what).endswith("geplaatst in e-Boekhouden")
    assert (newest.who, newest.order_id, newest.name) == ("Test", vos.order_id, vos.order_number)
    newest = history.list_(wanted=history.Filter(kind="settings")).rows[0]
    assert str(newest.what) == f"Verbinding gestart met {sandbox.credentials('demo')['company']}"


def test_the_log_pages_without_losing_or_repeating_a_line(
    vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for on in (False, True, False, True):
        connection.switch_feature(vos.actor, on)
    everything = [line.at for line in history.list_().rows]
    monkeypatch.setattr(paging, "SIZE", 2)

    seen, page = [], history.list_()
    while True:
        seen += [line.at for line in page.rows]
        if not page.next:
            break
        page = history.list_(page.next)

    assert seen == everything
    assert len(seen) > 4


def test_of_a_number_too_high_the_highest_is_said(vos: SimpleNamespace) -> None:
    with pytest.raises(Refusal, match="van 1 tot en met 9999999") as refused:
        invoice_settings.save(vos.actor, replace(invoice_settings.present(), next_number=10_000_000))
    assert refused.value.field == "next_number"
