"""What every form of the house has."""

from __future__ import annotations

from typing import Any, Self

from flask import g, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto

from domain.meanwhile import Opened

OPENED, TAKE = "opened", "take"  # the fields by which a form tells them


class HouseForm(FlaskForm):
    """The base of every form. One that was carried out before, with something else filled in, is shown again instead
    (`refuse_once`): the page went back, or somebody changed it between two presses.

    One that edits a row is opened `on` what stands there, and brings that along (`opened`, drawn by `csrf(form)`): the
    service writes only what was changed in it, and refuses what others changed too (domain/meanwhile.py)."""

    class Meta(FlaskForm.Meta):
        """How a form of the house is filled in."""

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """What was sent, as a form sends it. One without a single field is filled in too, with nothing: taken for
            not sent, its fields are not looked at and it is right."""
            if formdata is _Auto:
                return request.form if form.is_submitted() else None
            return formdata

    _opened: Opened | None = None

    @property
    def opened(self) -> Opened:
        """What its fields were when it was opened, as it says itself unless it was opened just now."""
        if self._opened is None:
            self._opened = self._brought() if request.method == "POST" else Opened()
        return self._opened

    @opened.setter
    def opened(self, opened: Opened) -> None:
        self._opened = opened

    @staticmethod
    def _brought() -> Opened:
        sent = request.form
        return Opened.read(" ".join(sent.getlist(OPENED))[:10_000], frozenset(sent.getlist(TAKE)))

    def on(self, stands: Any) -> Self:
        """Opened on these values: the service's input, or a mapping by field."""
        self._opened = Opened.on(stands)
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all is right; what is not stands beside its field."""
        right: bool = super().validate(extra_validators)
        if g.get("form_was_done"):
            self.form_errors.append(
                _("Dit formulier hebt u al verstuurd, en dat is gelukt. Nu staat er iets anders in, en dat is nog niet "
                  "opgeslagen. Kijk na of het er nog bij moet, en druk dan nog eens.")
            )  # fmt: skip
            return False
        if "form_is_shown" in g:
            g.form_is_shown = True
            self.form_errors.append(g.why_lost)
            return False
        return right


def refuse_once() -> None:
    """From here on this request's form is not right, because it was carried out before."""
    g.form_was_done = True


def lose(why: str) -> None:
    """From here on this request's form is not right, whatever is in it: it is only shown, and says why."""
    g.form_is_shown, g.why_lost = False, why


def is_lost() -> bool:
    """Whether this request only shows what was sent."""
    return "form_is_shown" in g


def was_shown() -> bool:
    """Whether the view had a form to show it in."""
    return bool(g.get("form_is_shown"))
