"""Logging in, choosing a first password, logging out, and finding the way to one's company.

The second step, a forgotten password and invitations have rooms of their own.
"""

from __future__ import annotations

import time

from flask import Response, flash, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, logout_user

from blueprints import _kept
from blueprints._deeds import does, each_time
from blueprints._dependencies import deps
from blueprints._doors import anyone, signed_in
from blueprints._hypermedia import go
from blueprints._refusals import refusals_at
from blueprints.auth._blueprint import addressee, begin, blueprint, known_device, onward
from blueprints.auth.forms import LoginForm, PasswordForm
from services.people import authentication, demo_people
from services.people.authentication import SignedIn


@blueprint.get("/")
@signed_in
def home() -> Response | str:
    """To a form that waits, to the one company of this person, to support, or to a choice."""
    belongings = current_user.person.belongings
    waiting = _kept.next_address()
    if waiting:
        return go(waiting)
    if current_user.person.is_support and not belongings:
        return go(url_for("support.tenants"))
    if len(belongings) == 1:
        return go(url_for("start.show", tenant_slug=belongings[0].slug))
    return render_template("auth/choose.html", belongings=belongings)


@blueprint.get("/login")
@anyone
def login() -> Response | str:
    """The login page; a demo shows its people as buttons."""
    if current_user.is_authenticated:
        return go(url_for("auth.home"))
    return _page(LoginForm(), 200)[0]


def _page(form: LoginForm, status: int) -> tuple[str, int]:
    people = demo_people.list_() if deps().settings.demo else []
    return render_template("auth/login.html", form=form, people=people, next=request.values.get("next", "")), status


@blueprint.post("/login")
@anyone
@each_time("the browser keeps the session of the last answer only, so a second press has to log in too")
def log_in() -> Response | tuple[str, int]:
    """Check e-mail and password; on failure the form comes back with the e-mail still in it."""
    form = LoginForm()
    if form.validate():
        with refusals_at(form):
            email, address = form.email.data, request.remote_addr or ""
            person = authentication.log_in(email, form.password.data, address, known_device(email))
            return _half_way(person) if person.second_factor else _in(person)
    return _page(form, 422)


def _half_way(person: SignedIn) -> Response:
    """The password was right; the code comes next."""
    _kept.clear_session_for(person.id)
    session.rotate = True  # type: ignore[attr-defined]
    session["half_way"] = {
        "person": str(person.id), "at": int(time.time()), "next": request.form.get("next", ""),
        "of": person.given_with, "email": person.email,
    }  # fmt: skip
    return go(url_for("auth.code"))


def _in(person: SignedIn) -> Response:
    begin(person)
    return onward(request.form.get("next"))


@blueprint.get("/welcome/<token>")
@anyone
def welcome(token: str) -> str:
    """The first owner's one-time link: choose a password."""
    return render_template("auth/welcome.html", form=PasswordForm(), email=addressee(token, "first_login"))


@blueprint.post("/welcome/<token>")
@anyone
@does(at=".home")
def choose_password(token: str) -> Response | tuple[str, int]:
    """Set the first password and log in."""
    form = PasswordForm()
    if form.validate():
        with refusals_at(form):
            begin(authentication.choose_password(token, form.password.data))
            return go(url_for("auth.home"))
    email = addressee(token, "first_login")
    return render_template("auth/welcome.html", form=form, email=email), 422


@blueprint.post("/logout")
@signed_in
@does(at=".login")
def logout() -> Response:
    """End the session; its row is gone, so the old cookie opens nothing."""
    language = current_user.person.language
    _kept.forget()
    logout_user()
    session.clear()
    session["language"] = language
    session.rotate = True  # type: ignore[attr-defined]
    flash(_("U bent uitgelogd."), "ok")
    gone = go(url_for("auth.login"))
    gone.headers["Clear-Site-Data"] = '"cache", "storage"'  # not "cookies": that this device is known stays
    return gone
