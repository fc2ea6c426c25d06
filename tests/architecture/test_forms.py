"""What a form edits has a number that rises with each change, so that nobody need overwrite what he did not see."""

from __future__ import annotations

import importlib
import pkgutil

from flask_wtf import FlaskForm

import blueprints
import models  # noqa: F401 - knows all tables
from blueprints._forms import HouseForm
from tenancy.database import Base

# Which tables a form edits. One that only asks, or makes something new, edits none. Not here: number_series, which
# counts by itself with every invoice; its form leaves it alone unless somebody typed another number.
EDITS: dict[str, set[str]] = {
    "ArticleForm": {"article"}, "RelationForm": {"relation"}, "ThereForm": {"relation"}, "NotesForm": {"relation"},
    "LocationForm": {"location"}, "WorkerForm": {"worker"}, "CompanyForm": {"company", "tenant"},
    "ConnectionForm": {"connection"}, "FeaturesForm": {"connection"}, "InvoiceForm": {"connection", "line_default"},
    "RoleForm": {"membership"}, "NoticesForm": {"membership"}, "SupportAccessForm": {"tenant"},
    "SuspendForm": {"tenant"},
    "ChangePasswordForm": {"person"}, "FirstCodeForm": {"person"},
    "PlanForm": {"work_order", "visit"}, "OrderForm": {"work_order", "visit"}, "ReportForm": {"work_order"},
    "ReasonForm": {"work_order"}, "CorrectionForm": {"work_order"}, "CodeForm": {"relation"},
    "TermsForm": {"work_order"},
    "_WithLines": {"work_order"}, "_WithDay": {"work_order"}, "HandOverForm": {"visit"}, "FinishedForm": {"work_order"},
    # what an invoice does, to an order that nobody has on a screen for it
    "_NumberForm": set(), "NextNumberForm": set(), "OursForm": set(), "NotOursForm": set(), "CreditForm": set(),
    # decided once: who comes second is told that it was
    "AcceptForm": set(),
    "LoginForm": set(), "PasswordForm": set(), "ForgottenForm": set(), "JoinForm": set(), "ConfirmForm": set(),
    "InviteForm": set(), "StepInForm": set(), "OpenForm": set(),
}  # fmt: skip
COUNTED = {"work_order": "version"}  # counts what people change and not what an invoice does; else row_version


def forms() -> set[str]:
    """Every form of a blueprint, by its name."""
    for module in pkgutil.walk_packages(blueprints.__path__, "blueprints."):
        importlib.import_module(module.name)
    found, waiting = set(), [HouseForm]
    while waiting:
        for form in waiting.pop().__subclasses__():
            if form.__module__.startswith("blueprints"):
                found.add(form.__name__)
                waiting.append(form)
    return found


def test_it_is_known_of_every_form_which_tables_it_edits() -> None:
    assert forms() == set(EDITS)


def test_every_form_has_what_the_house_gives_it() -> None:
    own = [form.__name__ for form in FlaskForm.__subclasses__() if form.__module__.startswith("blueprints")]
    assert own == ["HouseForm"], "inherit HouseForm (blueprints/_forms.py)"


def test_every_table_a_form_edits_has_a_row_version() -> None:
    for table in set().union(*EDITS.values()):
        assert COUNTED.get(table, "row_version") in Base.metadata.tables[table].columns, table
