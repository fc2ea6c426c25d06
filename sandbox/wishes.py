"""Reading what a tester wishes: numbers, and the error for what cannot be carried out as it was written."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any


class WrongWish(ValueError):
    """Something asked of the control API is not what it takes; the text says what it does take."""


def amount(value: Any, field: str) -> Decimal:
    """An amount or a quantity. Raises WrongWish."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= 10**12:
        raise WrongWish(f'{field} is a number like "12.50", not {value!r}')
    return number


def whole(value: Any, field: str) -> int:
    """A whole number from 0 on. Raises WrongWish."""
    if not str(value).isascii() or not str(value).isdigit() or len(str(value)) > 9:
        raise WrongWish(f"{field} is a whole number, not {value!r}")
    return int(value)


def moment(value: Any, field: str) -> str:
    """A day, or a day and a time, as XML writes one. Raises WrongWish."""
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        raise WrongWish(f"{field} is a day, as 2026-01-31, not {value!r}") from None
    return str(value)


def truth(value: Any, field: str) -> bool:
    """A yes or a no: true or false in JSON, and nothing that merely looks like one. Raises WrongWish."""
    if not isinstance(value, bool):
        raise WrongWish(f"{field} is true or false, not {value!r}")
    return value


def give_ids(
    records: list[dict[str, Any]], id_field: str, code_field: str, known: dict[str, int], next_id: int
) -> None:
    """Give records without an id the one that `known` has for their code, else the next one. Raises WrongWish when a
    code occurs twice."""
    for record in records:
        record[id_field] = record[id_field] or known.get(record[code_field], 0)
        if not record[id_field]:
            record[id_field], next_id = next_id, next_id + 1
    if len({record[code_field] for record in records}) != len(records):
        raise WrongWish(f"a {code_field} occurs twice")
