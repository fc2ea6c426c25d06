"""What goes back over the wire, and how badly it is delivered."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

XML = "text/xml; charset=utf-8"
XML_SOAP12 = "application/soap+xml; charset=utf-8"
HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"


class Delivery(Enum):
    """How the bytes of an answer reach the caller."""

    WHOLE = "whole"
    NOTHING = "nothing"  # the connection is closed without a byte
    RESET = "reset"  # the connection is reset (RST) without a byte
    HALF = "half"  # the headers and half of the body, then closed
    HALF_RESET = "half_reset"  # the headers and half of the body, then reset (RST)
    DRIP = "drip"  # a few bytes at a time, spread over `seconds`


@dataclass(frozen=True)
class Answer:
    """One HTTP answer. `seconds` only counts for a dripping delivery."""

    status: int = 200
    body: bytes = b""
    content_type: str = XML
    headers: dict[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery.WHOLE
    seconds: float = 0.0


def json_answer(value: Any, status: int = 200) -> Answer:
    """An answer with `value` as JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status, body, JSON, {"Cache-Control": "no-store"})


def problem(status: int, text: str) -> Answer:
    """An answer of the control API that says what was wrong with the request."""
    return json_answer({"error": text}, status)
