"""Aansluiting on the screen: whether both books agree, what does not and its way out, who sees it, and its files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from blueprints._filters import duration
from domain.permissions import OFFICE, OWNER, PLANNER, READER, SUPPORT, SUPPORT_ACTING, WORKER
from domain.reconciliation import DECIDED_AT_ORDER, KIND_NAMES, Kind, Stand
from models import AuditEntry, Connection, Reconciliation, ReconciliationFinding
from services import heartbeat
from services.reconciliation import reports, rounds
from services.transaction import write_transaction
from tenancy.database import db
from tests.services.test_administrations import link_with
from tests.support.cast import process
from tests.support.client import HouseClient, folded
from tests.support.reconciled import found, held, lines_of, posted
from tests.support.sandbox_process import Sandbox

PAGE = "/t/vos/reconciliation/"
AGREE, APART = "Crafter en e-Boekhouden sluiten aan", "Crafter en e-Boekhouden sluiten niet aan"
Clients = Callable[[str | None], HouseClient]


@pytest.fixture
def apart(vos: SimpleNamespace, sandbox: Sandbox) -> list[str]:
    """Five invoices: vanished, changed, renumbered, alike, alike; their numbers."""
    numbers = [row.number for row in posted(vos, 5)]
    sandbox.remove_invoice("demo", numbers[0])
    lines = lines_of(sandbox, numbers[1])
    sandbox.edit_invoice("demo", numbers[1], Regels=[{**lines[0], "Aantal": "3"}, *lines[1:]])
    sandbox.edit_invoice("demo", numbers[2], Factuurnummer="F00009")
    held(vos)
    return numbers


def address_of(number: str) -> str:
    """The page of the finding about an invoice."""
    process("vos")
    (one,) = (one for one in found() if one.number == number)
    return f"{PAGE}{one.id}"


def test_books_that_agree_are_called_so_with_when_how_long_and_what_it_cost(
    client_as: Clients, vos: SimpleNamespace
) -> None:
    before = client_as(OWNER).get(PAGE).text
    assert "Er is nog niet vergeleken" in before
    process("vos")
    posted(vos, 3)
    held(vos)
    page = folded(client_as(OWNER).get(PAGE).text)
    assert AGREE in page
    assert "3 facturen stonden daar precies zoals hier, op " in page
    for text in ("Laatst vergeleken", "1 aanroep<", "vandaag nog 49", "elke nacht", "sluit aan", "Geen enkele"):
        assert text in page
    assert 'aria-label="hier € 453,75, daar € 453,75"' in page.replace("\u00a0", " ")
    assert "sluiten niet aan" not in page


def test_books_that_do_not_agree_say_which_invoice_and_what_now(client_as: Clients, apart: list[str]) -> None:
    client = client_as(OFFICE)
    page = folded(client.get(PAGE).text)
    assert APART in page
    assert "1 factuur is daar verdwenen." in page
    assert "2 facturen staan daar anders dan hier." in page
    assert all(number in page for number in apart[:3])
    assert not any(f">{number}<" in page for number in apart[3:])
    assert "regel 1: aantal, totaal zonder btw, btw" in page
    assert "nummer F00009" in page
    changed = folded(client.get(address_of(apart[1])).text)
    for text in ("daar gewijzigd", "Regel 1: aantal", ">125,00<", ">187,50<", ">151,25<", ">226,88<", "Laat dit zo"):
        assert text in changed
    moved = folded(client.get(address_of(apart[2])).text)
    assert "daar hernummerd" in moved
    assert "F00009" in moved
    gone = folded(client.get(address_of(apart[0])).text)
    assert "Beslis bij de werkbon" in gone
    assert "Laat dit zo" not in gone
    assert f"/work-orders/{_order_of(apart[0])}#invoice" in gone


def _order_of(number: str) -> str:
    process("vos")
    return next(str(one.order_id) for one in reports.findings("").rows if one.finding.number == number)


def test_the_menu_and_the_start_page_count_what_does_not_agree(client_as: Clients, apart: list[str]) -> None:
    start = folded(client_as(OFFICE).get("/t/vos/").text)
    assert '3<span class="visually-hidden"> sluiten niet aan' in start
    assert '3<span class="visually-hidden"> vragen aandacht' in start
    assert start.count("Bekijk beide") == 2
    planner = folded(client_as(PLANNER).get("/t/vos/").text)
    assert '1<span class="visually-hidden"> vragen aandacht' in planner, "what vanished, and can be sent again"
    assert "verdwenen daar" in planner
    assert "staat niet gelijk" not in planner
    assert "sluiten niet aan" not in planner
    assert PAGE not in planner


def test_what_needs_attention_leads_to_the_page_that_shows_both_sides(client_as: Clients, apart: list[str]) -> None:
    address = address_of(apart[1])
    assert f'href="{address}"' in client_as(OFFICE).get("/t/vos/").text


def test_what_is_of_an_administration_that_is_not_linked_says_so(
    client_as: Clients, vos: SimpleNamespace, sandbox: Sandbox, apart: list[str]
) -> None:
    address = address_of(apart[1])
    sandbox.reset("bouw")
    link_with(vos, sandbox, "bouw")
    client = client_as(OWNER)
    page = folded(client.get(PAGE).text)
    assert "Van een administratie die niet gekoppeld is" in page
    assert "Van 2 facturen was niet alles gelijk" in page
    assert "Er is nog niet vergeleken" in page
    assert APART not in page
    assert AGREE not in page
    listed = folded(client.get(f"{PAGE}?state=elsewhere").text)
    assert f">{apart[1]}<" in listed
    one = folded(client.get(address).text)
    assert "en die is nu niet gekoppeld" in one
    assert "Laat dit zo" in one


@pytest.mark.parametrize("role", [PLANNER, WORKER, READER])
def test_who_does_not_keep_the_books_does_not_see_how_they_stand(client_as: Clients, vos: Any, role: str) -> None:
    client = client_as(role)
    for path in ("", "runs", "progress", "export", "months/export"):
        assert client.get(f"{PAGE}{path}").status_code == 403
    assert client.post(PAGE).status_code == 403


def test_support_may_see_it_and_neither_compare_nor_decide() -> None:
    assert "reconciliation:read" in SUPPORT
    assert "reconciliation:write" not in SUPPORT_ACTING


def test_a_press_has_the_worker_compare_and_the_page_tells_how_far_it_is(
    client_as: Clients, vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "_REMEMBERED", 0.0)
    posted(vos, 1)
    client = client_as(OFFICE)
    assert client.post(PAGE).headers["Location"].endswith(PAGE)
    page = folded(client.get(PAGE).text)
    assert "Bezig met vergelijken" in page
    assert 'hx-trigger="every 2s"' in page
    assert "Op de achtergrond werkt er nu niets" in page, "no worker gave a sign yet"
    assert "Vergelijk nu" not in page
    again = client.post(PAGE)
    assert again.status_code == 422
    assert "Er wordt al vergeleken." in again.text
    process("vos")
    rounds.carry_out(vos.deps, vos.actor)
    fragment = folded(client.htmx_get(f"{PAGE}progress").text)
    assert AGREE in fragment
    assert "Toon de uitkomst" in fragment
    assert "<html" not in fragment
    assert "<html" in client.get(f"{PAGE}progress").text
    assert "Vergelijk nu" in client.get(PAGE).text


def test_with_a_worker_there_is_no_word_of_its_absence(
    client_as: Clients, vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "_REMEMBERED", 0.0)
    posted(vos, 1)
    heartbeat.beat("worker", uuid4())
    client = client_as(OFFICE)
    client.post(PAGE)
    page = folded(client.get(PAGE).text)
    assert "begint binnen een minuut" in page
    assert "Op de achtergrond werkt er nu niets" not in page


def test_a_run_that_waits_says_why_and_until_when(client_as: Clients, vos: SimpleNamespace, sandbox: Sandbox) -> None:
    posted(vos, 1)
    sandbox.mischief("demo", [{"kind": "html_503", "operation": "GetFacturen", "times": 9}])
    held(vos)
    page = folded(client_as(OWNER).get(PAGE).text)
    assert "Het vergelijken wacht" in page
    assert "U hoeft niets te doen: vanaf" in page
    assert "every 2s" not in page


def test_without_an_active_link_nothing_is_asked_and_the_page_says_so(client_as: Clients, vos: SimpleNamespace) -> None:
    with write_transaction() as session:
        session.scalars(select(Connection)).one().state = "broken"
    client = client_as(OWNER)
    page = client.get(PAGE).text
    assert "De koppeling met e-Boekhouden is niet actief" in page
    assert "Vergelijk nu" not in page
    assert "Herstel die eerst." in client.post(PAGE).text


def test_left_as_it_is_with_a_reason_and_it_comes_back_when_it_changes_again(
    client_as: Clients, vos: SimpleNamespace, sandbox: Sandbox, apart: list[str]
) -> None:
    client = client_as(OFFICE)
    address = address_of(apart[1])
    empty = client.post(f"{address}/accept", data={"reason": " "})
    assert empty.status_code == 422
    assert "Schrijf op waarom dit zo mag blijven." in empty.text
    long = client.post(f"{address}/accept", data={"reason": "x" * 301})
    assert long.status_code == 422
    assert "x" * 301 in long.text, "nothing typed is lost"
    done = client.post(f"{address}/accept", data={"reason": "Klant belde, =3 uur"}, follow_redirects=True)
    assert "Genoteerd." in done.text
    assert f">{apart[1]}<" not in done.text
    page = folded(client.get(address).text)
    assert "aanvaard" in page
    assert "Klant belde, =3 uur" in page
    assert "Office Vos" in page
    assert f">{apart[1]}<" in client.get(f"{PAGE}?state=accepted").text
    again = client.post(f"{address}/accept", data={"reason": "nog eens"})
    assert again.status_code == 422
    assert "is al beslist" in again.text
    process("vos")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "books.difference_accepted")).one()
    assert entry.person_name == "Office Vos"
    sandbox.edit_invoice("demo", apart[1], Betalingstermijn="30", Datum="2026-01-31")
    held(vos)
    assert f">{apart[1]}<" in client.get(PAGE).text


@pytest.mark.parametrize("kind", sorted(DECIDED_AT_ORDER))
def test_what_is_decided_with_the_order_cannot_be_left_as_it_is(
    client_as: Clients, vos: SimpleNamespace, apart: list[str], kind: str
) -> None:
    address = address_of(apart[1])
    with write_transaction() as session:
        session.scalars(select(ReconciliationFinding).where(ReconciliationFinding.number == apart[1])).one().kind = kind
    answer = client_as(OWNER).post(f"{address}/accept", data={"reason": "toch"})
    assert answer.status_code == 422
    assert "Beslis bij de werkbon" in answer.text


@pytest.mark.parametrize("kind", sorted(set(Kind) - {Kind.EQUAL}))
def test_every_kind_says_what_it_is_why_and_what_now(
    client_as: Clients, vos: SimpleNamespace, apart: list[str], kind: str
) -> None:
    address = address_of(apart[1])
    with write_transaction() as session:
        session.scalars(select(ReconciliationFinding).where(ReconciliationFinding.number == apart[1])).one().kind = kind
    page = client_as(OWNER).get(address).text
    assert KIND_NAMES[Kind(kind)] in page
    assert [page.count(f"<dt>{word}</dt>") for word in ("Wat", "Waarom", "Wat nu")] == [1, 1, 1]


def test_what_is_not_proved_is_told_as_such(client_as: Clients, vos: SimpleNamespace, sandbox: Sandbox) -> None:
    posted(vos, 1)
    held(vos)
    with write_transaction() as session:
        session.scalars(select(Reconciliation).order_by(Reconciliation.id.desc()).limit(1)).one().unsure = 2
    page = folded(client_as(OWNER).get(PAGE).text)
    assert "Nog niet bewezen" in page
    assert "2 facturen zijn niet gevonden, en dat bewijst nog niet dat ze weg zijn" in page


def test_the_files_hold_every_finding_and_every_month_and_no_formula(
    client_as: Clients, vos: SimpleNamespace, apart: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.reconciliation.reports.AT_ONCE", 2)
    client = client_as(OWNER)
    client.post(f"{address_of(apart[1])}/accept", data={"reason": "=HYPERLINK(1)"})
    file = client.get(f"{PAGE}export")
    lines = file.text.removeprefix("\ufeff").splitlines()
    assert lines[0].startswith("Factuur;Datum;Werkbon;Wat;Verschil;")
    ours = [line for line in lines if line.startswith("WB")]
    assert {line.partition(";")[0] for line in ours} >= set(apart[:3])
    assert any("Regel 1: aantal: 2 / 3" in line and ";'=HYPERLINK(1)" in line for line in ours)
    assert 'filename="aansluiting.csv"' in file.headers["Content-Disposition"]
    months = client.get(f"{PAGE}months/export").text.splitlines()
    assert months[0].endswith("Maand;Hier facturen;Hier incl. btw;Daar facturen;Daar incl. btw;Gelijke facturen;"
                              "Verschil incl. btw")  # fmt: skip
    assert ";5;756,25;" in months[1]


def test_the_runs_tell_when_why_how_long_and_what_they_cost(client_as: Clients, apart: list[str]) -> None:
    page = folded(client_as(OWNER).get(f"{PAGE}runs").text)
    assert "2 gelijk, 2 anders, 1 verdwenen" in page
    assert "elke nacht" in page


def test_a_finding_of_nobody_is_not_there(client_as: Clients, cast: SimpleNamespace, vos: SimpleNamespace) -> None:
    client = client_as(OWNER)
    address = f"{PAGE}{cast.vos.relation_id}"
    assert client.get(address).status_code == 404
    assert client.post(f"{address}/accept", data={"reason": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("took", "said"), [(0.35, "0,4 s"), (12, "12 s"), (185, "3 min 5 s"), (9.96, "10 s"), (3600, "60 min 0 s")]
)
def test_how_long_it_took_is_said_in_words(app: Any, took: float, said: str) -> None:
    with app.test_request_context():
        assert duration(timedelta(seconds=took)) == said


def test_only_what_is_open_is_shown_first(client_as: Clients, apart: list[str]) -> None:
    client = client_as(OWNER)
    for stand in Stand:
        assert client.get(f"{PAGE}?state={stand}").status_code == 200
    assert client.get(f"{PAGE}?state=nothing&after=rubbish").status_code == 200


def test_payments_are_fetched_by_a_press_and_it_is_told_what_changed(
    client_as: Clients, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    (row,) = posted(vos)
    sandbox.with_invoice("demo", row.number, "book")
    owner = client_as(OWNER)
    assert "Nog niet opgehaald" in owner.get(PAGE).text
    page = folded(owner.post(f"{PAGE}payments", follow_redirects=True).text)
    assert "Van 1 factuur staat het nu anders dan bekend was" in page
    assert "Bekijk wat openstaat" in page
    sandbox.with_invoice("demo", row.number, "payment")
    page = folded(owner.post(f"{PAGE}payments", follow_redirects=True).text)
    assert "Van 1 factuur staat het nu anders" in page
    page = folded(owner.post(f"{PAGE}payments", follow_redirects=True).text)
    assert "Er is niets veranderd" in page


def test_payments_that_cannot_be_fetched_say_why_and_what_now_and_the_page_remembers(
    client_as: Clients, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    process("vos")
    owner = client_as(OWNER)
    sandbox.mischief("demo", [{"kind": "http_500_fault", "operation": "GetOpenPosten"}])
    answered = owner.post(f"{PAGE}payments")
    assert answered.status_code == 422
    assert "De betalingen zijn niet opgehaald" in answered.text
    assert "vannacht haalt Crafter ze vanzelf op" in folded(answered.text)
    assert "De betalingen zijn niet allemaal bijgewerkt" in owner.get(PAGE).text
    owner.post(f"{PAGE}payments")
    assert "niet allemaal bijgewerkt" not in owner.get(PAGE).text
