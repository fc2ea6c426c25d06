"""Templates compiled for a language, what they ask once, and money written without Babel."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from babel.numbers import format_decimal
from flask import Flask, g, render_template, url_for
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader

from blueprints._filters import amount, qty
from blueprints._templates import Once, RowAddress
from domain.money import to_cents

PAGE = "{{ _('Uitloggen') }}|{{ _('Kies werkbon %(number)s', number='<b>') }}|{{ _('Uitloggen') ~ '<' }}|{{ _(text) }}"


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("nl", "Uitloggen|Kies werkbon &lt;b&gt;|Uitloggen&lt;|Uitloggen"),
        ("en_GB", "Log out|Choose work order &lt;b&gt;|Log out&lt;|Log out"),
    ],
)
def test_a_text_is_said_in_the_readers_language_and_its_values_are_escaped(app: Flask, locale: str, said: str) -> None:
    app.jinja_env.loader = DictLoader({f"{locale}.html": PAGE})
    with app.test_request_context(), force_locale(locale):
        assert render_template(f"{locale}.html", text="Uitloggen") == said


def test_a_constant_text_is_not_looked_up_again(app: Flask) -> None:
    app.jinja_env.loader = DictLoader({"once.html": PAGE})
    with app.test_request_context():
        template = app.jinja_env.get_template("once.html")
        app.jinja_env.globals["_"] = lambda text, **_values: f"looked up: {text}"
        assert template.render(_=app.jinja_env.globals["_"], text="x").count("looked up") == 1


def test_the_same_template_in_two_languages_in_turns(app: Flask) -> None:
    app.jinja_env.loader = DictLoader({"turns.html": "{{ _('Uitloggen') }}"})
    said = []
    with app.test_request_context():
        for locale in ("nl", "en_GB", "nl"):
            with force_locale(locale):
                said.append(render_template("turns.html"))
    assert said == ["Uitloggen", "Log out", "Uitloggen"]


def test_once_asks_once_for_each_value() -> None:
    asked = []
    chip = Once(lambda state: asked.append(state) or f"<{state}>")
    assert [chip[state] for state in ("a", "b", "a")] == ["<a>", "<b>", "<a>"]
    assert asked == ["a", "b"]


def test_the_address_of_a_row_is_flasks_own(app: Flask) -> None:
    order = uuid4()
    with app.test_request_context("/t/vos/"):
        want = url_for("work_orders.show", tenant_slug="vos", order_id=order)
        app.url_defaults(lambda _endpoint, values: values.setdefault("tenant_slug", "vos"))
        assert RowAddress("work_orders.show", "order_id")[order] == want


@pytest.mark.parametrize("root", ["", "/onder"])
def test_an_address_without_values_is_flasks_own_for_each_tenant(app: Flask, root: str) -> None:
    app.jinja_env.loader = DictLoader({"menu.html": "{{ url_for('work_orders.list_') }} {{ url_for('auth.login') }}"})
    for slug in ("vos", "buur", "vos"):
        with app.test_request_context(f"/t/{slug}/", environ_overrides={"SCRIPT_NAME": root}):
            g.tenant_slug = slug
            assert render_template("menu.html") == f"{url_for('work_orders.list_')} {url_for('auth.login')}"
            assert render_template("menu.html").startswith(f"{root}/t/{slug}/")


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4))
def test_money_and_quantities_are_written_as_babel_writes_them(value: Decimal) -> None:
    app = Flask("money")
    from blueprints import _words

    _words.install(app)
    with app.test_request_context():
        for locale in ("nl", "en_GB"):
            with force_locale(locale):
                # rounded as sums are: Babel would let a half cent go to the even one
                assert amount(value) == format_decimal(to_cents(value), format="#,##0.00", locale=locale)
                assert qty(value) == format_decimal(value, format="#,##0.####", locale=locale)
