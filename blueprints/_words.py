"""Texts in the reader's language: the catalogues of translations/, and what templates and views ask them with.

A catalogue is read from its .po file when the first reader of that language comes; there is no compiled file that
could be forgotten at a deploy or be older than its source. Dutch is what stands in the code and needs none.
"""

from __future__ import annotations

import gettext as python_gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, g, has_request_context, request, session
from flask_babel import Babel, Domain, force_locale, get_babel, get_locale, refresh
from flask_login import current_user
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from blueprints import _amounts
from domain.languages import DUTCH, LANGUAGES, LOCALES
from domain.message import VERBATIM, Message

_DUTCH_LOCALE = Locale.parse(LOCALES[DUTCH])


class Words:
    """One language: `translations` is its catalogue. A page asks for a thousand texts, so those of templates are kept
    as they go out: looked up, and marked as safe."""

    def __init__(self, translations: python_gettext.NullTranslations) -> None:
        self.translations = translations
        self.plural = translations.ngettext
        self.marked: dict[str, Markup] = {}

    def one(self, text: str) -> str:
        """A text in this language; as it is when the catalogue has it not. An empty one stays empty."""
        return self.translations.gettext(text) if text else ""

    def mark(self, text: str) -> Markup:
        """A text of a template that takes no values, as it goes out. %% is one percent sign, as with values."""
        found = self.marked.get(text)
        if found is None:
            found = self.marked[text] = Markup(self.one(text)) % {}  # noqa: S704 - a text of our own
        return found


@lru_cache(maxsize=8)
def _read(path: Path, _changed: float) -> Words:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parts[-3])
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Words(Translations(compiled))


_AS_WRITTEN = Words(NullTranslations())


def _words(language: str) -> Words:
    known: dict[str, Words] = current_app.extensions["words"]
    found = known.get(language)
    if found is None:
        path = Path(get_babel().translation_directories[0]) / language / "LC_MESSAGES" / "messages.po"
        found = known[language] = _read(path, path.stat().st_mtime) if language != DUTCH else _AS_WRITTEN
    return found


def present() -> Words:
    """The reader's words."""
    locale = get_locale()
    return _AS_WRITTEN if locale is None else _words(locale.language)


def locale() -> Locale:
    """How numbers and days are written for the reader."""
    return get_locale() or _DUTCH_LOCALE


def say(message: Message | str | None) -> str:
    """A Message, or a text marked with N_, in the reader's language; so are the Messages, days and euros in it."""
    if not message:
        return ""
    if isinstance(message, str):
        return present().one(str(message))
    if message.text == VERBATIM:
        return str(message)
    text = present().one(message.text)
    if not message.values:
        return text
    return text % {name: _value(value) for name, value in message.values.items()}


def _value(value: object) -> object:
    if isinstance(value, Message):
        return say(value)
    if isinstance(value, list | tuple):
        return ", ".join(str(_value(one)) for one in value)
    if isinstance(value, Decimal):
        return _amounts.euro(value, locale().language == DUTCH)
    return written_day(value) if isinstance(value, date) else value


def written_day(value: date) -> str:
    """19 nov 2026, in English 19 Nov 2026"""
    return _day(value, locale())


@lru_cache(maxsize=1000)
def _day(value: date, written_in: Locale) -> str:
    return format_date(value, "d MMM y", locale=written_in).replace(".", "")


@pass_eval_context
def _gettext(context: EvalContext, text: str, /, **values: Any) -> str:
    words = present()
    if context.autoescape:
        return Markup(words.one(text)) % values if values else words.mark(text)  # noqa: S704 - a text of our own
    return words.one(text) % values


@pass_eval_context
def _ngettext(context: EvalContext, singular: str, plural: str, num: int, /, **values: Any) -> str:
    values.setdefault("num", num)
    text = present().plural(singular, plural, num)
    return Markup(text) % values if context.autoescape else text % values  # noqa: S704 - a text of our own


class _OurDomain(Domain):
    """What flask_babel's own gettext() asks in views and forms."""

    def get_translations(self) -> Any:
        return present().translations


def choose() -> str:
    """The locale of this request: the person's language; for who is not logged in what they picked, what the page
    hints at (an invitation of a company), what their browser asks for; else Dutch."""
    if not has_request_context():
        return LOCALES[DUTCH]
    if current_user.is_authenticated:
        return LOCALES.get(current_user.person.language, LOCALES[DUTCH])
    for wish in (session.get("language"), g.get("hinted_language")):
        if wish in LOCALES:
            return LOCALES[wish]
    return LOCALES[_browsers()]


def remember(language: str) -> None:
    """This language is the person's who asks."""
    g.persons_language = language


@contextmanager
def of_this_request() -> Iterator[None]:
    """Texts in the language that is known without asking the database: the person's when they were loaded, else what
    the request itself says."""
    wishes = (g.get("persons_language"), session.get("language"), g.get("hinted_language"))
    known = next((LOCALES[wish] for wish in wishes if wish in LOCALES), None)
    with force_locale(known or LOCALES[_browsers()]):
        yield


def _browsers() -> str:
    return request.accept_languages.best_match(list(LANGUAGES), DUTCH) or DUTCH


def hint(language: str) -> None:
    """This page belongs to somebody whose language is known although they are not logged in."""
    g.hinted_language = language
    refresh()


def language() -> str:
    """The reader's language: nl or en."""
    return locale().language


def install(app: Flask) -> None:
    """Hook flask_babel on, with our catalogues behind it and our look-up in the templates."""
    babel = Babel(app, locale_selector=choose)
    babel.domain_instance = _OurDomain()
    app.extensions["words"] = {}
    app.jinja_env.globals.update(
        _=_gettext, gettext=_gettext, ngettext=_ngettext, language=language, languages=LANGUAGES
    )
    app.jinja_env.filters["say"] = say
