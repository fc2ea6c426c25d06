"""What Crafter itself writes into rows: each note has a key that stays for ever, and a Dutch text that may be reworded.

A row holds the key and the values, never the sentence (domain/stored.py); who reads it sees it in their own language.
A key that was released stays here, for rows of then still carry it. What people type is no note: `as_written` keeps it.
Words that are told elsewhere too (states, roles, fields) are notes of a family: domain/stored.py knows those.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from domain.message import Message, msg

NOTES: Mapping[str, Message] = {
    # the link, and reading lists through it
    "link.changed": msg("de koppeling is intussen gewijzigd"),
    "link.inactive": msg("de koppeling is niet actief"),
    "link.switched_on": msg("aangezet"),
    "link.switched_off": msg("uitgezet"),
    "link.no_answer": msg("geen antwoord"),
    "run.our_fault": msg("er ging in Crafter iets mis"),
    "run.cleaned": msg("Opgehaald, met een spatie waar een teken stond dat niet in een tekst hoort: %(names)s."),
    "run.unreadable": msg("Niet opgehaald, want onleesbaar: %(names)s."),
    "run.former_vat": msg("Opgehaald met het tarief van nu, want de btw-code daar is er een van vroeger: %(names)s."),
    "run.searched_enough": msg(
        "Niet alles is gevonden: %(why)s. Vannacht zoekt Crafter opnieuw; wat u nu nodig hebt, haalt u op met de code."
    ),
    "run.put_back": msg(
        "Hier gewijzigd voordat bekend was dat ze in e-Boekhouden staan; wat daar staat geldt: %(names)s. "
        "Wijzig ze opnieuw, dan gaat het ook daarheen."
    ),
    "run.several": msg("%(one)s %(other)s"),
    "run.more": msg("en nog %(n)s"),
    "run.nameless": msg("een zonder code en naam"),
    # who came in, and what support may and saw
    "device.both": msg("%(browser)s op %(system)s"),
    "support_access.yes": msg("ja"),
    "support_access.no": msg("nee"),
    "support_access.through": msg("tot en met %(day)s"),
    "area.start": msg("Start"),
    "area.planning": msg("Planning"),
    "area.work_orders": msg("Werkbonnen"),
    "area.bulk": msg("Facturen in één keer"),
    "area.relations": msg("Relaties"),
    "area.articles": msg("Artikelen"),
    "area.settings": msg("Instellingen"),
    "area.team": msg("Team"),
    "area.help": msg("Help"),
    # a call to the bookkeeping
    "call.no_proof": msg("geen bruikbaar antwoord"),
    "call.session_refused": msg("sessie geweigerd"),
    "call.other_number": msg("antwoord noemt nummer %(theirs)s, niet %(ours)s"),
    "call.said_code": msg("e-Boekhouden meldt %(code)s"),
    "call.unwritable": msg("factuur past niet in hun bericht (%(kind)s)"),
    "call.broke": msg("%(kind)s bij het versturen"),
    "call.too_late": msg("geen volledig antwoord binnen %(seconds)s s"),
    "call.not_started": msg("niet op tijd begonnen met versturen"),
    "call.other_address": msg("een ander adres dan het ingestelde"),
    "call.empty": msg("leeg antwoord (HTTP %(status)s)"),
    "call.too_big": msg("antwoord groter dan %(bytes)s bytes"),
    "call.redirected": msg("doorverwijzing geweigerd (HTTP %(status)s)"),
    "call.http": msg("HTTP %(status)s"),
    "call.no_xml": msg("HTTP %(status)s met %(kind)s in plaats van XML"),
    "call.unknown_content": msg("onbekende inhoud"),
    "call.compressed": msg("antwoord is samengeperst, daar is niet om gevraagd"),
    "call.no_dns": msg("naam niet gevonden (DNS)"),
    "call.no_connection": msg("geen verbinding"),
    "call.no_connection_in_time": msg("geen verbinding binnen de tijd"),
    "call.no_tls": msg("geen veilige verbinding (TLS)"),
    "call.no_answer_in_time": msg("geen antwoord binnen de tijd"),
    "call.half": msg("half antwoord"),
    "call.cut": msg("verbinding verbroken"),
    "call.failed": msg("verbinding mislukt (%(kind)s)"),
    "call.too_many": msg("het antwoord is te groot om te lezen"),
    "call.bad_xml": msg("antwoord is geen geldige XML"),
    "call.no_soap": msg("antwoord is geen SOAP"),
    "call.of_another": msg("antwoord is niet dat van %(operation)s"),
    "call.doctype": msg("antwoord met een DOCTYPE"),
    "call.no_id": msg("%(operation)s noemt geen nummer van de nieuwe relatie"),
    "call.no_session": msg("%(operation)s gaf geen sessie"),
    "call.bad_row": msg("een regel van het antwoord is onleesbaar"),
    "call.bad_invoice": msg("%(operation)s gaf een onleesbare factuur"),
    "call.relation_gone": msg("de relatie staat niet meer in e-Boekhouden"),
    "call.overtaken": msg("intussen daar gewijzigd: %(fields)s"),
    "call.busy": msg("e-Boekhouden is druk: er lopen al genoeg aanroepen"),
    "call.session_busy": msg("een andere aanroep is al lang bezig een sessie te openen"),
    "call.resting": msg("e-Boekhouden antwoordde net herhaaldelijk niet; over %(seconds)s s weer geprobeerd"),
    "call.day_spent": msg(
        "de %(most)s aanroepen van vandaag bij deze administratie zijn op; na middernacht gaat het weer"
    ),
    "call.search_spent": msg(
        "er is vandaag %(most)s keer verder gezocht in lange lijsten; de rest blijft voor facturen"
    ),
    "unfit.missing": msg("%(field)s ontbreekt"),
    "unfit.too_long": msg("%(field)s is te lang: %(length)s tekens, hoogstens %(most)s"),
    "unfit.character": msg("%(field)s bevat een teken dat niet verstuurd kan worden (%(found)s)"),
    "unfit.unknown": msg("de relatie heeft gegevens die niet terug kunnen: %(names)s"),
    "unfit.line": msg("regel %(n)s: %(field)s"),
    "order.step_too_late": msg(
        "Deze stap kan niet meer: de werkbon is nu %(state)s. Iemand anders was u misschien voor."
    ),
    # what blocks an invoice
    "word.relation_code": msg("Relatiecode"),
    "word.template": msg("Factuursjabloon"),
    "word.location": msg("Werklocatie"),
    "word.order_number": msg("Ordernummer van de klant"),
    "blocked.connection": msg("De verbinding met e-Boekhouden is verbroken"),
    "blocked.behind": msg("Onze gegevens lopen achter op e-Boekhouden"),
    "blocked.no_relation": msg("Er is geen klant gekozen"),
    "blocked.relation_code": msg("%(name)s heeft nog geen relatiecode"),
    "blocked.code_of_another": msg("Relatiecode %(code)s is in e-Boekhouden van %(there)s, en niet van %(name)s"),
    "blocked.order_number": msg("Het ordernummer van de klant ontbreekt"),
    "blocked.wage_part": msg("Het loonbestanddeel is niet bekend"),
    "blocked.wage_part_too_much": msg("Het loonbestanddeel is meer dan de factuur"),
    "blocked.g_account": msg("Het nummer van uw G-rekening ontbreekt"),
    "blocked.executed_on": msg("De datum van uitvoering ontbreekt"),
    "blocked.day_to_come": msg("De datum van uitvoering, %(day)s, ligt in de toekomst"),
    "blocked.invoice_on": msg("De gekozen factuurdatum, %(day)s, kan niet"),
    "blocked.settings_wait": msg("De factuurinstellingen zijn nog niet nagekeken voor deze administratie"),
    "blocked.template": msg("Er is geen factuursjabloon gekozen"),
    "blocked.beside": msg("Werkbon %(number)s: %(what)s"),
    "blocked.together": msg("Deze bonnen kunnen niet samen op één factuur"),
    "blocked.no_lines": msg("De werkbon heeft geen regels"),
    "blocked.too_many_lines": msg("De werkbon heeft meer dan %(most)s regels"),
    "blocked.line": msg("Regel %(n)s: %(what)s"),
    "blocked.description": msg("omschrijving ontbreekt"),
    "blocked.code": msg("code ontbreekt"),
    "blocked.ledger": msg("grootboekrekening ontbreekt"),
    "blocked.vat": msg("btw-tarief ontbreekt of is onbekend"),
    "blocked.vat_kind": msg("btw-tarief %(name)s kan nog niet"),
    "blocked.vat_private": msg("%(name)s staat als particulier; het tarief %(vat)s kan alleen bij een zakelijke klant"),
    "blocked.vat_no_number": msg("Het btw-nummer van %(name)s ontbreekt"),
    "blocked.vat_wrong_number": msg("Btw-nummer %(number)s van %(name)s klopt niet"),
    "blocked.vat_not_dutch": msg("Btw-nummer %(number)s van %(name)s is geen Nederlands btw-nummer"),
    "blocked.vat_not_of_eu": msg("Btw-nummer %(number)s van %(name)s is niet van een ander land van de EU"),
    "blocked.price": msg("de prijs heeft meer dan twee decimalen"),
    "blocked.total": msg("Het totaal is te groot"),
    "blocked.amount": msg("aantal of prijs is te groot"),
    "blocked.too_long": msg("%(name)s is te lang"),
    "blocked.character": msg("%(name)s bevat een teken dat niet mee kan"),
    # what is asked once more before an invoice goes out
    "question.day": msg("Is het werk uitgevoerd op %(day)s?"),
    "question.nothing": msg("Een factuur van %(total)s?"),
    "question.credit": msg("Een creditfactuur van %(total)s?"),
    "question.much": msg("Een factuur van %(total)s?"),
    "question.agreed": msg("De bon komt op %(total)s, meer dan afgesproken?"),
    "question.dwelling": msg("Is %(place)s een woning die ouder is dan twee jaar?"),
    "bulk.asked": msg("Daar is een ja op de bon voor nodig: %(what)s"),
    # pressing one, and many at once
    "press.order_changed": msg("De werkbon is gewijzigd na uw controle. Bekijk de bon opnieuw."),
    "link.changed_meanwhile": msg(
        "De koppeling is intussen gewijzigd. Er is hier niets opgeslagen; probeer het opnieuw."
    ),
    "press.elsewhere": msg(
        "Deze factuur hoort bij een andere administratie dan nu is gekoppeld. Er is niets verstuurd. Koppel die "
        "administratie weer, of laat de plaatsing vervallen."
    ),
    "press.not_approved": msg("Alleen een gecontroleerde werkbon kan gefactureerd worden."),
    "bulk.another_administration": msg("er is intussen een andere administratie gekoppeld"),
    "bulk.no_link": msg("de koppeling met e-Boekhouden is niet actief"),
    "bulk.broken": msg("de verbinding met e-Boekhouden is verbroken (%(code)s)"),
    "bulk.behind": msg("onze gegevens lopen achter op e-Boekhouden"),
    "bulk.unreachable": msg("e-Boekhouden was drie keer achter elkaar niet bereikbaar"),
    "bulk.numbers_in_use": msg(
        "drie keer achter elkaar waren alle geprobeerde factuurnummers daar in gebruik; kies een ander volgend nummer"
    ),
    "bulk.stopped_by": msg("door %(who)s"),
    "bulk.broken_off": msg("het plaatsen werd onderbroken"),
    "bulk.one_not_posted": msg("een factuur werd niet geplaatst, en daarna is er geen begonnen"),
    "bulk.order_gone": msg("De werkbon is er niet meer."),
    "bulk.passed_over": msg("De werkbon kon niet geplaatst worden."),
    # a posting on its way, and its number
    "posting.interrupted": msg("het versturen werd onderbroken"),
    "posting.arrived_after_all": msg("het antwoord kwam niet aan, maar de factuur staat er"),
    "posting.recognised": msg("door een medewerker herkend als deze factuur"),
    "posting.taken_over": msg("gevonden onder ons nummer en overgenomen"),
    "posting.differs": msg("daar staat iets anders: %(what)s"),
    "posting.numbers_taken": msg("drie nummers achter elkaar waren daar al in gebruik"),  # in rows of before
    "posting.numbers_in_use_by": msg("%(n)s keer verstuurd; daar al in gebruik: %(numbers)s. %(listed)s"),
    "posting.number_in_use": msg("%(number)s (een factuur van %(day)s aan relatie %(code)s)"),
    "posting.list_shows_more": msg(
        "Het overzicht van daar toont er niet meer, maar bewijst niet dat een ander nummer vrij is"
    ),
    "posting.list_proves_nothing": msg(
        "Het overzicht van daar kwam niet of kan afgekapt zijn, dus welk nummer vrij is, weet Crafter niet"
    ),
    "posting.numbers_in_use": msg("daar al in gebruik, elk door een andere factuur: %(numbers)s"),
    "posting.elsewhere": msg("de factuur hoort bij een andere administratie dan nu is gekoppeld"),
    "posting.moved_on": msg("zeker niet aangekomen; gaat nu onder een nieuw nummer naar %(administration)s"),
    "posting.number_taken": msg("het nummer is daar al in gebruik"),
    "posting.earlier_number_taken": msg("%(number)s was daar al in gebruik"),
    "posting.earlier_number_anothers": msg("%(number)s is daar een andere factuur"),
    "posting.adopted": msg("gevonden in e-Boekhouden en overgenomen, want hier was hij niet meer bekend"),
    "posting.behind": msg("onder %(number)s staat daar een factuur van ons die hier niet bekend is"),
    "posting.let_go_of": msg("nummer %(number)s is daar van een andere factuur; deze is zeker niet aangekomen"),
    "behind.stopped": msg(
        "Er is niets verstuurd. In e-Boekhouden staan facturen van ons die hier niet bekend zijn: onze gegevens lopen "
        "achter. Kijk bij Instellingen, Onze gegevens lopen achter, wat er nog openstaat."
    ),
    "behind.look_first": msg(
        "Er is niets verstuurd. Crafter is herstart, weg geweest of teruggezet, en kijkt eerst wat er in e-Boekhouden "
        "staat. Probeer het opnieuw."
    ),
    "behind.no_sign": msg(
        "Er is niets verstuurd. Crafter is een tijd weg geweest en kon dat niet opschrijven. Probeer het zo opnieuw."
    ),
    "behind.cannot_look": msg(
        "Er is niets verstuurd. Crafter is herstart, weg geweest of teruggezet, en moet eerst zien wat er in "
        "e-Boekhouden staat. Dat lukte niet: %(why)s. Probeer het zo opnieuw."
    ),
    "behind.unreadable": msg(
        "Er is niets verstuurd. Factuur %(number)s in e-Boekhouden is hier niet bekend en niet te lezen. Kijk daar wat "
        "ermee is en probeer het opnieuw."
    ),
    "look_up.behind": msg("niet opnieuw verstuurd, want onze gegevens lopen achter op e-Boekhouden"),
    "posting.customer_not_asked": msg("de klant kon vooraf niet in e-Boekhouden opgezocht worden: %(why)s"),
    "posting.customer_changed": msg(
        "de klant %(before)s heet of woont in e-Boekhouden nu anders: %(there)s; dat is hier overgenomen"
    ),
    # whom a customer's code leads to, asked ahead of a press
    "customer.asking": msg("Relatiecode %(code)s wordt nu in e-Boekhouden opgezocht."),
    "customer.another": msg("Relatiecode %(code)s is in e-Boekhouden nu van een andere relatie: %(there)s."),
    "customer.stranger": msg("Relatiecode %(code)s is in e-Boekhouden van %(there)s; de klant heet hier anders."),
    "customer.nobody": msg("Relatiecode %(code)s is er niet in e-Boekhouden."),
    "customer.not_asked": msg("Relatiecode %(code)s kon niet in e-Boekhouden worden opgezocht: %(why)s."),
    "call.only_look_up": msg("met codes die voor het opzoeken zijn bewaard, gaat er niets anders weg"),
    "call.paused": msg("e-Boekhouden neemt nu geen aanroepen aan"),
    "posting.code_moved": msg(
        "relatiecode %(code)s is in e-Boekhouden nu van %(there)s, en deze factuur ging eronder naar %(name)s"
    ),
    "posting.not_the_same_bytes": msg(
        "relatiecode %(code)s, die op de factuur staat, is in e-Boekhouden nu van %(there)s, en niet van %(name)s"
    ),
    "posting.gone": msg("hij was geplaatst, maar staat daar niet onder zijn nummer en niet bij de relatie"),
    "posting.back": msg("hij was verdwenen, maar staat er nu weer"),
    "posting.renumbered": msg("staat daar onder nummer %(number)s"),
    "reconciliation.day_spent": msg(
        "de %(most)s aanroepen van vandaag voor het vergelijken zijn op; vannacht gaat het verder"
    ),
    "reconciliation.limit": msg("e-Boekhouden neemt nu geen aanroepen aan"),
    "reconciliation.cut_off": msg(
        "de lijst van %(day)s is misschien niet volledig; elke factuur van u die er niet in stond is apart opgezocht"
    ),
    "payments.cut_off": msg(
        "de lijst met open posten was misschien niet volledig; wat er niet in staat, bleef zoals het was"
    ),
    "payments.unread": msg("niet elke open post was te lezen: %(names)s"),
    "payments.nameless": msg("een zonder factuurnummer"),
    "reconciliation.unread": msg("de lijst van %(day)s was niet te lezen; elke factuur van die dag is apart opgezocht"),
    "look_up.found": msg("gevonden"),
    "look_up.not_found": msg("niet gevonden"),
    "look_up.not_yet": msg("nog niet gevonden"),
    "look_up.elsewhere": msg(
        "de administratie waar deze factuur heen ging, is nu niet gekoppeld; opzoeken kan alleen daar"
    ),
    "kept_codes.ended": msg("er staat daar niets meer open"),
    "kept_codes.linked": msg("deze administratie is weer gekoppeld"),
    "kept_codes.refused": msg("e-Boekhouden accepteert ze niet meer"),
    "kept_codes.asked": msg("de eigenaar wilde ze niet langer bewaren"),
    "look_up.not_there": msg(
        "na de wachttijd niet gevonden in de administratie waar hij heen ging; met de bewaarde codes wordt daar alleen "
        "opgezocht, dus er is niets opnieuw verstuurd"
    ),
    "look_up.no_link": msg("de koppeling is niet actief; opzoeken kan nu niet"),
    "look_up.unsure": msg("niet gevonden, maar het antwoord was niet volledig genoeg om dat zeker te weten"),
    "look_up.failed": msg("opzoeken lukte niet: %(why)s"),
    "number.passed": msg("overgeslagen: %(who)s koos een ander volgend nummer"),
    "number.taken_by": msg("daar al in gebruik: een factuur van %(day)s aan relatie %(code)s"),
    "number.taken": msg("daar al in gebruik door een andere factuur"),
    "number.adopted_under": msg("deze factuur bleek daar te staan onder %(number)s"),
    "number.other_year": msg("de factuur ging in %(year)s de deur uit, onder %(number)s"),
    "number.anothers": msg("daar een andere factuur, zegt %(who)s"),
}


def note(key: str, /, **values: object) -> Message:
    """The note with this key, filled with these values. Raises KeyError for a key that is not registered."""
    return Message(NOTES[key].text, MappingProxyType(values), key)
