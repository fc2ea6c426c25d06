"""Letters: the templates of templates/mail/, written in the receiver's language."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask
from flask_babel import force_locale

from domain.languages import DUTCH, LOCALES
from services.dependencies import Write


def writer(app: Flask) -> Write:
    """What services hand a kind of letter, a language and values, to get its subject and its text."""

    def write(kind: str, language: str, values: Mapping[str, object]) -> tuple[str, str]:
        with force_locale(LOCALES.get(language, LOCALES[DUTCH])):
            template = app.jinja_env.get_template(f"mail/{kind}.txt")
            context = template.new_context(dict(values))
            subject, text = ("".join(template.blocks[name](context)) for name in ("subject", "text"))
        return " ".join(subject.split()), f"{text.strip()}\n\nCrafter"

    return write
