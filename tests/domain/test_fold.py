"""Names in the order in which people look for them, and texts as they are compared."""

from __future__ import annotations

import random
import unicodedata

import pytest

from domain.fold import LONGEST, fold, holds, sort_key

# Sixty names, each after the one before it.
IN_ORDER = """
1-2-3 Verhuur | 4 Seizoenen | 8 mm Techniek | 15 mm Techniek | 100 Procent Groen | A. Aalbers | Aalders & Zn.
aannemer Bos | Aannemersbedrijf Öztürk | A.B. Jansen | Abdülkadir Çelik | Æbeltoft Import | Ángel Muñoz | Bäcker
Bakkerij 9 | Bakkerij 10 | Bakkerij De Vries | Bakkerij d'Oude Molen | BAM | Bos B.V. | Bo's Klussen | Bos, Piet
Bosman | Café Zuid | CV-monteur Kok | Dam | Damhuis | D'Amico | De Boer | de Boer Techniek | De Boer-Wit
de Vries | De Wit | D.E. Zuur | Đorđević | Einstein | Émile | Emiliano | Garage Ícaro | Garagebox | IJssel
Ijsselmeer | İlhan | Ílie | Jan de Vries | Jan van Dijk | Jansen-de Boer | Jansen de Boer Beheer | Łukasz
Mc’Donald | 's-Avonds Open | Strauß | 't Achterhuis | ’t Eethuys | 't Hof | Van der Berg | van Dijk | Vandenberg
Yıldız | Zoë
"""
NAMES = [name.strip() for name in IN_ORDER.replace("\n", "|").split("|") if name.strip()]


def test_sixty_names_stand_in_the_right_order() -> None:
    assert len(NAMES) == 60
    mixed = NAMES.copy()
    random.Random(7).shuffle(mixed)
    assert sorted(mixed, key=sort_key) == NAMES


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café", "CAFE"), ("Yıldız", "yildiz"), ("’s-Hertogenbosch", "'s Hertogenbosch"), ("B.V.", "bv"),
        ("Jansen–de  Boer", "jansen de boer"), ("Strauß", "STRAUSS"), ("Zo\u00adë\u200b", "zoe"), ("Ĳssel", "ijssel"),
        ("007", "7"), ("½ duims", "1 2 duims"),
    ],
)  # fmt: skip
def test_what_is_alike_stands_in_one_place(one: str, other: str) -> None:
    assert sort_key(one) == sort_key(other)
    composed, parted = (unicodedata.normalize(form, one) for form in ("NFC", "NFD"))
    assert sort_key(composed) == sort_key(parted)


def test_a_fold_keeps_what_is_between_the_words() -> None:
    assert fold("‘Œuvre’ – Çelik & Zn., Ĳlst") == "'oeuvre' – celik & zn., ijlst"


def test_a_key_fits_its_column_and_is_there_whenever_something_is() -> None:
    assert len(sort_key("﷽" * 200)) <= LONGEST
    assert len(sort_key("9" * 500)) <= LONGEST
    assert sort_key("🔧🔧") == "🔧🔧"
    assert sort_key("  ") == ""


def test_a_second_text_decides_between_two_that_are_alike() -> None:
    assert sort_key("Kok", "Kade 9") < sort_key("Kok", "Kade 10") < sort_key("Kok Beheer", "Aweg")
    assert sort_key("", "Kade 9") == sort_key("Kade 9")


def test_plain_letters_are_folded_the_short_way_as_the_long_one_would() -> None:
    plain = "".join(map(chr, range(128)))
    assert fold(plain) == fold("é" + plain)[1:]


@pytest.mark.parametrize(
    ("text", "part", "there"),
    [("Jan de Vries B.V.", "bv", True), ("Çelik", "celik", True), ("’t Hof", "t h", True), ("100% Bert", "%", True),
     ("Bert", "%", False), ("Bert", "rob", False)],
)  # fmt: skip
def test_a_text_holds_a_part_as_it_is_read(text: str, part: str, there: bool) -> None:
    assert holds(text, part) is there
