"""The forms of support: stepping in, opening a tenant, closing one."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired

from blueprints._fields import LANGUAGE_CHOICES
from blueprints._forms import HouseForm
from blueprints._validators import at_most
from domain.languages import DUTCH
from services.support.visits import ACTING, READING

_WHY = _l("Schrijf op waarom u meekijkt; de klant leest dit mee.")


class StepInForm(HouseForm):
    """Why support steps in, how, and on whose behalf."""

    mode = RadioField(
        _l("Wat gaat u doen?"),
        choices=[
            SelectChoice(READING, _l("Meekijken: alleen lezen")),
            SelectChoice(ACTING, _l("Namens de klant handelen: ook wijzigen")),
        ],
        default=READING,
    )
    subject_id = SelectField(_l("Namens wie"), default="")
    reason = StringField(_l("Reden"), [InputRequired(_WHY), at_most(300)])
    ticket = StringField(_l("Kenmerk van de melding"), [at_most(60)])
    anyway = BooleanField(_l("Dit is een noodgeval: ik kijk mee zonder toestemming"))


class OpenForm(HouseForm):
    """A new tenant and its first owner. The service checks what is typed and puts its no beside the field."""

    name = StringField(_l("Naam van het bedrijf"), [InputRequired(_l("Vul de naam van het bedrijf in."))])
    slug = StringField(_l("Korte naam"), [InputRequired(_l("Vul een korte naam in."))])
    language = SelectField(_l("Taal"), choices=LANGUAGE_CHOICES, default=DUTCH)
    owner_email = EmailField(_l("E-mailadres van de eigenaar"), [InputRequired(_l("Vul een e-mailadres in."))])


class SuspendForm(HouseForm):
    """Why a tenant is closed."""

    reason = StringField(
        _l("Waarom gaat dit bedrijf dicht?"), [InputRequired(_l("Schrijf op waarom dit bedrijf dicht gaat."))]
    )
