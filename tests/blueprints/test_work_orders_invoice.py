"""Gecontroleerd on the screen: the strook before the press, and every outcome after it."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from models import Connection, InvoicePosting
from services import heartbeat
from services.invoicing import press
from services.orders import work_orders
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.cast import make_order, process
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox


@pytest.fixture
def bon(cast: SimpleNamespace) -> str:
    """The address of the executed order of Vos."""
    return f"/t/vos/work-orders/{cast.vos.order_id}"


def refuse(sandbox: Sandbox, code: str, text: str = "Hun eigen woorden") -> None:
    """The next invoice is refused with this code."""
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": code, "text": text}])


def change_link(**values: object) -> None:
    """The link of Vos gets other values, past the screens."""
    process("vos")
    with write_transaction() as session:
        link = session.scalars(select(Connection)).one()
        for name, value in values.items():
            setattr(link, name, value)


def posting_of(bon: str) -> InvoicePosting:
    """The order's live posting."""
    process("vos")
    row = press.present_posting(UUID(bon.rsplit("/", 1)[1]))
    assert row is not None
    db.session.expunge(row)
    return row


def test_the_strook_shows_exactly_the_invoice_that_goes_out(
    client_as: Any, sandbox: Sandbox, bon: str, vos: Any
) -> None:
    order = work_orders.get(vos.actor, vos.order_id)
    assert order is not None
    customer = html.escape(order.relation.name)
    page = client_as("planner").get(bon).text.partition('id="invoice"')[2]
    for text in (customer, "relatiecode 1001", "Factuursjabloon", "betalen binnen 14 dagen", "€\u00a0151,25", "26,25",
                 f"Werkbon {vos.order_number}, uitgevoerd 18-11-2026, Dorpsstraat 1, Waterveen: Arbeid "
                 "monteur"):  # fmt: skip
        assert text in page, text
    client_as("planner").htmx_post(f"{bon}/approve")
    (invoice,) = sandbox.invoices("demo")
    assert f">{invoice['Factuurnummer']}<" in page
    assert invoice["TotaalInclBTW"] == "151.25"


def test_the_press_answers_inline_and_brings_the_rest_of_the_page_along(
    client_as: Any, sandbox: Sandbox, bon: str
) -> None:
    client = client_as("planner")
    piece = client.htmx_post(f"{bon}/approve")
    assert piece.status_code == 200
    assert "<html" not in piece.text
    number = sandbox.invoices("demo")[0]["Factuurnummer"]
    assert f"Factuur {number} staat klaar in e-Boekhouden" in piece.text
    assert 'tabindex="-1" autofocus' in piece.text
    for target in ("#order-status", "#actions", "#trail"):
        assert f'<hx-partial hx-target="{target}"' in piece.text
    page = client.get(bon).text
    assert 'data-state="approved"' in page
    assert f"Factuur {number} staat klaar in e-Boekhouden" in page
    assert "autofocus" not in page.partition('<template id="draft-')[0]


def test_without_htmx_the_press_leads_to_the_page_with_the_outcome(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    client = client_as("planner")
    answer = client.post(f"{bon}/approve")
    assert (answer.status_code, answer.location) == (303, f"{bon}#invoice")
    assert "staat klaar in e-Boekhouden" in client.get(bon).text
    again = client.post(f"{bon}/approve")
    assert again.status_code == 422
    assert "Deze stap kan niet meer" in again.text
    assert "<html" in again.text
    assert len(sandbox.invoices("demo")) == 1


def test_the_totals_are_read_back_once_and_then_stand_side_by_side(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    client = client_as("planner")
    asks = f'hx-post="{bon}/read-back" hx-trigger="load"'
    assert asks in client.htmx_post(f"{bon}/approve").text
    piece = client.htmx_post(f"{bon}/read-back").text
    assert "Beide totalen zijn gelijk" in piece
    assert asks not in piece
    page = client.get(bon).text
    assert asks not in page
    assert piece.strip() in page


def test_a_difference_in_their_totals_is_marked_and_never_rounded_away(
    client_as: Any, sandbox: Sandbox, bon: str
) -> None:
    client = client_as("planner")
    client.htmx_post(f"{bon}/approve")
    process("vos")
    with write_transaction() as session:
        row = session.scalars(select(InvoicePosting)).one()
        row.remote_excl, row.remote_vat, row.remote_incl, row.read_back_at = (
            row.excl,
            row.vat - 1,
            row.incl - 1,
            row.settled_at,
        )
    page = client.get(bon).text
    assert page.count('class="is-diff"') == 1
    assert "€\u00a0150,25" in page
    assert "De btw wordt daar anders afgerond" in page


def test_when_reading_back_fails_the_page_does_not_keep_asking(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    client = client_as("planner")
    client.htmx_post(f"{bon}/approve")
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "refuse", "code": "E003.1", "text": "Druk"}])
    piece = client.htmx_post(f"{bon}/read-back").text
    assert "niet opgehaald" in piece
    assert 'hx-trigger="load"' not in piece


def test_what_blocks_is_named_with_the_way_to_mend_it_and_nothing_goes_out(
    client_as: Any, sandbox: Sandbox, vos: Any
) -> None:
    order_id = make_order(vos.actor, None, lines=())
    address = f"/t/vos/work-orders/{order_id}"
    client = client_as("planner")
    before = client.get(address).text
    for text in ("Er is geen klant gekozen", "De werkbon heeft geen regels", f"{address}/edit", 'aria-disabled="true"'):
        assert text in before, text
    pressed = client.htmx_post(f"{address}/approve")
    assert pressed.status_code == 422
    assert "Er is geen klant gekozen" in pressed.text
    assert sandbox.invoices("demo") == []
    assert 'data-state="done"' in client.get(address).text


def test_a_refusal_says_what_why_and_what_now_and_can_be_sent_again(
    client_as: Any, sandbox: Sandbox, bon: str, cast: Any
) -> None:
    client = client_as("planner")
    refuse(sandbox, "CFACT025", "Relatie <onbekend>")
    piece = html.unescape(client.htmx_post(f"{bon}/approve").text)
    number = posting_of(bon).number
    for text in (
        "De factuur is niet geplaatst",
        "Er is niets geboekt",
        "Waarom",
        "Wat nu",
        "Code CFACT025",
        "Relatie <onbekend>",
        f"/relations/{cast.vos.relation_id}#code",
        "Opnieuw versturen",
    ):
        assert text in piece, text
    assert f"Factuur {number} staat klaar" in client.htmx_post(f"{bon}/send").text


def test_an_unknown_code_is_shown_in_their_own_words(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    refuse(sandbox, "CFACT999")
    piece = client_as("planner").htmx_post(f"{bon}/approve").text
    assert "een code die Crafter nog niet kent" in piece
    assert "“Hun eigen woorden”" in piece


def test_not_sent_says_that_sending_again_is_safe(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    refuse(sandbox, "E003.1")
    piece = client_as("planner").htmx_post(f"{bon}/approve").text
    assert "Er is niets verstuurd" in piece
    assert "De factuur heeft Crafter niet verlaten" in piece
    assert "Opnieuw versturen" in piece


def test_a_lost_answer_says_do_not_send_again_and_settles_by_looking_up(
    client_as: Any, sandbox: Sandbox, bon: str
) -> None:
    client = client_as("planner")
    heartbeat.beat(heartbeat.WORKER, uuid4())
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    piece = folded(client.htmx_post(f"{bon}/approve").text)
    for text in (
        "Stuur niet opnieuw.",
        "Uiterlijk om",
        "Controleer nu",
        f'hx-post="{bon}/check?seen=uncertain" hx-trigger="every 15s"',
    ):
        assert text in piece, text
    assert f"{bon}/send" not in piece
    assert "staat klaar in e-Boekhouden" in client.htmx_post(f"{bon}/check?seen=uncertain").text
    assert len(sandbox.invoices("demo")) == 1


def test_while_nothing_is_known_the_pages_own_question_moves_only_the_time(
    client_as: Any, sandbox: Sandbox, bon: str
) -> None:
    client = client_as("planner")
    sandbox.mischief(
        "demo",
        [
            {"operation": "AddFactuur", "kind": "lost_answer"},
            {"operation": "GetFacturen", "kind": "refuse", "code": "E003.1"},
        ],
    )
    client.htmx_post(f"{bon}/approve")
    still = client.htmx_post(f"{bon}/check?seen=uncertain").text
    assert '<hx-partial hx-target="#looked-up"' in still
    assert "Laatst gezocht" in still
    assert "strook-kop" not in still


def test_a_conflict_shows_both_sides_and_a_person_decides(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    client = client_as("planner")
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    client.htmx_post(f"{bon}/approve")
    process("vos")
    with write_transaction() as session:
        row = session.scalars(select(InvoicePosting)).one()
        row.payload = row.payload.replace('"price":"62', '"price":"63')
    piece = client.htmx_post(f"{bon}/check").text
    assert "tegenstrijdig" in piece
    assert "Dit is dezelfde factuur" not in piece, "only who has seen both sides may take it over"
    both = client.htmx_post(f"{bon}/compare").text
    for text in ("€\u00a0153,67", "€\u00a0151,25", "Dit is dezelfde factuur", 'class="is-diff"'):
        assert text in both, text
    assert "staat klaar in e-Boekhouden" in client.htmx_post(f"{bon}/accept").text
    assert posting_of(bon).state == "posted"


def test_a_conflict_with_the_link_off_says_that_both_sides_cannot_be_compared_now(
    client_as: Any, sandbox: Sandbox, bon: str
) -> None:
    client = client_as("planner")
    client.htmx_post(f"{bon}/approve")
    change_link(enabled=False)
    with write_transaction() as session:
        session.scalars(select(InvoicePosting)).one().state = "conflict"
    answer = client.htmx_post(f"{bon}/compare")
    assert answer.status_code == 502
    assert "Dit is dezelfde factuur" not in answer.text
    assert "kon niet worden opgehaald" in answer.text
    assert posting_of(bon).state == "conflict"


def test_of_a_conflict_with_another_invoice_ours_goes_out_under_the_next_number(
    client_as: Any, sandbox: Sandbox, bon: str
) -> None:
    client = client_as("planner")
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    client.htmx_post(f"{bon}/approve")
    same = client.htmx_post(f"{bon}/next-number")
    assert same.status_code == 422, "it is not a conflict yet"
    process("vos")
    with write_transaction() as session:
        row = session.scalars(select(InvoicePosting)).one()
        taken = row.number
        row.payload = row.payload.replace('"price":"62', '"price":"63')
    assert "Daar staat iets anders: regels, totaal zonder btw" in client.htmx_post(f"{bon}/check").text
    both = client.htmx_post(f"{bon}/compare").text
    assert "ARBEID 2 × 63,50" in both
    assert "ARBEID 2 × 62,50" in both
    assert "neem het volgende nummer" in both
    posted = client.htmx_post(f"{bon}/next-number").text
    assert "staat klaar in e-Boekhouden" in posted
    assert posting_of(bon).number != taken
    numbers = {invoice["Factuurnummer"] for invoice in sandbox.invoices("demo")}
    assert numbers == {taken, posting_of(bon).number}
    assert client.htmx_post(f"{bon}/next-number").status_code == 422


def test_letting_go_needs_a_reason_and_makes_room_for_a_new_posting(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    client = client_as("planner")
    refuse(sandbox, "CFACT028")
    client.htmx_post(f"{bon}/approve")
    number = posting_of(bon).number
    assert "het nummer komt weer vrij" in client.get(f"{bon}/give-up").text
    empty = client.post(f"{bon}/give-up", data={"reason": ""})
    assert empty.status_code == 422
    assert "Schrijf de reden op." in empty.text
    assert client.post(f"{bon}/give-up", data={"reason": "verkeerde klant"}).status_code == 303
    page = client.get(bon).text
    assert f"Een eerdere plaatsing onder nummer {number} is vervallen: verkeerde klant." in page
    assert f"Factuur {number} staat klaar" in client.htmx_post(f"{bon}/send").text


def test_not_billing_needs_a_reason_and_can_be_undone(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    client = client_as("planner")
    assert client.post(f"{bon}/not-billable", data={"reason": " "}).status_code == 422
    assert client.post(f"{bon}/not-billable", data={"reason": "Garantie"}).status_code == 303
    assert "Voor deze bon komt geen factuur" in client.get(bon).text
    assert "Voor deze bon komt geen factuur" in client.htmx_post(f"{bon}/approve").text
    assert sandbox.invoices("demo") == []
    assert "Dit gaat naar e-Boekhouden" in client.htmx_post(f"{bon}/billable").text


@pytest.mark.parametrize("link", [{"enabled": False}, {"state": "inactive"}])
def test_without_a_link_approving_works_and_says_that_no_invoice_went(
    client_as: Any, sandbox: Sandbox, bon: str, link: dict[str, object]
) -> None:
    change_link(**link)
    client = client_as("owner")
    assert "Gecontroleerd, nog zonder factuur" in client.get(bon).text
    piece = client.htmx_post(f"{bon}/approve").text
    assert "De bon is gecontroleerd; er is nog geen factuur" in piece
    assert f"{bon}/send" not in piece
    assert sandbox.calls("demo", "AddFactuur") == []
    change_link(enabled=True, state="active")
    assert "Plaats factuur" in client.get(bon).text
    assert "staat klaar in e-Boekhouden" in client.htmx_post(f"{bon}/send").text


def test_a_press_on_a_screen_that_is_out_of_date_sends_nothing_and_says_so(
    client_as: Any, sandbox: Sandbox, bon: str
) -> None:
    client = client_as("planner")
    version = re.search(r'name="version" value="(\d+)"', client.get(bon).text)
    assert version
    stale = client.htmx_post(f"{bon}/approve", data={"version": int(version[1]) - 1})
    assert stale.status_code == 422
    assert "gewijzigd na uw controle" in stale.text
    assert sandbox.calls("demo", "AddFactuur") == []
    assert "staat klaar in e-Boekhouden" in client.htmx_post(f"{bon}/approve", data={"version": version[1]}).text


def test_a_posted_invoice_that_is_wrong_offers_correcting_there_or_nothing(
    client_as: Any, sandbox: Sandbox, bon: str
) -> None:
    client = client_as("planner")
    assert client.get(f"{bon}/reopen-posted").location.startswith(bon)
    assert f"{bon}/reopen-posted" in client.htmx_post(f"{bon}/approve").text
    choice = client.get(f"{bon}/reopen-posted").text
    assert "Niets doen" in choice
    empty = client.post(f"{bon}/reopen-posted", data={"note": ""})
    assert empty.status_code == 422
    assert "Schrijf op wat u hebt aangepast" in empty.text
    assert client.post(f"{bon}/reopen-posted", data={"note": "Korting <b>vergeten</b>"}).status_code == 303
    page = client.get(bon).text
    assert "In e-Boekhouden aangepast: Korting &lt;b&gt;vergeten&lt;/b&gt;" in page
    assert len(sandbox.calls("demo", "AddFactuur")) == 1


def test_a_broken_link_blocks_and_leads_to_its_settings(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    change_link(state="broken", broken_code="E001.1")
    owner, planner = client_as("owner"), client_as("planner")
    assert "/settings/e-boekhouden" in owner.get(bon).text.partition("<main")[2]
    assert "Vraag iemand met de rechten daarvoor" in planner.get(bon).text
    assert planner.htmx_post(f"{bon}/approve").status_code == 422


def test_a_posted_order_is_locked_and_its_form_leads_back_to_it(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    client = client_as("planner")
    client.htmx_post(f"{bon}/approve")
    assert client.get(f"{bon}/edit").location == bon
    page = client.get(bon).text
    assert f"{bon}/edit" not in page
    assert "move/reopen" not in page
    late = client.post(f"{bon}/edit", data={"title": "Toch anders", "version": "3"})
    assert late.status_code == 422
    assert "de inhoud staat vast" in late.text
    order = work_orders.get(process("vos"), UUID(bon.rsplit("/", 1)[1]))
    assert order is not None
    assert order.title != "Toch anders"
