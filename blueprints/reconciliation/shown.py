"""How both books are shown: months with bars that can be laid beside each other, and differences as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from flask_babel import gettext as _

from blueprints._filters import amount, day, qty, vat_label
from blueprints._words import say
from domain.differing import NAMES, Difference, Value
from domain.money import ZERO


class Counted(Protocol):
    """What a run counted of a month (models.ReconciliationMonth)."""

    month: date
    ours: int
    ours_incl: Decimal
    theirs: int
    theirs_incl: Decimal
    equal: int


@dataclass(frozen=True)
class Month:
    """A month of both sides. `ours_share` and `theirs_share`: of the largest total there is, in percent, for the bars;
    `agrees`: every invoice of ours is there and the same, and there are no others."""

    month: date
    ours: int
    ours_incl: Decimal
    theirs: int
    theirs_incl: Decimal
    ours_share: int
    theirs_share: int
    agrees: bool

    @property
    def apart(self) -> Decimal:
        """How much more there is over there, in euros; negative: less."""
        return self.theirs_incl - self.ours_incl


@dataclass(frozen=True)
class Side:
    """One thing that differs: what it is, and what each side has."""

    name: str
    ours: str
    theirs: str


def months(counted: Sequence[Counted]) -> tuple[Month, ...]:
    """The months of a run with their bars."""
    largest = max((abs(total) for one in counted for total in (one.ours_incl, one.theirs_incl)), default=ZERO)
    return tuple(
        Month(
            one.month,
            one.ours,
            one.ours_incl,
            one.theirs,
            one.theirs_incl,
            _share(one.ours_incl, largest),
            _share(one.theirs_incl, largest),
            one.ours == one.theirs == one.equal,
        )
        for one in counted
    )


def _share(total: Decimal, largest: Decimal) -> int:
    return round(abs(total) / largest * 100) if largest else 0


def sides(differences: Iterable[Difference]) -> list[Side]:
    """Every difference as text, in the reader's language."""
    return [Side(_capital(_name(one)), _written(one, one.ours), _written(one, one.theirs)) for one in differences]


def differing(differences: Iterable[Difference]) -> str:
    """What differs, in a few words: date, line 1: quantity; of a number, which one it has there."""
    return ", ".join(f"{_name(one)} {one.theirs}" if one.name == "number" else _name(one) for one in differences)


def _name(one: Difference) -> str:
    name = say(NAMES.get(one.name, one.name))
    return str(_("regel %(n)s: %(what)s", n=one.line, what=name)) if one.line else name


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _written(one: Difference, value: Value | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Decimal):
        return amount(value) if one.name in {"excl", "vat"} else qty(value)
    return vat_label(value) if one.name == "vat_code" else value
