"""What was typed beside what others did meanwhile, field by field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.meanwhile import Changed, Opened, Unshown


@dataclass(frozen=True)
class Article:
    """What a form edits."""

    name: str
    price: Decimal
    day: date | None = None


SHOWN = Article("Kraan", Decimal("10.0000"))


def test_only_what_was_typed_differs_from_what_stands() -> None:
    opened = Opened.on(SHOWN)
    settled = opened.settle(Article("Mengkraan", Decimal("10.00")), Article("Kraan", Decimal(99), date(2026, 1, 2)))
    assert settled == Article("Mengkraan", Decimal(99), date(2026, 1, 2))
    assert sorted(opened.left) == ["day", "price"]


def test_what_both_changed_alike_is_no_conflict() -> None:
    opened = Opened.on(SHOWN)
    assert opened.settle(Article("Mengkraan", Decimal(99)), Article(" Mengkraan", Decimal("99.00"))).name == "Mengkraan"
    assert opened.left == []


def test_what_both_changed_is_refused_and_the_next_press_replaces_it_knowingly() -> None:
    opened = Opened.on(SHOWN)
    stands, typed = Article("Kraantje", Decimal(99)), Article("Mengkraan", Decimal(10))
    with pytest.raises(Changed) as refused:
        opened.settle(typed, stands)
    assert dict(refused.value.stands) == {"name": "Kraantje"}
    again = Opened.read(str(refused.value.opened))
    assert again.settle(typed, stands) == Article("Mengkraan", Decimal(99)), "the price is still left alone"
    with pytest.raises(Changed):  # somebody else once more
        again.settle(typed, Article("Kraanset", Decimal(99)))


def test_what_stands_is_taken_over_where_somebody_chose_it() -> None:
    taken = Opened.read(str(Opened.on(SHOWN)), frozenset({"name"}))
    settled = taken.settle(Article("Mengkraan", Decimal(12)), Article("Kraantje", Decimal(10)))
    assert settled == Article("Kraantje", Decimal(12))
    assert taken.left == []


@pytest.mark.parametrize(
    "text", ["", "name", "name:xyz", "name:0123456789abcdefg", "<b>:0123456789abcdef", "\x00" * 99]
)
def test_a_mangled_one_knows_nothing_and_all_that_was_typed_counts(text: str) -> None:
    typed = Article("Mengkraan", Decimal(12))
    assert Opened.read(text).settle(typed, SHOWN) == typed


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (None, ""),
        (Decimal("2.5000"), Decimal("2.5")),
        (Decimal(0), Decimal("-0.00")),
        ("a\r\nb ", "a\nb"),
        ((Decimal("1.0"),), [Decimal(1)]),
    ],
)
def test_how_a_value_is_written_makes_no_difference(one: Any, other: Any) -> None:
    assert str(Opened.on({"x": one})) == str(Opened.on({"x": other}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (True, False), ("", "0"), (date(2026, 1, 2), date(2026, 2, 1)), (time(8), time(9)),
        (UUID(int=1), UUID(int=2)), (Unshown("a"), Unshown("b")), (Decimal(10), Decimal(100)),
    ],
)  # fmt: skip
def test_what_differs_is_seen(one: Any, other: Any) -> None:
    assert str(Opened.on({"x": one})) != str(Opened.on({"x": other}))
