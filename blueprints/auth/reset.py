"""A forgotten password: ask a link, follow it, choose another password. Logging in is done afterwards, by hand."""

from __future__ import annotations

from flask import Response, flash, render_template, request, url_for
from flask_babel import gettext as _

from blueprints._deeds import does, makes
from blueprints._dependencies import deps
from blueprints._doors import anyone
from blueprints._hypermedia import go
from blueprints._refusals import refusals_at
from blueprints.auth._blueprint import addressee, blueprint
from blueprints.auth.forms import ForgottenForm, PasswordForm
from services.people import reset as resetting


@blueprint.get("/forgotten-password")
@anyone
def forgotten() -> str:
    """Where should the link go?"""
    return render_template("auth/forgotten.html", form=ForgottenForm(), sent_to="")


@blueprint.post("/forgotten-password")
@anyone
@makes("token", at=".login")
def ask_reset() -> tuple[str, int]:
    """Send the link; the answer is the same for an address nobody knows."""
    form = ForgottenForm()
    if form.validate():
        with refusals_at(form):
            resetting.ask(deps(), form.email.data, request.remote_addr or "")
            return render_template("auth/forgotten.html", form=form, sent_to=form.email.data.strip()), 200
    return render_template("auth/forgotten.html", form=form, sent_to=""), 422


@blueprint.get("/new-password/<token>")
@anyone
def reset(token: str) -> str:
    """Choose another password."""
    return _page(token, PasswordForm())


@blueprint.post("/new-password/<token>")
@anyone
@does(at=".login")
def set_password(token: str) -> Response | tuple[str, int]:
    """Set it, and go and log in."""
    form = PasswordForm()
    if form.validate():
        with refusals_at(form):
            resetting.finish(deps(), token, form.password.data)
            flash(_("Uw nieuwe wachtwoord is bewaard. Log er nu mee in."), "ok")
            return go(url_for("auth.login"))
    return _page(token, form), 422


def _page(token: str, form: PasswordForm) -> str:
    return render_template("auth/reset.html", form=form, email=addressee(token, resetting.PURPOSE))
