"""The numbers in a phone field, in which people write more than one, and when to ring: what a link of each dials."""

from __future__ import annotations

import re
from typing import NamedTuple

_RUN = re.compile(r"(?:\+|(?<!\d))\d(?:[\d .()\u00a0\u2013-]*\d)?", re.ASCII)
_TRUNK = re.compile(r"^(\+\d{2,3})[^\d]*\(0\)")  # +31 (0)6: the nought is for who rings from inside
_SHORTEST = 3  # digits; 17 of "after 17h" is no number
_WHOLE = {"+31": 11, "0": 10}  # digits of a Dutch number: what comes behind them is another one


class Piece(NamedTuple):
    """A piece of the text; `dial` is what a link on it dials, empty for what is no number."""

    text: str
    dial: str = ""


def pieces(text: str) -> tuple[Piece, ...]:
    """The text in its order, each number by itself."""
    found: list[Piece] = []
    end = 0
    for run in _RUN.finditer(text):
        for start, stop, dial in _numbers(run[0], run.start()):
            found += [Piece(text[end:start])] if start > end else []
            found.append(Piece(text[start:stop], dial))
            end = stop
    return (*found, *([Piece(text[end:])] if end < len(text) else []))


def first(text: str) -> str:
    """What a button dials that has room for one: the first number; empty when there is none."""
    return next((piece.dial for piece in pieces(text) if piece.dial), "")


def _numbers(run: str, at: int) -> list[tuple[int, int, str]]:
    """The numbers of a run of digits: where each stands in the text, and what is dialled."""
    trunk = _TRUNK.match(run)
    skipped = range(trunk.end() - 2, trunk.end() - 1) if trunk else range(0)
    digits = [n for n, sign in enumerate(run) if sign.isdigit() and n not in skipped]
    if len(digits) < _SHORTEST:
        return []
    dial = ("+" if run.startswith("+") else "") + "".join(run[n] for n in digits)
    longest = next((most for begin, most in _WHOLE.items() if dial.startswith(begin) and dial[:2] != "00"), len(digits))
    if len(digits) - longest < _SHORTEST:
        return [(at, at + len(run), dial)]
    cut = digits[longest - 1] + 1
    rest = digits[longest]
    return [(at, at + cut, dial[: longest + dial.startswith("+")]), *_numbers(run[rest:], at + rest)]
