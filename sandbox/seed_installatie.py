"""The administration of an installation company: its relations and its articles."""

from __future__ import annotations

from sandbox.seed_articles import Row
from sandbox.seed_relations import Names, families

LEDGER = (
    ("8000", "Omzet installatiewerk", "VW"),
    ("8010", "Omzet materialen", "VW"),
    ("8020", "Omzet service en onderhoud", "VW"),
)
GROUPS = {
    "8000": ("ARB", "Arbeid"),
    "8010": ("MAT", "Materialen"),
    "8020": ("SRV", "Service en onderhoud"),
}

NAMES = Names(
    owners_associations=(
        "VvE De Wilgenhof", "VvE Havenkade 12-48", "VvE Parkzicht", "VvE Het Oude Raadhuis", "VvE Sluiszicht",
        "VvE Kastanjehof 1-36", "VvE De Drie Torens", "VvE Molenwiek", "VvE Turfvaart Zuid",
        "VvE Lindenborgh",
    ),
    housing=(
        "Woningstichting Waterveen", "Wooncorporatie De Brink", "Stichting Zorgwonen Lindermeer",
        "Stichting Studentenhuis De Kaai", "Woonzorgcentrum Avondrood",
    ),
    companies=(
        "Bakkerij Het Steegje", "Brasserie 't Veerhuys", "Kapsalon Élégance", "Tandartspraktijk Van Oord",
        "Basisschool De Klimboom", "Sportcentrum De Treffer", "Garage Hoekstra & Zn.",
        "Hotel De Gouden Leeuw",
        "Kinderdagverblijf Dribbel", "Fysiotherapie Kruisdonk", "Boekhandel Van Leeuwen", "Slagerij Postma",
        "Café De Drie Gezusters", "Huisartsenpraktijk Sluisweg", "Drukkerij Inktvis B.V.",
        "Aannemersbedrijf Tuinstra B.V.", "Makelaardij Noorderpoort", "Camping Het Meerzicht",
        "Restaurant Yıldız", "Fietsenwinkel De Ketting", "Dierenartspraktijk Hagewoud", "Bloemen van Saar",
        "Kaasmakerij De Terp", "Metaalbewerking Feenstra B.V.", "Muziekschool Andante",
        "Notariskantoor Bosma & De Graaf", "Supermarkt Wiersma",
    ),
    people=(
        *families((
            "De Vries", "Bakker", "Van der Meulen", "Jansen", "Özdemir", "Hofstra", "El Amrani", "Kuipers",
            "Van den Bosch", "Mulder", "Nijland", "Peeters", "Zijlstra", "Brouwer",
        )),
        "A. Dijkstra", "M. Vermeer", "J.P. van Rijn", "S. de Boer", "T. Wagenaar", "F. Abdi", "L. Schouten",
        "C. van Loon", "R. Meijer", "H. Tromp", "N. Kowalski", "G. van Beek", "P. Huizinga", "E. Sloot",
        "D. de Wit", "B. Faber",
    ),
)  # fmt: skip

ARTICLES: tuple[Row, ...] = (
    ("ARBEID", "Arbeid monteur", "uur", "62.50", "H", "8000"),
    ("ARBEID2", "Arbeid tweede monteur", "uur", "54.00", "H", "8000"),
    ("ARBEID-AV", "Arbeid avond en weekend", "uur", "93.75", "H", "8000"),
    ("ARBEID-ISO", "Isoleren leidingen in woning ouder dan 2 jaar", "uur", "58.00", "L", "8000"),
    ("INREGEL", "Waterzijdig inregelen per radiator", "stuk", "27.50", "H", "8000"),
    ("VOORRIJ", "Voorrijkosten", "keer", "35.00", "H", "8000"),
    ("KM", "Reiskosten per kilometer", "km", "0.45", "H", "8000"),
    ("CV-KETEL24", "HR-combiketel CW4, 24 kW", "stuk", "1395.00", "H", "8010"),
    ("CV-KETEL36", "HR-combiketel CW5, 36 kW", "stuk", "1725.00", "H", "8010"),
    ("WP-HYB4", "Hybride warmtepomp 4 kW", "stuk", "2895.00", "H", "8010"),
    ("WP-LW8", "Lucht-waterwarmtepomp 8 kW", "stuk", "5640.00", "H", "8010"),
    ("EXPVAT18", "Expansievat 18 liter", "stuk", "64.50", "H", "8010"),
    ("RAD22-60", "Radiator type 22, 600 x 1000 mm", "stuk", "189.00", "H", "8010"),
    ("RAD11-40", "Radiator type 11, 400 x 800 mm", "stuk", "112.00", "H", "8010"),
    ("RADKRAAN", "Thermostatische radiatorkraan", "stuk", "24.95", "H", "8010"),
    ("THERM-SL", "Slimme kamerthermostaat", "stuk", "179.00", "H", "8010"),
    ("VLOERVW", "Vloerverwarming per vierkante meter", "m2", "42.50", "H", "8010"),
    ("VERDELER4", "Verdeler vloerverwarming, 4 groepen", "stuk", "385.00", "H", "8010"),
    ("CU15", "Koperen buis 15 mm", "meter", "8.95", "H", "8010"),
    ("CU22", "Koperen buis 22 mm", "meter", "13.40", "H", "8010"),
    ("CU28", "Koperen buis 28 mm", "meter", "17.80", "H", "8010"),
    ("KNEL15", "Knelkoppeling 15 mm", "stuk", "3.15", "H", "8010"),
    ("PERS15", "Persfitting bocht 15 mm", "stuk", "4.35", "H", "8010"),
    ("PVC75", "PVC-afvoerbuis 75 mm", "meter", "6.25", "H", "8010"),
    ("PVC110", "PVC-afvoerbuis 110 mm", "meter", "9.60", "H", "8010"),
    ("ISO22", "Buisisolatie 22 mm", "meter", "3.85", "H", "8010"),
    ("TOILET-H", "Hangtoilet met zitting", "stuk", "264.00", "H", "8010"),
    ("RESERVOIR", "Inbouwreservoir", "stuk", "219.00", "H", "8010"),
    ("WASTAFEL60", "Wastafel 60 cm", "stuk", "148.00", "H", "8010"),
    ("MENGKR-W", "Wastafelmengkraan", "stuk", "87.50", "H", "8010"),
    ("MENGKR-D", "Thermostaatkraan douche", "stuk", "169.00", "H", "8010"),
    ("DOUCHEGOOT", "Douchegoot 80 cm", "stuk", "198.00", "H", "8010"),
    ("KEUKENKR", "Keukenmengkraan", "stuk", "124.50", "H", "8010"),
    ("BOILER80", "Elektrische boiler 80 liter", "stuk", "349.00", "H", "8010"),
    ("GROEPENK", "Groepenkast 3-fase, 12 groepen", "stuk", "685.00", "H", "8010"),
    ("ALS16", "Aardlekautomaat 16 A", "stuk", "58.75", "H", "8010"),
    ("WCD-2", "Dubbele wandcontactdoos", "stuk", "14.90", "H", "8010"),
    ("INST-KABEL", "Installatiekabel 3 x 2,5 mm2", "meter", "2.35", "H", "8010"),
    ("LAADPAAL", "Laadpaal 11 kW", "stuk", "895.00", "H", "8010"),
    ("ROOKMELD", "Rookmelder, 10 jaar batterij", "stuk", "32.50", "H", "8010"),
    ("KLEINMAT", "Klein materiaal", "keer", "12.50", "H", "8010"),
    ("ONDERH-CV", "Onderhoudsbeurt cv-ketel", "keer", "98.00", "H", "8020"),
    ("ONDERH-WP", "Onderhoudsbeurt warmtepomp", "keer", "145.00", "H", "8020"),
    ("ONDERH-MV", "Reinigen mechanische ventilatie", "keer", "165.00", "H", "8020"),
    ("STORING", "Storingsbezoek, eerste half uur", "keer", "79.00", "H", "8020"),
    ("ONTSTOP", "Ontstoppen riool", "keer", "135.00", "H", "8020"),
    ("KEURING", "Inspectie elektrische installatie", "keer", "285.00", "H", "8020"),
    ("LEGIONELLA", "Watermonster legionella met rapport", "stuk", "118.00", "H", "8020"),
)
