"""The choice of one row from many, searched as you type: the field, and what each kind of row is asked by.

Three values travel: the id of what stands chosen (`x`), the text in the field (`x-text`), and the text that the id
answers (`x-asked`). While the two texts are the same the id stands; another text is a new question. So it works the
same with the script, which fills in all three, and without it, where the page comes back with a short list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import Field
from wtforms.validators import ValidationError

from blueprints._words import say
from domain.message import Message, msg
from services.orders import choices
from services.orders.choices import Found, Hit

LONGEST = 600  # of a text to search by


@dataclass(frozen=True)
class Kind:
    """How rows of one kind are asked for: where the script asks, by a text, by an id; and what to say."""

    endpoint: str
    find: Callable[[str, UUID | None], Found]
    one: Callable[[UUID], Hit | None]
    pick: Any
    nothing: Callable[[str], Message]


CUSTOMERS = Kind(
    "choices.customers", lambda text, _within: choices.customers(text), choices.customer,
    _l("Kies een klant uit de lijst."), lambda text: msg("Geen klant gevonden met ‘%(what)s’.", what=text),
)  # fmt: skip
WORKERS = Kind(
    "choices.workers", lambda text, _within: choices.workers(text), choices.worker,
    _l("Kies een medewerker uit de lijst."), lambda text: msg("Geen medewerker gevonden met ‘%(what)s’.", what=text),
)  # fmt: skip
EVERYBODY = Kind(
    "choices.everybody", lambda text, _within: choices.everybody(text), choices.worker, WORKERS.pick, WORKERS.nothing
)
LOCATIONS = Kind(
    "choices.locations", lambda text, within: choices.locations(within, text), choices.location,
    _l("Kies een werklocatie uit de lijst."),
    lambda text: msg("Geen werklocatie van deze klant gevonden met ‘%(what)s’.", what=text),
)  # fmt: skip
ARTICLES = Kind(
    "choices.articles", lambda text, _within: choices.sold(text), lambda _row_id: None,
    _l("Kies een artikel uit de lijst."), lambda text: msg("Geen artikel gevonden met ‘%(what)s’.", what=text),
)  # fmt: skip


class ChoiceField(Field):
    """One row of a kind, by its id; `data` is the id or None. `within` names the field of the row that it belongs to.

    Whether the id is really ours is for the service to say: a stale page may name a row that is gone.
    """

    def __init__(
        self, label: Any, kind: Kind, validators: Sequence[Any] | None = None, within: str = "", **kwargs: Any
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.kind, self.within = kind, within
        self.text = self.asked = ""
        self.found: Found | None = None  # what can be chosen instead of what was typed
        self._settled = False

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """As any field, with the two texts beside the id."""
        super().process(formdata, *args, **kwargs)
        if formdata is not None:
            self.text, self.asked = _last(formdata, f"{self.name}-text"), _last(formdata, f"{self.name}-asked")

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = picked(valuelist)

    def choose(self, row_id: UUID | None) -> None:
        """Stand on this row, whatever was typed."""
        self.data, self.text, self.asked, self.found, self._settled = row_id, "", "", None, True

    def settle(self, form: Any) -> None:
        """Answer what was typed: exactly one row that is called so is chosen, else `found` has what comes near."""
        if self._settled:
            return
        self._settled = True
        if self.text != self.asked:
            hit = self._ask(form, self.text).called(self.text) if self.text else None
            self.data = hit.id if hit else None
        if self.text and self.data is None:
            self.found = self._ask(form, self.text)

    def ask(self, form: Any) -> None:
        """Offer a list, as the button beside the field asks: of what was typed, or else of the first rows."""
        asked_anew = self.text != self.asked
        self.settle(form)
        if self.found is None and not (asked_anew and self.data):
            self.found = self._ask(form, "")

    def _ask(self, form: Any, text: str) -> Found:
        within = None
        if self.within:
            form[self.within].settle(form)
            within = form[self.within].data
        return self.kind.find(text, within)

    def pre_validate(self, form: Any) -> None:
        self.settle(form)
        if self.found is not None:
            raise ValidationError(self.said)

    @property
    def said(self) -> str:
        """What to do about the list that was found, or that there is none."""
        return said(self.kind, self.found or Found(), self.text)

    @property
    def shown(self) -> str:
        """The text in the field: what was typed and is not answered yet, else the name of what stands chosen."""
        if self.data is None:
            return self.text
        hit = self.kind.one(self.data)
        return hit.label if hit else ""


def said(kind: Kind, found: Found, text: str) -> str:
    """What to do about a list that was found for a text; or that nothing was."""
    if found.hits:
        return str(kind.pick)
    return say(kind.nothing(text)) if text else str(_l("Er is nog niets om uit te kiezen."))


def picked(values: Sequence[Any]) -> UUID | None:
    """The id among values of one name: a list without the script adds its pick to what the field held before."""
    given = [value for value in values if value]
    return row_id(str(given[-1])) if given else None


def row_id(text: str) -> UUID | None:
    """An id from an address or a form, or None when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _last(formdata: Any, name: str) -> str:
    values = formdata.getlist(name)
    return str(values[-1]).strip()[:LONGEST] if values else ""
