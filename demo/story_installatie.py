"""Installatiebedrijf De Schakel: the timeline of its work orders, five weeks back to the end of next week."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from random import Random

from demo.cast_installatie import ASKS_ORDER_NUMBER, CONTRACTOR, CUSTOMERS, SITES, WITHOUT_CODE, WORKERS, WRONG_CODE
from demo.story import Entry, Job, Line, hours, material, travel
from demo.work_installatie import BY_KEY, JOBS, URGENT
from domain.terms import Plan, Term

APPROVED = ("posted", "credited", "together", "not_billable", "refused", "not_sent", "not_linked")
COLLECTED = "collected"  # executed, and waits for the order that goes out together with it
DEPOSIT = "deposit"  # agreed in terms, of which the first was sent
AGREED = Plan(Decimal(4000), (Term("Aanbetaling", Decimal(30)), Term("Bij start van het werk", Decimal(40))))
OFFICE_NOTES = (
    "Factuur graag per mail, aan de penningmeester.",
    "Vaste klant: uren afronden op kwartieren.",
    "Vorige bon ging over dezelfde klacht, nakijken of het klopt.",
)
# The orders that wait to be checked: job, customer. Together they have every mix of VAT, and one customer many.
TO_CHECK = (
    ("woningmutatie", "Wooncorporatie De Brink"),
    ("isoleren", "Wooncorporatie De Brink"),
    ("lekkage", "Familie Özdemir"),
    ("cv", "Wooncorporatie De Brink"),
    ("wp-hybride", "Familie De Vries"),
    ("isoleren-arbeid", "J.P. van Rijn"),
    ("riool", "Wooncorporatie De Brink"),
    ("groepenkast", "Tandartspraktijk Van Oord"),
    ("inregelen", "VvE De Wilgenhof"),
    ("badkamer", "N. Kowalski"),
)
# What is done for free: title, customer, what was asked, what was done, why it is not invoiced.
BOILER = (
    "Storing aan nieuwe cv-ketel",
    "Woningstichting Waterveen",
    "Ketel geeft foutcode en start niet. Geplaatst in het voorjaar.",
    "Printplaat vervangen onder fabrieksgarantie.",
    "Garantie: ketel is nog geen jaar oud, de fabrikant vergoedt de printplaat.",
)
SIPHON = (
    "Nazorg badkamer: kitvoeg en lekkende sifon",
    "Familie Nijland",
    "Sifon druppelt, badkamer is van vorige maand.",
    "Sifon aangedraaid en kitvoeg hersteld.",
    "Garantie: eigen werk van vorige maand.",
)
MORNING, LATER, AFTERNOON = time(8), time(10, 30), time(13)


def timeline(today: date) -> list[Entry]:
    """All work orders in the order in which they were written down, five weeks back to the end of next week."""
    teller = _Teller(Random(7))
    past = _spread(list(_past(teller)), _workdays(today - timedelta(days=35), today - timedelta(days=1)))
    ahead = _workdays(today + timedelta(days=1), today + timedelta(days=11 - today.weekday()))
    planned = [teller.tell("planned") for _ in range(16)]
    return [*past, *_today(teller, today), *_fill_days(planned, ahead, teller.random), *_backlog(teller), _in_terms()]


def _past(teller: _Teller) -> Iterator[Entry]:
    """What was done, oldest first, with the trouble that is worth showing."""
    yield replace(
        teller.tell("not_linked", "laadpaal", "Garage Hoekstra & Zn."),
        office_note="Gecontroleerd toen de koppeling even uit stond: factuur nog versturen.",
    )
    for place in range(35):
        yield teller.tell("posted")
        if place == 9:
            yield teller.tell("cancelled", "airco", "Café De Drie Gezusters", reason="Klant heeft afgezegd.")
        if place == 12:
            yield _warranty(*BOILER)
        if place == 17:
            yield _credited()
        if place == 19:
            yield from _together()
        if place == 21:
            yield teller.tell("cancelled", "stopcontacten", "Boekhandel Van Leeuwen", reason="Dubbel ingevoerd.")
        if place == 26:
            yield _warranty(*SIPHON)
        if place == 30:
            yield _refused()
        if place == 33:
            yield teller.tell("not_sent", "riool-buis", "VvE Kastanjehof 1-36")
    for place, (key, customer) in enumerate(TO_CHECK):
        yield teller.tell("done", key, customer)
        if place == 2:
            yield _without_code()
        if place == 4:
            yield _numbered()
        if place == 5:
            yield _not_numbered()
        if place == 6:
            yield _reverse_charge()


def _warranty(title: str, customer: str, asked: str, note: str, reason: str) -> Entry:
    return Entry(
        title,
        customer,
        "not_billable",
        (hours("1"), travel()),
        asked=asked,
        note=note,
        hours=Decimal("1.5"),
        reason=reason,
    )


def _credited() -> Entry:
    return Entry(
        "Waterontharder plaatsen",
        "Tandartspraktijk Van Oord",
        "credited",
        (hours("2"), material("CU15", "3"), material("KLEINMAT"), travel()),
        asked="Ontharder staat al in de berging, alleen aansluiten.",
        note="Aangesloten met bypass, hardheid ingesteld en uitgelegd.",
        hours=Decimal("2.5"),
        reason="Op de factuur stond een uur te weinig.",
    )


def _in_terms() -> Entry:
    """A job that is paid for before it begins."""
    return Entry(
        "Badkamer met vloerverwarming",
        "Familie Kuipers",
        DEPOSIT,
        (
            Line("article", "", Decimal(1), "Badkamer volgens offerte", Decimal(3100)),
            Line("article", "", Decimal(1), "Vloerverwarming volgens offerte", Decimal(900)),
        ),
        asked="Offerte is getekend. Begint zodra de tegels er zijn.",
    )


def _together() -> Iterator[Entry]:
    """Three homes of one owner, on one invoice."""
    for home, ending in (("Merelstraat 14", COLLECTED), ("Lindelaan 61", COLLECTED), ("Merelstraat 14", "together")):
        yield Entry(
            "Rookmelders vervangen" if ending == COLLECTED else "Vergeten rookmelder op zolder",
            "Wooncorporatie De Brink",
            ending,
            (hours("0.75"), material("KLEINMAT"), travel()),
            asked="Melders zijn tien jaar oud. De woningen graag op één factuur.",
            note="Melders vervangen en getest, bewoner uitgelegd.",
            site=f"Woning {home}",
            hours=Decimal("1"),
        )


def _refused() -> Entry:
    return Entry(
        "Terrasverwarming aansluiten",
        WRONG_CODE.name,
        "refused",
        (hours("3"), material("CU15", "9"), material("KLEINMAT"), travel()),
        asked="Vier stralers onder de luifel, gas ligt al tot de gevel.",
        note="Aangesloten, afgeperst en getest. Afsluiter zit links van de deur.",
        office_note="Kan op de rekening van Brasserie 't Veerhuys: kies die klant en verstuur opnieuw.",
        hours=Decimal("3.5"),
    )


def _without_code() -> Entry:
    return Entry(
        "Buitenkraan plaatsen",
        WITHOUT_CODE.name,
        "done",
        (hours("1.25"), material("CU15", "4"), material("KLEINMAT"), travel()),
        asked="Nieuwe klant, kwam via de buren. Kraan aan de achtergevel.",
        note="Kraan geplaatst met aftapper, doorvoer afgekit.",
        office_note="Nieuwe klant: eerst in e-Boekhouden aanmaken, dan de code hier invullen.",
        hours=Decimal("1.5"),
    )


def _numbered() -> Entry:
    return Entry(
        "Mechanische ventilatie vervangen",
        ASKS_ORDER_NUMBER,
        "done",
        (hours("2.5"), material("KLEINMAT"), travel()),
        asked="Box op zolder maakt lawaai. Opdracht staat in het portaal van de corporatie.",
        note="Box vervangen, ventielen gereinigd en ingeregeld.",
        site="Woning Molenweg 33",
        hours=Decimal("3"),
        order_number="OPD-104257",
    )


def _not_numbered() -> Entry:
    return Entry(
        "Spoed: kraan hal spuit water",
        ASKS_ORDER_NUMBER,
        "done",
        (hours("1"), material("KLEINMAT"), travel()),
        asked="Gebeld door de wijkbeheerder, opdrachtnummer volgt per mail.",
        note="Kraan dichtgezet en vervangen, vloer gedweild.",
        office_note="Opdrachtnummer nog opvragen bij de wijkbeheerder.",
        site="Complex Zonnehof",
        hours=Decimal("1.5"),
    )


def _reverse_charge() -> Entry:
    return Entry(
        "Onderaanneming: leidingwerk nieuwbouw",
        CONTRACTOR,
        "done",
        (hours("7"), material("CU22", "24")),
        asked="Leidingwerk eerste verdieping, tekening ligt in de bouwkeet. Btw verlegd.",
        note="Eerste verdieping klaar en afgeperst. Maandag kan de vloer dicht.",
        office_note="Onderaanneming: btw verlegd.",
        hours=Decimal("7"),
    )


def _today(teller: _Teller, today: date) -> list[Entry]:
    """What goes on now: the demo's today is always a day of work, also in the weekend."""
    ruben, sevda, niels, wietske, tarik = WORKERS
    rows = (
        ("started", "ketelhuis", "VvE De Wilgenhof", ruben, MORNING),
        ("started", "lekkage", "Bakkerij Het Steegje", sevda, MORNING),
        ("started", "badkamer", "Familie El Amrani", niels, MORNING),
        ("planned", "cv-vat", "M. Vermeer", ruben, AFTERNOON),
        ("planned", "riool", "Stichting Zorgwonen Lindermeer", sevda, LATER),
        ("planned", "laadpaal", "C. van Loon", wietske, LATER),
        ("planned", "wp-onderhoud", "Huisartsenpraktijk Sluisweg", tarik, AFTERNOON),
    )
    return [replace(teller.tell(end, key, who), worker=worker, on=today, at=at) for end, key, who, worker, at in rows]


def _backlog(teller: _Teller) -> list[Entry]:
    keys = ("rookmelders", "vloer", "groepenkast", "douchegoot", "keuring", "wp-lucht", "kranen", "ventilatie")
    rows = [teller.tell("draft", key) for key in keys]
    gone = teller.tell("cancelled", "airco-nieuw", "Kapsalon Élégance", reason="Offerte niet doorgegaan.")
    return [*rows[:5], gone, *rows[5:]]


class _Teller:
    """Picks jobs and customers in turn, so that no title comes back soon."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._jobs: list[Job] = []
        self._customers: dict[str, list[str]] = {}
        self._told: dict[str, int] = {}
        self._sites: dict[str, int] = {}
        self._numbered = 104000

    def tell(self, ending: str, key: str = "", customer: str = "", reason: str = "") -> Entry:
        """The next entry; without a key or a customer it picks them."""
        job = BY_KEY[key] if key else self._next_job(ahead=ending == "planned")
        customer = customer or self._next_customer(self.random.choice(job.kinds.split()))
        turn = self._told.get(job.key, self.random.randrange(3))
        self._told[job.key] = turn + 1
        billed = ending in ("posted", "done")
        noted = billed and self.random.random() < 0.15
        return Entry(
            job.titles[turn % len(job.titles)],
            customer,
            ending,
            job.lines,
            job.asked[turn % len(job.asked)],
            job.notes[turn % len(job.notes)],
            self.random.choice(OFFICE_NOTES) if noted else "",
            self._site(customer),
            hours=Decimal(job.hours),
            reason=reason,
            order_number=self._order_number() if billed and customer == ASKS_ORDER_NUMBER else "",
        )

    def _order_number(self) -> str:
        self._numbered += 13
        return f"OPD-{self._numbered}"

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
    """Entries over coming days, each on somebody's free morning, so that nobody is in two places at once."""
    mornings = [(day, worker) for day in days for worker in WORKERS]
    random.shuffle(mornings)
    slots = sorted(mornings[: len(entries)], key=lambda slot: slot[0])
    return [replace(entry, on=day, worker=who, at=MORNING) for entry, (day, who) in zip(entries, slots, strict=True)]
