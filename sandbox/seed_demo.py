"""The small administration for automated clients, with fixed credentials."""

from __future__ import annotations

from sandbox.seed_articles import Row
from sandbox.seed_relations import Names

LEDGER = (("8000", "Omzet", "VW"), ("8010", "Omzet materialen", "VW"))
GROUPS = {"8000": ("ARB", "Arbeid"), "8010": ("MAT", "Materialen")}

NAMES = Names(
    owners_associations=("VvE Proefhof",),
    housing=("Woningstichting Voorbeeld",),
    companies=("Voorbeeld B.V.", "Proef & Zonen", "Oefenwinkel"),
    people=("Familie Voorbeeld", "P. Proef"),
)

ARTICLES: tuple[Row, ...] = (
    ("ARBEID", "Arbeid", "uur", "60.00", "H", "8000"),
    ("ARBEID-L", "Arbeid laag tarief", "uur", "55.00", "L", "8000"),
    ("VOORRIJ", "Voorrijkosten", "keer", "30.00", "H", "8000"),
    ("KM", "Reiskosten per kilometer", "km", "0.40", "H", "8000"),
    ("BUIS", "Buis 22 mm", "meter", "12.35", "H", "8010"),
    ("KRAAN", "Kraan", "stuk", "49.95", "H", "8010"),
)
