"""The one form of Aansluiting."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from blueprints._forms import HouseForm
from blueprints._validators import at_most


class AcceptForm(HouseForm):
    """Zo laten: why it may stay as it is."""

    reason = StringField(_l("Waarom mag dit zo blijven?"), [at_most(300)])
