"""Reading XML from outside: no DTD, no entities, no network, and limits on size, depth and number."""

from __future__ import annotations

import re
from io import BytesIO

from lxml import etree

_DEPTH = 32
_ELEMENTS = 20_000
_ATTRIBUTES = 64
_LONGEST_NAME_OR_ATTRIBUTE = 4096
_CHUNK = 65_536
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# encodings in which "<!DOCTYPE" is spelled with these very bytes
_PLAIN = (b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1", b"iso-8859-15", b"windows-1252")


class Unsafe(ValueError):
    """XML that is refused; the text says why, in the words of a SOAP fault."""


def parse(body: bytes) -> etree._Element:
    """The root element of a document. Raises Unsafe for what is not well-formed, or hostile."""
    _refuse_dtd(body)
    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    depth = count = 0
    root: etree._Element | None = None
    reading = BytesIO(body)
    try:
        # piece by piece, so that a bomb is put out long before it has been read whole
        while piece := reading.read(_CHUNK):
            parser.feed(piece)
            for event, element in parser.read_events():
                if event == "end":
                    depth -= 1
                    continue
                depth, count = depth + 1, count + 1
                root = element if root is None else root
                if depth > _DEPTH or count > _ELEMENTS:
                    raise Unsafe("The XML is too deep or has too many elements.")
                _check_attributes(element)
        parser.close()
    except (etree.XMLSyntaxError, ValueError) as why:
        raise why if isinstance(why, Unsafe) else Unsafe("The XML is not well-formed.") from None
    if root is None:
        raise Unsafe("Root element is missing.")
    if root.getroottree().docinfo.doctype:
        raise Unsafe("DTD is prohibited in this XML document.")
    return root


def _refuse_dtd(body: bytes) -> None:
    # A DTD is the door of every XML bomb, so it is refused before a parser sees it. A NUL byte means UTF-16
    # or UTF-32, and a strange encoding may do the same: hide that word.
    declared = _DECLARED.match(body[:200].removeprefix(b"\xef\xbb\xbf"))
    if b"\x00" in body or (declared and declared[1].lower() not in _PLAIN):
        raise Unsafe("The encoding is not supported.")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Unsafe("DTD is prohibited in this XML document.")


def _check_attributes(element: etree._Element) -> None:
    texts = (str(element.tag), *(str(part) for pair in element.attrib.items() for part in pair))
    if len(element.attrib) > _ATTRIBUTES or any(len(text) > _LONGEST_NAME_OR_ATTRIBUTE for text in texts):
        raise Unsafe("The XML has too many or too long attributes.")
