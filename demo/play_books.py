"""What the demo asks of the play bookkeeping besides its work: whose credentials, and a little mischief."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

from services.parts import Parts

_LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback never goes through a proxy


class CannotFill(RuntimeError):
    """The demo cannot be filled; the text says why, in Dutch."""


def ask(parts: Parts, method: str, path: str, body: Any = None) -> Any:
    """One request to the play bookkeeping's control API; its JSON. Raises CannotFill."""
    base = parts.settings.sandbox_control_url
    if not base:
        raise CannotFill("Er is geen oefenomgeving van e-Boekhouden ingesteld.")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{base}/control/{path}", data=data, method=method)  # noqa: S310 - our own setting
    try:
        with _LOCAL.open(request, timeout=10) as answer:
            return json.loads(answer.read())
    except (OSError, ValueError) as error:
        raise CannotFill(f"De oefenomgeving van e-Boekhouden antwoordt niet op {base}.") from error


def credentials_of(parts: Parts, administration: str) -> Mapping[str, str]:
    """The entry of one administration: username, code1, code2. Raises CannotFill."""
    for row in ask(parts, "GET", "administrations"):
        if row["name"] == administration:
            return row
    raise CannotFill(f"De oefenomgeving heeft geen administratie {administration}.")
