"""What `make run`, the portal and its commands fall back on when a variable is missing or empty. Standard library only.

The sandbox imports nothing of ours and has its own default for its port; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping

PORT = 8000
SANDBOX_PORT = 8099
DATA = "instance"
_DEFAULTS = {"PORT": PORT, "SANDBOX_PORT": SANDBOX_PORT}


class WrongVariable(SystemExit):
    """A variable cannot be used; the text says what, why and what now, in one Dutch line."""


def given(environ: Mapping[str, str], name: str) -> str:
    """What somebody gave, without spaces around it; an empty text when it is missing or empty."""
    return environ.get(name, "").strip()


def port(environ: Mapping[str, str], name: str) -> int:
    """PORT or SANDBOX_PORT. Raises WrongVariable for what is no port."""
    text = given(environ, name) or str(_DEFAULTS[name])
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 65536):
        raise WrongVariable(
            f"{name}={text} is geen poort: een poort is een getal van 1 tot en met 65535. "
            f"Kies bijvoorbeeld: make run {name}={_DEFAULTS[name]}"
        )
    return int(text)
