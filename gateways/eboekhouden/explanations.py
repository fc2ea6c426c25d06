"""What e-Boekhouden's codes mean to the user: what happened, why, what now, and where to mend it.

Codes are matched without dots, for those get lost in some answers (E002.3 also comes as E0023).
"""

from __future__ import annotations

from gateways.bookkeeping import Explanation

_CHANGED_CODES = (
    "Hebt u onlangs het wachtwoord van e-Boekhouden.nl gewijzigd? Dan is Securitycode 1 daar ook gewijzigd. "
    "Neem de codes opnieuw over uit e-Boekhouden.nl, onder Beheer > Inrichting > Koppelingen > API > API/SOAP."
)
_ALL_CREDENTIALS = "Vul de gegevens opnieuw in bij Instellingen > e-Boekhouden.nl en start de verbinding. "
_OPEN_ORDER = "Open de werkbon, verbeter de regel en verstuur de factuur opnieuw."
_TELL_US = "U kunt dit zelf niet oplossen. Meld het ons met de code erbij; de factuur is niet aangemaakt."
_RETRY = "Probeer het over een paar minuten opnieuw. Er is niets aangemaakt, dus opnieuw versturen is veilig."


def _credentials(what: str, why: str) -> Explanation:
    return Explanation(what, why, _ALL_CREDENTIALS + _CHANGED_CODES, "credentials")


def _session(why: str) -> Explanation:
    what = "e-Boekhouden.nl herkende de verbinding van zo-even niet meer."
    return Explanation(what, why, _RETRY, "wait")


def _line(what: str, why: str) -> Explanation:
    return Explanation(what, why, _OPEN_ORDER, "lines")


def _ours(missing: str) -> Explanation:
    what = f"e-Boekhouden.nl miste een gegeven in de factuur: {missing}."
    why = "Dit gegeven hoort bij een functie die wij niet gebruiken, dus dit had niet mogen gebeuren."
    return Explanation(what, why, _TELL_US, "none")


_EXPLANATIONS: dict[str, Explanation] = {
    "E001.1": _credentials(
        "e-Boekhouden.nl accepteert de gebruikersnaam of Securitycode 1 niet.",
        "De gebruikersnaam of Securitycode 1 is onjuist of niet meer geldig.",
    ),
    "E001.2": _credentials(
        "e-Boekhouden.nl vindt geen administratie bij deze gegevens.",
        "De gebruikersnaam hoort niet bij een administratie, of de administratie bestaat niet meer.",
    ),
    "E001.3": _credentials(
        "e-Boekhouden.nl accepteert Securitycode 2 niet.",
        "Securitycode 2 is onjuist, of hoort bij een andere administratie.",
    ),
    "E001.5": _credentials(
        "Deze gebruiker mag e-Boekhouden.nl niet via de koppeling gebruiken.",
        "De gebruiker mist de rechten daarvoor; die staan bij Beheer > Uw account > Gebruikers.",
    ),
    "E001.7": _credentials(
        "e-Boekhouden.nl kon de gegevens van de koppeling niet controleren.",
        "De oorzaak wordt niet genoemd; meestal is een van de gegevens onjuist.",
    ),
    "E002.1": _session("De gegevens van de verbinding zijn ongeldig, ook nadat wij die opnieuw hebben geopend."),
    "E002.2": _session("De verbinding bestaat daar niet, ook nadat wij die opnieuw hebben geopend."),
    "E002.3": _session("De verbinding was verlopen, ook nadat wij die opnieuw hebben geopend."),
    "E002.4": _session("De verbinding was daar al gesloten, ook nadat wij die opnieuw hebben geopend."),
    "E002.5": Explanation(
        "e-Boekhouden.nl staat deze manier van verbinden niet toe.",
        "Zij is alleen bedoeld voor accountants.",
        _ALL_CREDENTIALS + "Gebruik daarbij de gegevens van de administratie zelf.",
        "credentials",
    ),
    "E003.1": Explanation(
        "e-Boekhouden.nl neemt even geen opdrachten meer aan.",
        "Het maximale aantal aanroepen is bereikt, door deze koppeling of door een andere.",
        _RETRY,
        "wait",
    ),
    "CFACT004": Explanation(
        "De factuurdatum is niet goed.",
        "De datum ontbreekt of ligt niet tussen 1980 en 2049.",
        _TELL_US,
        "none",
    ),
    "CFACT006": _line(
        "Het aantal regels van de factuur is niet goed.",
        "Een factuur heeft minimaal 1 en maximaal 100 regels.",
    ),
    "CFACT014": Explanation(
        "De betalingstermijn ontbreekt.",
        "e-Boekhouden.nl wil bij elke factuur een betalingstermijn in dagen.",
        "Vul de betalingstermijn in bij Instellingen > e-Boekhouden.nl en verstuur de factuur opnieuw.",
        "payment_term",
    ),
    "CFACT024": Explanation(
        "De relatiecode ontbreekt.",
        "De relatie van deze werkbon heeft nog geen code van e-Boekhouden.nl.",
        "Vul bij de relatie haar code uit e-Boekhouden.nl in en verstuur de factuur opnieuw.",
        "relation_code",
    ),
    "CFACT025": Explanation(
        "e-Boekhouden.nl kent deze relatie niet.",
        "De relatie is daar verwijderd, heeft een andere code gekregen of heeft er nooit gestaan.",
        "Synchroniseer de relaties of verbeter de code bij de relatie, en verstuur de factuur opnieuw.",
        "relation_code",
    ),
    "CFACT026": Explanation(
        "Dit factuurnummer is in e-Boekhouden.nl al in gebruik.",
        "Er staat daar al een factuur onder dit nummer, van ons of van iemand anders.",
        "Vergelijk de factuur in e-Boekhouden.nl met deze werkbon. Er wordt niets dubbel verstuurd.",
        "none",
    ),
    "CFACT027": Explanation(
        "Er is geen factuursjabloon gekozen.",
        "e-Boekhouden.nl wil bij elke factuur de naam van een factuursjabloon.",
        "Vul bij Instellingen > e-Boekhouden.nl het factuursjabloon in en verstuur de factuur opnieuw.",
        "template",
    ),
    "CFACT028": Explanation(
        "Het factuursjabloon bestaat niet in e-Boekhouden.nl.",
        "De naam moet precies dezelfde zijn als in e-Boekhouden.nl, met dezelfde hoofdletters en spaties.",
        "Verbeter het factuursjabloon bij Instellingen > e-Boekhouden.nl en verstuur de factuur opnieuw.",
        "template",
    ),
    "CFACT029": _ours("de tekst van de e-mail"),
    "CFACT030": _ours("het e-mailadres van de afzender"),
    "CFACT031": _ours("het onderwerp van de e-mail"),
    "CFACT032": _ours("de omschrijving van de boeking"),
    "CFACT033": _ours("het rekeningnummer van de incasso"),
    "CFACT034": _ours("de naam bij de incasso"),
    "CFACT035": _ours("de plaats bij de incasso"),
    "CFACT036": _ours("de omschrijving van de incasso"),
    "CFACT037": _line("Bij een regel ontbreekt de code.", "e-Boekhouden.nl wil bij elke regel een code."),
    "CFACT038": _line("Bij een regel ontbreekt de btw-code.", "e-Boekhouden.nl wil bij elke regel een btw-code."),
    "CFACT039": _line(
        "Bij een regel ontbreekt de omschrijving.", "e-Boekhouden.nl wil bij elke regel een omschrijving."
    ),
    "CFACT040": Explanation(
        "Bij een regel ontbreekt de grootboekrekening.",
        "e-Boekhouden.nl wil bij elke regel een grootboekrekening.",
        "Kies een rekening bij de regel of bij Instellingen > e-Boekhouden.nl en verstuur opnieuw.",
        "ledger",
    ),
    "CFACT041": _line("Bij een regel ontbreekt de btw-code.", "e-Boekhouden.nl wil bij elke regel een btw-code."),
    "CFACT042": _line(
        "De btw-code van een regel is ongeldig.",
        "e-Boekhouden.nl kent deze btw-code niet, of niet meer op de datum van de factuur.",
    ),
    "CFACT212": Explanation(
        "De kostenplaats van een regel bestaat niet.",
        "Wij sturen geen kostenplaats mee, dus dit had niet mogen gebeuren.",
        _TELL_US,
        "none",
    ),
    "CMUT012": Explanation(
        "De grootboekrekening van een regel is niet bruikbaar.",
        "De rekening bestaat daar niet, of heeft een categorie die op een factuur niet mag.",
        "Kies een andere rekening bij de regel of bij Instellingen > e-Boekhouden.nl en verstuur opnieuw.",
        "ledger",
    ),
    "CREL001": Explanation(
        "Deze relatiecode is in e-Boekhouden.nl al in gebruik.",
        "Een andere relatie heeft daar dezelfde code.",
        "Geef de relatie een andere code, of neem de bestaande relatie over door te synchroniseren.",
        "relation_code",
    ),
}

# what their list has for operations that Crafter does not use (yet): said all the same, should one ever come
_BOOKING = "Deze melding hoort bij het boeken van een mutatie, en dat doet Crafter niet."
_LEDGER = "Deze melding hoort bij het bewaren van een grootboekrekening, en dat doet Crafter niet."
_NOT_OURS = {
    _LEDGER: {
        "CGB001 CGB001.1": "De code van de grootboekrekening is al in gebruik.",
        "CGB002 CGB002.1": "De omschrijving van de grootboekrekening ontbreekt.",
        "CGB005 CGB005.1": "De categorie van de grootboekrekening ontbreekt.",
        "CGB006 CGB006.1": "De categorie van de grootboekrekening is niet goed.",
        "CGN003 CGN003.1": "De code van de grootboekrekening ontbreekt.",
    },
    _BOOKING: {
        "CMUT001 CMUT001.1": "De rekening is onbekend of heeft een verkeerde categorie.",
        "CMUT003 CMUT003.1": "Er staat niet bij of de bedragen inclusief of exclusief btw zijn.",
        "CMUT004": "De datum van de mutatie ontbreekt.",
        "CMUT005": "De omschrijving van de mutatie ontbreekt.",
        "CMUT006": "Een mutatie heeft minimaal 1 en maximaal 100 regels.",
        "CMUT008": "De soort van de mutatie is onbekend.",
        "CMUT010": "De bedragen met en zonder btw tellen niet op.",
        "CMUT010.1 CMUT011": "Het btw-bedrag past niet bij het percentage of bij de soort.",
        "CMUT013 CMUT023": "Het factuurnummer van de mutatie ontbreekt.",
        "CMUT014": "De relatiecode of de betalingstermijn van de mutatie ontbreekt.",
        "CMUT015": "De rekening moet een crediteurenrekening zijn.",
        "CMUT016": "De rekening moet een debiteurenrekening zijn.",
        "CMUT017 CMUT025": "De relatie van de mutatie is onbekend.",
        "CMUT018": "Deze relatie heeft al een factuur met dit nummer.",
        "CMUT019": "Het factuurnummer van de mutatie bestaat al.",
        "CMUT020": "De periode is in e-Boekhouden.nl afgesloten.",
        "CMUT021": "Een mutatie van deze soort heeft precies 1 regel.",
        "CMUT024": "De relatiecode van de mutatie ontbreekt.",
        "CMUT026": "De betaling hoort niet bij een bestaande factuur.",
        "CMUT027": "De tegenrekening moet in de categorie Debiteuren staan.",
        "CMUT028": "De tegenrekening moet in de categorie Crediteuren staan.",
        "CMUT033": "De btw-code van de mutatie is ongeldig.",
    },
}
_EXPLANATIONS |= {
    code: Explanation(what, why, _TELL_US, "none")
    for why, codes in _NOT_OURS.items()
    for several, what in codes.items()
    for code in several.split()
}

_BY_BARE_CODE = {code.replace(".", ""): explanation for code, explanation in _EXPLANATIONS.items()}


def explain(code: str) -> Explanation | None:
    """The explanation of a code, with or without its dot; None for a code we have no words for."""
    return _BY_BARE_CODE.get(code.strip().upper().replace(".", ""))
