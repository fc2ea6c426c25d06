"""An invoice that may be with another customer: on Start, on its order, in the letter, and the owner's word on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from domain.notes import note
from models import InvoicePosting, Mail
from services.orders import daily_letter
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.cast import process
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox


@pytest.fixture
def bon(cast: SimpleNamespace, client_as: Any, sandbox: Sandbox) -> str:
    """The address of an order whose invoice was raised, days ago."""
    address = f"/t/vos/work-orders/{cast.vos.order_id}"
    client_as("planner").htmx_post(f"{address}/approve")
    process("vos")
    with write_transaction() as session:
        row = session.scalars(select(InvoicePosting)).one()
        row.code_moved_at = datetime.now(UTC) - timedelta(days=5)
        row.code_moved = note("posting.code_moved", code="1002", there="De Opvolger", name="Bakker")
    return address


def test_it_is_told_where_people_look_and_what_to_do(client_as: Any, bon: str) -> None:
    for who, settles in (("owner", True), ("planner", False), ("reader", False)):
        client = client_as(who)
        start = folded(client.get("/t/vos/").text)
        assert "klant natrekken" in start
        assert "in e-Boekhouden nu van een ander" in start
        page = folded(unescape(client.get(bon).text))
        assert (
            "Relatiecode 1002 is in e-Boekhouden nu van De Opvolger, en deze factuur ging eronder naar Bakker" in page
        )
        assert "Kijk in e-Boekhouden op wie factuur" in page
        assert ("Opschrijven wat u zag" in page) is settles
        assert ("De eigenaar schrijft daarna op" in page) is not settles
        assert client.get(f"{bon}/code-moved").status_code == (200 if settles else 403)


def test_the_owner_says_what_was_found(client_as: Any, bon: str) -> None:
    client = client_as("owner")
    assert client.post(f"{bon}/code-moved", data={"reason": ""}).status_code == 422
    assert client.post(f"{bon}/code-moved", data={"reason": "Staat goed"}).status_code == 303
    page = folded(unescape(client.get(bon).text))
    assert "Opschrijven wat u zag" not in page
    assert "nagekeken op wie hij in e-Boekhouden staat: Staat goed" in page
    assert "klant natrekken" not in client.get("/t/vos/").text
    assert client.get(f"{bon}/code-moved").status_code == 303
    again = client.post(f"{bon}/code-moved", data={"reason": "Nog eens"})
    assert again.status_code == 422
    assert "al afgehandeld" in again.text


def test_the_letter_of_the_morning_tells_of_it(app: Flask, bon: str) -> None:
    actor = process("vos")
    daily_letter.write(app.extensions["crafter"], actor)
    db.session.rollback()
    texts = db.session.scalars(select(Mail.text).order_by(Mail.id.desc())).all()
    assert any("klant natrekken" in text for text in texts)
