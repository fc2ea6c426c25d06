"""What leads to this machine itself and to no other: traffic that nobody on the way can read or answer."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_here(host: str | None) -> bool:
    """Whether a host name or address is this machine."""
    if not host:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def leads_here(url: str) -> bool:
    """Whether a URL's host is this machine. Raises ValueError for what is no URL."""
    return is_here(urlsplit(url).hostname)
