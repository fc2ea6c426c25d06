"""words of our own, and nothing that nobody reads

Revision: 0009, after 0008.

VAT codes and categories of ledger accounts get our names; until now rows held the bookkeeping's. A code without a name
of ours (of purchases, of former rates) stays. Frozen payloads stay byte for byte as they are: their bytes are what may
have arrived. `payload_version` tells from here on how a payload is written (it counted contents, which nobody read); all
that are there are of version 1. The audit trail is not touched.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

VAT = {
    "HOOG_VERK_21": "high",
    "LAAG_VERK_9": "low",
    "GEEN": "none",
    "VERL_VERK": "reverse_high",
    "VERL_VERK_L9": "reverse_low",
    "BU_EU_VERK": "export",
    "BI_EU_VERK": "eu_goods",
    "BI_EU_VERK_D": "eu_services",
    "AFST_VERK": "eu_distance",
}
CATEGORIES = {
    "VW": "profit_and_loss",
    "BAL": "balance",
    "FIN": "money",
    "DEB": "receivable",
    "CRED": "payable",
    "AF19": "vat",
    "AF6": "vat",
    "AFOVERIG": "vat",
    "VOOR": "vat",
    "BTWRC": "vat",
}
WITH_VAT = ("article", "line_default", "work_order_line")


def upgrade() -> None:
    for _tenant in _each_tenant():
        for table in WITH_VAT:
            _rename(table, "vat_code", VAT, sa.column("vat_code"))
        _rename("ledger_account", "category", CATEGORIES, sa.literal("other"))
        op.execute(_table("invoice_posting", "payload_version").update().values(payload_version=1))
    # SQLite can leave a column out by itself: the table, its partial indexes and its children stay as they are.
    op.drop_column("posting_attempt", "payload_version")
    op.drop_column("invoice_posting", "kind")
    op.drop_column("person", "theme")


def downgrade() -> None:
    """Refuses when an invoice was frozen in our words: the release before cannot read that."""
    postings = _table("invoice_posting", "payload_version")
    theirs = {ours: theirs for theirs, ours in CATEGORIES.items() if ours != "vat"} | {"vat": "BTWRC"}
    for tenant in _each_tenant():
        newer = sa.select(sa.func.count()).select_from(postings).where(postings.c.payload_version > 1)
        if op.get_bind().scalar(newer):
            raise RuntimeError(f"tenant {tenant} has invoices that an older release cannot read")
        for table in WITH_VAT:
            _rename(table, "vat_code", {ours: theirs for theirs, ours in VAT.items()}, sa.column("vat_code"))
        _rename("ledger_account", "category", theirs, sa.literal(""))
    for table, column in (
        ("person", sa.Column("theme", sa.String(10), nullable=False, server_default="auto")),
        ("invoice_posting", sa.Column("kind", sa.String(10), nullable=False, server_default="invoice")),
        ("posting_attempt", sa.Column("payload_version", sa.Integer(), nullable=False, server_default="1")),
    ):
        op.add_column(table, column)


def _each_tenant():
    """The tenants' ids, one after another; on PostgreSQL only rows of the one named are there to be changed."""
    bind = op.get_bind()
    ids = bind.scalars(sa.select(_table("tenant", "id").c.id)).all()
    if bind.dialect.name == "sqlite":
        yield from ids
        return
    for tenant in ids:
        _name(str(tenant))
        yield tenant
    _name("")


def _name(tenant: str) -> None:
    op.get_bind().execute(sa.select(sa.func.set_config("app.tenant_id", tenant, True)))


def _table(name: str, *columns: str):
    return sa.table(name, *(sa.column(column) for column in columns))


def _rename(table: str, column: str, names: dict[str, str], otherwise) -> None:
    renamed = sa.case(names, value=sa.column(column), else_=otherwise)
    op.execute(_table(table, column).update().values({column: renamed}))
