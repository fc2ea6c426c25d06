"""Forms: their fields as HTML, and what was typed in them as values, with what is wrong beside the field (Dutch)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.markup import Markup, element, html
from sandbox.pages.request import KEY_FIELD

# 27,05 and 1.234,50; what could be read two ways, as 12.50 or 1.5, is asked back
_AMOUNT = re.compile(r"-?(\d+|[1-9]\d{0,2}(\.\d{3})+)(,\d+)?", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
WHOLE_FORM = ""


@dataclass(frozen=True)
class Field:
    """One field. `kind`: text, long (several lines), day, amount, whole, choice or tick."""

    name: str
    label: str
    kind: str = "text"
    needed: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""


@dataclass
class Form:
    """Some fields, what stands in them, and what is wrong with it: by the name of the field, or of the whole form."""

    fields: Sequence[Field]
    texts: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)

    def read(self) -> dict[str, Any]:
        """The values of what was typed: days as ISO text, amounts as text with a point. Fills `wrong`."""
        values = {}
        for one in self.fields:
            try:
                values[one.name] = read(one, self.texts.get(one.name, ""))
            except ValueError as why:
                self.wrong[one.name] = str(why)
        return values

    def rows(self) -> Markup:
        """The fields under each other, each with its message."""
        whole = self.wrong.get(WHOLE_FORM)
        told = element("p", whole, class_="fout", role="alert") if whole else ""
        rows = [field_row(one, one.name, self.texts.get(one.name, ""), self.wrong.get(one.name)) for one in self.fields]
        return Markup("".join(html(part) for part in (told, *rows)))


def typed_in(fields: Sequence[Field], typed: Mapping[str, str]) -> Form:
    """A form with what somebody typed in it."""
    return Form(fields, {one.name: typed.get(one.name, "") for one in fields})


def filled(fields: Sequence[Field], values: Mapping[str, Any]) -> Form:
    """A form with what the books hold in it."""
    return Form(fields, {one.name: shown(one, values.get(one.name, "")) for one in fields})


def read(one: Field, text: str) -> Any:
    """What a text in a field means. Raises ValueError with what is wrong (Dutch)."""
    text = text.replace("\r\n", "\n")
    if one.kind == "tick":
        return text == "ja"
    if one.kind != "long":
        text = text.strip()
    if one.needed and not text.strip():
        raise ValueError("Vul dit in.")
    reader = {"day": _day, "amount": _amount, "whole": _whole}.get(one.kind)
    if reader is not None:
        return reader(text) if text else ""
    if one.kind == "choice" and text not in {value for value, _ in one.choices}:
        raise ValueError("Kies een van de mogelijkheden.")
    return text


def shown(one: Field, value: Any) -> str:
    """What stands in a field for a value of the books."""
    if one.kind == "tick":
        return "ja" if value else ""
    if one.kind == "amount" and str(value):
        return f"{Decimal(str(value)):f}".replace(".", ",")
    return str(value)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    parts = re.fullmatch(r"(\d{1,2})-(\d{1,2})-(\d{4})", text, re.ASCII)
    try:
        if parts:
            return date(int(parts[3]), int(parts[2]), int(parts[1])).isoformat()
    except ValueError:
        pass
    raise ValueError("Dit is geen dag. Schrijf bijvoorbeeld 3-11-2026.")


def _amount(text: str) -> str:
    bare = text.removeprefix("€").strip()
    if not _AMOUNT.fullmatch(bare) or len(bare) > 20:
        raise ValueError("Dit is geen getal. Schrijf bijvoorbeeld 27,05 of 1.234,50.")
    number = Decimal(bare.replace(".", "").replace(",", "."))
    if abs(number) >= 10**12:
        raise ValueError("Dit getal is te groot.")
    return f"{number:f}"


def _whole(text: str) -> str:
    if not _WHOLE.fullmatch(text):
        raise ValueError("Vul hier een heel getal in.")
    return text


# -- as HTML -----------------------------------------------------------------------------------------


def form(action: str, key: str, *content: object, button: str, danger: bool = False) -> Markup:
    """A form that does something when its button is pressed."""
    hidden = Markup(f'<input type="hidden" name="{KEY_FIELD}" value="{html(key)}">')
    press = element("button", button, type="submit", **({"class_": "gevaar"} if danger else {}))
    return element("form", hidden, *content, element("p", press), method="post", action=action, class_="daad")


def fold(title: str, *content: object, opened: bool = False) -> Markup:
    """What opens on a click; `opened` already."""
    return element("details", element("summary", title), *content, class_="keuze", **({"open": ""} if opened else {}))


def field_row(one: Field, name: str, text: str, wrong: str | None = None) -> Markup:
    """Label, input and message; `name` is the one it is sent under."""
    marks = {"id": f"veld-{name}", "name": name}
    if wrong:
        marks |= {"aria-invalid": "true", "aria-describedby": f"fout-{name}"}
    told = element("p", wrong, class_="fout", id=f"fout-{name}") if wrong else ""
    hint = element("p", one.help, class_="uitleg") if one.help else ""
    label = element("label", one.label, **{"for": f"veld-{name}"})
    row = (_input(one, text, marks), label) if one.kind == "tick" else (label, _input(one, text, marks))
    return element("div", *row, hint, told, class_="veld vink" if one.kind == "tick" else "veld")


def bare_input(one: Field, name: str, text: str, wrong: str | None = None) -> Markup:
    """An input in a table, with its name for who cannot see the heading above it, and its message."""
    marks = {"name": name, "aria-label": one.label}
    if wrong:
        marks |= {"aria-invalid": "true", "aria-describedby": f"fout-{name}"}
    told = element("p", wrong, class_="fout", id=f"fout-{name}") if wrong else ""
    return element("div", _input(one, text, marks), told)


def _input(one: Field, text: str, marks: Mapping[str, str]) -> Markup:
    attributes = "".join(f' {name}="{html(value)}"' for name, value in marks.items())
    if one.kind == "choice":
        return element("select", *_options(one.choices, text), **marks)
    if one.kind == "long":
        # a browser drops the first line break of a textarea
        return Markup(f'<textarea rows="2"{attributes}>\n{html(text)}</textarea>')
    if one.kind == "tick":
        return Markup(f'<input type="checkbox" value="ja"{attributes}{" checked" if text == "ja" else ""}>')
    kind = "date" if one.kind == "day" and (not text or re.fullmatch(r"\d{4}-\d\d-\d\d", text)) else "text"
    keyboard = {"amount": ' inputmode="decimal"', "whole": ' inputmode="numeric"'}.get(one.kind, "")
    return Markup(f'<input type="{kind}" value="{html(text)}" autocomplete="off"{keyboard}{attributes}>')


def _options(choices: Iterable[tuple[str, str]], chosen: str) -> list[Markup]:
    listed = list(choices)
    if chosen not in {value for value, _ in listed}:
        listed.insert(0, (chosen, chosen))
    return [
        Markup(f'<option value="{html(value)}"{" selected" if value == chosen else ""}>{html(text)}</option>')
        for value, text in listed
    ]
