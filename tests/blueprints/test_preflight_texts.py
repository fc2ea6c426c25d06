"""Texts that cannot be sent stand as blockers on the bon before the press, with the way to where they are mended."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from models import Connection, Location, Relation
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.cast import process
from tests.support.sandbox_process import Sandbox


@pytest.mark.parametrize(
    ("model", "field", "value", "said", "way"),
    [
        (Location, "city", "Water\x0bveen", "Werklocatie bevat een teken", "{relation}/locations/{location}"),
        (Relation, "code", "1" * 16, "Relatiecode is te lang", "/relations/{relation}#code"),
        (Connection, "template", "Sjab\x02loon", "Factuursjabloon bevat een teken", "/settings/e-boekhouden"),
    ],
)
def test_a_text_that_cannot_be_sent_blocks_before_the_press_and_leads_to_where_it_is_mended(
    client_as: Any, cast: SimpleNamespace, sandbox: Sandbox, model: Any, field: str, value: str, said: str, way: str
) -> None:
    if field == "code" and db.engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL itself stores no code that is too long; SQLite knows no lengths")
    process("vos")
    wanted = {Location: cast.vos.location_id, Relation: cast.vos.relation_id}
    with write_transaction() as session:
        query = select(model)
        row = session.scalars(query.where(model.id == wanted[model]) if model in wanted else query).one()
        setattr(row, field, value)
    client, bon = client_as("owner"), f"/t/vos/work-orders/{cast.vos.order_id}"
    page = client.get(bon).text
    assert said in page
    assert way.format(relation=cast.vos.relation_id, location=cast.vos.location_id) in page
    pressed = client.htmx_post(f"{bon}/approve")
    assert pressed.status_code == 422
    assert said in pressed.text
    assert sandbox.calls("demo", "AddFactuur") == []
