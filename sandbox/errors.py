"""The business errors the service answers with: their codes and a Dutch text of our own for each.

The real texts are not published; a client has to go by the code. CREL002, CREL003 and CREL004 are
invented here: only CREL001 is known of the real service.
"""

from __future__ import annotations

TEXTS = {
    "E001.1": "De gebruikersnaam of beveiligingscode 1 is onjuist.",
    "E001.2": "Er is geen administratie gevonden bij deze gebruiker.",
    "E001.3": "Beveiligingscode 2 is onjuist.",
    "E001.5": "De gebruiker heeft geen rechten voor de API.",
    "E001.7": "De gegevens konden niet worden gecontroleerd.",
    "E002.1": "De sessiegegevens zijn ongeldig.",
    "E002.2": "De sessie is niet gevonden.",
    "E002.3": "De sessie is verlopen.",
    "E002.4": "De sessie is al gesloten.",
    "E003.1": "Het maximale aantal aanroepen is bereikt.",
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
    "CMUT012": "De tegenrekening van regel {line} bestaat niet of heeft een ongeldige categorie.",
    "CREL001": "De relatiecode bestaat al.",
    "CREL002": "De relatiecode ontbreekt.",
    "CREL003": "De bedrijfsnaam ontbreekt.",
    "CREL004": "De relatie is niet gevonden.",
}


class BusinessError(Exception):
    """A refusal inside a normal answer (HTTP 200): a code and a text."""

    def __init__(self, code: str, text: str | None = None, line: int = 0) -> None:
        self.code = code
        self.text = text if text is not None else TEXTS.get(code, "Onbekende fout.").format(line=line)
        super().__init__(f"{self.code} {self.text}")


class SoapFault(Exception):
    """A soap:Fault with HTTP 500; `side` is Client (their request) or Server (our failure)."""

    def __init__(self, side: str, text: str, version: str = "1.1") -> None:
        self.side = side
        self.text = text
        self.version = version
        super().__init__(f"soap:{side} {text}")
