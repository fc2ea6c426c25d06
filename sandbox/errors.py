"""The business errors the service answers with: their codes and a Dutch text of our own for each.

The words are ours, in the language that theirs have; a client has to go by the code. CREL901, CREL902, CREL903,
CFACT901 and CGB004 are invented here, outside the numbers that the manual uses.
"""

from __future__ import annotations

# code, field and how many characters that holds
RELATION_LENGTHS = (
    ("CREL01", "Code", 15), ("CREL02", "Bedrijf", 100), ("CREL03", "Contactpersoon", 50), ("CREL04", "Geslacht", 1),
    ("CREL05", "Adres", 150), ("CREL06", "Postcode", 50), ("CREL07", "Plaats", 50), ("CREL08", "Land", 50),
    ("CREL09", "Adres2", 150), ("CREL10", "Postcode2", 50), ("CREL11", "Plaats2", 50), ("CREL12", "Land2", 50),
    ("CREL13", "Telefoon", 50), ("CREL14", "GSM", 50), ("CREL15", "FAX", 50), ("CREL16", "Email", 50),
    ("CREL17", "Site", 50), ("CREL18", "Bankrekening", 50), ("CREL19", "Girorekening", 50),
    ("CREL20", "BTWNummer", 50), ("CREL21", "KvkNummer", 50), ("CREL22", "Aanhef", 50), ("CREL23", "IBAN", 50),
    ("CREL24", "BIC", 50), ("CREL25", "BP", 1), *((f"CREL{26 + n}", f"Def{n}", 100) for n in range(1, 11)),
)  # fmt: skip
TEXTS = {
    "E001.1": "Invalid credentials.",
    "E001.2": "Invalid credentials.",
    "E001.3": "Invalid credentials.",
    "E001.5": "Invalid credentials.",
    "E001.7": "Unable to verify the credentials.",
    "E002.1": "Invalid session.",
    "E002.2": "Invalid session.",
    "E002.3": "Session has expired.",
    "E002.4": "Session has already been closed.",
    "E002.5": "Not an accountant.",
    "E003.1": "Soap call limit hit.",
    "E003.3": "Soap call limit hit (10.000 / day).",
    "CFACT004": "De datum ontbreekt of ligt niet tussen 1980 en 2049.",
    "CFACT006": "Een factuur bevat minimaal 1 en maximaal 100 regels.",
    "CFACT014": "De betalingstermijn ontbreekt.",
    "CFACT024": "De relatiecode ontbreekt.",
    "CFACT025": "De relatie is onbekend.",
    "CFACT026": "Het factuurnummer is niet beschikbaar.",
    "CFACT027": "Er is geen factuursjabloon gekozen.",
    "CFACT028": "Het factuursjabloon bestaat niet.",
    "CFACT029": "EmailBericht ontbreekt.",
    "CFACT030": "EmailVanAdres ontbreekt.",
    "CFACT031": "EmailOnderwerp ontbreekt.",
    "CFACT032": "BoekhoudmutatieOmschrijving ontbreekt.",
    "CFACT033": "IncassoRekeningNummer ontbreekt.",
    "CFACT034": "IncassoTnv ontbreekt.",
    "CFACT035": "IncassoPlaats ontbreekt.",
    "CFACT036": "IncassoOmschrijvingRegel1 ontbreekt.",
    "CFACT037": "De code van regel {line} ontbreekt.",
    "CFACT038": "De btw-code van regel {line} ontbreekt.",
    "CFACT039": "De omschrijving van regel {line} ontbreekt.",
    "CFACT040": "De tegenrekening van regel {line} ontbreekt.",
    "CFACT042": "De btw-code van regel {line} is ongeldig.",
    "CFACT212": "De kostenplaats van regel {line} bestaat niet.",
    "CFACT901": "Het aantal of de prijs van regel {line} is negatief.",
    "CMUT012": "De tegenrekening van regel {line} bestaat niet of heeft een ongeldige categorie.",
    "CGB001": "De code is niet beschikbaar.",
    "CGB002": "De omschrijving ontbreekt.",
    "CGB004": "De grootboekrekening is niet gevonden.",
    "CGB005": "De categorie ontbreekt: VW of BAL.",
    "CGB006": "De categorie is onjuist: VW of BAL.",
    "CGN003": "De code ontbreekt.",
    "CMUT001": "De rekening is onbekend of heeft een onjuiste categorie.",
    "CMUT003": "InExBTW ontbreekt (IN of EX).",
    "CMUT003.1": "InExBTW is onjuist (IN of EX).",
    "CMUT004": "De datum ontbreekt of ligt niet tussen 1980 en 2049.",
    "CMUT005": "De omschrijving ontbreekt.",
    "CMUT006": "Een mutatie bevat minimaal 1 en maximaal 100 regels.",
    "CMUT008": "De mutatiesoort is onbekend.",
    "CMUT010": "BedragExclBTW + BedragBTW is niet gelijk aan BedragInclBTW.",
    "CMUT010.1": "BedragExclBTW * BTWPercentage/100 is niet gelijk aan BedragBTW.",
    "CMUT011": "De btw-code past niet bij deze mutatiesoort.",
    "CMUT013": "Het factuurnummer ontbreekt.",
    "CMUT014": "De relatiecode of de betalingstermijn ontbreekt.",
    "CMUT015": "De rekening moet een crediteurenrekening zijn.",
    "CMUT016": "De rekening moet een debiteurenrekening zijn.",
    "CMUT017": "De relatie is onbekend.",
    "CMUT018": "De combinatie van relatie en factuurnummer bestaat al.",
    "CMUT019": "Het factuurnummer bestaat al.",
    "CMUT020": "De periode is afgesloten.",
    "CMUT021": "Deze mutatiesoort heeft precies 1 regel.",
    "CMUT023": "Het factuurnummer ontbreekt.",
    "CMUT024": "De relatiecode ontbreekt.",
    "CMUT025": "De relatie is onbekend.",
    "CMUT026": "De betaling hoort niet bij een bestaande factuur.",
    "CMUT027": "De tegenrekening moet een debiteurenrekening zijn.",
    "CMUT028": "De tegenrekening moet een crediteurenrekening zijn.",
    "CMUT033": "De btw-code is ongeldig.",
    "CREL001": "De relatiecode bestaat al.",
    **{code: f"{field} mag hoogstens {most} posities lang zijn." for code, field, most in RELATION_LENGTHS},
    "CREL26": "BP is geen B en geen P.",
    "CREL901": "De relatiecode ontbreekt.",
    "CREL902": "De bedrijfsnaam ontbreekt.",
    "CREL903": "De relatie is niet gevonden.",
}


class BusinessError(Exception):
    """A refusal inside a normal answer (HTTP 200): a code and a text."""

    def __init__(self, code: str, text: str | None = None, line: int = 0) -> None:
        self.code = code
        self.text = text if text is not None else _text_of(code).format(line=line)
        super().__init__(f"{self.code} {self.text}")


def _text_of(code: str) -> str:
    # UpdateGrootboekrekening has the codes of adding with ".1" behind them
    return TEXTS.get(code) or TEXTS.get(code.removesuffix(".1")) or "Onbekende fout."


class SoapFault(Exception):
    """A soap:Fault with HTTP 500; `side` is Client (their request) or Server (our failure)."""

    def __init__(self, side: str, text: str, version: str = "1.1") -> None:
        self.side = side
        self.text = text
        self.version = version
        super().__init__(f"soap:{side} {text}")
