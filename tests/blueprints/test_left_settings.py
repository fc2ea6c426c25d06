"""The settings page in another administration: what was chosen for the one before is a proposal, and says so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from models import LineDefault
from services.invoicing import invoice_settings
from services.link import connection
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.cast import process
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox

LINK = "/t/vos/settings/e-boekhouden"
SAYS = "Kies de factuurinstellingen voor"


def move(client: Any, sandbox: Sandbox, name: str, **typed: str) -> Any:
    """Type and start the codes of another administration, with htmx, as the page does."""
    codes = sandbox.credentials(name)
    fields = {field: codes[field] for field in ("username", "code1", "code2")}
    return client.htmx_post(f"{LINK}/start", data=fields | typed)


def waits() -> bool:
    process("vos")
    return invoice_settings.present().waits


def test_they_are_asked_again_and_saving_them_is_the_answer(
    client_as: Any, cast: SimpleNamespace, sandbox: Sandbox
) -> None:
    client = client_as("owner")
    assert SAYS not in client.get(LINK).text
    name = sandbox.credentials("bouw")["company"]
    answer = move(client, sandbox, "bouw", template="Getypt voor de vorige")
    assert f"{SAYS} {name}" in folded(answer.text), "the form comes along with the answer"
    assert "Getypt voor de vorige" not in answer.text
    assert f"{SAYS} {name}" in folded(client.get(LINK).text)
    order = folded(client.get(f"/t/vos/work-orders/{cast.vos.order_id}").text)
    assert "nog niet nagekeken voor deze administratie" in order

    process("vos")
    stands = invoice_settings.present()
    typed = {"template": stands.template, "term_days": "14", "prefix": stands.prefix,
             "next_number": str(stands.next_number), "ask_above": "5000",
             **{f"{kind}_vat": line.vat_code for kind, line in stands.lines.items()},
             **{f"{kind}_code": line.code for kind, line in stands.lines.items()}}  # fmt: skip
    assert client.htmx_post(f"{LINK}/invoicing", data=typed).status_code == 200
    assert not waits()
    assert SAYS not in client.get(LINK).text


def test_an_account_that_is_not_there_is_not_offered(client_as: Any, cast: Any, sandbox: Sandbox) -> None:
    client = client_as("owner")
    process("vos")
    with write_transaction() as session:
        session.scalars(select(LineDefault).where(LineDefault.kind == "hours")).one().ledger_code = "9876"
    assert 'value="9876"' in client.get(LINK).text
    move(client, sandbox, "bouw")
    process("vos")
    assert "9876" not in {row.code for row in connection.ledger_accounts()}
    assert 'value="9876"' not in client.get(LINK).text
    db.session.rollback()
