"""How values are written for the reader: money, quantities, days and times in Amsterdam, by their language."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import gettext
from markupsafe import Markup, escape

from blueprints import _amounts
from blueprints._dependencies import deps
from blueprints._words import language, locale, say, written_day
from domain import chain_liability, links, payment, phone, vat, vat_regime
from domain.languages import DUTCH
from domain.message import Message
from domain.money import CENT
from domain.official_numbers import unknown_bank
from domain.outcome import Problem
from domain.permissions import ROLE_NAMES
from gateways.bookkeeping import Explanation
from tenancy.clock import AMSTERDAM

_VAT_REGIMES = json.dumps(vat_regime.table())  # what the line editor counts with


def amount(value: Decimal | None) -> str:
    """1248 → 1.248,00, in English 1,248.00: rounded to cents as sums are."""
    return "" if value is None else _amounts.written(value, language() == DUTCH)


def price(value: Decimal | None) -> str:
    """12.3450 → 12,345: with all the decimals it has, and at least two."""
    return "" if value is None else _amounts.price(value, language() == DUTCH)


def euro(value: Decimal | None) -> str:
    """1248 → € 1.248,00 (with a no-break space), in English €1,248.00"""
    return "" if value is None else _amounts.euro(value, language() == DUTCH)


def qty(value: Decimal | None) -> str:
    """2.5000 → 2,5; 10 → 10"""
    return "" if value is None else _amounts.quantity(value, language() == DUTCH)


def plain(value: Decimal | None) -> str:
    """A number as it is typed in a form: 1248.5 → 1248,50, in English 1248.50; at least two decimals, no groups."""
    return "" if value is None else format_decimal(value, format="0.00##", locale=locale())


def day(value: date | datetime | None) -> str:
    """19 nov 2026, in English 19 Nov 2026"""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(AMSTERDAM).date()
    return written_day(value)


def month(value: date) -> str:
    """nov 2026, in English Nov 2026"""
    return format_date(value, "LLL yyyy", locale=locale()).replace(".", "")


def duration(value: timedelta) -> str:
    """How long something took: 0,4 s, 12 s, 3 min 5 s"""
    seconds = value / timedelta(seconds=1)
    if seconds < 10:
        return f"{format_decimal(seconds, format='0.#', locale=locale())} s"
    minutes, left = divmod(round(seconds), 60)
    return f"{minutes} min {left} s" if minutes else f"{left} s"


def weekday(value: date | None) -> str:
    """do 19 nov, in English Thu 19 Nov"""
    return "" if value is None else _weekday(value, locale())


@lru_cache(maxsize=1000)
def _weekday(value: date, written_in: Locale) -> str:
    return format_date(value, "EEE d MMM", locale=written_in).replace(".", "")


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


def vat_label(code: str) -> str:
    """21%, 9%, geen btw; an unknown code as it is."""
    return say(vat.label(code)) if code else gettext("kies btw")


def stamp(at: datetime | None) -> str:
    """19 nov 2026 09:14:07, for the small print."""
    return "" if at is None else f"{day(at)} {at.astimezone(AMSTERDAM):%H:%M:%S}"


def sentence(remark: Message) -> str:
    """A remark as a sentence: with a capital and a full stop."""
    said = say(remark)
    return f"{said[:1].upper()}{said[1:]}{'' if said.endswith(('.', '!', '?')) else '.'}"


def took(row: Any) -> str:
    """How long the press of a posted invoice took; empty when it was settled later, by a look-up."""
    if row.note or row.sent_at is None or row.settled_at is None:
        return ""
    seconds = Decimal((row.settled_at - row.sent_at) / timedelta(seconds=1))
    return str(gettext(", in %(seconds)s s", seconds=amount(max(seconds, CENT))))


def linked(text: str) -> Markup:
    """A text as somebody typed it, with its addresses as links; everything in it is escaped."""
    return Markup("").join(_link(address) if address else escape(piece) for piece, address in links.pieces(text))


def links_in(text: str) -> list[Markup]:
    """The links of a text alone, for beside the field in which it stands."""
    return [_link(address) for address in dict.fromkeys(address for _piece, address in links.pieces(text)) if address]


def _link(address: str) -> Markup:
    return Markup('<a href="{0}" rel="nofollow noopener noreferrer">{0}</a>').format(address)


def most_rows() -> str:
    """How many rows the bookkeeping gives at most in one answer."""
    return format_decimal(deps().bookkeeping.limits.rows, locale=locale())


def doubtful(name: str) -> int:
    """From how many characters on the bookkeeping may refuse a detail of a relation; 0 when it says one thing."""
    return deps().bookkeeping.limits.doubtful.get(name, 0)


def credential_codes() -> Mapping[str, Explanation]:
    """The bookkeeping's codes for credentials that it does not take, each with what it means."""
    return deps().bookkeeping.codes_of(Problem.CREDENTIALS)


def role(word: str) -> str:
    """What a role is called; a word of an older version stands as it is."""
    return say(ROLE_NAMES.get(word, word))


def in_rows(written_in: Locale) -> dict[str, Callable[[Any], str]]:
    """The filters that stand in every row of a list, for the templates of one language: they need not ask which."""
    dutch = written_in.language == DUTCH
    return {
        "amount": lambda value: "" if value is None else _amounts.written(value, dutch),
        "price": lambda value: "" if value is None else _amounts.price(value, dutch),
        "qty": lambda value: "" if value is None else _amounts.quantity(value, dutch),
        "weekday": lambda value: "" if value is None else _weekday(value, written_in),
    }


def install(app: Flask) -> None:
    """Make them Jinja filters, and what the bookkeeping tells of itself globals."""
    app.jinja_env.globals.update(
        most_rows=most_rows, doubtful=doubtful, unknown_bank=unknown_bank, credential_codes=credential_codes,
        vat_regimes=_VAT_REGIMES, vat_services=" ".join(sorted(vat_regime.SERVICES)), regime_names=vat_regime.NAMES,
        paid_names=payment.PAID_NAMES,
    )  # fmt: skip
    every = (amount, price, euro, qty, plain, day, month, duration, weekday, clock, moment, stamp, vat_label, sentence,
             took, role, linked, links_in)  # fmt: skip
    app.jinja_env.filters.update({one.__name__: one for one in every})
    app.jinja_env.filters.update(dialled=phone.first, in_fours=chain_liability.grouped, phone_pieces=phone.pieces)
