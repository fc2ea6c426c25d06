"""The chain of the audit trail: what of an entry is sealed, and how one seal hangs on the one before."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import UTC, datetime

from models import AuditEntry, AuditSeal

FIRST = "0" * 64  # what the first seal of a tenant hangs on


def sealed_bytes(entry: AuditEntry) -> bytes:
    """Everything an entry says, in one fixed form: JSON with sorted names, times in UTC to the microsecond."""
    said = {
        "id": entry.id.hex,
        "at": _moment(entry.at),
        "event": entry.event,
        "person_id": entry.person_id.hex if entry.person_id else None,
        "person_name": entry.person_name,
        "on_behalf_of": entry.on_behalf_of,
        "on_behalf_of_id": entry.on_behalf_of_id.hex if entry.on_behalf_of_id else None,
        "visit_id": entry.visit_id.hex if entry.visit_id else None,
        "subject": entry.subject,
        "subject_id": entry.subject_id.hex if entry.subject_id else None,
        "subject_name": entry.subject_name,
        "data": entry.data,
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def hash_of(key: bytes, seal: AuditSeal, entries: Iterable[AuditEntry]) -> str:
    """The keyed hash (HMAC-SHA256, hexadecimal) of a seal over its entries, in the order of time and id."""
    head = {
        "tenant": seal.tenant_id,
        "number": seal.number,
        "after": _moment(seal.after) if seal.after else None,
        "through": _moment(seal.through),
        "first": seal.first_id.hex,
        "last": seal.last_id.hex,
        "count": seal.count,
        "previous": seal.previous,
        "key": seal.key_version,
        "sealed_at": _moment(seal.sealed_at),
    }
    made = hmac.new(key, json.dumps(head, sort_keys=True, separators=(",", ":")).encode(), hashlib.sha256)
    for entry in entries:
        line = sealed_bytes(entry)
        made.update(len(line).to_bytes(8, "big") + line)
    return made.hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two hashes are equal, in constant time."""
    return hmac.compare_digest(one, other)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")
