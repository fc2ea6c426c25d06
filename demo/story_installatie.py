"""Installatiebedrijf De Schakel: its people, customers' work sites, and the timeline of its work orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from random import Random

from demo.story import Entry, Job, Site, Somebody, hours, material, text, travel
from demo.work_installatie import BY_KEY, JOBS, URGENT

SLUG = "installatie"
NAME = "Installatiebedrijf De Schakel"
OWNER = Somebody("eigenaar@installatie.example", "Marijke Visser", "owner")
OFFICE = Somebody("administratie@installatie.example", "Loes Bakker", "office")
PLANNER = Somebody("planner@installatie.example", "Pieter Vermeer", "planner")
MECHANIC = Somebody("monteur@installatie.example", "Ruben de Wit", "worker")
COMPANY = {
    "name": NAME, "address": "Ambachtsweg 14", "postcode": "8961 AM", "city": "Waterveen", "phone": "058 212 34 56",
    "email": "info@installatie.example", "coc_number": "", "vat_number": "", "iban": "",
}  # fmt: skip
WORKERS = (MECHANIC.name, "Sevda Yilmaz", "Niels Peeters", "Wietske Terpstra", "Tarik Bouazza")

VVES = ("VvE De Wilgenhof", "VvE Havenkade 12-48", "VvE Kastanjehof 1-36", "VvE De Drie Torens", "VvE Sluiszicht",
        "VvE Parkzicht", "VvE Molenwiek")  # fmt: skip
HOUSING = ("Wooncorporatie De Brink", "Woningstichting Waterveen", "Wooncorporatie De Brink",
           "Stichting Zorgwonen Lindermeer", "Stichting Studentenhuis De Kaai")  # fmt: skip
COMPANIES = ("Bakkerij Het Steegje", "Tandartspraktijk Van Oord", "Hotel De Gouden Leeuw", "Basisschool De Klimboom",
             "Kapsalon Élégance", "Huisartsenpraktijk Sluisweg", "Slagerij Postma", "Kinderdagverblijf Dribbel",
             "Café De Drie Gezusters", "Camping Het Meerzicht", "Garage Hoekstra & Zn.", "Restaurant Yıldız")  # fmt: skip
HOMES = ("Familie De Vries", "M. Vermeer", "Familie Özdemir", "J.P. van Rijn", "Familie Bakker", "N. Kowalski",
         "Familie Van der Meulen", "S. de Boer", "Familie El Amrani", "C. van Loon", "Familie Mulder", "F. Abdi",
         "Familie Nijland", "P. Huizinga", "Familie Kuipers", "E. Sloot")  # fmt: skip
CUSTOMERS = {"home": HOMES, "vve": VVES, "housing": HOUSING, "company": COMPANIES}

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


WITHOUT_CODE = Local("Familie Hoitsema", "Merelstraat 9", "8962 KZ", "Waterveen", "06 12 34 56 78")
WRONG_CODE = Local("Brasserie 't Veerhuys, terras", "Markt 91", "7798 KL", "Kruisdonk", "054 212 30 30", True, "VEERTERRAS")
LOCALS = (WITHOUT_CODE, WRONG_CODE)

APPROVED = ("posted", "not_billable", "refused", "not_sent", "not_linked")
OFFICE_NOTES = ("Factuur graag met inkoopnummer van de klant.", "Vaste klant: uren afronden op kwartieren.",
                "Vorige bon ging over dezelfde klacht, nakijken of het klopt.")  # fmt: skip
# The orders that wait to be checked: job, customer. Together they have every mix of VAT, and one customer many.
TO_CHECK = (
    ("woningmutatie", "Wooncorporatie De Brink"), ("isoleren", "Wooncorporatie De Brink"), ("lekkage", "Familie Özdemir"),
    ("cv", "Wooncorporatie De Brink"), ("wp-hybride", "Familie De Vries"), ("isoleren-arbeid", "J.P. van Rijn"),
    ("riool", "Wooncorporatie De Brink"), ("groepenkast", "Tandartspraktijk Van Oord"), ("inregelen", "VvE De Wilgenhof"),
    ("badkamer", "N. Kowalski"),
)  # fmt: skip
MORNING, LATER, AFTERNOON = time(8), time(10, 30), time(13)


def timeline(today: date) -> list[Entry]:
    """All work orders in the order in which they were written down, five weeks back to the end of next week."""
    teller = _Teller(Random(7))
    past = _spread(list(_past(teller)), _workdays(today - timedelta(days=35), today - timedelta(days=1)))
    ahead = _workdays(today + timedelta(days=1), today + timedelta(days=11 - today.weekday()))
    planned = [teller.tell("planned") for _ in range(16)]
    return [*past, *_today(teller, today), *_fill_days(planned, ahead, teller.random), *_backlog(teller)]


def _past(teller: _Teller) -> Iterator[Entry]:
    """What was done, oldest first, with the trouble that is worth showing."""
    yield replace(teller.tell("not_linked", "laadpaal", "Garage Hoekstra & Zn."),
                  office_note="Gecontroleerd toen de koppeling even uit stond: factuur nog versturen.")  # fmt: skip
    for place in range(35):
        yield teller.tell("posted")
        if place == 9:
            yield teller.tell("cancelled", "airco", "Café De Drie Gezusters", reason="Klant heeft afgezegd.")
        if place == 12:
            yield _warranty(
                "Storing cv-ketel van vorig jaar", "Woningstichting Waterveen", "Ketel geeft foutcode en start niet. Geplaatst in het voorjaar.",
                "Printplaat vervangen onder fabrieksgarantie.", "Garantie: ketel is nog geen jaar oud, fabrikant vergoedt de printplaat.",
            )
        if place == 21:
            yield teller.tell("cancelled", "stopcontacten", "Boekhandel Van Leeuwen", reason="Dubbel ingevoerd.")
        if place == 26:
            yield _warranty(
                "Nazorg badkamer: kitvoeg en lekkende sifon", "Familie Nijland", "Sifon druppelt, badkamer is van vorige maand.",
                "Sifon aangedraaid en kitvoeg hersteld.", "Garantie: eigen werk van vorige maand.",
            )
        if place == 30:
            yield _refused()
        if place == 33:
            yield teller.tell("not_sent", "riool-buis", "VvE Kastanjehof 1-36")
    for place, (key, customer) in enumerate(TO_CHECK):
        yield teller.tell("done", key, customer)
        if place == 2:
            yield _without_code()
        if place == 6:
            yield _without_vat()


def _warranty(title: str, customer: str, asked: str, note: str, reason: str) -> Entry:
    return Entry(
        title, customer, "not_billable", (hours("1"), travel()), asked=asked, note=note, hours=Decimal("1.5"), reason=reason
    )


def _refused() -> Entry:
    return Entry(
        "Terrasverwarming aansluiten", WRONG_CODE.name, "refused",
        (hours("3"), material("CU15", "9"), material("KLEINMAT"), travel()),
        asked="Vier stralers onder de luifel, gas ligt al tot de gevel.",
        note="Aangesloten, afgeperst en getest. Afsluiter zit links van de deur.",
        office_note="Kan op de rekening van Brasserie 't Veerhuys: kies die klant en verstuur opnieuw.", hours=Decimal("3.5"),
    )  # fmt: skip


def _without_code() -> Entry:
    return Entry(
        "Buitenkraan plaatsen", WITHOUT_CODE.name, "done", (hours("1.25"), material("CU15", "4"), material("KLEINMAT"), travel()),
        asked="Nieuwe klant, kwam via de buren. Kraan aan de achtergevel.",
        note="Kraan geplaatst met aftapper, doorvoer afgekit.",
        office_note="Nieuwe klant: eerst in e-Boekhouden aanmaken, dan de code hier invullen.", hours=Decimal("1.5"),
    )  # fmt: skip


def _without_vat() -> Entry:
    return Entry(
        "Lekdetectie met warmtebeeldcamera", "Familie Kuipers", "done",
        (hours("1.5"), text("Huur warmtebeeldcamera, een dag", "65.00", vat=""), travel()),
        asked="Vloer wordt plaatselijk warm, druk zakt langzaam.",
        note="Lek gevonden bij de drempel van de bijkeuken. Offerte voor herstel volgt.",
        office_note="Btw van de camera nog invullen.", hours=Decimal("2"),
    )  # fmt: skip


def _today(teller: _Teller, today: date) -> list[Entry]:
    """What goes on now: the demo's today is always a day of work, also in the weekend."""
    ruben, sevda, niels, wietske, tarik = WORKERS
    rows = (
        ("started", "ketelhuis", "VvE De Wilgenhof", ruben, MORNING), ("started", "lekkage", "Bakkerij Het Steegje", sevda, MORNING),
        ("started", "badkamer", "Familie El Amrani", niels, MORNING), ("planned", "cv-vat", "M. Vermeer", ruben, AFTERNOON),
        ("planned", "riool", "Stichting Zorgwonen Lindermeer", sevda, LATER), ("planned", "laadpaal", "C. van Loon", wietske, LATER),
        ("planned", "wp-onderhoud", "Huisartsenpraktijk Sluisweg", tarik, AFTERNOON),
    )  # fmt: skip
    return [
        replace(teller.tell(ending, key, customer), worker=worker, on=today, at=at) for ending, key, customer, worker, at in rows
    ]


def _backlog(teller: _Teller) -> list[Entry]:
    keys = ("rookmelders", "vloer", "groepenkast", "douchegoot", "keuring", "wp-lucht", "kranen", "ventilatie")
    rows = [teller.tell("draft", key) for key in keys]
    return [*rows[:5], teller.tell("cancelled", "airco-nieuw", "Kapsalon Élégance", reason="Offerte niet doorgegaan."), *rows[5:]]


class _Teller:
    """Picks jobs and customers in turn, so that no title comes back soon."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._jobs: list[Job] = []
        self._customers: dict[str, list[str]] = {}
        self._told: dict[str, int] = {}
        self._sites: dict[str, int] = {}

    def tell(self, ending: str, key: str = "", customer: str = "", reason: str = "") -> Entry:
        """The next entry; without a key or a customer it picks them."""
        job = BY_KEY[key] if key else self._next_job(ahead=ending == "planned")
        customer = customer or self._next_customer(self.random.choice(job.kinds.split()))
        turn = self._told.get(job.key, self.random.randrange(3))
        self._told[job.key] = turn + 1
        office_note = self.random.choice(OFFICE_NOTES) if ending in ("posted", "done") and self.random.random() < 0.15 else ""
        return Entry(
            job.titles[turn % len(job.titles)], customer, ending, job.lines, job.asked[turn % len(job.asked)],
            job.notes[turn % len(job.notes)], office_note, self._site(customer), hours=Decimal(job.hours), reason=reason,
        )  # fmt: skip

    def _next_job(self, ahead: bool) -> Job:
        if not self._jobs:
            self._jobs = list(JOBS)
            self.random.shuffle(self._jobs)
        job = self._jobs.pop()
        return self._next_job(ahead) if ahead and job.key in URGENT else job

    def _next_customer(self, kind: str) -> str:
        waiting = self._customers.get(kind)
        if not waiting:
            waiting = self._customers[kind] = list(CUSTOMERS[kind])
            self.random.shuffle(waiting)
        return waiting.pop()

    def _site(self, customer: str) -> str:
        names = [site.name for site in SITES if site.customer == customer]
        turn = self._sites.get(customer, 0)
        self._sites[customer] = turn + 1
        return names[turn % len(names)] if names else ""


def _workdays(first: date, last: date) -> list[date]:
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5]


def _spread(entries: Sequence[Entry], days: Sequence[date]) -> list[Entry]:
    """Entries evenly over past days, the workers in turn; a cancelled one was never planned."""
    placed = []
    for number, entry in enumerate(entries):
        if entry.ending == "cancelled":
            placed.append(entry)
            continue
        day = days[number * len(days) // len(entries)]
        worker = WORKERS[(number + day.toordinal() // 7) % len(WORKERS)]
        at = AFTERNOON if number % 4 == 3 and (entry.hours or 0) <= 4 else MORNING
        placed.append(replace(entry, worker=worker, on=day, at=at))
    return placed


def _fill_days(entries: Sequence[Entry], days: Sequence[date], random: Random) -> list[Entry]:
    """Entries over coming days: everybody's morning first, then the afternoons; nobody in two places at once."""
    mornings = [(day, worker, MORNING) for day in days for worker in WORKERS]
    random.shuffle(mornings)
    slots = sorted(mornings[: len(entries)], key=lambda slot: slot[0])
    return [replace(entry, on=day, worker=worker, at=at) for entry, (day, worker, at) in zip(entries, slots, strict=False)]
