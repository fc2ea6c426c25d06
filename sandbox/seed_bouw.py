"""The administration of a building company: its relations and its articles."""

from __future__ import annotations

from sandbox.seed_articles import Row
from sandbox.seed_relations import Names, families

LEDGER = (
    ("8000", "Omzet bouw en verbouw", "VW"),
    ("8010", "Omzet materialen", "VW"),
    ("8020", "Omzet onderaanneming en huur", "VW"),
)
GROUPS = {
    "8000": ("ARB", "Arbeid"),
    "8010": ("MAT", "Materialen"),
    "8020": ("HUUR", "Materieel en onderaanneming"),
}

NAMES = Names(
    owners_associations=(
        "VvE Dijkzicht", "VvE De Oude Steenfabriek", "VvE Brugstraat 2-40", "VvE Meerwijck",
        "VvE De Korenschuur", "VvE Stationsplein", "VvE Hof van Aldert", "VvE Zonnehoek",
    ),
    housing=(
        "Woningstichting Oudvoorde", "Wooncorporatie Thuis in Veen", "Stichting Dorpshuis Sint Aldert",
        "Gemeente Kruisdonk", "Stichting Monumenten Waterveen", "Woongoed Hagewoud",
    ),
    companies=(
        "Projectontwikkeling Meervaart B.V.", "Architectenbureau Lijn & Vlak",
        "Installatiebedrijf De Schakel", "Schildersbedrijf Kleurrijk",
        "Dakdekkersbedrijf Van Elst", "Timmerwerkplaats De Schaaf",
        "Boerderij Welgelegen", "Melkveehouderij Reitsma", "Manege De Hoefslag",
        "Tuincentrum De Groene Poort",
        "Restaurant De Oude Smidse", "Transportbedrijf Bosma B.V.", "Houthandel Noordzij B.V.",
        "Advocatenkantoor Dekker", "Tandheelkunde Lindermeer", "Basisschool De Regenboog",
        "Jachtwerf 't Anker", "Keukenstudio Brinkman", "IJssalon Venezië", "Wijnhandel Château",
    ),
    people=(
        *families((
            "Hoekstra", "Van Dijk", "Visser", "De Groot", "Smit", "Kaya", "Postma", "Van der Linden",
            "Willems", "Bos", "Verhoeven", "De Haan", "Terpstra", "Martens", "Çelik", "Van Vliet",
        )),
        "K. Jonker", "O. Haaksma", "W. van Gelder", "Y. Bakkali", "I. Prins", "V. de Lange", "M. Oosterhof",
        "J. Timmer", "S. Koopman", "A. van Es", "R. Blom", "L. Dorsman", "T. Elzinga", "H. Rademaker",
    ),
)  # fmt: skip

ARTICLES: tuple[Row, ...] = (
    ("ARBEID", "Arbeid timmerman", "uur", "56.00", "H", "8000"),
    ("ARBEID-M", "Arbeid metselaar", "uur", "58.50", "H", "8000"),
    ("ARBEID-L", "Arbeid leerling", "uur", "34.00", "H", "8000"),
    ("ARBEID-U", "Arbeid uitvoerder", "uur", "72.00", "H", "8000"),
    ("STUC-WON", "Stucwerk in woning ouder dan 2 jaar", "uur", "54.00", "L", "8000"),
    ("SCHILD-WON", "Schilderwerk in woning ouder dan 2 jaar", "uur", "49.50", "L", "8000"),
    ("ISOL-WON", "Isoleren woning ouder dan 2 jaar, arbeid", "uur", "52.00", "L", "8000"),
    ("BEHANG-WON", "Behangen in woning ouder dan 2 jaar", "uur", "46.00", "L", "8000"),
    ("VOORRIJ", "Voorrijkosten", "keer", "32.50", "H", "8000"),
    ("KM", "Reiskosten per kilometer", "km", "0.48", "H", "8000"),
    ("BALK-71", "Vuren balk 71 x 171 mm", "meter", "9.85", "H", "8010"),
    ("BALK-59", "Vuren balk 59 x 156 mm", "meter", "7.60", "H", "8010"),
    ("LAT-22", "Panlat 22 x 50 mm", "meter", "1.15", "H", "8010"),
    ("MULTI18", "Multiplex 18 mm, 122 x 244 cm", "plaat", "67.50", "H", "8010"),
    ("OSB12", "OSB-plaat 12 mm, 122 x 244 cm", "plaat", "28.75", "H", "8010"),
    ("GIPS12", "Gipsplaat 12,5 mm, 60 x 260 cm", "plaat", "8.40", "H", "8010"),
    ("MSTUD75", "Metalstud profiel 75 mm", "meter", "3.20", "H", "8010"),
    ("GLASWOL", "Glaswol Rd 4,5", "m2", "11.90", "H", "8010"),
    ("PIR100", "PIR-isolatieplaat 100 mm", "m2", "27.40", "H", "8010"),
    ("BAKSTEEN", "Metselsteen waalformaat", "stuk", "0.62", "H", "8010"),
    ("KALKZ", "Kalkzandsteen lijmblok 150 mm", "stuk", "4.95", "H", "8010"),
    ("MORTEL25", "Metselmortel 25 kg", "zak", "7.25", "H", "8010"),
    ("BETON-M3", "Betonmortel C20/25", "m3", "164.00", "H", "8010"),
    ("WAPNET", "Wapeningsnet 8-150", "stuk", "48.00", "H", "8010"),
    ("DAKPAN", "Betonnen dakpan", "stuk", "1.85", "H", "8010"),
    ("VORST", "Nokvorst", "stuk", "9.40", "H", "8010"),
    ("EPDM", "EPDM-dakbedekking", "m2", "18.95", "H", "8010"),
    ("ZINKGOOT", "Zinken mastgoot", "meter", "31.50", "H", "8010"),
    ("DAKRAAM", "Dakraam 78 x 118 cm", "stuk", "389.00", "H", "8010"),
    ("KOZ-HH", "Hardhouten raamkozijn op maat", "stuk", "645.00", "H", "8010"),
    ("KOZ-KS", "Kunststof raamkozijn op maat", "stuk", "535.00", "H", "8010"),
    ("VOORDEUR", "Voordeur met driepuntssluiting", "stuk", "1180.00", "H", "8010"),
    ("BINDEUR", "Binnendeur opdek met kozijn", "stuk", "215.00", "H", "8010"),
    ("HRPP", "HR++-glas", "m2", "74.00", "H", "8010"),
    ("TEGEL-V", "Vloertegel 60 x 60 cm", "m2", "38.50", "H", "8010"),
    ("TEGEL-W", "Wandtegel 30 x 60 cm", "m2", "29.75", "H", "8010"),
    ("TRAP-V", "Vuren dichte trap, kwart gedraaid", "stuk", "1495.00", "H", "8010"),
    ("KLEINMAT", "Klein materiaal", "keer", "15.00", "H", "8010"),
    ("STEIGER-WK", "Huur rolsteiger per week", "week", "115.00", "H", "8020"),
    ("CONT-6", "Puincontainer 6 m3", "stuk", "295.00", "H", "8020"),
    ("CONT-10", "Bouwafvalcontainer 10 m3", "stuk", "465.00", "H", "8020"),
    ("KRAAN-UUR", "Minikraan met machinist", "uur", "78.00", "H", "8020"),
    ("ASBEST-INV", "Asbestinventarisatie", "keer", "425.00", "H", "8020"),
    ("CONSTR", "Constructieberekening", "keer", "680.00", "H", "8020"),
)
