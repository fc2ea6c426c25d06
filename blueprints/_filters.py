"""How values are written on a Dutch screen: money, quantities, days and times in Amsterdam."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import gettext

from domain.message import Message

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def amount(value: Decimal | None) -> str:
    """1248 → 1.248,00"""
    return "" if value is None else format_decimal(value, format="#,##0.00", locale="nl")


def euro(value: Decimal | None) -> str:
    """1248 → € 1.248,00 (with a no-break space)"""
    return "" if value is None else f"€\u00a0{amount(value)}"


def qty(value: Decimal | None) -> str:
    """2.5000 → 2,5; 10 → 10"""
    return "" if value is None else format_decimal(value, format="#,##0.####", locale="nl")


def plain(value: Decimal | None) -> str:
    """A number as it is typed in a form: 1248.5 → 1248,50; at least two decimals, no thousands separator."""
    return "" if value is None else format_decimal(value, format="0.00##", locale="nl")


def day(value: date | datetime | None) -> str:
    """19 nov 2026"""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(AMSTERDAM).date()
    return format_date(value, "d MMM y", locale="nl").replace(".", "")


def weekday(value: date | None) -> str:
    """do 19 nov"""
    return "" if value is None else format_date(value, "EEE d MMM", locale="nl").replace(".", "")


def clock(value: datetime | time | None) -> str:
    """09:14, in Amsterdam"""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(AMSTERDAM).time()
    return value.strftime("%H:%M")


def moment(value: datetime | None) -> str:
    """19 nov 2026 09:14"""
    return "" if value is None else f"{day(value)} {clock(value)}"


def say(message: Message | str | None) -> str:
    """A Message in the reader's language."""
    if message is None:
        return ""
    if isinstance(message, str):
        return gettext(message)
    return gettext(message.text, **message.values) if message.values else gettext(message.text)


def install(app: Flask) -> None:
    """Make them Jinja filters."""
    app.jinja_env.filters.update(
        amount=amount, euro=euro, qty=qty, plain=plain, day=day, weekday=weekday, clock=clock, moment=moment, say=say
    )
