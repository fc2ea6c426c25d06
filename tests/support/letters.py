"""Reading the outbox in a test: who got what, and the link in it."""

from __future__ import annotations

import re

from sqlalchemy import select

from models import Mail
from services.company import tenants
from tenancy.database import db


def letters_to(address: str) -> list[Mail]:
    """The letters to an address, oldest first."""
    tenants.leave()
    return list(db.session.scalars(select(Mail).where(Mail.to_address == address).order_by(Mail.created_at, Mail.id)))


def link_to(address: str, path: str) -> str:
    """The path of the newest link of a kind that was mailed to an address."""
    for letter in reversed(letters_to(address)):
        found = re.search(rf"https?://[^/\s]+({path}/[\w-]+)", letter.text)
        if found:
            return found.group(1)
    raise AssertionError(f"no {path} was mailed to {address}")
