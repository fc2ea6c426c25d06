"""The form that plans an order on a day with a worker."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from blueprints._choices import WORKERS, ChoiceField
from blueprints._fields import ClockField, DayField, HoursField
from blueprints._forms import HouseForm


class PlanForm(HouseForm):
    """Day, time, hours and worker. Without a day an order belongs in the backlog, which has its own button."""

    planned_on = DayField(_l("Dag"), [InputRequired(_l("Kies een dag."))])
    planned_from = ClockField(_l("Begintijd"))
    planned_hours = HoursField(_l("Uren"))
    worker_id = ChoiceField(_l("Medewerker"), WORKERS)
