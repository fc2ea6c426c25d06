"""The second step of logging in: the code of the app. Until it is right nobody is logged in."""

from __future__ import annotations

import time
from uuid import UUID

from flask import Response, flash, render_template, request, session, url_for
from flask_babel import gettext as _

from blueprints._deeds import does
from blueprints._dependencies import deps
from blueprints._doors import anyone
from blueprints._hypermedia import go
from blueprints._refusals import refusals_at
from blueprints.auth._blueprint import begin, blueprint, known_device, onward
from blueprints.auth.forms import CodeForm
from services.people import authentication, second_factor


def _half_way() -> UUID | None:
    """Whose password was right, at most five minutes ago."""
    limit = deps().settings.times.second_step.total_seconds()
    half = session.get("half_way")
    return UUID(half["person"]) if half and 0 <= time.time() - half["at"] <= limit else None


def _start_again(why: str = "") -> Response:
    session.pop("half_way", None)
    flash(why or _("Dat duurde te lang. Log opnieuw in."), "warn")
    return go(url_for("auth.login"))


@blueprint.get("/login/code")
@anyone
def code() -> Response | str:
    """Ask the code."""
    return render_template("auth/code.html", form=CodeForm()) if _half_way() else _start_again()


@blueprint.post("/login/code")
@anyone
@does(at=".home")
def check_code() -> Response | tuple[str, int]:
    """Check the code and log in."""
    person_id, form = _half_way(), CodeForm()
    if person_id is None:
        return _start_again()
    if form.validate():
        with refusals_at(form):
            try:
                _prove(person_id, form.code.data)
            except second_factor.PasswordChanged:
                return _start_again(_("Het wachtwoord is intussen veranderd. Log opnieuw in."))
            person = authentication.person(person_id)
            if person is None:
                return _start_again()
            target = session["half_way"]["next"]
            begin(person)
            return onward(target)
    return render_template("auth/code.html", form=form), 422


def _prove(person_id: UUID, code: str) -> None:
    half = session["half_way"]
    device = known_device(half.get("email", ""))
    second_factor.prove(deps(), person_id, code, request.remote_addr or "", device, half.get("of", ""))
