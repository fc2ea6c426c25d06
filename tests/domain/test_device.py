"""What a browser's description becomes in the list of sessions."""

from __future__ import annotations

import pytest

from domain.device import words


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
            "Chrome op Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0", "Edge op Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari op iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36", "Chrome op Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15.1; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox op Mac"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Linux"),
        ("Firefox", "Firefox"),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)
def test_a_browser_in_words(agent: str, said: str) -> None:
    assert str(words(agent)) == said
