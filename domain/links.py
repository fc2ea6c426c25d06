"""What in a typed text is a link: an address of http or https, in what somebody wrote or pasted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

# An address ends at a blank, at a quote or bracket that stands round it, and at a mark that cannot be seen: one of
# direction would show another address than the one that is opened.
_LINK = re.compile(
    r"(?<![^\W_])https?://[^\s<>\"“”„«»`\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+",
    re.IGNORECASE,
)
_BEHIND = ".,;:!?'’‘…*_~|"  # closes the sentence, not the address
_PAIRS = {")": "(", "]": "[", "}": "{"}


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """The text in pieces, in their order, each with the address that it is; empty for what is no address."""
    at = 0
    for found in _LINK.finditer(text):
        address = _without_what_follows(found.group())
        if not _leads_somewhere(address):
            continue
        if found.start() > at:
            yield text[at : found.start()], ""
        yield address, address
        at = found.start() + len(address)
    if at < len(text):
        yield text[at:], ""


def _without_what_follows(address: str) -> str:
    """Marks at the end belong to the sentence, and a bracket that closes nothing to who opened it."""
    end = len(address)
    while end:
        last = address[end - 1]
        unopened = last in _PAIRS and address.count(last, 0, end) > address.count(_PAIRS[last], 0, end)
        if not unopened and last not in _BEHIND:
            break
        end -= 1
    return address[:end]


def _leads_somewhere(address: str) -> bool:
    """Whether it names a host, and that alone: a name before an @ looks like the host and is none."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False
