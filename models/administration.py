"""The administrations over there that a tenant was linked with, one after another."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenancy.database import Base, Moment
from tenancy.fence import TenantScoped


class Administration(TenantScoped, Base):
    """One administration (administratie), made when the link with it is first started. `number` counts from 1 in the
    tenant; the column `administration` of postings, numbers, relations, articles and bulk jobs is this number.

    `fingerprint_sealed` is by what it is recognised (domain/administration.py), never a code. `label` and `username`
    are the name that it had and the user that was logged in when the link with it was last started, at `seen_at`.
    """

    __tablename__ = "administration"
    __table_args__ = (UniqueConstraint("tenant_id", "number"),)
    number: Mapped[int]
    fingerprint_sealed: Mapped[str] = mapped_column(Text, default="")
    username: Mapped[str] = mapped_column(String(55), default="")
    label: Mapped[str] = mapped_column(String(150), default="")
    linked_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
