"""The pieces the Dutch pages are made of; everything from outside is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from html import escape
from zoneinfo import ZoneInfo

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_NAME = "Oefen-boekhouding: geen echte e-Boekhouden.nl"


class Markup(str):
    """Text that is HTML already."""


def html(value: object) -> Markup:
    """Any value as HTML."""
    return value if isinstance(value, Markup) else Markup(escape(str(value)))


def element(tag: str, *content: object, **attributes: str) -> Markup:
    """One element. `class_` stands for the attribute class."""
    names = "".join(f' {name.rstrip("_")}="{escape(value)}"' for name, value in attributes.items())
    return Markup(f"<{tag}{names}>{''.join(html(item) for item in content)}</{tag}>")


def link(address: str, text: object) -> Markup:
    """A link."""
    return element("a", text, href=address)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], numeric: Sequence[int] = ()) -> Markup:
    """A table that becomes a list of cards on a narrow screen; `numeric` columns align to the right."""
    head = element("tr", *[_cell("th", text, place in numeric, scope="col") for place, text in enumerate(heads)])
    body = [
        element(
            "tr",
            *[_cell("td", value, place in numeric, data_label=heads[place]) for place, value in enumerate(row)],
        )
        for row in rows
    ]
    return element("table", element("thead", head), element("tbody", *body))


def _cell(tag: str, value: object, numeric: bool, **attributes: str) -> Markup:
    attributes = {name.replace("_", "-"): text for name, text in attributes.items()}
    return element(tag, value, **attributes, **({"class_": "getal"} if numeric else {}))


def facts(pairs: Iterable[tuple[str, object]]) -> Markup:
    """Names and values under each other; empty values are left out."""
    shown = [(name, value) for name, value in pairs if value not in ("", None)]
    return element("dl", *[element("div", element("dt", name), element("dd", value)) for name, value in shown])


def euro(amount: str) -> str:
    """An amount in the Dutch way: 1.234,50."""
    rounded = Decimal(amount).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{rounded:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def day(iso: str) -> str:
    """A date in the Dutch way: 3-11-2026."""
    year, month, number = iso[:10].split("-")
    return f"{int(number)}-{int(month)}-{year}"


def moment(iso: str) -> str:
    """A moment on the clock of Amsterdam, to the second."""
    local = datetime.fromisoformat(iso).astimezone(_AMSTERDAM)
    return f"{local.day}-{local.month}-{local.year} {local:%H:%M:%S}"


def page(title: str, *content: object, path: Sequence[str] = (), tabs: object = "") -> bytes:
    """A whole page; `path` is the menu path shown above the heading."""
    trail = element("p", " › ".join(path), class_="pad") if path else ""
    return (
        '<!doctype html><html lang="nl"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Oefen-boekhouding</title>"
        '<link rel="stylesheet" href="/static/sandbox.css"></head><body>'
        f'<header><a href="/">{_NAME}</a></header>{html(tabs)}'
        f"<main>{html(trail)}<h1>{escape(title)}</h1>{''.join(html(item) for item in content)}</main>"
        "</body></html>"
    ).encode()
