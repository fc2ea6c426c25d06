"""Every field to search in finds the same on PostgreSQL, which folds the names in the log and of tenants by itself."""

from __future__ import annotations

from types import SimpleNamespace

from flask import Flask
from sqlalchemy import literal, select

from domain.fold import fold
from tenancy.database import db
from tenancy.folded import Folded
from tests.blueprints.test_search_boxes import missing
from tests.domain.test_fold import NAMES

TEXTS = (
    *NAMES,
    "ÆØÅæøå ŁÓDŹ Đorđe Straße ẞ Ĳssel ŒUVRE Þór İstanbul ﬁn",
    "d’Oude ‘hof’ “Bos” `x´",
    "Zo\u00adë\u200b Cafe\u0301",
)


def test_every_field_finds_what_is_meant(app: Flask) -> None:
    assert missing(app) == []


def test_a_text_is_folded_in_a_query_as_it_is_outside(app: Flask, cast: SimpleNamespace) -> None:
    """The app's role, the database's own locale."""
    with app.app_context():
        read = db.session.execute(select(*(Folded(literal(text)) for text in TEXTS))).one()
        assert list(read) == [fold(text) for text in TEXTS]
