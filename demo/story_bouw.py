"""Bouwbedrijf Van Dam en Zonen: has just begun, is not connected, and still has its first steps to take."""

from __future__ import annotations

from dataclasses import dataclass

from demo.story import Line, Somebody, hours, travel, words

SLUG = "bouw"
NAME = "Bouwbedrijf Van Dam en Zonen"
OWNER = Somebody("eigenaar@bouw.example", "Gerrit van Dam", "owner")
WORKER = "Jelle van Dam"


@dataclass(frozen=True)
class Customer:
    """A customer made here, without a code in the bookkeeping."""

    name: str
    is_company: bool
    contact: str
    address: str
    postcode: str
    city: str
    phone: str


CUSTOMERS = (
    Customer("Familie Wiarda", False, "", "Dorpsstraat 48", "7794 KC", "Oudvoorde", "06-5550119"),
    Customer("Dorpswinkel De Korenbloem", True, "Aaltje Rinsma", "Markt 3", "7796 HL", "Sint Aldert", "052-5550163"),
)


@dataclass(frozen=True)
class Draft:
    """A work order that waits for a day and somebody to do it."""

    title: str
    customer: str
    asked: str
    lines: tuple[Line, ...]


DRAFTS = (
    Draft("Dakraam plaatsen op zolder", "Familie Wiarda",
          "Zuidzijde, tussen de bestaande spanten. Pannen liggen in de schuur.",
          (hours("9"), words("Dakraam 78 x 118 cm met gootstuk", "389.00"), travel())),
    Draft("Kozijn aan de straatkant vervangen", "Familie Wiarda", "Onderdorpel is verrot. Zelfde indeling, HR++-glas.",
          (hours("7"), words("Hardhouten raamkozijn op maat", "645.00"), travel())),
    Draft("Winkelvloer egaliseren", "Dorpswinkel De Korenbloem", "Ongeveer 40 m2, na sluitingstijd of op zondag.",
          (hours("12"), words("Egalisatiemortel, 25 kg per zak", "18.50", quantity="14"), travel())),
)  # fmt: skip
