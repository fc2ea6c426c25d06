"""Making relations out of a list of names: addresses, people, numbers, always the same ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from sandbox import books, seed_numbers

# town, four digits of its postcode, area code
_TOWNS = (
    ("Waterveen", 8961, "058"),
    ("Waterveen", 8962, "058"),
    ("Lindermeer", 8971, "058"),
    ("Oudvoorde", 7794, "052"),
    ("Sint Aldert", 7796, "052"),
    ("Kruisdonk", 7798, "054"),
    ("Hagewoud", 8988, "054"),
)
TOWN_NAMES = tuple(sorted({name for name, _, _ in _TOWNS}))
_HOME_STREETS = (
    "Lindelaan", "Kerkstraat", "Dorpsstraat", "Molenweg", "Wilgenhof", "Esdoornlaan", "Kastanjehof",
    "Zonnebloemstraat", "Brugstraat", "Parklaan", "Turfvaart", "Merelstraat", "Oude Trekweg", "De Hoge Brink",
)  # fmt: skip
_WORK_STREETS = (
    "Havenkade", "Ambachtsweg", "Handelskade", "Nijverheidsweg", "Stationsplein", "Markt", "Sluisweg",
    "Industrieweg", "Ondernemersplein", "Raadhuisstraat",
)  # fmt: skip
_FIRST_NAMES = (
    ("Anna", "v"), ("Bram", "m"), ("Carla", "v"), ("Dirk", "m"), ("Esra", "v"), ("Fokke", "m"),
    ("Greet", "v"), ("Hassan", "m"), ("Ilse", "v"),
    ("Jeroen", "m"), ("Karin", "v"), ("Leendert", "m"), ("Mirjam", "v"),
    ("Nadia", "v"), ("Otto", "m"), ("Petra", "v"), ("Ruben", "m"), ("Sanne", "v"), ("Tjeerd", "m"),
    ("Wilma", "v"),
)  # fmt: skip
_LAST_NAMES = (
    "Bakker", "van den Berg", "Bosma", "Dekker", "El Amrani", "Feenstra", "de Graaf", "Hoekstra", "Jansen",
    "Kuipers", "de Leeuw", "Mulder", "Nijland", "Özdemir", "Postma", "Reitsma", "Smit", "Tuinstra", "Visser",
    "Wiersma",
)  # fmt: skip
_NOTES = (
    "Sleutel ligt bij de buren.",
    "Eerst bellen voor een afspraak.",
    "Facturen graag met inkoopnummer.",
    "Parkeren op het binnenterrein.",
)


@dataclass(frozen=True)
class Names:
    """The names of an administration's relations, by kind."""

    owners_associations: tuple[str, ...]
    housing: tuple[str, ...]
    companies: tuple[str, ...]
    people: tuple[str, ...]


def relations(names: Names, first_code: int, first_id: int, seed: int) -> list[dict[str, Any]]:
    """cRelatie values for all names, mixed as they would have come in over the years."""
    random = Random(seed)
    wanted = [(name, "B") for name in (*names.owners_associations, *names.housing, *names.companies)]
    wanted += [(name, "P") for name in names.people]
    random.shuffle(wanted)
    return [
        _relation(random, name, kind, str(first_code + position), first_id + position)
        for position, (name, kind) in enumerate(wanted)
    ]


def _relation(random: Random, name: str, kind: str, code: str, relation_id: int) -> dict[str, Any]:
    town, digits, area = random.choice(_TOWNS)
    record: dict[str, Any] = dict.fromkeys(books.RELATION_FIELDS, "")
    since = date(2017, 1, 1) + timedelta(days=random.randrange(3200))
    record |= {
        "ID": relation_id,
        "AddDatum": since.isoformat(),
        "Code": code,
        "Bedrijf": name,
        "Postcode": f"{digits} {random.choice('ABCDEGHKLN')}{random.choice('ABDEHKLPRTVZ')}",
        "Plaats": town,
        "Land": "Nederland",
        "Telefoon": seed_numbers.telephone(random, area),
        "BP": kind,
        "LA": "0",
        "Notitie": random.choice(_NOTES) if random.random() < 0.15 else "",
        "Gb_ID": 0,
        "GeenEmail": 0,
        "NieuwsbriefgroepenCount": 0,
    }
    return record | (_private(random, name) if kind == "P" else _business(random, name))


def _private(random: Random, name: str) -> dict[str, Any]:
    person = name[0].lower() + name[1:] if name.startswith("Familie") else "heer of mevrouw"
    return {
        "Adres": f"{random.choice(_HOME_STREETS)} {random.randrange(1, 180)}",
        "Email": f"{slug(name).replace('-', '.')}@thuispost.example",
        "GSM": seed_numbers.telephone(random, "06"),
        "Geslacht": random.choice("mv"),
        "Aanhef": f"Geachte {person}",
    }


def _business(random: Random, name: str) -> dict[str, Any]:
    first_name, gender = random.choice(_FIRST_NAMES)
    domain = f"{slug(name)}.example"
    return {
        "Adres": f"{random.choice(_WORK_STREETS)} {random.randrange(1, 120)}",
        "Contactpersoon": f"{first_name} {random.choice(_LAST_NAMES)}",
        "Geslacht": gender,
        "Email": f"{random.choice(('info', 'administratie', 'facturen'))}@{domain}",
        "Site": f"https://www.{domain}",
        "IBAN": seed_numbers.iban(random),
        "KvkNummer": seed_numbers.trade_number(random),
        "BTWNummer": "" if name.startswith("VvE") else seed_numbers.vat_number(random),
    }


def slug(name: str) -> str:
    """A name in letters, digits and hyphens, as for an e-mail address."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("b.v.", "bv")).strip("-")


def families(surnames: Iterable[str]) -> tuple[str, ...]:
    """ "Familie …" for every surname."""
    return tuple(f"Familie {surname}" for surname in surnames)
