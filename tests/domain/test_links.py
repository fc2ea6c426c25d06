"""Which part of a typed text is a link."""

from __future__ import annotations

import time

import pytest

from domain.links import pieces

LONG = "https://www.leverancier.example/" + "a" * 78


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("", []),
        ("geen adres, wel http en https: iets", []),
        ("zie https://kade.example/a?b=1&c=2#d.", ["https://kade.example/a?b=1&c=2#d"]),
        ("(https://nl.wikipedia.org/wiki/Dak_(bouw)), en meer", ["https://nl.wikipedia.org/wiki/Dak_(bouw)"]),
        ("<https://kade.example/>", ["https://kade.example/"]),
        ("'https://kade.example/x'", ["https://kade.example/x"]),
        ('"https://kade.example/x"onmouseover="alert(1)', ["https://kade.example/x"]),
        ("HTTP://KADE.EXAMPLE twee https://b.example:8080/x\nhttp://c.example", [
            "HTTP://KADE.EXAMPLE", "https://b.example:8080/x", "http://c.example"]),
        ("foto:https://b.example/x", ["https://b.example/x"]),
        (LONG, [LONG]),
        ("https://münchen.example/straße", ["https://münchen.example/straße"]),
        ("https://kade.example/\u202egpj.exe", ["https://kade.example/"]),
        ("https://www.bank.example@elders.example/", []),
        ("https://", []),
        ("https://...", []),
        ("http://[::1", []),
        ("http://a.example:99999/", []),
        ("xhttps://kade.example", []),
        ("javascript:alert(1) JaVaScRiPt://kade.example/%0aalert(1) data:text/html,x", []),
        ("vbscript:x file:///etc/passwd ftp://a.example tel:0612", []),
    ],
)  # fmt: skip
def test_an_address_of_the_web_is_a_link_and_nothing_else(text: str, addresses: list[str]) -> None:
    found = list(pieces(text))
    assert [address for _text, address in found if address] == addresses
    assert "".join(piece for piece, _address in found) == text


def test_a_text_without_an_end_is_read_at_once() -> None:
    begin = time.process_time()
    for text in ("https://a" + ")" * 20_000, "https://" * 5_000, "http://a.example/" + "(" * 20_000):
        assert "".join(piece for piece, _address in pieces(text)) == text
    assert time.process_time() - begin < 2
