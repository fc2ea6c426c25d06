"""The details of a customer: which there are, what they are called on the screen, and how many characters they hold."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from domain.message import N_


def _detail(said: str, longest: int = 0, **default: Any) -> Any:
    return field(metadata={"said": said, "longest": longest}, **default)


@dataclass(frozen=True, slots=True)  # a long list has many
class RelationDetails:
    """A customer as typed, as kept here, and as it is made over there; `code` is the one it has in the bookkeeping."""

    name: str = _detail(N_("naam"), 100)
    code: str = _detail(N_("code"), 15, default="")
    is_company: bool = _detail(N_("soort"), default=True)
    contact: str = _detail(N_("contactpersoon"), 150, default="")
    address: str = _detail(N_("adres"), 150, default="")
    postcode: str = _detail(N_("postcode"), 50, default="")
    city: str = _detail(N_("plaats"), 50, default="")
    country: str = _detail(N_("land"), 50, default="")
    phone: str = _detail(N_("telefoon"), 50, default="")
    mobile: str = _detail(N_("mobiel"), 50, default="")
    email: str = _detail(N_("e-mailadres"), 150, default="")
    vat_number: str = _detail(N_("btw-nummer"), 50, default="")
    coc_number: str = _detail(N_("KvK-nummer"), 50, default="")
    iban: str = _detail(N_("IBAN"), 50, default="")


SAID: dict[str, str] = {one.name: one.metadata["said"] for one in fields(RelationDetails)}
LONGEST: dict[str, int] = {
    one.name: one.metadata["longest"] for one in fields(RelationDetails) if one.name != "is_company"
}
# what the bookkeeping leads for, once a customer stands there; the code is what it is found by
LED_THERE = tuple(name for name in SAID if name != "code")
TEXTS = tuple(name for name in LED_THERE if name != "is_company")
