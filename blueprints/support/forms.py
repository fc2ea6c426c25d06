"""The form of stepping in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length


class StepInForm(FlaskForm):
    """Why support steps in."""

    reason = StringField(
        _l("Waarom kijkt u mee?"),
        [
            InputRequired(_l("Schrijf op waarom u meekijkt; de klant leest dit mee.")),
            Length(max=300, message=_l("Houd het bij 300 tekens.")),
        ],
    )
