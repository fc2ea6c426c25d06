"""Forms of logging in. Passwords are never trimmed or cut: what is typed is what counts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from blueprints._forms import HouseForm
from blueprints._validators import ANY_PASSWORD, at_most, follows
from domain import one_line


class LoginForm(HouseForm):
    """E-mail and password."""

    email = StringField(_l("E-mailadres"), [InputRequired(_l("Vul uw e-mailadres in.")), at_most(150)])
    password = PasswordField(_l("Wachtwoord"), [InputRequired(_l("Vul uw wachtwoord in.")), ANY_PASSWORD])


class PasswordForm(HouseForm):
    """A password, chosen through a one-time link."""

    password = PasswordField(_l("Nieuw wachtwoord"), [InputRequired(_l("Kies een wachtwoord.")), ANY_PASSWORD])


class CodeForm(HouseForm):
    """A code of the authenticator app, or a recovery code."""

    code = StringField(_l("Code"), [InputRequired(_l("Vul de code in.")), at_most(40)])


class ForgottenForm(HouseForm):
    """Where the link to a new password goes."""

    email = StringField(_l("E-mailadres"), [InputRequired(_l("Vul uw e-mailadres in.")), at_most(150)])


class JoinForm(PasswordForm):
    """Somebody new who was invited."""

    name = StringField(
        _l("Uw naam"), [InputRequired(_l("Vul uw naam in.")), at_most(one_line.LONGEST), follows(one_line.of_person)]
    )
