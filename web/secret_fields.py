"""Which fields hold what is never written into a page or kept: passwords, codes of the link, and all of those who come
in or change how they do."""

from __future__ import annotations

import re

from flask import request

_SECRET = re.compile(r"password|code[12]")
_OF_COMING_IN = re.compile(r"password|old|code")
_WHERE_COMING_IN = frozenset({"auth", "account"})


def is_secret(name: str) -> bool:
    """Whether the present request's field of this name holds a secret."""
    secret = _OF_COMING_IN if of_coming_in() else _SECRET
    return secret.fullmatch(name) is not None


def of_coming_in() -> bool:
    """Whether the present request is of somebody who comes in, or changes how they do."""
    return request.blueprint in _WHERE_COMING_IN
