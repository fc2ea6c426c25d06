"""A part of migration 0011: the words that rows are found by, beside each row and in an index (models/search.py)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from domain.finding import LONGEST_WORD, words_in
from domain.fold import LONGEST
from domain.numbering import found_by
from migrations.shape.names import OF_TENANTS, by_code
from migrations.shape.tenants import each_tenant, fence

STEP = 2000
FOUND_BY = {
    "relation": ("name", "code", "city", "email", "contact", "address", "postcode", "phone", "mobile"),
    "location": ("name", "address", "postcode", "city"),
    "article": ("description", "code", "unit"),
    "worker": ("name",),
    "work_order": ("number", "title"),
}
OF_POSTINGS = ("found_whole", "found_serial")


def upgrade() -> None:
    table = op.create_table(
        "search_word",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("word", by_code(LONGEST_WORD), nullable=False),
        sa.Column("sort", by_code(LONGEST), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_search_word_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "word", "sort", "id", name="pk_search_word"),
        sqlite_with_rowid=False,
    )
    fence("search_word")
    for kind in FOUND_BY:
        as_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
        op.add_column(kind, sa.Column("found_by", as_text, nullable=False, server_default=""))
    for column in OF_POSTINGS:
        op.add_column("invoice_posting", sa.Column(column, by_code(50), nullable=False, server_default=""))
    for tenant in each_tenant():
        for kind, columns in FOUND_BY.items():
            _words(table, kind, columns, tenant)
        _number(tenant)
    for column in OF_POSTINGS:
        op.create_index(f"ix_invoice_posting_tenant_id_{column}", "invoice_posting", ["tenant_id", column])


def _words(index: sa.Table, kind: str, columns: tuple[str, ...], tenant: int) -> None:
    by_name = ("sort_name",) if kind in OF_TENANTS else ()
    table = _table(kind, ("found_by",))
    change = table.update().where(table.c.tenant_id == tenant, table.c.id == sa.bindparam("key"))
    change = change.values(found_by=sa.bindparam("words"))
    for rows in _rows(kind, (*columns, *by_name), tenant):
        texts, entries = [], []
        for key, *values in rows:
            sort = values.pop() if by_name else ""
            words = words_in(*(text or "" for text in values))
            texts.append({"key": key, "words": "".join(f" {word}" for word in words)})
            entries += [(word, sort, key) for word in words]
        op.get_bind().execute(change, texts)
        same = {"tenant_id": tenant, "kind": kind}
        values = [same | {"word": word, "sort": sort, "id": key} for word, sort, key in sorted(entries)]
        if values:
            op.get_bind().execute(index.insert(), values)


def _rows(name: str, columns: tuple[str, ...], tenant: int) -> Iterator[Any]:
    table = _table(name, columns)
    query = sa.select(table.c.id, *(table.c[column] for column in columns)).order_by(table.c.id).limit(STEP)
    query = query.where(table.c.tenant_id == tenant)
    rows = op.get_bind().execute(query).all()
    while rows:
        yield rows
        rows = op.get_bind().execute(query.where(table.c.id > rows[-1][0])).all()


def _number(tenant: int) -> None:
    table = _table("invoice_posting", OF_POSTINGS)
    change = table.update().where(table.c.tenant_id == tenant, table.c.id == sa.bindparam("key"))
    change = change.values({column: sa.bindparam(f"new_{column}") for column in OF_POSTINGS})
    for rows in _rows("invoice_posting", ("number",), tenant):
        values = []
        for key, number in rows:
            whole, serial = found_by(number)
            values.append({"key": key, "new_found_whole": whole, "new_found_serial": serial})
        op.get_bind().execute(change, values)


def _table(name: str, columns: tuple[str, ...]) -> Any:
    return sa.table(name, sa.column("tenant_id"), sa.column("id", sa.Uuid()), *(sa.column(name) for name in columns))


def downgrade() -> None:
    for column in OF_POSTINGS:
        op.drop_index(f"ix_invoice_posting_tenant_id_{column}", "invoice_posting")
        op.drop_column("invoice_posting", column)
    for kind in FOUND_BY:
        op.drop_column(kind, "found_by")
    op.drop_table("search_word")
