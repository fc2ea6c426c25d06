"""Mijn account: password and sessions; and the page that asks once more who one is."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, flash, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from blueprints import _kept
from blueprints._deeds import does
from blueprints._dependencies import deps
from blueprints._doors import fresh_only, signed_in
from blueprints._forms import HouseForm
from blueprints._freshness import mark_fresh, onward
from blueprints._hypermedia import go
from blueprints._refusals import refusals_at
from blueprints.account._blueprint import blueprint, cookie_token
from blueprints.account.forms import ChangePasswordForm, ConfirmForm
from services.people import account, authentication, login_sessions
from services.people import second_factor as factors


@blueprint.get("/account")
@signed_in
def show() -> str:
    """My name and address, my second factor, my sessions."""
    person = current_user.person
    sessions = login_sessions.of_person(person.id, cookie_token(), deps().settings.times)
    stand = factors.stand(person.id)
    return render_template("account/show.html", sessions=sessions, stand=stand, form=HouseForm())


@blueprint.get("/account/password")
@signed_in
def password() -> str:
    """Another password."""
    return render_template("account/password.html", form=ChangePasswordForm())


@blueprint.post("/account/password")
@signed_in
@does(at=".show")
def change_password() -> Response | tuple[str, int]:
    """Change it; everywhere else one is logged out."""
    form = ChangePasswordForm()
    if form.validate():
        with refusals_at(form):
            given = form.old.data, form.password.data, request.remote_addr or "", cookie_token()
            account.change_password(deps(), current_user.person.id, *given)
            mark_fresh()
            session.rotate = True  # type: ignore[attr-defined]
            flash(_("Uw wachtwoord is veranderd. Op andere apparaten bent u uitgelogd."), "ok")
            return go(url_for("account.show"))
    return render_template("account/password.html", form=form), 422


@blueprint.post("/account/sessions/<uuid:session_id>/end")
@signed_in
@fresh_only
@does(at=".show")
def end_session(session_id: UUID) -> Response:
    """End one of my sessions."""
    if not login_sessions.end_one(current_user.person.id, session_id):
        abort(404)
    flash(_("Op dat apparaat bent u uitgelogd."), "ok")
    return go(url_for("account.show"))


@blueprint.post("/account/sessions/end-others")
@signed_in
@fresh_only
@does(at=".show")
def end_other_sessions() -> Response:
    """End all my sessions but this one."""
    login_sessions.end_others(current_user.person.id, cookie_token())
    flash(_("Overal elders bent u uitgelogd."), "ok")
    return go(url_for("account.show"))


@blueprint.get("/account/confirm")
@signed_in
def confirm() -> str:
    """The password once more."""
    return _confirm_page(ConfirmForm())


@blueprint.post("/account/confirm")
@signed_in
@does(at="auth.home")
def confirm_now() -> Response | tuple[str, int]:
    """Check it, and go on to where one was going."""
    form, person, address = ConfirmForm(), current_user.person, request.remote_addr or ""
    if form.validate():
        with refusals_at(form):
            authentication.prove(person.id, form.password.data, address)
            if person.second_factor:
                factors.prove(deps(), person.id, form.code.data or "", address)
            mark_fresh()
            session.rotate = True  # type: ignore[attr-defined]
            target = request.form.get("next")
            _kept.wake(target)
            return go(onward(target) or url_for("auth.home"))
    return _confirm_page(form), 422


def _confirm_page(form: ConfirmForm) -> str:
    minutes = int(deps().settings.times.fresh.total_seconds() // 60)
    target = onward(request.values.get("next")) or ""
    return render_template("account/confirm.html", form=form, next=target, minutes=minutes)
