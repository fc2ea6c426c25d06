"""orders by their words, in the order of the list

Revision: 0027, after 0026.

The words of an order stand in the index in the order of its number, as those of a customer stand by name, and three
indexes give lists of orders sorted that were sorted for each page.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.shape.tenants import each_tenant

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

RUNS_BESIDE = "59ae488"
_OF_SITE = "ix_work_order_tenant_id_location_id"
_OF_STATE = "ix_work_order_tenant_id_state_planned_on"


def upgrade() -> None:
    _sort({"sqlite": "printf('%04d%09d', year, serial)", "postgresql": "lpad(year::text, 4, '0') || lpad(serial::text, 9, '0')"})
    op.drop_index(_OF_SITE, "work_order")
    op.create_index(_OF_SITE, "work_order", ["tenant_id", "location_id", "year", "serial"])
    op.create_index(_OF_STATE, "work_order", ["tenant_id", "state", "planned_on", "year", "serial"])


def _sort(by: dict[str, str]) -> None:
    """Move the words of orders to where they stand."""
    written = by[op.get_bind().dialect.name]
    for tenant in each_tenant():
        op.get_bind().execute(
            sa.text(
                f"UPDATE search_word SET sort = coalesce((SELECT {written} FROM work_order "  # noqa: S608 # of ours
                "WHERE work_order.tenant_id = search_word.tenant_id AND work_order.id = search_word.id), sort) "
                "WHERE tenant_id = :tenant AND kind = 'work_order'"
            ),
            {"tenant": tenant},
        )


def downgrade() -> None:
    op.drop_index(_OF_STATE, "work_order")
    op.drop_index(_OF_SITE, "work_order")
    op.create_index(_OF_SITE, "work_order", ["tenant_id", "location_id"])
    _sort({"sqlite": "''", "postgresql": "''"})
