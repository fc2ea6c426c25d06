"""The form that plans an order on a day with a worker."""

from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField
from wtforms.validators import InputRequired

from blueprints._choices import WORKERS, ChoiceField, row_id
from blueprints._fields import ClockField, DayField, HoursField
from blueprints._forms import HouseForm


class PlanForm(HouseForm):
    """Day, time, hours and worker. Without a day an order belongs in the backlog, which has its own button."""

    planned_on = DayField(_l("Dag"), [InputRequired(_l("Kies een dag."))])
    planned_from = ClockField(_l("Begintijd"))
    planned_hours = HoursField(_l("Uren"))
    worker_id = ChoiceField(_l("Medewerker"), WORKERS)


class HandOverForm(HouseForm):
    """To whom somebody's work goes. Which orders stands beside it: `order`, once for each."""

    worker_id = ChoiceField(_l("Wie neemt het over?"), WORKERS)
    order = SelectMultipleField(_l("Werkbonnen"), coerce=row_id, choices=[], validate_choice=False)

    @property
    def picked(self) -> set[UUID]:
        """The orders with a tick."""
        return {order_id for order_id in self.order.data or () if order_id is not None}
