"""Forms of logging in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class LoginForm(FlaskForm):
    """E-mail and password."""

    email = StringField(_l("E-mailadres"), [InputRequired(_l("Vul uw e-mailadres in.")), Length(max=150)])
    password = PasswordField(_l("Wachtwoord"), [InputRequired(_l("Vul uw wachtwoord in.")), Length(max=200)])


class PasswordForm(FlaskForm):
    """A first password, chosen through a one-time link."""

    password = PasswordField(_l("Nieuw wachtwoord"), [InputRequired(_l("Kies een wachtwoord.")), Length(max=200)])
