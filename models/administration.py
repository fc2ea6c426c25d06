"""The administrations over there that a tenant was linked with, one after another."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.message import NOTHING, Message
from models._stored import StoredMessage
from models.due import POSTINGS, BringsWork
from tenancy.database import Base, Moment
from tenancy.fence import TenantScoped


class Administration(BringsWork, TenantScoped, Base):
    """One administration (administratie), made when the link with it is first started. `number` counts from 1 in the
    tenant; the column `administration` of postings, numbers, relations, articles and bulk jobs is this number.

    `fingerprint_sealed` is by what it is recognised (domain/administration.py), never a code. `label` and `username`
    are the name that it had and the user that was logged in when the link with it was last started, at `seen_at`.
    Since `left_at` another one is linked; `posted` invoices stood there then, as far as we know. From `kept_at` on the
    sealed codes of before are kept, to look up and read back what is open there and for nothing else
    (services/link/kept_codes.py); `kept_version` is the version of the link that they were of. Until `paused_until`
    they take no calls, as far as we know.
    While another one is linked, `settings` holds what was chosen for this one (services/link/left_settings.py), and
    `behind_since` and `look_back_from` are what the link says by those names.
    At `payments_at` its open items were last read whole; `payments_remark` says what kept them from it since.
    """

    __tablename__ = "administration"
    __table_args__ = (UniqueConstraint("tenant_id", "number"),)
    number: Mapped[int]
    fingerprint_sealed: Mapped[str] = mapped_column(Text, default="")
    username: Mapped[str] = mapped_column(String(55), default="")
    label: Mapped[str] = mapped_column(String(150), default="")
    linked_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    left_at: Mapped[datetime | None] = mapped_column(Moment)
    posted: Mapped[int] = mapped_column(default=0, server_default="0")
    code1_sealed: Mapped[str] = mapped_column(Text, default="", server_default="")
    code2_sealed: Mapped[str] = mapped_column(Text, default="", server_default="")
    kept_version: Mapped[int] = mapped_column(default=0, server_default="0")
    kept_at: Mapped[datetime | None] = mapped_column(Moment)
    paused_until: Mapped[datetime | None] = mapped_column(Moment)
    settings: Mapped[str] = mapped_column(Text, default="", server_default="")
    behind_since: Mapped[datetime | None] = mapped_column(Moment)
    look_back_from: Mapped[date | None]
    payments_at: Mapped[datetime | None] = mapped_column(Moment)
    payments_remark: Mapped[Message] = mapped_column(StoredMessage, default=NOTHING, server_default="")

    def work(self, now: datetime) -> tuple[str, datetime] | None:
        """What is open there is looked up by the codes that are kept for it."""
        return (POSTINGS, now) if self.kept_at is not None else None
