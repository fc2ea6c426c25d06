"""words in the order of the lists

Revision: 0018, after 0017.

The words that rows are found by stand in the order in which lists show the rows, and beside each row as one text
(models/search.py). All of it follows from the rows, so the table of before is left and made anew. Portal and worker stop
for it, as they do for 0011, with which it comes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from domain.finding import LONGEST_WORD, words_in
from domain.fold import LONGEST
from migrations.shape.names import OF_TENANTS, by_code
from migrations.shape.search import FOUND_BY, rows_of, table_of, words_apart
from migrations.shape.tenants import each_tenant, fence

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

RUNS_BESIDE = "0c219b9"


def upgrade() -> None:
    op.drop_table("search_word")
    index = op.create_table(
        "search_word",
        # in the order of the key: otherwise SQLite's quick_check calls a sound table damaged
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("word", by_code(LONGEST_WORD), nullable=False),
        sa.Column("sort", by_code(LONGEST), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_search_word_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "word", "sort", "id", name="pk_search_word"),
        sqlite_with_rowid=False,
    )
    fence("search_word")
    for kind in FOUND_BY:
        as_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
        op.add_column(kind, sa.Column("found_by", as_text, nullable=False, server_default=""))
    for tenant in each_tenant():
        for kind, columns in FOUND_BY.items():
            _words(index, kind, columns, tenant)


def _words(index: sa.Table, kind: str, columns: tuple[str, ...], tenant: int) -> None:
    by_name = ("sort_name",) if kind in OF_TENANTS else ()
    table = table_of(kind, ("found_by",))
    change = table.update().where(table.c.tenant_id == tenant, table.c.id == sa.bindparam("key"))
    change = change.values(found_by=sa.bindparam("words"))
    for rows in rows_of(kind, (*columns, *by_name), tenant):
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


def downgrade() -> None:
    for kind in FOUND_BY:
        with op.batch_alter_table(kind) as batch:
            batch.drop_column("found_by")
    op.drop_table("search_word")
    words_apart()
