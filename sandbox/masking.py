"""Taking secrets and bulk out of what is logged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

_SECRET = {"SessionID", "SecurityCode1", "SecurityCode2", "AdministratieGUID", "Guid", "Token"}
# a PDF address opens without a log-in, so it is as good as a secret
_SECRET_TAIL = {"URLPDFBestand": "&s="}
_LONGEST_LIST = 5


def masked(value: Any, name: str = "", most: int | None = _LONGEST_LIST) -> Any:
    """`value` in a form that JSON can carry, without secrets; lists show `most` items (None: all)."""
    if name in _SECRET and value:
        return f"•••• ({len(str(value))} tekens)"
    if name in _SECRET_TAIL and isinstance(value, str):
        return value.split(_SECRET_TAIL[name])[0] + f"{_SECRET_TAIL[name]}••••"
    if isinstance(value, Mapping):
        return {key: masked(item, key, most) for key, item in value.items()}
    if isinstance(value, list):
        short = [masked(item, most=most) for item in value[:most]]
        more = len(value) - len(short)
        return [*short, f"… en nog {more}"] if more else short
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, Decimal):
        return str(value)
    return value
