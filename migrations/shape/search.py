"""A part of migration 0011: the words that rows are found by, in a table with an index (models/search.py)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from uuid_utils.compat import uuid7

from domain.finding import LONGEST_WORD, words_in
from domain.numbering import found_by
from migrations.shape.names import by_code
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
    for column in OF_POSTINGS:
        op.add_column("invoice_posting", sa.Column(column, by_code(50), nullable=False, server_default=""))
    _make()  # and leave it empty: 0018, which comes with this one, makes the words anew
    _index()
    for tenant in each_tenant():
        _number(tenant)
    for column in OF_POSTINGS:
        op.create_index(f"ix_invoice_posting_tenant_id_{column}", "invoice_posting", ["tenant_id", column])


def words_apart() -> None:
    """Make and fill the table of words, each with an id of its own."""
    table = _make()
    for tenant in each_tenant():
        for kind, columns in FOUND_BY.items():
            for rows in rows_of(kind, columns, tenant):
                words = [
                    {"tenant_id": tenant, "id": uuid7(), "kind": kind, "word": word, "owner_id": row[0]}
                    for row in rows
                    for word in words_in(*(text or "" for text in row[1:]))
                ]
                if words:
                    op.get_bind().execute(table.insert(), words)
    _index()  # when it is full, which is quicker


def _make() -> sa.Table:
    table = op.create_table(
        "search_word",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("word", by_code(LONGEST_WORD), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_search_word_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_search_word"),
    )
    fence("search_word")
    return table


def _index() -> None:
    with op.batch_alter_table("search_word") as batch:
        batch.create_unique_constraint("uq_search_word_tenant_id_owner_id_word", ["tenant_id", "owner_id", "word"])
    op.create_index("ix_search_word_tenant_id_kind", "search_word", ["tenant_id", "kind", "word", "owner_id"])


def rows_of(name: str, columns: tuple[str, ...], tenant: int) -> Iterator[Any]:
    """The id and these columns of all rows of a tenant, some at a time."""
    table = table_of(name, columns)
    query = sa.select(table.c.id, *(table.c[column] for column in columns)).order_by(table.c.id).limit(STEP)
    query = query.where(table.c.tenant_id == tenant)
    rows = op.get_bind().execute(query).all()
    while rows:
        yield rows
        rows = op.get_bind().execute(query.where(table.c.id > rows[-1][0])).all()


def _number(tenant: int) -> None:
    table = table_of("invoice_posting", OF_POSTINGS)
    change = table.update().where(table.c.tenant_id == tenant, table.c.id == sa.bindparam("key"))
    change = change.values({column: sa.bindparam(f"new_{column}") for column in OF_POSTINGS})
    for rows in rows_of("invoice_posting", ("number",), tenant):
        values = []
        for key, number in rows:
            whole, serial = found_by(number)
            values.append({"key": key, "new_found_whole": whole, "new_found_serial": serial})
        op.get_bind().execute(change, values)


def table_of(name: str, columns: tuple[str, ...]) -> Any:
    """A tenant's table with these columns."""
    return sa.table(name, sa.column("tenant_id"), sa.column("id", sa.Uuid()), *(sa.column(name) for name in columns))


def downgrade() -> None:
    for column in OF_POSTINGS:
        op.drop_index(f"ix_invoice_posting_tenant_id_{column}", "invoice_posting")
        op.drop_column("invoice_posting", column)
    op.drop_table("search_word")
