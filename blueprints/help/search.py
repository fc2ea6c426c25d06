"""Searching the help: every word must be in a topic, and every hit is marked in title and text."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from flask import current_app
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from blueprints.help.topics import TOPICS, Topic
from domain.fold import fold as folded

MAX_WORDS = 8
_TAG = re.compile(r"(<[^>]*>)")
# Words that are in every question and tell nothing; another language has words of its own.
_EMPTY = _l("de het een en of in op is er ik mijn u uw hoe wat waar wie kan te van voor met aan dat die")


@dataclass(frozen=True)
class Found:
    """A topic that was found, with the hits marked."""

    topic: Topic
    title: Markup
    body: Markup


def body(topic: Topic) -> Markup:
    """The text of a topic as HTML, without the page around it."""
    # Rendered without the context of a page: twenty topics would ask for the menu's counts twenty times.
    return Markup(current_app.jinja_env.get_template(f"help/topics/{topic.slug}.html").render())  # noqa: S704 - our own file


def fold(text: str) -> str:
    """A text of ours as it is compared, letter by letter: as long as the text, for where a hit stands is marked."""
    return folded(text) if text.isascii() else "".join(folded(letter)[:1] or letter for letter in text)


def words_of(query: str) -> tuple[str, ...]:
    """The words to look for; empty ones are dropped unless nothing else was asked."""
    words = re.findall(r"[\w.-]+", folded(query))[:MAX_WORDS]
    empty = frozenset(fold(str(_EMPTY)).split())
    return tuple(word for word in words if word not in empty) or tuple(words)


def find(query: str) -> list[Found]:
    """Topics with all words in title, text or other ways to ask; the title counts most."""
    words = words_of(query)
    if not words:
        return []
    hits, phrase = [], " ".join(folded(query).split())
    for place, topic in enumerate(TOPICS):
        title, text = str(topic.title), body(topic)
        in_title, in_words = fold(title), fold(str(topic.words))
        in_text = fold(html.unescape(_TAG.sub(" ", text)))
        if all(word in in_title or word in in_words or word in in_text for word in words):
            weight = sum(
                4 * (word in in_title) + 2 * (word in in_words) + min(in_text.count(word), 3) for word in words
            )
            weight += 8 * (phrase in in_title) + 6 * (phrase in in_text)  # the very words, in this order
            hits.append((-weight, place, Found(topic, mark(escape(title), words), mark(text, words))))
    return [found for _weight, _place, found in sorted(hits, key=lambda hit: hit[:2])]


def mark(text: Markup, words: tuple[str, ...]) -> Markup:
    """HTML with every hit inside <mark>; tags and the characters written as &...; are left alone."""
    longest_first = sorted(words, key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(word) for word in longest_first))
    parts = _TAG.split(str(text))
    return Markup("".join(part if part.startswith("<") else _mark_text(part, pattern) for part in parts))  # noqa: S704 - escaped below


def _mark_text(text: str, pattern: re.Pattern[str]) -> str:
    plain = html.unescape(text)
    marked, last = Markup(""), 0
    for hit in pattern.finditer(fold(plain)):
        marked += escape(plain[last : hit.start()]) + Markup("<mark>{}</mark>").format(plain[hit.start() : hit.end()])
        last = hit.end()
    return str(marked + escape(plain[last:]))
