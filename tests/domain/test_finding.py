"""What somebody types finds what they mean, however it is written there."""

from __future__ import annotations

import pytest

from domain.finding import LONGEST_WORD, words_in, words_typed


def finds(typed: str, *texts: str) -> bool:
    words = words_typed(typed)
    return bool(words) and all(any(stored.startswith(word) for stored in words_in(*texts)) for word in words)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("CAFÉ", "Café Zuid"), ("cafe", "CAFÉ"), ("yildiz", "Restaurant Yıldız"), ("IJSSEL", "Ĳsselkade"),
        ("zuid cafe", "Café Zuid"), ("o'neill", "O’Neill"), ("oneill", "O’Neill"), ("hof", "van 't Hof"),
        ("bv", "Bos B.V."), ("b.v.", "Bos BV"), ("oude", "d'Oude Molen"), ("boer", "Jansen-de Boer"),
        ("jansen–de boer", "Jansen de Boer"), ("Cafe\u0301", "Café"), ("zoe", "Zo\u00adë"),
        ("1234AB", "1234 AB"), ("1234 ab", "1234AB"), ("12", "1234 AB"), ("ab", "1234AB"),
        ("WB2026-0031", "WB2026-0031"), ("wb20260031", "WB2026-0031"), ("2026-0031", "WB2026-0031"),
        ("0031", "WB2026-0031"), ("31", "WB2026-0031"), ("2026", "WB2026-0031"),
        ("0612345678", "06-12345678"), ("06-12", "06 1234 5678"), ("12345678", "06-12345678"),
        ("anna@voorbeeld.example", "anna@voorbeeld.example"), ("voorbeeld", "anna@voorbeeld.example"),
        ("example", "anna@voorbeeld.example"), ("anna@", "anna@voorbeeld.example"), ("KR 15/22", "KR15/22"),
        ("kr1522", "KR 15/22"), ("15mm", "15 mm buis"), ("15 mm", "Buis 15mm"), ("bos & zn", "Bos & Zn."),
        ("<b>vet</b>", "<b>vet</b>"), ("50%", "korting 50%"), ("7", "Bakker 07"),
    ],
)  # fmt: skip
def test_it_is_found(typed: str, text: str) -> None:
    assert finds(typed, text)


@pytest.mark.parametrize(
    ("typed", "text"),
    [("asten", "Kasten"), ("%", "100% wol"), ("_", "a_b"), ("café rust", "Café Zuid"), ("🔧", "🔧"), ("kok", "Ko")],
)
def test_it_is_not_found(typed: str, text: str) -> None:
    """A word is found by its beginning, and marks are no words."""
    assert not finds(typed, text)


def test_no_word_is_the_beginning_of_another_and_a_number_does_not_make_a_name_another_word() -> None:
    assert words_in("Visser 12", "Visserij", "0612") == ("0612", "12", "612", "visserij")


def test_a_word_that_another_one_says_already_is_not_looked_for() -> None:
    assert words_typed("van vandenberg Van VAN  bos") == ("vandenberg", "bos")
    assert words_typed("  ") == ()


def test_words_fit_their_column() -> None:
    assert max(map(len, words_in("x" * 500, "﷽" * 90, "9" * 90))) == LONGEST_WORD
    assert finds("x" * 300, "x" * 500)
