"""Payments on the screen: on the order, on its customer, in the list and its filters, and who sees none of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from domain.payment import Paid
from domain.permissions import OWNER, WORKER
from models import InvoicePosting, Payment
from services.link import connection
from services.reconciliation import paid
from services.transaction import write_transaction
from tenancy.clock import today
from tenancy.database import db
from tests.support.cast import process
from tests.support.client import HouseClient, folded
from tests.support.reconciled import (
    held,
    nothing_was_held_before,  # noqa: F401
    posted,
)
from tests.support.sandbox_process import Sandbox

Clients = Callable[[str | None], HouseClient]
LIST = "/t/vos/work-orders/"


def change(row: SimpleNamespace, **values: object) -> None:
    """Let its payment stand so."""
    db.session.rollback()
    with write_transaction() as session:
        kept = session.scalars(select(Payment).where(Payment.posting_id == row.id)).one()
        for name, value in values.items():
            setattr(kept, name, value)


def plain(rows: list[InvoicePosting]) -> list[SimpleNamespace]:
    """What these tests want of postings, for who goes on after a request."""
    return [SimpleNamespace(id=row.id, number=row.number, incl=row.incl, settled_at=row.settled_at) for row in rows]


@pytest.fixture
def booked(vos: SimpleNamespace, sandbox: Sandbox) -> SimpleNamespace:
    """The invoice of the cast's order, in the books, and asked for."""
    (row,) = plain(posted(vos))
    sandbox.with_invoice("demo", row.number, "book")
    held(vos)
    return row


def order_page(client_as: Clients, vos: SimpleNamespace, who: str = OWNER) -> str:
    return folded(client_as(who).get(f"{LIST}{vos.order_id}").text)


def test_an_order_says_how_it_is_paid_and_of_when_that_is(
    client_as: Clients, vos: SimpleNamespace, booked: SimpleNamespace
) -> None:
    process("vos")
    on = today(db.session())
    page = order_page(client_as, vos)
    assert "te betalen tot en met" in page
    assert "Volgens e-Boekhouden," in page
    process("vos")
    change(booked, due_on=on - timedelta(days=3))
    page = order_page(client_as, vos)
    assert 'data-state="refused"' in page
    assert "3 dagen geleden" in page
    process("vos")
    change(booked, state=Paid.PAID, outstanding=Decimal("0.03"))
    assert "nog € 0,03 van open; dat telt niet mee" in order_page(client_as, vos).replace("\xa0", " ")
    process("vos")
    change(booked, state=Paid.UNKNOWN, outstanding=None)
    assert "Nog nooit bekend geweest" in order_page(client_as, vos)
    process("vos")
    change(booked, state=Paid.UNKNOWN, known_at=booked.settled_at)
    assert "Voor het laatst bekend op" in order_page(client_as, vos)
    process("vos")
    change(booked, state=Paid.SETTLE)
    assert "Verreken hem met zijn creditfactuur" in order_page(client_as, vos)


def test_before_anybody_looked_and_before_it_is_booked_it_says_so(client_as: Clients, vos: SimpleNamespace) -> None:
    posted(vos)
    assert "is nog niet opgehaald" in order_page(client_as, vos)
    process("vos")
    held(vos)
    page = order_page(client_as, vos)
    assert "Klaargezet, nog niet verwerkt in de boekhouding" in page
    assert "te betalen tot en met" not in page


def test_of_an_administration_that_is_not_linked_it_is_not_known(
    client_as: Clients, vos: SimpleNamespace, booked: SimpleNamespace
) -> None:
    process("vos")
    connection.switch_feature(vos.actor, False)
    page = order_page(client_as, vos)
    assert "is nu niet gekoppeld. Kijk daar bij Open posten" in page
    assert "te betalen tot en met" not in page


def test_a_customer_shows_what_it_owes_and_the_oldest(
    client_as: Clients, vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    rows = plain(posted(vos, 3))
    for row in rows:
        sandbox.with_invoice("demo", row.number, "book")
    sandbox.with_invoice("demo", rows[0].number, "payment")
    sandbox.with_invoice("demo", rows[1].number, "payment", Bedrag="51.25")
    held(vos)
    process("vos")
    change(rows[2], due_on=today(db.session()) - timedelta(days=1))
    owed = paid.owed_by(vos.relation_id, today(db.session()))
    assert (owed.invoices, owed.late) == (2, 1)
    assert owed.total == rows[1].incl - Decimal("51.25") + rows[2].incl
    assert owed.oldest == today(db.session()) - timedelta(days=1)
    page = folded(client_as(OWNER).get(f"/t/vos/relations/{vos.relation_id}").text)
    assert "op 2 facturen" in page
    assert "1 te laat" in page
    assert "De oudste was te betalen tot en met" in page


def test_the_list_shows_payments_and_finds_them(client_as: Clients, vos: SimpleNamespace, sandbox: Sandbox) -> None:
    late, open_, settled = plain(posted(vos, 3))
    for row in (late, open_, settled):
        sandbox.with_invoice("demo", row.number, "book")
    sandbox.with_invoice("demo", settled.number, "payment")
    held(vos)
    process("vos")
    change(late, due_on=today(db.session()) - timedelta(days=1))
    owner = client_as(OWNER)
    every = owner.get(LIST).text
    for word in ("te laat", "open", "betaald"):
        assert f"</svg>{word}</span>" in every
    assert owner.get(f"{LIST}?state=owed").text.count('class="key"') == 2
    assert owner.get(f"{LIST}?state=late").text.count('class="key"') == 1
    assert owner.get(f"{LIST}?state=payment_unknown").text.count('class="key"') == 0
    process("vos")
    change(open_, state=Paid.UNKNOWN)
    assert owner.get(f"{LIST}?state=payment_unknown").text.count('class="key"') == 1


def test_a_mechanic_sees_no_payment(client_as: Clients, vos: SimpleNamespace, booked: SimpleNamespace) -> None:
    assert "Volgens e-Boekhouden," in order_page(client_as, vos)
    mechanic = client_as(WORKER)
    assert "Volgens e-Boekhouden," not in mechanic.get(f"{LIST}{vos.order_id}").text
    assert mechanic.get(f"{LIST}?state=owed").text.count('class="key"') == mechanic.get(LIST).text.count('class="key"')
