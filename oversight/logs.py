"""Log lines: a JSON object each in production, readable in the demo; no secret, and no input that makes a second line.

Whatever is bound with `bind` (request, tenant, person) is on every line of that thread until `clear`.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, TextIO

import structlog

bind = structlog.contextvars.bind_contextvars
clear = structlog.contextvars.clear_contextvars

HIDDEN = "***"
_SECRET_NAME = re.compile(
    r"passw|wachtwoord|secret|security_?code|code_?[12]\b|code[12]_|token|cookie|authorization|session_?id|totp"
    r"|recovery|csrf|credential|api_?key",
    re.IGNORECASE,
)
# where a name stands beside its value inside a text: <SecurityCode1>…</…>, password=…, 'token': '…', Bearer …
_SECRET_TEXT = re.compile(
    r"(?P<xml><(?:\w+:)?(?:SecurityCode[12]|SessionID)\b[^>]*>)[^<]*"
    r"|(?P<pair>\b(?:password|wachtwoord|security_?code_?[12]|code[12]|token|session_?id|totp|csrf_token)"
    r"['\"]?\s*[=:]\s*['\"]?)(?!\*\*\*)[^\s'\",;&}]+"
    r"|(?P<bearer>\bBearer\s+)\S+"
    r"|(?P<link>/(?:welcome|invitation|new-password|welkom|uitnodiging|wachtwoord-nieuw)/)[\w-]{20,}",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# their DEBUG shows requests, and with them what people typed or we send
_QUIET = ("zeep", "urllib3", "requests", "sqlalchemy", "huey", "werkzeug")


def get(name: str = "crafter") -> Any:
    """A logger whose lines carry fields: `get().info("login.failed", account=…)`."""
    return structlog.get_logger(name)


def configure(readable: bool, stream: TextIO | None = None, level: int = logging.INFO) -> logging.Handler:
    """Send every logger of this process to one handler. Once, at the start of a process; returns the handler."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                _readable if readable else structlog.processors.JSONRenderer(ensure_ascii=True, default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("crafter").setLevel(level)
    keep_quiet()
    return handler


def keep_quiet() -> None:
    """Keep loggers of others from DEBUG, whatever the root is set to."""
    for name in _QUIET:
        logger = logging.getLogger(name)
        if logger.level < logging.INFO:
            logger.setLevel(logging.WARNING)


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put *** in the place of values with a secret's name, and of secrets inside texts."""
    return {name: _hidden(name, value) for name, value in event.items()}


def _hidden(name: str, value: Any) -> Any:
    if _SECRET_NAME.search(name) and not isinstance(value, bool):
        return HIDDEN
    if isinstance(value, Mapping):
        return {key: _hidden(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_hidden("", inner) for inner in value]
    if isinstance(value, str):
        return _SECRET_TEXT.sub(lambda found: (found.group(found.lastgroup or 0)) + HIDDEN, value)
    return value


def one_line(value: object) -> str:
    """A value as text without line ends or other control characters."""
    return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), str(value))


def _readable(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    trace = event.pop("exception", "")
    head = [str(event.pop(name, "")) for name in ("at", "level", "logger")]
    text = one_line(event.pop("event", ""))
    fields = [f"{name}={one_line(value)}" for name, value in event.items() if value is not None]
    # a trace keeps its lines, each marked, so that none can pass for a line of the log
    marked = "".join(f"\n    | {one_line(line)}" for line in str(trace).splitlines())
    return one_line(" ".join([*head, text, *fields])) + marked


_SHARED: list[Callable[..., Any]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
]

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_SHARED,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
