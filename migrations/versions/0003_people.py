"""people

Revision: 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("to_address", sa.String(length=150), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
    )
    op.create_index("ix_mail_state_due_at", "mail", ["state", "due_at"])
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_person_id"), "recovery_code", ["person_id"])
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("totp_sealed", sa.String(length=300), nullable=True))
        batch.add_column(sa.Column("totp_since", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("totp_step", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("login_session") as batch:
        batch.add_column(sa.Column("id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("device", sa.String(length=100), nullable=False, server_default=""))
        batch.add_column(sa.Column("address", sa.String(length=45), nullable=False, server_default=""))
        batch.create_unique_constraint(op.f("uq_login_session_id"), ["id"])
    with op.batch_alter_table("token") as batch:
        batch.alter_column("person_id", existing_type=sa.Uuid(), nullable=True)
        batch.add_column(sa.Column("id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("tenant_id", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("email", sa.String(length=150), nullable=True))
        batch.add_column(sa.Column("role", sa.String(length=20), nullable=True))
        batch.add_column(sa.Column("created_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_unique_constraint(op.f("uq_token_id"), ["id"])
        batch.create_foreign_key(op.f("fk_token_tenant_id"), "tenant", ["tenant_id"], ["id"])
        batch.create_index(op.f("ix_token_tenant_id"), ["tenant_id"])


def downgrade() -> None:
    # A link without a person (an invitation) cannot stand in the older table; it is asked for again.
    op.execute(sa.text("DELETE FROM token WHERE person_id IS NULL"))
    with op.batch_alter_table("token") as batch:
        batch.drop_index(op.f("ix_token_tenant_id"))
        batch.drop_constraint(op.f("fk_token_tenant_id"), type_="foreignkey")
        batch.drop_constraint(op.f("uq_token_id"), type_="unique")
        for name in ("created_at", "role", "email", "tenant_id", "id"):
            batch.drop_column(name)
        batch.alter_column("person_id", existing_type=sa.Uuid(), nullable=False)
    with op.batch_alter_table("login_session") as batch:
        batch.drop_constraint(op.f("uq_login_session_id"), type_="unique")
        for name in ("address", "device", "id"):
            batch.drop_column(name)
    with op.batch_alter_table("person") as batch:
        for name in ("totp_step", "totp_since", "totp_sealed"):
            batch.drop_column(name)
    op.drop_index(op.f("ix_recovery_code_person_id"), table_name="recovery_code")
    op.drop_table("recovery_code")
    op.drop_index("ix_mail_state_due_at", table_name="mail")
    op.drop_table("mail")
