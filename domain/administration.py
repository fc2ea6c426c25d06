"""Which administration over there codes belong to: the tenant's first, its second, and so on.

An administration is known by its security code 2, which is its Guid over there (docs/e-boekhouden.md). The same
Guid with another security code 1 or another user is the same administration. Where it is no Guid, only the same codes
are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from uuid import UUID

FIRST = 1


def fingerprint(username: str, code1: str, code2: str) -> str:
    """By what an administration is recognised without keeping its codes: 64 hexadecimal digits."""
    try:
        known_by = f"guid\0{UUID(code2.strip())}"
    except ValueError:
        known_by = "\0".join(("codes", username.strip(), code1.strip(), code2.strip()))
    return hashlib.sha256(known_by.encode()).hexdigest()


def number_of(fingerprint: str, known: Mapping[int, str]) -> int:
    """The number of the administration with this fingerprint among those `known`, by number (empty: it cannot be read
    any more); the next one when it is none of them."""
    return next((number for number, one in known.items() if one == fingerprint), max(known, default=FIRST - 1) + 1)
