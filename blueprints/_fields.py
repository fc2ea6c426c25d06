"""Form fields that read what a person types, by their language: numbers, days, times, and the choice of a row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from babel.numbers import format_decimal
from flask_babel import gettext as _
from wtforms import SelectChoice, SelectField, StringField
from wtforms.widgets import DateInput, TimeInput

from blueprints._filters import plain
from blueprints._words import language, locale
from domain import calendar, hours
from domain.languages import DUTCH, LANGUAGES
from domain.questions import Question

LANGUAGE_CHOICES = [SelectChoice(code, name) for code, name in LANGUAGES.items()]

# static/js/amounts.js reads the same while typing; tests/frontend/amounts.json holds both to one table.
_SPACES = re.compile(r"\s+")
_NUMBER = re.compile(r"-?\d+([.,]\d*)?|-?[.,]\d+", re.ASCII)
_GROUPED_DUTCH = re.compile(r"-?[1-9]\d{0,2}(\.\d{3})+(,\d*)?", re.ASCII)
_GROUPED_ENGLISH = re.compile(r"-?[1-9]\d{0,2}(,\d{3})+\.\d*", re.ASCII)
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}", re.ASCII)
# browsers may send the seconds along
_CLOCK = re.compile(r"(?P<hours>\d{1,2})([:.](?P<minutes>\d{2})([:.]\d{2})?)?", re.ASCII)
_SWAPPED = str.maketrans(".,", ",.")


class NoNumber(ValueError):
    """A text is no number, whichever way it is read."""


def parse_number(text: str) -> Decimal:
    """A number as typed: 1.234,50 or 1234.50 or 1234,5 or € 12. Raises ValueError with a sentence for the field.

    Who reads English types 1,234.50: the same with point and comma changed over, also where it is asked back. The
    other language's way is taken too where it can mean one thing only. 1.234 (in English 1,234) can be twelve hundred
    or one and a bit, for hands have habits; nobody gains by a guess on an invoice. What stands in a form was written by
    `plain`, without groups, so it is never asked about.
    """
    bare = _SPACES.sub("", text.replace("€", ""))
    dutch = language() == DUTCH
    if not dutch:
        bare = bare.translate(_SWAPPED)
    if _AMBIGUOUS.fullmatch(bare):
        whole = bare.replace(".", "")
        if dutch:
            part = bare.replace(".", ",")
            raise ValueError(_("Bedoelt u %(whole)s of %(part)s? Schrijf het zonder punt.", whole=whole, part=part))
        raise ValueError(_("Bedoelt u %(whole)s of %(part)s? Schrijf het zonder komma.", whole=whole, part=bare))
    if _GROUPED_DUTCH.fullmatch(bare):
        bare = bare.replace(".", "")
    elif _GROUPED_ENGLISH.fullmatch(bare):
        bare = bare.replace(",", "")
    complaint = _("%(typed)s is geen getal. Schrijf bijvoorbeeld %(example)s.",
                  typed=text.strip()[:30], example=plain(Decimal("12.5")))  # fmt: skip
    if not _NUMBER.fullmatch(bare):
        raise NoNumber(complaint)
    try:
        return Decimal(bare.replace(",", "."))
    except InvalidOperation as error:  # unreachable by the pattern, but a stack trace is never the answer
        raise NoNumber(complaint) from error


class DecimalField(StringField):
    """A number, kept on the screen exactly as it was typed. `data` is a Decimal, or None when left empty.

    places: how many decimals are kept at most; shown: how many a stored value shows at least;
    least, most: the bounds, both included.
    """

    read = staticmethod(parse_number)

    def __init__(
        self,
        label: Any = None,
        validators: Sequence[Any] | None = None,
        places: int = 2,
        shown: int = 2,
        least: Decimal | None = None,
        most: Decimal = Decimal("99999999"),
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("render_kw", {"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(label, validators, **kwargs)
        self.places, self.shown, self.least, self.most = places, shown, least, most

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        pattern = "0." + "0" * self.shown + "#" * (self.places - self.shown) if self.places else "0"
        return str(format_decimal(self.data, format=pattern, locale=locale()))

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        if not valuelist or not str(valuelist[0]).strip():
            return
        number = self.read(str(valuelist[0]))
        least = -self.most if self.least is None else self.least
        if number > self.most:
            most = format_decimal(self.most, locale=locale())
            raise ValueError(_("Dit kan niet hoger zijn dan %(most)s.", most=most))
        if number < least:
            raise ValueError(_("Dit kan niet lager zijn dan %(least)s.", least=format_decimal(least, locale=locale())))
        if number != round(number, self.places):
            raise ValueError(_("Gebruik hoogstens %(places)s cijfers achter de komma.", places=self.places))
        self.data = number


class PercentField(DecimalField):
    """A percentage of a whole; typed with or without its sign."""

    def __init__(self, label: Any = None, validators: Sequence[Any] | None = None, **kwargs: Any) -> None:
        super().__init__(label, validators, shown=0, least=Decimal(0), most=Decimal(100), **kwargs)

    @staticmethod
    def read(text: str) -> Decimal:
        """The number before the sign."""
        return parse_number(text.strip().removesuffix("%"))


def parse_hours(text: str) -> Decimal:
    """Hours as typed (domain/hours.py). Raises ValueError with a sentence for the field."""
    return hours.read(text, _number_of_hours)


def _number_of_hours(text: str) -> Decimal:
    try:
        return parse_number(text)
    except NoNumber:
        example = plain(Decimal("1.5"))
        text = text.strip()[:30]
        complaint = _("%(typed)s is geen aantal uren. Schrijf bijvoorbeeld %(example)s, 1:30 of 90 min.",
                      typed=text, example=example)  # fmt: skip
        raise ValueError(complaint) from None


class HoursField(DecimalField):
    """Hours of work, within the one limit there is; kept on the screen as they were typed."""

    read = staticmethod(parse_hours)

    def __init__(self, label: Any = None, validators: Sequence[Any] | None = None, **kwargs: Any) -> None:
        super().__init__(
            label, validators, places=hours.PLACES, shown=hours.PLACES, least=Decimal(0), most=hours.MOST, **kwargs
        )


class _AsTyped(StringField):
    """A field whose text stays on the screen as typed; `parse` turns it into a value."""

    def parse(self, text: str) -> Any:
        """The value behind a text; raises ValueError."""
        raise NotImplementedError

    def show(self, value: Any) -> str:
        """A stored value as the browser's own control wants it."""
        return str(value)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.show(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip() if valuelist else ""
        try:
            self.data = self.parse(text) if text else None
        except ValueError:
            self.data = None
            raise ValueError(self.complaint(text)) from None

    def complaint(self, text: str) -> str:
        """What is wrong with this text, in Dutch."""
        raise NotImplementedError


class DayField(_AsTyped):
    """A day: the browser's date control, or typed as 19-11-2026. `data` is a date or None. `question`: what is asked
    about the day that was filled in, to be said yes to beside it."""

    widget = DateInput()
    question: Question | None = None

    def parse(self, text: str) -> date:
        for pattern in ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"):
            try:
                found = datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day on the calendar has no zone
            except ValueError:
                continue
            if calendar.within(found):
                return found
        raise ValueError(text)

    def show(self, value: date) -> str:
        return value.isoformat()

    def complaint(self, text: str) -> str:
        return str(_("%(typed)s is geen datum. Schrijf bijvoorbeeld 19-11-2026.", typed=text[:20]))


class ClockField(_AsTyped):
    """A time of day: the browser's time control, or typed as 9:15. `data` is a time or None."""

    widget = TimeInput()

    def parse(self, text: str) -> time:
        typed = _CLOCK.fullmatch(text)
        if not typed:
            raise ValueError(text)
        return time(int(typed["hours"]), int(typed["minutes"] or 0))

    def show(self, value: time) -> str:
        return value.strftime("%H:%M")

    def complaint(self, text: str) -> str:
        return str(_("%(typed)s is geen tijd. Schrijf bijvoorbeeld 09:15.", typed=text[:20]))


class RowField(SelectField):
    """A choice of one row by its id; the empty choice is None. Set `choices` to (id or "", name) pairs first.

    Whether the id is really ours is for the service to say: a stale page may name a row that is gone.
    """

    def __init__(self, label: Any = None, validators: Sequence[Any] | None = None, **kwargs: Any) -> None:
        super().__init__(label, validators, coerce=_row_id, validate_choice=False, **kwargs)
        self.type = "SelectField"  # so that it is drawn as any other select


def _row_id(value: Any) -> UUID | None:
    if value in (None, "", "None"):
        return None
    return value if isinstance(value, UUID) else UUID(str(value))


class WholeField(StringField):
    """A whole number that stays on the screen as typed. `data` is an int, or None when it is none."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if not (text.isascii() and text.isdigit()):
            raise ValueError(_("Vul een heel getal in."))
        if len(text) > 9:
            raise ValueError(_("Dit getal is te groot."))
        self.data = int(text)
