"""Forms of one's own account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from blueprints._forms import HouseForm
from blueprints._validators import ANY_PASSWORD, at_most


class ConfirmForm(HouseForm):
    """The password once more, and the code of the app for whom has one."""

    password = PasswordField(_l("Wachtwoord"), [InputRequired(_l("Vul uw wachtwoord in.")), ANY_PASSWORD])
    code = StringField(_l("Code uit de app"), [at_most(40)])


class ChangePasswordForm(HouseForm):
    """The old password and the new one."""

    old = PasswordField(_l("Huidig wachtwoord"), [InputRequired(_l("Vul uw huidige wachtwoord in.")), ANY_PASSWORD])
    password = PasswordField(_l("Nieuw wachtwoord"), [InputRequired(_l("Kies een nieuw wachtwoord.")), ANY_PASSWORD])


class FirstCodeForm(HouseForm):
    """The first code of the app."""

    code = StringField(_l("Code uit de app"), [InputRequired(_l("Vul de code in.")), at_most(10)])
