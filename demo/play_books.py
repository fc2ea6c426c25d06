"""What the demo asks of the play bookkeeping besides its work: whose credentials, and a little mischief."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from services.dependencies import Dependencies

_LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback never goes through a proxy


class CannotFill(RuntimeError):
    """The demo cannot be filled; the text says why, in Dutch."""


def ask(deps: Dependencies, method: str, path: str, body: Any = None) -> Any:
    """One request to the play bookkeeping's control API; its JSON. Raises CannotFill."""
    base = deps.settings.sandbox_control_url
    if not base:
        raise CannotFill("Er is geen oefenomgeving van e-Boekhouden ingesteld.")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{base}/control/{path}", data=data, method=method)  # noqa: S310 - our own setting
    try:
        with _LOCAL.open(request, timeout=10) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        why = f"het kent {path} niet ({error.code})"
        raise CannotFill(f"Op {base} luistert iets anders dan onze oefenomgeving: {why}.") from error
    except (OSError, ValueError) as error:
        raise CannotFill(f"De oefenomgeving van e-Boekhouden antwoordt niet op {base}.") from error


def check_own(deps: Dependencies) -> None:
    """Nothing when the play bookkeeping that we talk to is the one of our own DATA. Raises CannotFill: a demo is never
    written into the books of another copy that happens to listen on the port."""
    settings = deps.settings
    told = ask(deps, "GET", "identity")["identity"]
    kept = settings.data / "sandbox.sqlite3.id"
    own = kept.read_text().strip() if kept.exists() else ""
    if not own or told != own or _origin(settings.eboekhouden_url) != _origin(settings.sandbox_control_url):
        raise CannotFill(
            f"De oefenomgeving op {settings.sandbox_control_url} hoort niet bij de data in {settings.data}: "
            "daar luistert een andere. Er is niets gevuld. Start de eigen met make run, met een vrije SANDBOX_PORT=…"
        )


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def credentials_of(deps: Dependencies, administration: str) -> Mapping[str, str]:
    """The entry of one administration: username, code1, code2. Raises CannotFill."""
    rows: list[dict[str, str]] = ask(deps, "GET", "administrations")
    for row in rows:
        if row["name"] == administration:
            return row
    raise CannotFill(f"De oefenomgeving heeft geen administratie {administration}.")
