"""Articles: reading them in from the bookkeeping, finding, making and editing them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from domain.fold import sort_key
from domain.meanwhile import Opened
from domain.message import Refusal, msg
from domain.permissions import Actor
from domain.vat import BY_CODE
from domain.visible import bare
from gateways.bookkeeping import ArticleRows, Credentials
from models import Article, SyncRun
from oversight.audit_trail import record
from services import meanwhile
from services.dependencies import Dependencies
from services.link import connection, reading
from services.link.merging import Kind
from services.paging import Page
from services.searching import ByName
from services.transaction import write_transaction
from tenancy.database import db

REMOTE_FIELDS = ("description", "unit", "price", "vat_code", "ledger_code", "active")
_BY_NAME = ByName(Article)
_IN_USE = (Article.vanished_at.is_(None), Article.active)
KIND = Kind(
    "articles",
    Article,
    REMOTE_FIELDS,
    read=lambda bookkeeping, credentials, go_on: bookkeeping.articles(credentials, go_on),
    look=lambda bookkeeping, credentials, code: bookkeeping.article(credentials, code),
    name="description",
    spare=("code",),
)


@dataclass(frozen=True)
class ArticleInput:
    """An article as typed; price in euros excluding VAT."""

    description: str
    code: str = ""
    unit: str = ""
    price: Decimal = Decimal(0)
    vat_code: str = ""
    ledger_code: str = ""
    active: bool = True


@dataclass(frozen=True)
class Choice:
    """An article for the line editor; price in euros excluding VAT."""

    id: UUID
    code: str
    description: str
    unit: str
    price: Decimal
    vat_code: str
    ledger_code: str


def store(
    deps: Dependencies, actor: Actor, article_rows: ArticleRows, credentials: Credentials, since: datetime
) -> SyncRun | None:
    """Write articles that were read already, asked for at `since` (at the start of the connection); None when somebody
    is reading, who reads them anew. Raises Refusal when the link was changed."""
    return reading.store(deps, actor, KIND, article_rows, credentials, since)


def sync(deps: Dependencies, actor: Actor) -> SyncRun:
    """Read all articles and write what differs, however long it takes. Raises Refusal without an active link, and
    while another run reads them."""
    return reading.read_whole(deps, actor, KIND)


def sync_now(deps: Dependencies, actor: Actor) -> SyncRun:
    """As `sync`, but only what fits into one answer; a run that did not end yet is the worker's. Raises Refusal."""
    return reading.read_what_fits(deps, actor, KIND)


def unsellable(vat_code: str) -> bool:
    """Whether a VAT code is one that cannot stand on an invoice of ours (yet); an empty one can be chosen later."""
    known = BY_CODE.get(vat_code)
    return bool(vat_code) and (known is None or not known.supported)


def list_(text: str = "", show_vanished: bool = False, after: str = "") -> Page[Article]:
    """A page of articles by description. `after` is the id of the last one seen; anything else begins at the start.

    Articles that vanished or are not in use any more show only when asked for.
    """
    query = select(Article)
    if not show_vanished:
        query = query.where(*_IN_USE)
    return _BY_NAME.page(query, text, after)


def find(text: str, limit: int) -> list[Choice]:
    """The first `limit` articles in use, by description, that have every word of a text."""
    return _choices(_BY_NAME.first(select(Article).where(*_IN_USE), text, limit))


def named(ids: Collection[UUID], texts: Collection[str]) -> list[Choice]:
    """The articles in use that are named by their id, or by exactly their code or description; by description."""
    found: dict[UUID, Choice] = {}
    # One question for each index: an OR over them begins at none that starts with the tenant.
    for column, values in ((Article.id, ids), (Article.code, texts), (Article.description, texts)):
        if values:
            rows = _choices(select(Article).where(*_IN_USE, column.in_(values)))
            found |= {row.id: row for row in rows}
    return sorted(found.values(), key=lambda one: (sort_key(one.description), one.id))


def _choices(query: Select[Article]) -> list[Choice]:
    return [
        Choice(row.id, row.code or "", row.description, row.unit, row.price, row.vat_code, row.ledger_code)
        for row in db.session.scalars(query)
    ]


def get(article_id: UUID) -> Article | None:
    """One article, or None."""
    return db.session.scalars(select(Article).where(Article.id == article_id)).one_or_none()


def create(actor: Actor, typed: ArticleInput) -> UUID:
    """Make an article here. Raises Refusal with the field that is wrong."""
    with write_transaction() as session:
        connection.locked(session)  # who takes a code waits for who compares codes, and the other way round
        row = Article()
        _fill(session, row, typed)
        session.add(row)
        session.flush()
        record(session, actor, "article.created", "article", row.id, row.description[:150])
        return row.id


def stands(row: Article) -> ArticleInput:
    """An article as its form is filled in."""
    return ArticleInput(row.description, row.code or "", row.unit, row.price, row.vat_code, row.ledger_code, row.active)


def edit(actor: Actor, article_id: UUID, typed: ArticleInput, opened: Opened | None = None) -> None:
    """Change an article made here, whose form was opened on `opened`. Raises LookupError, or Refusal with the field
    that is wrong."""
    with write_transaction() as session:
        connection.locked(session)
        row = session.scalars(select(Article).where(Article.id == article_id).with_for_update()).one_or_none()
        if row is None:
            raise LookupError(article_id)
        if row.remote_id is not None:
            raise Refusal(msg("Dit artikel komt uit e-Boekhouden. Wijzig het daar en haal de artikelen opnieuw op."))
        typed = meanwhile.settle(session, opened, typed, stands(row), row.id, "article.changed")
        _fill(session, row, typed)
        record(session, actor, "article.changed", "article", row.id, row.description[:150])


def _fill(session: Session, row: Article, typed: ArticleInput) -> None:
    description, code = bare(typed.description), bare(typed.code)
    if not description:
        raise Refusal(msg("Vul een omschrijving in."), "description")
    if code:
        other = session.scalars(select(Article).where(Article.code == code)).one_or_none()
        if other is not None and other is not row:
            said = msg("%(name)s heeft code %(code)s al.", name=other.description, code=code)
            raise Refusal(said, "code")
    row.description, row.code = description, code or None
    row.unit, row.price, row.active = typed.unit.strip(), typed.price, typed.active
    row.vat_code, row.ledger_code = typed.vat_code, typed.ledger_code
