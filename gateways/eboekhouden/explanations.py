"""What e-Boekhouden's codes mean to the user: what happened, why, what now, and where to mend it.

Codes are matched without dots, for those get lost in some answers (E002.3 also comes as E0023).
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.message import Message, msg, one_after_another
from domain.outcome import Problem
from gateways.bookkeeping import Explanation
from gateways.eboekhouden import codes, relation_codes

_CHANGED_CODES = msg(
    "Hebt u onlangs het wachtwoord van e-Boekhouden.nl gewijzigd? Dan is Securitycode 1 daar ook gewijzigd. "
    "Neem de codes opnieuw over uit e-Boekhouden.nl, onder Beheer > Inrichting > Koppelingen > API > API/SOAP."
)
_ALL_CREDENTIALS = msg("Vul de gegevens opnieuw in bij Instellingen > e-Boekhouden.nl en start de verbinding.")
_OPEN_ORDER = msg("Open de werkbon, verbeter de regel en verstuur de factuur opnieuw.")
_TELL_US = msg("U kunt dit zelf niet oplossen. Meld het ons met de code erbij; de factuur is niet aangemaakt.")
_RETRY = msg("Probeer het over een paar minuten opnieuw. Er is niets aangemaakt, dus opnieuw versturen is veilig.")


def _credentials(what: Message, why: Message) -> Explanation:
    return Explanation(what, why, one_after_another(_ALL_CREDENTIALS, _CHANGED_CODES), "credentials")


def _session(why: Message) -> Explanation:
    what = msg("e-Boekhouden.nl herkende de verbinding van zo-even niet meer.")
    return Explanation(what, why, _RETRY, "wait")


def _line(what: Message, why: Message) -> Explanation:
    return Explanation(what, why, _OPEN_ORDER, "lines")


def _ours(missing: Message) -> Explanation:
    what = msg("e-Boekhouden.nl miste een gegeven in de factuur: %(missing)s.", missing=missing)
    why = msg("Dit gegeven hoort bij een functie die wij niet gebruiken, dus dit had niet mogen gebeuren.")
    return Explanation(what, why, _TELL_US, "none")


_EXPLANATIONS: dict[str, Explanation] = {
    "E001.1": _credentials(
        msg("e-Boekhouden.nl accepteert de gebruikersnaam of Securitycode 1 niet."),
        msg("De gebruikersnaam of Securitycode 1 is onjuist of niet meer geldig."),
    ),
    "E001.2": _credentials(
        msg("e-Boekhouden.nl vindt geen administratie bij deze gegevens."),
        msg("De gebruikersnaam hoort niet bij een administratie, of de administratie bestaat niet meer."),
    ),
    "E001.3": _credentials(
        msg("e-Boekhouden.nl accepteert Securitycode 2 niet."),
        msg("Securitycode 2 is onjuist, of hoort bij een andere administratie."),
    ),
    "E001.5": _credentials(
        msg("Deze gebruiker mag e-Boekhouden.nl niet via de koppeling gebruiken."),
        msg("De gebruiker mist de rechten daarvoor; die staan bij Beheer > Uw account > Gebruikers."),
    ),
    "E001.7": _credentials(
        msg("e-Boekhouden.nl kon de gegevens van de koppeling niet controleren."),
        msg("De oorzaak wordt niet genoemd; meestal is een van de gegevens onjuist."),
    ),
    "E002.1": _session(msg("De gegevens van de verbinding zijn ongeldig, ook nadat wij die opnieuw hebben geopend.")),
    "E002.2": _session(msg("De verbinding bestaat daar niet, ook nadat wij die opnieuw hebben geopend.")),
    "E002.3": _session(msg("De verbinding was verlopen, ook nadat wij die opnieuw hebben geopend.")),
    "E002.4": _session(msg("De verbinding was daar al gesloten, ook nadat wij die opnieuw hebben geopend.")),
    "E002.5": Explanation(
        msg("e-Boekhouden.nl staat deze manier van verbinden niet toe."),
        msg("Zij is alleen bedoeld voor accountants."),
        one_after_another(_ALL_CREDENTIALS, msg("Gebruik daarbij de gegevens van de administratie zelf.")),
        "credentials",
    ),
    "E003.1": Explanation(
        msg("e-Boekhouden.nl neemt even geen opdrachten meer aan."),
        msg("Een maximum aan aanroepen is bereikt, door deze koppeling of door een andere."),
        msg("U hoeft niets te verbeteren. Probeer het over een uur; uiterlijk volgende maand gaat het weer."),
        "wait",
    ),
    "E003.3": Explanation(
        msg("e-Boekhouden.nl neemt vandaag geen opdrachten meer aan."),
        msg("Per dag zijn er 10.000 aanroepen per administratie, samen met andere programma's die gekoppeld zijn."),
        msg("U hoeft niets te verbeteren. Morgen gaat het weer; opnieuw versturen is dan veilig."),
        "wait",
    ),
    "CFACT004": Explanation(
        msg("De factuurdatum is niet goed."),
        msg("De datum ontbreekt of ligt niet tussen 1980 en 2049."),
        _TELL_US,
        "none",
    ),
    "CFACT006": _line(
        msg("Het aantal regels van de factuur is niet goed."),
        msg("Een factuur heeft minimaal 1 en maximaal 100 regels."),
    ),
    "CFACT014": Explanation(
        msg("De betalingstermijn ontbreekt."),
        msg("e-Boekhouden.nl wil bij elke factuur een betalingstermijn in dagen."),
        msg("Vul de betalingstermijn in bij Instellingen > e-Boekhouden.nl en verstuur de factuur opnieuw."),
        "payment_term",
    ),
    "CFACT024": Explanation(
        msg("De relatiecode ontbreekt."),
        msg("De relatie van deze werkbon heeft nog geen code van e-Boekhouden.nl."),
        msg("Vul bij de relatie haar code uit e-Boekhouden.nl in en verstuur de factuur opnieuw."),
        "relation_code",
    ),
    "CFACT025": Explanation(
        msg("e-Boekhouden.nl kent deze relatie niet."),
        msg("De relatie is daar verwijderd, heeft een andere code gekregen of heeft er nooit gestaan."),
        msg("Synchroniseer de relaties of verbeter de code bij de relatie, en verstuur de factuur opnieuw."),
        "relation_code",
    ),
    "CFACT026": Explanation(
        msg("Dit factuurnummer is in e-Boekhouden.nl al in gebruik."),
        msg("Er staat daar al een factuur onder dit nummer, van ons of van iemand anders."),
        msg("Vergelijk de factuur in e-Boekhouden.nl met deze werkbon. Er wordt niets dubbel verstuurd."),
        "none",
    ),
    "CFACT027": Explanation(
        msg("Er is geen factuursjabloon gekozen."),
        msg("e-Boekhouden.nl wil bij elke factuur de naam van een factuursjabloon."),
        msg("Vul bij Instellingen > e-Boekhouden.nl het factuursjabloon in en verstuur de factuur opnieuw."),
        "template",
    ),
    "CFACT028": Explanation(
        msg("Het factuursjabloon bestaat niet in e-Boekhouden.nl."),
        msg("De naam moet precies dezelfde zijn als in e-Boekhouden.nl, met dezelfde hoofdletters en spaties."),
        msg("Verbeter het factuursjabloon bij Instellingen > e-Boekhouden.nl en verstuur de factuur opnieuw."),
        "template",
    ),
    "CFACT029": _ours(msg("de tekst van de e-mail")),
    "CFACT030": _ours(msg("het e-mailadres van de afzender")),
    "CFACT031": _ours(msg("het onderwerp van de e-mail")),
    "CFACT032": _ours(msg("de omschrijving van de boeking")),
    "CFACT033": _ours(msg("het rekeningnummer van de incasso")),
    "CFACT034": _ours(msg("de naam bij de incasso")),
    "CFACT035": _ours(msg("de plaats bij de incasso")),
    "CFACT036": _ours(msg("de omschrijving van de incasso")),
    "CFACT037": _line(msg("Bij een regel ontbreekt de code."), msg("e-Boekhouden.nl wil bij elke regel een code.")),
    "CFACT038": _line(
        msg("Bij een regel ontbreekt de btw-code."), msg("e-Boekhouden.nl wil bij elke regel een btw-code.")
    ),
    "CFACT039": _line(
        msg("Bij een regel ontbreekt de omschrijving."), msg("e-Boekhouden.nl wil bij elke regel een omschrijving.")
    ),
    "CFACT040": Explanation(
        msg("Bij een regel ontbreekt de grootboekrekening."),
        msg("e-Boekhouden.nl wil bij elke regel een grootboekrekening."),
        msg("Kies een rekening bij de regel of bij Instellingen > e-Boekhouden.nl en verstuur opnieuw."),
        "ledger",
    ),
    "CFACT041": _line(
        msg("Bij een regel ontbreekt de btw-code."), msg("e-Boekhouden.nl wil bij elke regel een btw-code.")
    ),
    "CFACT042": _line(
        msg("De btw-code van een regel is ongeldig."),
        msg("e-Boekhouden.nl kent deze btw-code niet, of niet meer op de datum van de factuur."),
    ),
    "CFACT212": Explanation(
        msg("De kostenplaats van een regel bestaat niet."),
        msg("Wij sturen geen kostenplaats mee, dus dit had niet mogen gebeuren."),
        _TELL_US,
        "none",
    ),
    "CMUT012": Explanation(
        msg("De grootboekrekening van een regel is niet bruikbaar."),
        msg("De rekening bestaat daar niet, of heeft een categorie die op een factuur niet mag."),
        msg("Kies een andere rekening bij de regel of bij Instellingen > e-Boekhouden.nl en verstuur opnieuw."),
        "ledger",
    ),
    "CREL001": Explanation(
        msg("Deze relatiecode is in e-Boekhouden.nl al in gebruik."),
        msg("Een andere relatie heeft daar dezelfde code."),
        msg("Geef de relatie een andere code, of neem de bestaande relatie over door te synchroniseren."),
        "relation_code",
    ),
}

# what their list has for operations that Crafter does not use (yet): said all the same, should one ever come
_BOOKING = msg("Deze melding hoort bij het boeken van een mutatie, en dat doet Crafter niet.")
_LEDGER = msg("Deze melding hoort bij het bewaren van een grootboekrekening, en dat doet Crafter niet.")
_NOT_OURS = (
    (_LEDGER, {
        "CGB001 CGB001.1": msg("De code van de grootboekrekening is al in gebruik."),
        "CGB002 CGB002.1": msg("De omschrijving van de grootboekrekening ontbreekt."),
        "CGB005 CGB005.1": msg("De categorie van de grootboekrekening ontbreekt."),
        "CGB006 CGB006.1": msg("De categorie van de grootboekrekening is niet goed."),
        "CGN003 CGN003.1": msg("De code van de grootboekrekening ontbreekt."),
    }),
    (_BOOKING, {
        "CMUT001 CMUT001.1": msg("De rekening is onbekend of heeft een verkeerde categorie."),
        "CMUT003 CMUT003.1": msg("Er staat niet bij of de bedragen inclusief of exclusief btw zijn."),
        "CMUT004": msg("De datum van de mutatie ontbreekt."),
        "CMUT005": msg("De omschrijving van de mutatie ontbreekt."),
        "CMUT006": msg("Een mutatie heeft minimaal 1 en maximaal 100 regels."),
        "CMUT008": msg("De soort van de mutatie is onbekend."),
        "CMUT010": msg("De bedragen met en zonder btw tellen niet op."),
        "CMUT010.1 CMUT011": msg("Het btw-bedrag past niet bij het percentage of bij de soort."),
        "CMUT013 CMUT023": msg("Het factuurnummer van de mutatie ontbreekt."),
        "CMUT014": msg("De relatiecode of de betalingstermijn van de mutatie ontbreekt."),
        "CMUT015": msg("De rekening moet een crediteurenrekening zijn."),
        "CMUT016": msg("De rekening moet een debiteurenrekening zijn."),
        "CMUT017 CMUT025": msg("De relatie van de mutatie is onbekend."),
        "CMUT018": msg("Deze relatie heeft al een factuur met dit nummer."),
        "CMUT019": msg("Het factuurnummer van de mutatie bestaat al."),
        "CMUT020": msg("De periode is in e-Boekhouden.nl afgesloten."),
        "CMUT021": msg("Een mutatie van deze soort heeft precies 1 regel."),
        "CMUT024": msg("De relatiecode van de mutatie ontbreekt."),
        "CMUT026": msg("De betaling hoort niet bij een bestaande factuur."),
        "CMUT027": msg("De tegenrekening moet in de categorie Debiteuren staan."),
        "CMUT028": msg("De tegenrekening moet in de categorie Crediteuren staan."),
        "CMUT033": msg("De btw-code van de mutatie is ongeldig."),
    }),
)  # fmt: skip
_EXPLANATIONS |= {
    code: Explanation(what, why, _TELL_US, "none")
    for why, codes in _NOT_OURS
    for several, what in codes.items()
    for code in several.split()
}


_EXPLANATIONS |= relation_codes.explanations(
    msg("U kunt dit zelf niet oplossen. Meld het ons met de code erbij; er is niets aangemaakt of gewijzigd.")
)


def of(problem: Problem) -> Mapping[str, Explanation]:
    """The codes that come down to a problem, as they write them, each with its explanation."""
    return {code: told for code, told in _EXPLANATIONS.items() if codes.problem(code) is problem}


_BY_BARE_CODE = {code.replace(".", ""): explanation for code, explanation in _EXPLANATIONS.items()}


def explain(code: str) -> Explanation | None:
    """The explanation of a code, with or without its dot; None for a code we have no words for."""
    code = code.strip().upper()
    # of a change they have the codes of adding with ".1" behind them, at least for ledger accounts
    told = _BY_BARE_CODE.get(code.replace(".", "")) or _BY_BARE_CODE.get(code.removesuffix(".1"))
    return told or (_BY_BARE_CODE["E0031"] if codes.problem(code) is Problem.LIMIT else None)
