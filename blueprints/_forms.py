"""What every form of the house has."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_wtf import FlaskForm


class HouseForm(FlaskForm):
    """The base of every form. One that was carried out before, with something else filled in, is shown again instead
    (`refuse_once`): the page went back, or somebody changed it between two presses."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all is right; what is not stands beside its field."""
        right: bool = super().validate(extra_validators)
        if g.get("form_was_done"):
            self.form_errors.append(
                _("Dit formulier hebt u al verstuurd, en dat is gelukt. Nu staat er iets anders in, en dat is nog niet "
                  "opgeslagen. Kijk na of het er nog bij moet, en druk dan nog eens.")
            )  # fmt: skip
            return False
        return right


def refuse_once() -> None:
    """From here on this request's form is not right, because it was carried out before."""
    g.form_was_done = True
