"""Forms that were carried out: what a second press of the same form finds. Global, because forms outside tenants have
a second press too; the rows hold no content."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tenancy.database import Base, Moment


class FormDone(Base):
    """One form as a page gave it out, carried out in the transaction that wrote this row. `key` is the hash of its
    token and its address; `typed` is the hash of what was filled in, with the token in it, so that nobody can guess it
    from here; `made_id` is the row that was made, for a form that makes one."""

    __tablename__ = "form_done"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    typed: Mapped[str] = mapped_column(String(64))
    made_id: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
