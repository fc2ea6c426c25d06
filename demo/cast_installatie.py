"""Installatiebedrijf De Schakel on paper: its people, its customers by kind, and their work sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from demo.story import Site, Somebody
from domain import vat_regime
from services.catalogue.relations import Own


@dataclass(frozen=True)
class Local:
    """A customer that was made here and is not in the bookkeeping; `code` is what somebody typed, or nothing."""

    name: str
    address: str
    postcode: str
    city: str
    phone: str
    is_company: bool = False
    code: str = ""


SLUG = "installatie"
NAME = "Installatiebedrijf De Schakel"
OWNER = Somebody("eigenaar@installatie.example", "Marijke Visser", "owner")
OFFICE = Somebody("administratie@installatie.example", "Loes Bakker", "office")
PLANNER = Somebody("planner@installatie.example", "Pieter Vermeer", "planner")
MECHANIC = Somebody("monteur@installatie.example", "Ruben de Wit", "worker")
COMPANY: dict[str, Any] = {
    "name": NAME,
    "address": "Ambachtsweg 14",
    "postcode": "8961 AM",
    "city": "Waterveen",
    "phone": "058-5550140",
    "email": "info@installatie.example",
    "coc_number": "00136758",
    "vat_number": "NL995706657B01",
    "iban": "NL59WTRV0255512575",
}
WORKERS = (MECHANIC.name, "Sevda Yilmaz", "Niels Peeters", "Wietske Terpstra", "Tarik Bouazza")

VVES = ("VvE De Wilgenhof", "VvE Havenkade 12-48", "VvE Kastanjehof 1-36", "VvE De Drie Torens", "VvE Sluiszicht",
        "VvE Parkzicht", "VvE Molenwiek")  # fmt: skip
HOUSING = ("Wooncorporatie De Brink", "Woningstichting Waterveen", "Wooncorporatie De Brink",
           "Stichting Zorgwonen Lindermeer", "Stichting Studentenhuis De Kaai")  # fmt: skip
COMPANIES = ("Bakkerij Het Steegje", "Tandartspraktijk Van Oord", "Hotel De Gouden Leeuw", "Basisschool De Klimboom",
             "Kapsalon Élégance", "Huisartsenpraktijk Sluisweg", "Slagerij Postma", "Kinderdagverblijf Dribbel",
             "Café De Drie Gezusters", "Camping Het Meerzicht", "Garage Hoekstra & Zn.",
             "Restaurant Yıldız")  # fmt: skip
HOMES = ("Familie De Vries", "M. Vermeer", "Familie Özdemir", "J.P. van Rijn", "Familie Bakker", "N. Kowalski",
         "Familie Van der Meulen", "S. de Boer", "Familie El Amrani", "C. van Loon", "Familie Mulder", "F. Abdi",
         "Familie Nijland", "P. Huizinga", "Familie Kuipers", "E. Sloot")  # fmt: skip
CUSTOMERS = {"home": HOMES, "vve": VVES, "housing": HOUSING, "company": COMPANIES}

# takes no invoice without its own order number
ASKS_ORDER_NUMBER = "Woningstichting Waterveen"
# has work done by subcontractors, so that VAT is due by itself
CONTRACTOR = "Aannemersbedrijf Tuinstra B.V."
KEPT_OURSELVES = {ASKS_ORDER_NUMBER: Own(asks_order_number=True), CONTRACTOR: Own(vat_regime=vat_regime.REVERSED)}

SITES = (
    Site("VvE De Wilgenhof", "Trap A", "Wilgenhof 1", "8962 ED", "Waterveen", "Huismeester aan de achterzijde, bel 2."),
    Site("VvE De Wilgenhof", "Ketelhuis", "Wilgenhof 9", "8962 ED", "Waterveen", "Sleutel bij de huismeester."),
    Site("VvE Havenkade 12-48", "Galerijzijde", "Havenkade 12", "8961 HH", "Waterveen"),
    Site("VvE Kastanjehof 1-36", "Kelder en bergingen", "Kastanjehof 1", "7796 KA", "Sint Aldert"),
    Site("VvE De Drie Torens", "Toren west", "Handelskade 110", "7794 BK", "Oudvoorde", "Lift is buiten gebruik."),
    Site("VvE Sluiszicht", "Technische ruimte", "Handelskade 58", "8971 DB", "Lindermeer"),
    Site("VvE Parkzicht", "Trappenhuis noord", "Parklaan 2", "7794 CT", "Oudvoorde"),
    Site("VvE Molenwiek", "Ketelhuis", "Sluisweg 111", "7798 LL", "Kruisdonk"),
    Site("Wooncorporatie De Brink", "Woning Merelstraat 14", "Merelstraat 14", "7798 KZ", "Kruisdonk"),
    Site("Wooncorporatie De Brink", "Woning Lindelaan 61", "Lindelaan 61", "7798 DH", "Kruisdonk",
         "Huurder werkt nachtdienst: na 14.00 uur."),
    Site("Wooncorporatie De Brink", "Complex Brugstraat", "Brugstraat 150", "7798 KC", "Kruisdonk"),
    Site("Wooncorporatie De Brink", "Woning Turfvaart 8", "Turfvaart 8", "7798 KH", "Kruisdonk"),
    Site("Woningstichting Waterveen", "Woning Molenweg 33", "Molenweg 33", "8962 GZ", "Waterveen"),
    Site("Woningstichting Waterveen", "Complex Zonnehof", "Zonnebloemstraat 20", "8962 KV", "Waterveen",
         "Code voordeur bij kantoor opvragen."),
    Site("Stichting Zorgwonen Lindermeer", "Afdeling De Linde", "Esdoornlaan 40", "8971 NR", "Lindermeer",
         "Melden bij de receptie, schoenhoesjes dragen."),
    Site("Stichting Studentenhuis De Kaai", "Vleugel B", "Industrieweg 100", "7798 NP", "Kruisdonk"),
)  # fmt: skip

WITHOUT_CODE = Local("Familie Hoitsema", "Merelstraat 9", "8962 KZ", "Waterveen", "06-5550171")
WRONG_CODE = Local(
    "Brasserie 't Veerhuys, terras", "Markt 91", "7798 KL", "Kruisdonk", "054-5550188", True, "VEERTERRAS"
)
LOCALS = (WITHOUT_CODE, WRONG_CODE)
