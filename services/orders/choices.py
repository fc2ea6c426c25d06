"""What a work order's form offers to choose from, and what it fills in for lines that were typed half."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select

from models import LineDefault, Location, Worker
from services.catalogue import articles, relations
from services.invoicing.preflight import line_defaults
from services.orders.work_orders import LineInput
from tenancy.database import db

Choice = tuple[UUID, str]


@dataclass(frozen=True)
class TypedLine:
    """A line as somebody typed it; None and empty texts are still to be filled in."""

    kind: str
    article: str = ""
    code: str = ""
    description: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    price: Decimal | None = None
    vat_code: str = ""
    ledger_code: str = ""


def customers(present: UUID | None = None) -> list[Choice]:
    """The customers to choose from (id, label), by name; one that vanished only when it is the present one."""
    found = relations.choices()
    if present is None or any(row_id == present for row_id, _name in found):
        return found
    gone = relations.get(present)
    return [(gone.id, gone.name), *found] if gone else found


def locations(relation_id: UUID | None) -> list[Choice]:
    """The work sites of a customer (id, name or address with city), by name."""
    if relation_id is None:
        return []
    query = select(Location).where(Location.relation_id == relation_id).order_by(Location.name, Location.address)
    rows = db.session.scalars(query)
    return [(row.id, ", ".join(part for part in (row.name, row.address, row.city) if part)) for row in rows]


def workers(present: UUID | None = None) -> list[Choice]:
    """The people who can do the work (id, name), by name; somebody who left only when they are the present one."""
    wanted = or_(Worker.active, Worker.id == present) if present else Worker.active
    query = select(Worker.id, Worker.name).where(wanted).order_by(Worker.name)
    return [(row_id, name) for row_id, name in db.session.execute(query)]


def label(article: articles.Choice) -> str:
    """An article as it is picked from the list: CODE · description."""
    return f"{article.code} · {article.description}" if article.code else article.description


class Catalogue:
    """The articles and the settings per kind of line, read once, to complete typed lines with."""

    def __init__(self, found: list[articles.Choice], defaults: dict[str, LineDefault]) -> None:
        self._defaults = defaults
        self._by_text: dict[str, articles.Choice] = {}
        for article in found:
            for text in (label(article), article.code, article.description):
                if text:
                    self._by_text.setdefault(text.casefold(), article)

    def find(self, text: str) -> articles.Choice | None:
        """The article that is meant by its code, its description, or both as the list shows them."""
        return self._by_text.get(text.strip().casefold()) if text.strip() else None

    def complete(self, line: TypedLine) -> LineInput:
        """A typed line as it is kept. What was left empty comes from its article, else from the invoice settings of
        its kind; a quantity left empty is 1, a price 0.

        Without article and price, the article under the kind's own code lends them (hours: the hourly rate).
        """
        default = self._defaults.get(line.kind)
        own = self.find(line.article)
        lender = own
        if own is None and not line.article and line.price is None and line.kind != "text" and default:
            lender = self.find(default.code)
        price = line.price if line.price is not None else lender.price if lender else Decimal(0)
        return LineInput(
            kind=line.kind,
            description=line.description or (own.description if own else ""),
            quantity=Decimal(1) if line.quantity is None else line.quantity,
            unit=line.unit or (lender.unit if lender else ""),
            price=price,
            vat_code=line.vat_code or (lender.vat_code if lender else "") or (default.vat_code if default else ""),
            ledger_code=line.ledger_code or (lender.ledger_code if lender else ""),
            code=(own.code if own else line.code) if line.article else "",
            article_id=own.id if own else None,
        )


def catalogue() -> Catalogue:
    """The present catalogue."""
    return Catalogue(articles.choices(), line_defaults())
