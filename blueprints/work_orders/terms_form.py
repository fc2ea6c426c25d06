"""What is typed of an order in terms: the agreed sum, and a row for each term before the last."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FieldList, Form, FormField, StringField

from blueprints._fields import DecimalField, PercentField
from blueprints._forms import HouseForm
from blueprints._validators import at_most
from blueprints._words import say
from domain import terms as rules
from domain.billing import MOST_TERMS
from domain.message import Refusal
from domain.money import MOST, ZERO
from domain.terms import Plan, Term
from domain.visible import bare

BLANK_ROWS = 2


class TermForm(Form):
    """A term before the last. A row in which nothing was typed is none."""

    label = StringField(_l("Naam"), [at_most(rules.LONGEST_LABEL)])
    percent = PercentField(_l("Percentage"))
    amount = DecimalField(_l("Of een bedrag"), most=MOST)

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed in it."""
        return not any(field._value().strip() for field in (self.label, self.percent, self.amount))


class TermsForm(HouseForm):
    """What was agreed; all of it empty: no terms."""

    agreed = DecimalField(_l("Afgesproken bedrag zonder btw"), most=MOST)
    terms = FieldList(FormField(TermForm), _l("Termijnen"))

    @classmethod
    def showing(cls, plan: Plan | None) -> TermsForm:
        """The form with what stands."""
        rows = [
            {"label": term.label, "percent": term.percent, "amount": term.amount}
            for term in (plan.terms if plan else ())
        ]
        return cls(formdata=None, data={"agreed": plan.agreed if plan else None, "terms": rows})

    def offer(self) -> None:
        """See to it that some empty rows stand below."""
        blank = sum(row.form.is_blank for row in self.terms)
        for _n in range(min(BLANK_ROWS - blank, MOST_TERMS - len(self.terms))):
            self.terms.append_entry()

    @property
    def filled(self) -> list[Any]:
        """The rows in which something was typed."""
        return [row.form for row in self.terms if not row.form.is_blank]

    def plan(self) -> Plan | None:
        """What was typed; None when nothing was."""
        if self.agreed.data is None and not self.filled:
            return None
        rows = (Term(bare(row.label.data), row.percent.data, row.amount.data) for row in self.filled)
        return Plan(self.agreed.data or ZERO, tuple(rows))

    def complain(self, refusal: Refusal) -> None:
        """Write a refusal beside its field, or on top of the form."""
        at = refusal.field or ""
        _terms, _dash, where = at.partition("terms-")
        place, _dash, name = where.partition("-")
        if where:
            row = ([*self.filled, *(one.form for one in self.terms if one.form.is_blank)])[int(place)]
            row[name].errors = [*row[name].errors, say(refusal.message)]
            self.terms.errors = [say(refusal.message)]
        elif at in self:
            self[at].errors = [*self[at].errors, say(refusal.message)]
        else:
            self.form_errors.append(say(refusal.message))
