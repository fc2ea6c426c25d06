"""Addresses in what people typed can be tapped on every page that shows them, and nothing in it is markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from blueprints import _filters
from models import Location, Relation, WorkOrder
from services.company import tenants
from services.transaction import write_transaction
from tests.support.cast import process

ADDRESS = "https://leverancier.example/ketel?a=1&b=<"
HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "data:text/html,<b>x</b>",
    "<a href='javascript:alert(2)'>x</a>", 'https://kwaad.example/"onmouseover="alert(3)', "{{ 7 * 7 }}",
    "https://kwaad.example/'><svg/onload=alert(4)>", "https://bank.example@kwaad.example/", "&lt;script&gt;",
    "\u202ehttps://kwaad.example/\u202egpj.exe",
]  # fmt: skip
TYPED = "\n".join([f"Zie {ADDRESS} (de handleiding).", *HOSTILE])


class Read(HTMLParser):
    """The links, the names of the elements and of their attributes on a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[dict[str, str | None]] = []
        self.images, self.handlers = 0, 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.images += tag == "img"
        self.handlers += sum(name.startswith("on") for name, _value in attrs)
        if tag == "a":
            self.links.append(dict(attrs))


@pytest.fixture
def typed(vos: SimpleNamespace) -> SimpleNamespace:
    """Vos with an address, and much else, in everything that people write."""
    process("vos")
    with write_transaction() as session:
        order = session.scalars(select(WorkOrder).where(WorkOrder.id == vos.order_id)).one()
        order.description = order.work_done = order.office_note = TYPED
        session.scalars(select(Relation).where(Relation.id == vos.relation_id)).one().notes = TYPED
        session.scalars(select(Location).where(Location.id == vos.location_id)).one().notes = TYPED
    tenants.leave()
    return vos


@pytest.mark.parametrize(
    ("who", "path", "times"),
    [
        ("owner", "work-orders/{order_id}", 3),  # what to do, what was done, the note for the office
        ("worker", "work-orders/{order_id}", 3),  # ... and of the work site instead of that note
        ("owner", "relations/{relation_id}", 2),  # of the customer and of the work site
    ],
)
def test_an_address_can_be_tapped_and_nothing_else_is_made_of_a_text(
    typed: SimpleNamespace, client_as: Any, who: str, path: str, times: int
) -> None:
    page = client_as(who).get("/t/vos/" + path.format(order_id=typed.order_id, relation_id=typed.relation_id)).text
    read = Read(page)
    away = [link for link in read.links if not re.match(r"/|#|\?|tel:\+?\d|mailto:", link.get("href") or "/")]
    away = [link for link in away if not (link["href"] or "").startswith("https://www.google.com/maps/")]
    assert {link["href"] for link in away} == {
        ADDRESS.rstrip("<"), "https://kwaad.example/",
    }  # fmt: skip
    assert sum(link["href"] == ADDRESS.rstrip("<") for link in away) == times
    assert {link["rel"] for link in away} == {"nofollow noopener noreferrer"}
    assert (read.images, read.handlers) == (0, 0)
    assert "<script>alert" not in page
    assert "<svg/onload" not in page


def test_every_text_that_stands_as_it_was_typed_has_its_addresses_as_links() -> None:
    shown = []
    for path in (Path(__file__).parents[2] / "templates").rglob("*.html"):
        for line in path.read_text().splitlines():
            # a letter has links of ours alone, and the words of a tick are tapped to tick it
            if "as-typed" in line and "outbox" not in str(path) and path.name != "meanwhile.html":
                shown.append((path.name, "| linked" in line))
    assert len(shown) >= 7
    assert [name for name, linked in shown if not linked] == []


def test_without_a_text_there_is_none() -> None:
    assert _filters.linked("") == ""
    assert _filters.links_in("zonder") == []


def test_who_may_change_notes_has_their_links_beside_the_field(typed: SimpleNamespace, client_as: Any) -> None:
    office, reader = (client_as(who).get(f"/t/vos/relations/{typed.relation_id}").text for who in ("owner", "reader"))
    assert "In de notities: <a href=" in office
    assert office.count(f'href="{ADDRESS.rstrip("<").replace("&", "&amp;")}"') == 2
    assert "In de notities:" not in reader
    assert reader.count(f'href="{ADDRESS.rstrip("<").replace("&", "&amp;")}"') == 2
