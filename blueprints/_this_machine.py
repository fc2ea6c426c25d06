"""Pages for who sits at the machine itself."""

from __future__ import annotations

from flask import request

from domain.this_machine import is_here


def from_this_machine() -> bool:
    """Whether the request was made here. With a header of a proxy it is somebody else, seen through a tunnel."""
    headers = request.headers
    return is_here(request.remote_addr) and "X-Forwarded-For" not in headers and "Forwarded" not in headers
