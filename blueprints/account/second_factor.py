"""The second step of one's own account: set up with a QR code, recovery codes shown once, switched off."""

from __future__ import annotations

from flask import Response, flash, render_template, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from blueprints._deeds import does, each_time
from blueprints._dependencies import deps
from blueprints._doors import fresh_only, signed_in
from blueprints._forms import HouseForm
from blueprints._hypermedia import go
from blueprints._refusals import refusals_at
from blueprints.account._blueprint import blueprint, cookie_token
from blueprints.account.forms import FirstCodeForm
from domain.message import Refusal
from services.people import second_factor as factors


@blueprint.get("/account/second-factor")
@signed_in
def second_factor() -> str:
    """Whether it is on, and what can be done."""
    stand = factors.stand(current_user.person.id)
    must = factors.must_have(deps(), current_user.person)
    return render_template("account/second_factor.html", stand=stand, must=must, form=HouseForm())


@blueprint.post("/account/second-factor/begin")
@signed_in
@fresh_only
@does(at=".set_up_second_factor")
def begin_second_factor() -> Response:
    """Begin setting it up."""
    try:
        # of this session alone: who logs out, or is logged out, begins again
        session["setting_up"] = factors.begin(deps(), current_user.person.id)
    except Refusal:
        return go(url_for("account.second_factor"))  # it is on already
    return go(url_for("account.set_up_second_factor"))


@blueprint.get("/account/second-factor/set-up")
@signed_in
@fresh_only
def set_up_second_factor() -> Response | str:
    """The QR code, the secret for whom cannot scan it, and the first code."""
    return _set_up_page(FirstCodeForm())


@blueprint.post("/account/second-factor/set-up")
@signed_in
@fresh_only
@does(at=".second_factor")
def confirm_second_factor() -> Response | str | tuple[str, int]:
    """Switch it on; the recovery codes are on the answer, and nowhere else ever again."""
    form = FirstCodeForm()
    if form.validate():
        with refusals_at(form):
            codes = factors.confirm(deps(), current_user.person.id, form.code.data, _mark(), cookie_token())
            return render_template("account/recovery_codes.html", codes=codes, first=True)
    page = _set_up_page(form)
    return (page, 422) if isinstance(page, str) else page


def _mark() -> str:
    mark: str = session.get("setting_up", "")
    return mark


def _set_up_page(form: FirstCodeForm) -> Response | str:
    pending = factors.pending(deps(), current_user.person.id, _mark())
    if pending is None:
        return go(url_for("account.second_factor"))
    secret, address = pending
    import segno  # 1 MB, for the few times that somebody sets this up

    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff")
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return render_template("account/set_up.html", form=form, picture=picture, secret=spaced)


@blueprint.post("/account/second-factor/recovery-codes")
@signed_in
@fresh_only
@each_time("the codes stand in the answer only, and who pressed twice sees the second one")
def renew_recovery_codes() -> Response | str:
    """Ten new recovery codes instead of the old ones."""
    try:
        codes = factors.renew_codes(deps(), current_user.person.id)
    except Refusal:
        return go(url_for("account.second_factor"))
    return render_template("account/recovery_codes.html", codes=codes, first=False)


@blueprint.post("/account/second-factor/off")
@signed_in
@fresh_only
@does(at=".second_factor")
def switch_off_second_factor() -> Response:
    """Switch it off."""
    factors.switch_off(deps(), current_user.person.id, cookie_token())
    flash(_("De tweede stap staat uit. Op andere apparaten bent u uitgelogd."), "ok")
    return go(url_for("account.second_factor"))
