"""Every field in which people search finds what they mean, in capitals or not, with accents or without, in any order of
words, whatever apostrophe a telephone types, composed or not. A new field joins by itself: it is missing below."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import select

from models import Article, AuditEntry, Location, Relation, Tenant, Worker
from services.company import tenants
from services.orders.work_orders import OrderInput, create
from services.transaction import write_transaction
from tests.support.cast import process
from tests.support.client import HTMX, client_for, folded

TEMPLATES = Path(__file__).parents[2] / "templates"
NAME = "Café Yıldız d’Artagnan"
TYPED = (
    NAME, "CAFE yildiz", "yıldız café", "CAFÉ d'artagnan", "d`Artagnan CAFÉ", "d´artagnan", "dartagnan", "  café  ",
    unicodedata.normalize("NFD", NAME), unicodedata.normalize("NFD", "YILDIZ CAFÉ"), "Ca\u00adfé",
)  # fmt: skip
POSTCODES = ("5211 AB", "5211AB", "5211ab", "ab 5211")


class Box(NamedTuple):
    """A field to search in: who asks, where, and what in the answer says that the row was found."""

    who: str
    address: str
    seen: str
    typed: tuple[str, ...] = TYPED
    param: str = "q"


def seed(app: Flask) -> dict[str, Box]:
    """The rows to find, and the fields that find them, each by its template or its endpoint."""
    actor = process("vos")
    with write_transaction() as session:
        customer = Relation(name=NAME, code="7104", address="Zijlstraat 5", postcode="5211 AB", city="’s-Hertogenbosch")
        article = Article(description=NAME, code="KR 15/22", unit="rol")
        worker = Worker(name=NAME)
        session.add_all((customer, article, worker))
        session.flush()
        site = Location(relation_id=customer.id, name=NAME, address="Kade 7", postcode="5211AB", city="Oss")
        session.add(site)
        session.add(AuditEntry(at=datetime.now(UTC), event="location.changed", person_name=NAME, data={"name": "x"}))
        session.flush()
        ids = SimpleNamespace(customer=customer.id, article=article.id, worker=worker.id, site=site.id)
    order = create(actor, OrderInput(title="Afzuigkap reinigen", relation_id=ids.customer, location_id=ids.site))
    given = create(actor, OrderInput(title="Lekkage", worker_id=ids.worker))
    tenants.leave()
    with write_transaction() as session:
        session.scalars(select(Tenant).where(Tenant.slug == "buur")).one().name = NAME + " B.V."
    more = (*TYPED, *POSTCODES, "hertogenbosch", "'s hertogenbosch", "7104", "zijlstraat", "café 7104")
    choices = "/t/vos/choices/"
    return {
        "work_orders/list.html": Box("owner", "/t/vos/work-orders/?", f"/work-orders/{order}", (*more, "kade oss")),
        "work_orders/list.html by its mechanic": Box("owner", "/t/vos/work-orders/?", f"/work-orders/{given}"),
        "relations/_board.html": Box("owner", "/t/vos/relations/?", f"/relations/{ids.customer}", more),
        "articles/_board.html": Box(
            "owner", "/t/vos/articles/?", f"/articles/{ids.article}", (*TYPED, "kr1522", "KR15")
        ),
        "settings/history.html": Box("owner", "/t/vos/settings/history?", f">{NAME}<", param="who"),
        "support/tenants.html": Box(
            "support", "/support/?", f"{NAME} B.V.<span", (*TYPED, "bv", "b.v. cafe", "buur", "uur", "BUUR yildiz")
        ),
        "help/index.html": Box(
            "owner",
            "/t/vos/help/?",
            'help/dubbele-factuur"',
            (
                "DUBBEL factuur",
                "factuur dúbbel",
                unicodedata.normalize("NFD", "één dubbel"),
                "een dubbel",
                "twee DUBBEL",
            ),
        ),
        "choices.customers": Box("owner", f"{choices}customers?", f'data-id="{ids.customer}"', more),
        "choices.workers": Box("owner", f"{choices}workers?", f'data-id="{ids.worker}"'),
        "choices.everybody": Box("owner", f"{choices}everybody?", f'data-id="{ids.worker}"'),
        "choices.locations": Box(
            "owner",
            f"{choices}locations?relation_id={ids.customer}&",
            f'data-id="{ids.site}"',
            (*TYPED, *POSTCODES, "oss kade"),
        ),
        "choices.articles": Box("owner", f"{choices}articles?", f'data-id="{ids.article}"', (*TYPED, "kr1522")),
    }


def missing(app: Flask) -> list[str]:
    """What does not find its row, or finds it by a word that is nowhere; and fields that are not in the list."""
    boxes = seed(app)
    found_in = {
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if re.search(r'type="search"|role="search"|SearchField', path.read_text())
    }
    choices = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("choices.")}
    wrong = [f"{name} is not looked at" for name in (found_in | choices) - {name.partition(" ")[0] for name in boxes}]
    for name, box in boxes.items():
        client = client_for(app, box.who)
        for text in (*box.typed, *(f"{text} zeppelin" for text in box.typed[:2])):
            answer = client.get(f"{box.address}{urlencode({box.param: text})}", headers=HTMX)
            assert answer.status_code == 200, (name, text)
            if (box.seen in folded(answer.text)) == ("zeppelin" in text):
                wrong.append(f"{name}: {text!r}")
    return wrong


def test_every_field_finds_what_is_meant(app: Flask) -> None:
    assert missing(app) == []
