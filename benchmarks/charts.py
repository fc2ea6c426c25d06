"""Bars of figures beside what is wanted of them, as one SVG."""

from __future__ import annotations

from html import escape
from pathlib import Path

from benchmarks.figures import Figure

_WIDTH, _NAMES, _ROW = 1000, 380, 24
_SCALE = (_WIDTH - _NAMES - 180) / 2  # pixels for what is just as wanted; twice as bad is twice as long
_COLOURS = {True: "#2f7d4f", False: "#b3372f"}


def bars(figures: list[Figure], to: Path) -> None:
    """A bar for each figure of which something is wanted: one that ends before the line keeps to it. Where much is
    wanted and not little, the bar is turned round, so that short is good everywhere."""
    wanted = [one for one in figures if one.reached is not None]
    height = _ROW * (len(wanted) + 2)
    lines = []
    for row, one in enumerate(wanted):
        y, length = _ROW * (row + 0.5), min(_over(one), 2.0) * _SCALE
        lines += [
            f'<text x="{_NAMES - 8}" y="{y + 16}" text-anchor="end">{escape(one.name)}</text>',
            f'<rect x="{_NAMES}" y="{y + 3}" width="{length:.1f}" height="18" fill="{_COLOURS[bool(one.reached)]}"/>',
            f'<text x="{_NAMES + length + 6:.1f}" y="{y + 16}">{escape(one.said())} ({escape(one.wanted())})</text>',
        ]
    line = _NAMES + _SCALE
    lines.append(f'<path d="M{line} 0V{height - _ROW}" stroke="#444" stroke-dasharray="4 3"/>')
    lines.append(f'<text x="{line}" y="{height - 8}" text-anchor="middle">as wanted</text>')
    draw(to, _WIDTH, height, lines)


def draw(to: Path, width: int, height: int, shapes: list[str]) -> None:
    """Write an SVG of these shapes on white."""
    begin = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif"'
    sheet = f'<rect width="{width}" height="{height}" fill="#fff"/>'
    to.write_text("\n".join([f'{begin} font-size="12">', sheet, *shapes, "</svg>"]) + "\n")


def _over(one: Figure) -> float:
    """How far a figure is from what is wanted: 1 is just as wanted, more is worse."""
    if one.most is not None:
        return one.value / one.most if one.most else 2.0 * bool(one.value)
    return (one.least or 0) / one.value if one.value else 2.0
