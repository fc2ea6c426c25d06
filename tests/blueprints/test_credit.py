"""Crediting on the screen: a page that says what it does, a slip for every way it can end, and what follows."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from models import InvoicePosting
from services.transaction import write_transaction
from tests.support.cast import ROLES, process
from tests.support.client import HouseClient, folded
from tests.support.sandbox_process import Sandbox

MEND = {"reason": "Verkeerde klant", "following": "mend"}
LEAVE = {"reason": "Toch garantie", "following": "leave"}


@pytest.fixture
def planner(client_as: Any, bon: str) -> HouseClient:
    """A planner who posted the order's invoice."""
    client: HouseClient = client_as("planner")
    assert client.htmx_post(f"{bon}/approve").status_code == 200
    return client


@pytest.fixture
def bon(cast: SimpleNamespace) -> str:
    """The address of the executed order of Vos."""
    return f"/t/vos/work-orders/{cast.vos.order_id}"


def mischief(sandbox: Sandbox, kind: str, **more: Any) -> None:
    """The next invoice goes wrong like this."""
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": kind, "times": 1, **more}])


def numbers(sandbox: Sandbox) -> list[str]:
    return [one["Factuurnummer"] for one in sandbox.invoices("demo")]


def test_the_invoice_leads_to_the_page_that_says_what_it_does(planner: HouseClient, sandbox: Sandbox, bon: str) -> None:
    assert f"{bon}/reopen-posted" in planner.get(bon).text
    page = folded(planner.get(f"{bon}/reopen-posted").text)
    (number,) = numbers(sandbox)
    assert f"Is factuur {number} al naar de klant" in page
    assert "een creditfactuur van" in page


def test_in_one_go_it_is_credited_and_the_order_is_open_again(planner: HouseClient, sandbox: Sandbox, bon: str) -> None:
    answer = planner.post(f"{bon}/credit", data=MEND, follow_redirects=True)
    first, back = numbers(sandbox)
    page = folded(answer.text)
    assert f"Eerder: factuur {first}" in page
    assert f"gecrediteerd met {back}" in page
    assert "Gecontroleerd: plaats factuur" in page
    assert f"{bon}/edit" in page
    assert "Verkeerde klant" in page, "in its history"
    assert planner.htmx_post(f"{bon}/approve").status_code == 200
    assert len(numbers(sandbox)) == 3


def test_or_it_is_billed_no_more(planner: HouseClient, sandbox: Sandbox, bon: str) -> None:
    page = folded(planner.post(f"{bon}/credit", data=LEAVE, follow_redirects=True).text)
    assert "Voor deze bon komt geen factuur" in page
    assert "Toch garantie" in page
    assert "gecrediteerd met" in page
    assert len(numbers(sandbox)) == 2


def test_without_a_reason_nothing_is_sent_and_what_was_chosen_stays(
    planner: HouseClient, sandbox: Sandbox, bon: str
) -> None:
    answer = planner.post(f"{bon}/credit", data={"reason": "", "following": "leave"})
    assert answer.status_code == 422
    assert "Schrijf op waarom u deze factuur crediteert." in answer.text
    assert '<option selected value="leave">' in answer.text
    assert len(numbers(sandbox)) == 1


def test_a_refused_one_says_so_goes_out_again_and_waits_for_what_becomes_of_the_order(
    planner: HouseClient, sandbox: Sandbox, bon: str
) -> None:
    mischief(sandbox, "refuse", code="CFACT025", text="Datum buiten boekjaar")
    page = folded(planner.post(f"{bon}/credit", data=MEND, follow_redirects=True).text)
    assert "De creditfactuur is niet geplaatst" in page
    assert "Datum buiten boekjaar" in page
    assert "Heropenen" not in page
    assert "geweigerd" in planner.get("/t/vos/").text, "it stands in Aandacht nodig"
    page = folded(planner.htmx_post(f"{bon}/credit/send").text)
    first, back = numbers(sandbox)
    assert f"Creditfactuur {back} staat klaar" in page
    assert f"Hij neemt factuur {first} helemaal terug" in page
    assert "Heropenen en verbeteren" in page
    assert "gecrediteerd" in planner.get("/t/vos/work-orders/").text
    opened = planner.post(f"{bon}/move/reopen", follow_redirects=True)
    assert "Gecontroleerd: plaats factuur" in opened.text


def test_one_that_is_let_go_leaves_the_invoice(planner: HouseClient, sandbox: Sandbox, bon: str) -> None:
    mischief(sandbox, "refuse", code="CFACT025", text="x")
    planner.post(f"{bon}/credit", data=MEND)
    assert "De factuur blijft staan zoals hij staat." in planner.get(f"{bon}/credit/give-up").text
    assert planner.post(f"{bon}/credit/give-up", data={"reason": ""}).status_code == 422
    page = folded(planner.post(f"{bon}/credit/give-up", data={"reason": "toch goed"}, follow_redirects=True).text)
    assert "reditfactuur is niet geplaatst" not in page
    assert "Klopt er iets niet?" in page
    assert planner.get(f"{bon}/credit/give-up").status_code == 303


def test_one_whose_answer_was_lost_is_looked_up_and_says_so(planner: HouseClient, sandbox: Sandbox, bon: str) -> None:
    mischief(sandbox, "reset_after")
    page = folded(planner.post(f"{bon}/credit", data=MEND, follow_redirects=True).text)
    assert "We weten nog niet of de creditfactuur is aangekomen" in page
    assert "Stuur niet opnieuw." in page
    assert "credit/send" not in page
    page = folded(planner.htmx_post(f"{bon}/credit/check").text)
    assert "staat klaar in e-Boekhouden" in page
    assert len(numbers(sandbox)) == 2


def test_who_asks_by_itself_and_sees_no_news_hears_nothing(planner: HouseClient, sandbox: Sandbox, bon: str) -> None:
    planner.post(f"{bon}/credit", data=MEND)
    assert planner.htmx_post(f"{bon}/credit/check?seen=posted").status_code == 404, "it is of an earlier round"
    planner.htmx_post(f"{bon}/approve")
    mischief(sandbox, "refuse", code="CFACT025", text="x")
    planner.post(f"{bon}/credit", data=MEND)
    assert planner.htmx_post(f"{bon}/credit/check?seen=refused").status_code == 204


@pytest.mark.parametrize("state", ["conflict", "gone", "sending", "not_sent"])
def test_every_other_end_has_its_slip(planner: HouseClient, sandbox: Sandbox, bon: str, state: str) -> None:
    mischief(sandbox, "refuse", code="CFACT025", text="x")
    planner.post(f"{bon}/credit", data=MEND)
    process("vos")
    with write_transaction() as session:
        row = session.scalars(select(InvoicePosting).where(InvoicePosting.kind == "credit")).one()
        row.state, row.lease_until = state, row.sent_at + timedelta(days=-1) if row.sent_at else None
    page = folded(planner.get(bon).text)
    said = {
        "conflict": "crediteer opnieuw: dan krijgt hij een ander nummer", "gone": "staat niet meer in e-Boekhouden",
        "sending": "wordt geplaatst", "not_sent": "De creditfactuur is niet verstuurd",
    }  # fmt: skip
    assert said[state] in page
    assert ("credit/send" in page) is (state in {"gone", "not_sent"})
    assert ("credit/give-up" in page) is (state != "sending")


def test_a_mechanic_and_a_reader_cannot(client_as: Any, planner: HouseClient, sandbox: Sandbox, bon: str) -> None:
    for role in set(ROLES) - {"owner", "office", "planner"}:
        assert client_as(role).post(f"{bon}/credit", data=MEND).status_code in {403, 404}, role
    assert len(numbers(sandbox)) == 1
