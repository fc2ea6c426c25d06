"""What a benchmark found: figures with what is wanted of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """One thing that was measured, and what is wanted of it (None: it is only told)."""

    name: str
    value: float
    unit: Literal["x", "%", "MB", "s", "ms", "samples", "rows"] = "x"
    most: float | None = None
    least: float | None = None
    beside: str = ""  # what else is good to know, as text

    @property
    def reached(self) -> bool | None:
        """Whether it is as wanted; None when nothing is."""
        if self.most is None and self.least is None:
            return None
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    def said(self) -> str:
        """The value as people read it."""
        return _with_unit(self.value, self.unit)

    def wanted(self) -> str:
        """What is wanted, in words."""
        if self.most is not None:
            return f"at most {_with_unit(self.most, self.unit)}"
        return f"at least {_with_unit(self.least, self.unit)}" if self.least is not None else ""


def _with_unit(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}".replace(" %", "%")


def table(figures: list[Figure]) -> str:
    """All of them under one another, with whether they were reached."""
    words = {True: "reached", False: "NOT reached", None: ""}
    rows = [(one.name, one.said(), one.wanted(), words[one.reached], one.beside) for one in figures]
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    return "\n".join(
        f"{name:{widths[0]}}  {said:>{widths[1]}}  {wanted:{widths[2]}}  {reached:{widths[3]}}  {beside}".rstrip()
        for name, said, wanted, reached, beside in rows
    )
