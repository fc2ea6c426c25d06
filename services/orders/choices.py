"""What can be chosen in a form, asked a few at a time, and what is filled in for lines that were typed half.

Every kind is asked in the same way: by what was typed so far, for at most 20. No question gives a whole table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from domain.fold import fold
from models import LineDefault, Location, Worker
from services.catalogue import articles, relations
from services.invoicing.preflight import line_defaults
from services.orders.work_orders import LineInput
from services.searching import ByName, is_few
from tenancy.database import db

MOST = 20
_SITES, _PEOPLE = ByName(Location), ByName(Worker)


@dataclass(frozen=True)
class Hit:
    """One row to choose: its id, how a field shows it, and what else it may be called by (a name, a code)."""

    id: UUID
    label: str
    names: tuple[str, ...] = ()
    article: articles.Choice | None = None

    def is_called(self, text: str) -> bool:
        """Whether a text is exactly what this row is called; capitals and accents are no matter."""
        return fold(text).strip() in {fold(name).strip() for name in (self.label, *self.names) if name}


@dataclass(frozen=True)
class Found:
    """The first 20 rows that answer to a text, by name; `more` says that there are others."""

    hits: tuple[Hit, ...] = ()
    more: bool = False

    def called(self, text: str) -> Hit | None:
        """The one row that is called exactly this; None when none is, or more than one."""
        exact = [hit for hit in self.hits if hit.is_called(text)]
        return exact[0] if len(exact) == 1 else None


def _first(hits: Iterable[Hit]) -> Found:
    found = tuple(hits)
    return Found(found[:MOST], len(found) > MOST)


@dataclass(frozen=True)
class TypedLine:
    """A line as somebody typed it; None and empty texts are still to be filled in. `article_id` was picked."""

    kind: str
    article: str = ""
    code: str = ""
    description: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    price: Decimal | None = None
    vat_code: str = ""
    ledger_code: str = ""
    article_id: UUID | None = None


def customers(text: str = "") -> Found:
    """The customers that answer to a text, by name; one that vanished does not."""
    return _first(Hit(row.id, row.label, (row.name, row.code)) for row in relations.find(text, MOST + 1))


def customer(relation_id: UUID) -> Hit | None:
    """One customer, vanished or not, to show what stands chosen."""
    row = relations.named(relation_id)
    return Hit(row.id, row.label, (row.name, row.code)) if row else None


def locations(relation_id: UUID | None, text: str = "") -> Found:
    """The work sites of a customer that answer to a text, by name; without a customer none."""
    here = select(Location).where(Location.relation_id == relation_id)
    few = bool(text) and is_few(here.with_only_columns(Location.id))  # a word may be that of everybody else's sites
    rows = db.session.scalars(_SITES.first(here, text, MOST + 1, few))
    return _first(_site(row) for row in rows) if relation_id else Found()


def location(location_id: UUID) -> Hit | None:
    """One work site, to show what stands chosen."""
    row = db.session.scalars(select(Location).where(Location.id == location_id)).one_or_none()
    return _site(row) if row else None


def _site(row: Location) -> Hit:
    label = ", ".join(part for part in (row.name, row.address, row.city) if part)
    return Hit(row.id, label, (row.name, row.address))


def workers(text: str = "") -> Found:
    """The people who can do the work that answer to a text, by name; somebody who left does not."""
    active = select(Worker.id, Worker.name).where(Worker.active)
    rows = db.session.execute(_PEOPLE.first(active, text, MOST + 1))
    return _first(Hit(row.id, row.name) for row in rows)


def everybody(text: str = "") -> Found:
    """All who do or did the work that answer to a text, by name: orders go on naming who left."""
    rows = db.session.execute(_PEOPLE.first(select(Worker.id, Worker.name), text, MOST + 1))
    return _first(Hit(row.id, row.name) for row in rows)


def worker(worker_id: UUID) -> Hit | None:
    """One worker, here or gone, to show who stands chosen."""
    row = db.session.execute(select(Worker.id, Worker.name).where(Worker.id == worker_id)).one_or_none()
    return Hit(row.id, row.name) if row else None


def sold(text: str = "") -> Found:
    """The articles in use that answer to a text, by description."""
    return _first(_article(row) for row in articles.find(text, MOST + 1))


def _article(row: articles.Choice) -> Hit:
    return Hit(row.id, label(row), (row.code, row.description), row)


def label(article: articles.Choice) -> str:
    """An article as it is picked from the list: CODE · description."""
    return f"{article.code} · {article.description}" if article.code else article.description


class Catalogue:
    """The articles that typed lines name, looked up together, and the settings per kind of line to complete them."""

    def __init__(self, lines: Iterable[TypedLine]) -> None:
        self._defaults: dict[str, LineDefault] = line_defaults()
        lines = list(lines)
        codes = (row.code for row in self._defaults.values())
        texts = {text for line in lines for text in _spellings(line.article)} | {code for code in codes if code}
        found = articles.named({line.article_id for line in lines if line.article_id}, texts)
        self._by_id = {one.id: one for one in found}
        self._by_text: dict[str, articles.Choice] = {}
        for name in (label, _code, _description):
            for one in found:
                if name(one):
                    self._by_text.setdefault(name(one).casefold(), one)
        self._near: dict[str, Found] = {}

    def find(self, text: str) -> articles.Choice | None:
        """The article that is meant by its code, its description, or both as the list shows them."""
        text = text.strip()
        known = self._by_text.get(text.casefold())
        if known or not text:
            return known
        hit = self.near(text).called(text)  # other capitals than the article itself has
        return hit.article if hit else None

    def near(self, text: str) -> Found:
        """What can be chosen instead of a text that is no article."""
        if text not in self._near:
            self._near[text] = sold(text)
        return self._near[text]

    def meant(self, line: TypedLine) -> articles.Choice | None:
        """The article of a line: the one that was picked, else the one that its text names."""
        return self._by_id.get(line.article_id) if line.article_id else self.find(line.article)

    def complete(self, line: TypedLine) -> LineInput:
        """A typed line as it is kept. What was left empty comes from its article, else from the invoice settings of
        its kind; a quantity left empty is 1, a price 0. An article without a VAT rate gets none: that would be a guess.

        Without article and price, the article under the kind's own code lends them (hours: the hourly rate).
        """
        default = self._defaults.get(line.kind)
        lender = own = self.meant(line)
        if own is None and not line.article and line.price is None and line.kind != "text" and default and default.code:
            lender = self._by_text.get(default.code.casefold())
        default_vat = default.vat_code if default else ""
        price = line.price if line.price is not None else lender.price if lender else Decimal(0)
        return LineInput(
            kind=line.kind,
            description=line.description or (own.description if own else ""),
            quantity=Decimal(1) if line.quantity is None else line.quantity,
            unit=line.unit or (lender.unit if lender else ""),
            price=price,
            vat_code=line.vat_code or (lender.vat_code if lender else "") or ("" if own else default_vat),
            ledger_code=line.ledger_code or (lender.ledger_code if lender else ""),
            code=(own.code if own else line.code) if line.article else "",
            article_id=own.id if own else None,
        )


def _code(article: articles.Choice) -> str:
    return article.code


def _description(article: articles.Choice) -> str:
    return article.description


def _spellings(text: str) -> set[str]:
    """A typed article as it may stand in the catalogue: itself, the code before the dot, and both in capitals."""
    text = text.strip()
    parts = {text, text.partition(" · ")[0].strip()} - {""}
    return parts | {part.upper() for part in parts}
