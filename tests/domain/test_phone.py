"""What a phone field dials, and that nothing of its text is lost."""

from __future__ import annotations

import pytest

from domain import phone


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("06 12345678 / 0561-123456 (na 17u)", ["0612345678", "0561123456"]),
        ("0612345678", ["0612345678"]),
        ("06 - 12 34 56 78", ["0612345678"]),
        ("06 12345678 - 0561 123456", ["0612345678", "0561123456"]),
        ("06-12345678 0561-123456", ["0612345678", "0561123456"]),
        ("(0561) 12 34 56", ["0561123456"]),
        ("+31 (0)6 12345678", ["+31612345678"]),
        ("+31 6 1234 5678; +49 30 901820", ["+31612345678", "+4930901820"]),
        ("0031 6 12345678", ["0031612345678"]),
        ("Tel. 0800-1234, na 17 uur", ["08001234"]),
        ("2x bellen: 06.12.34.56.78", ["0612345678"]),
        ("112", ["112"]),
        ("06\u00a012345678", ["0612345678"]),
        ("geen telefoon", []),
        ("", []),
        ("na 17u", []),
        ("٠٦١٢٣٤٥٦٧٨", []),
    ],
)
def test_a_link_dials_one_number(text: str, numbers: list[str]) -> None:
    found = phone.pieces(text)
    assert [piece.dial for piece in found if piece.dial] == numbers
    assert "".join(piece.text for piece in found) == text
    assert phone.first(text) == next(iter(numbers), "")
