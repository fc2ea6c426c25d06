"""What two forms fill, or a form and the bookkeeping, has one limit: what one took, no other refuses for ever."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask_babel import Babel
from sqlalchemy import Numeric, String, Text
from wtforms import Form
from wtforms.validators import Length

import blueprints
from blueprints._fields import DecimalField, HoursField
from blueprints.articles.forms import ArticleForm
from blueprints.planning.forms import PlanForm
from blueprints.relations.forms import LocationForm, NotesForm, RelationForm
from blueprints.settings.forms import CompanyForm, WorkerForm
from blueprints.work_orders.forms import LineForm, OrderForm, ReportForm
from domain import hours
from models import Article, Company, Location, Relation, Visit, Worker, WorkOrder, WorkOrderLine

# The tables that people fill in, and by which forms; a field counts for the table that has its name.
FILLED_BY: dict[type[Form], tuple[Any, ...]] = {
    ArticleForm: (Article,), LineForm: (WorkOrderLine,), OrderForm: (WorkOrder, Visit), PlanForm: (WorkOrder, Visit),
    ReportForm: (WorkOrder,), RelationForm: (Relation,), LocationForm: (Location,), NotesForm: (Relation,),
    CompanyForm: (Company,), WorkerForm: (Worker,),
}  # fmt: skip
HOURS = {(OrderForm, "planned_hours"), (PlanForm, "planned_hours"), (ReportForm, "hours")}
# A line takes over from its article: what the one may hold the other has to.
TAKES_OVER = (LineForm, ArticleForm)


class Limit(NamedTuple):
    """What a field takes: characters, or from which number to which and how many decimals."""

    longest: int | None
    least: Decimal | None
    most: Decimal | None
    places: int | None


def limit(field: Any) -> Limit:
    """The limit of a field of a form."""
    longest = next((one.max for one in field.validators if isinstance(one, Length)), None)
    number = (field.least, field.most, field.places) if isinstance(field, DecimalField) else (None, None, None)
    return Limit(longest, *number)


@pytest.fixture(scope="module", autouse=True)
def _request() -> Any:
    app = Flask(__name__)
    app.secret_key = "of no use"
    Babel(app, default_locale="nl")
    with app.test_request_context():
        yield


def fields(form: type[Form]) -> Iterator[tuple[str, Any]]:
    """The fields of a form by name, without what it asks a database."""
    blank: Any = type("Blank", (form,), {"__init__": lambda self: Form.__init__(self, meta={"csrf": False})})
    yield from blank()._fields.items()


def column(form: type[Form], name: str) -> Any:
    """The column that a field fills, or None."""
    return next((table.__table__.c[name] for table in FILLED_BY[form] if name in table.__table__.c), None)


def test_a_field_takes_as_much_as_its_column_holds() -> None:
    wrong = []
    for form in FILLED_BY:
        for name, field in fields(form):
            kept = getattr(column(form, name), "type", None)
            found = limit(field)
            if isinstance(kept, Numeric) and kept.scale is not None and found.most is not None:
                if found.places != kept.scale or found.most >= Decimal(10) ** (kept.precision - kept.scale):
                    wrong.append((form.__name__, name, found, kept))
            elif isinstance(kept, String) and not isinstance(kept, Text) and found.longest is not None:
                wrong += [(form.__name__, name, found, kept)] if found.longest != kept.length else []
    assert wrong == []


def test_two_forms_that_fill_one_column_have_one_limit() -> None:
    limits: dict[str, dict[Limit, str]] = {}
    for form in FILLED_BY:
        for name, field in fields(form):
            if (kept := column(form, name)) is not None:
                limits.setdefault(str(kept), {})[limit(field)] = form.__name__
    assert {name: found for name, found in limits.items() if len(found) > 1} == {}
    assert {"work_order.work_done", "work_order.planned_on"} <= set(limits)


def test_a_line_takes_what_its_article_may_hold() -> None:
    line, article = (dict(fields(form)) for form in TAKES_OVER)
    both = {"description", "code", "unit", "price"}
    assert both <= set(line) & set(article)
    # a code travels along hidden, and is looked up
    different = {n for n in both if limit(line[n]) != limit(article[n]) and line[n].type != "HiddenField"}
    assert different == set()
    for name in both:
        assert str(WorkOrderLine.__table__.c[name].type) == str(Article.__table__.c[name].type)


def test_hours_are_asked_by_one_field_with_one_limit() -> None:
    for module in pkgutil.walk_packages(blueprints.__path__, "blueprints."):
        importlib.import_module(module.name)
    found = set()
    for form in _forms(Form):
        for name, unbound in vars(form).items():
            if "hours" in name and issubclass(getattr(unbound, "field_class", object), DecimalField):
                found.add((form, name))
    assert found == HOURS
    for form, name in found:
        field = dict(fields(form))[name]
        assert isinstance(field, HoursField)
        assert (field.least, field.most, field.places) == (Decimal(0), hours.MOST, hours.PLACES)


def _forms(form: type[Form]) -> Iterator[type[Form]]:
    for one in form.__subclasses__():
        yield one
        yield from _forms(one)
