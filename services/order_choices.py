"""What a work order's form offers to choose from, and what it fills in for lines that were typed half."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select

from models import Article, Location, Worker
from services import relations
from services.preflight import line_defaults
from services.work_orders import LineInput
from tenancy.database import db


@dataclass(frozen=True)
class TypedLine:
    """A line as somebody typed it; None and empty texts are still to be filled in."""

    kind: str
    code: str = ""
    description: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    price: Decimal | None = None
    vat_code: str = ""
    ledger_code: str = ""


Choice = tuple[UUID, str]


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
    return [(row.id, ", ".join(part for part in (row.name, row.address, row.city) if part)) for row in db.session.scalars(query)]


def workers(present: UUID | None = None) -> list[Choice]:
    """The people who can do the work (id, name), by name; somebody who left only when they are the present one."""
    wanted = or_(Worker.active, Worker.id == present) if present else Worker.active
    return [(row_id, name) for row_id, name in db.session.execute(select(Worker.id, Worker.name).where(wanted).order_by(Worker.name))]


def completed(lines: Sequence[TypedLine]) -> tuple[LineInput, ...]:
    """Typed lines as they are kept: what was left empty comes from the article with that code, else from the
    invoice settings of that kind of line. A quantity left empty is 1, a price left empty 0.

    A line without code and price is priced by the article under its kind's own code (hours: the hourly rate).
    """
    defaults = line_defaults()

    def code_of(line: TypedLine) -> str:
        default = defaults.get(line.kind)
        return line.code or (default.code if default and line.price is None and line.kind != "text" else "")

    codes = {code for line in lines if (code := code_of(line))}
    found = db.session.scalars(select(Article).where(Article.code.in_(codes))) if codes else []
    by_code = {article.code: article for article in found}
    kept = []
    for line in lines:
        article, default = by_code.get(code_of(line)), defaults.get(line.kind)
        price = line.price
        if price is None:
            price = article.price if article else Decimal(0)
        kept.append(
            LineInput(
                kind=line.kind,
                description=line.description or (article.description if article and line.code else ""),
                quantity=Decimal(1) if line.quantity is None else line.quantity,
                unit=line.unit or (article.unit if article else ""),
                price=price,
                vat_code=line.vat_code or (article.vat_code if article else "") or (default.vat_code if default else ""),
                ledger_code=line.ledger_code or (article.ledger_code if article else ""),
                code=line.code,
                article_id=article.id if article and line.code else None,
            )
        )
    return tuple(kept)
