"""Forms that were sent when the login was gone, until their sender is logged in again. Global, for a login is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tenancy.database import Base, Moment


class KeptForm(Base):
    """One form as it was sent, without its secrets. `key` is the hash of a random token that only the sender's browser
    session has; `person_id` is for whom its page was made; `sealed` holds address and fields, encrypted."""

    __tablename__ = "kept_form"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
