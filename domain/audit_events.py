"""The events of the audit trail: name, the fields each carries, and its Dutch line."""

from __future__ import annotations

from dataclasses import dataclass

from domain.message import N_


@dataclass(frozen=True)
class Event:
    """`line` is the Dutch template shown on screen, filled from the entry's data."""

    line: str
    fields: frozenset[str]


def _event(line: str, *fields: str) -> Event:
    return Event(line, frozenset(fields))


EVENTS: dict[str, Event] = {
    "work_order.created": _event(N_("Aangemaakt")),
    "work_order.changed": _event(N_("Gewijzigd")),
    "work_order.order_number": _event(N_("Ordernummer van de klant: %(before)s → %(after)s"), "before", "after"),
    "work_order.dwelling_withdrawn": _event(
        N_("Ingetrokken: woning ouder dan twee jaar, verklaard door %(by)s op %(day)s"), "by", "day"
    ),
    "work_order.confirmed": _event(N_("Bevestigd: %(what)s"), "what"),
    "work_order.moved": _event(N_("%(from_name)s → %(to_name)s"), "from_name", "to_name"),
    "work_order.planned": _event(N_("Ingepland op %(on)s bij %(worker)s"), "on", "worker"),
    "work_order.not_billable": _event(N_("Niet factureren: %(reason)s"), "reason"),
    "work_order.billable": _event(N_("Toch factureren")),
    "work_order.reported": _event(N_("Gedaan werk ingevuld")),
    "invoice.intended": _event(N_("Factuur %(number)s klaargezet om te versturen"), "number"),
    "invoice.posted": _event(N_("Factuur %(number)s geplaatst in e-Boekhouden"), "number"),
    "invoice.refused": _event(N_("Factuur %(number)s geweigerd (%(code)s)"), "number", "code"),
    "invoice.not_sent": _event(N_("Factuur %(number)s niet verstuurd"), "number"),
    "invoice.uncertain": _event(N_("Factuur %(number)s: onzeker of hij is aangekomen"), "number"),
    "invoice.conflict": _event(N_("Factuur %(number)s: tegenstrijdig"), "number"),
    "invoice.gone": _event(N_("Factuur %(number)s: verdwenen uit e-Boekhouden"), "number"),
    "invoice.code_moved": _event(
        N_("Factuur %(number)s ging weg onder relatiecode %(code)s van %(name)s; die is daar nu van %(there)s"),
        "number",
        "code",
        "there",
        "name",
    ),
    "invoice.code_move_settled": _event(
        N_("Factuur %(number)s: nagekeken op wie hij in e-Boekhouden staat: %(reason)s"), "number", "reason"
    ),
    "invoice.renumbered_there": _event(N_("Factuur %(number)s staat daar onder nummer %(theirs)s"), "number", "theirs"),
    "invoice.number_taken": _event(
        N_("Nummer %(number)s is daar al in gebruik; verder met %(next)s"), "number", "next"
    ),
    "invoice.number_passed": _event(N_("Nummer %(number)s overgeslagen; verder met %(next)s"), "number", "next"),
    "invoice.number_let_go": _event(
        N_("Nummer %(number)s hoort bij %(year)s en is losgelaten; verder met %(next)s"), "number", "year", "next"
    ),
    "invoice.looked_up": _event(N_("Factuur %(number)s opgezocht: %(result)s"), "number", "result"),
    "invoice.abandoned": _event(N_("Plaatsing %(number)s vervallen: %(reason)s"), "number", "reason"),
    "invoice.credited": _event(
        N_("Factuur %(credited)s gecrediteerd met %(number)s: %(reason)s"), "number", "credited", "reason"
    ),
    "invoice.corrected_there": _event(N_("Factuur %(number)s aangepast in e-Boekhouden: %(note)s"), "number", "note"),
    "invoice.adopted": _event(
        N_("Factuur %(number)s stond in e-Boekhouden en is overgenomen bij werkbon %(order)s"), "number", "order"
    ),
    "invoice.number_not_ours": _event(
        N_("Factuur %(number)s in e-Boekhouden is niet van ons: %(reason)s"), "number", "reason"
    ),
    "books.behind": _event(
        N_("Onze gegevens lopen achter op e-Boekhouden; er gaat niets weg. Gekeken vanaf %(day)s"), "day"
    ),
    "books.caught_up": _event(N_("Onze gegevens zijn weer gelijk met e-Boekhouden; er mag weer verstuurd worden")),
    "books.difference_accepted": _event(
        N_("Verschil met e-Boekhouden bij factuur %(number)s zo gelaten: %(reason)s"), "number", "reason"
    ),
    "work_order.terms": _event(N_("In termijnen afgesproken over %(agreed)s: %(terms)s"), "agreed", "terms"),
    "work_order.terms_withdrawn": _event(N_("Niet meer in termijnen")),
    "bulk.started": _event(N_("Facturen in één keer: %(count)s werkbonnen"), "count"),
    "bulk.stopped": _event(N_("Facturen in één keer gestopt: %(reason)s"), "reason"),
    "bulk.finished": _event(N_("Facturen in één keer afgerond")),
    "relation.created": _event(N_("Relatie aangemaakt")),
    "relation.changed": _event(N_("Relatie gewijzigd")),
    "relation.fetched": _event(N_("Relatie opgehaald uit e-Boekhouden")),
    "relation.made_there": _event(N_("Relatie aangemaakt in e-Boekhouden met code %(code)s"), "code"),
    "relation.same_as": _event(
        N_("%(name)s bleek deze relatie te zijn en is hierin opgegaan; werkbonnen die meekwamen: %(count)s"),
        "name",
        "count",
    ),
    "relation.put_aside": _event(N_("Opgeborgen: van een andere administratie, hier niet nodig")),
    "relations.put_aside": _event(N_("Relaties van een andere administratie opgeborgen: %(count)s"), "count"),
    "relation.brought_back": _event(N_("Weer tevoorschijn gehaald")),
    "relation.changed_there": _event(N_("Relatie gewijzigd, hier en in e-Boekhouden: %(fields)s"), "fields"),
    "location.changed": _event(N_("Werklocatie %(name)s opgeslagen"), "name"),
    "location.dwelling_declared": _event(
        N_("Werklocatie %(name)s: woning ouder dan twee jaar, verklaard door %(by)s op %(day)s"), "name", "by", "day"
    ),
    "location.dwelling_withdrawn": _event(
        N_("Werklocatie %(name)s: woning ouder dan twee jaar ingetrokken, verklaard door %(by)s op %(day)s"),
        "name",
        "by",
        "day",
    ),
    "location.removed": _event(N_("Werklocatie %(name)s verwijderd"), "name"),
    "relations.synced": _event(
        N_("Relaties opgehaald: %(added)s nieuw, %(changed)s gewijzigd, %(vanished)s verdwenen"),
        "added",
        "changed",
        "vanished",
    ),
    "articles.synced": _event(
        N_("Artikelen opgehaald: %(added)s nieuw, %(changed)s gewijzigd, %(vanished)s verdwenen"),
        "added",
        "changed",
        "vanished",
    ),
    "article.created": _event(N_("Artikel aangemaakt")),
    "article.changed": _event(N_("Artikel gewijzigd")),
    "worker.created": _event(N_("Medewerker aangemaakt")),
    "worker.changed": _event(N_("Medewerker gewijzigd")),
    "team.invited": _event(N_("Uitgenodigd als %(role)s"), "role"),
    "team.invitation_withdrawn": _event(N_("Uitnodiging ingetrokken")),
    "team.joined": _event(N_("Uitnodiging aangenomen; hoort nu bij het team als %(role)s"), "role"),
    "team.role_changed": _event(N_("Rol van %(from_role)s naar %(to_role)s"), "from_role", "to_role"),
    "team.removed": _event(N_("Uit het team verwijderd")),
    "team.factor_asked": _event(N_("Tweede stap bij het inloggen wordt van iedereen gevraagd")),
    "team.factor_not_asked": _event(N_("Tweede stap bij het inloggen wordt niet meer van iedereen gevraagd")),
    "login.succeeded": _event(N_("Ingelogd")),
    "login.failed": _event(N_("Inloggen mislukt: een verkeerd wachtwoord, een keer of vaker")),
    "login.factor_refused": _event(N_("Inloggen: het wachtwoord was goed, de code niet")),
    "login.reset": _event(N_("Nieuw wachtwoord gekozen met een link uit een mail")),
    "password.changed": _event(N_("Wachtwoord veranderd")),
    "second_factor.on": _event(N_("Tweede stap aangezet")),
    "second_factor.off": _event(N_("Tweede stap uitgezet")),
    "second_factor.renewed": _event(N_("Nieuwe herstelcodes gemaakt")),
    "confirmation.refused": _event(N_("Bevestigen wie het is, geweigerd: verkeerd wachtwoord of verkeerde code")),
    "export.taken": _event(N_("Bestand gedownload: %(what)s"), "what"),
    "command.run": _event(N_("Opdracht op de server: %(what)s"), "what"),
    "company.changed": _event(N_("Bedrijfsgegevens gewijzigd")),
    "feature.switched": _event(N_("Koppeling e-Boekhouden.nl %(to)s"), "to"),
    "connection.saved": _event(N_("Verbindingsgegevens opgeslagen voor gebruiker %(username)s"), "username"),
    "connection.started": _event(N_("Verbinding gestart met %(administration)s"), "administration"),
    "connection.failed": _event(N_("Verbinding starten mislukt (%(code)s)"), "code"),
    "connection.broke": _event(N_("Verbinding verbroken (%(code)s)"), "code"),
    "connection.codes_kept": _event(
        N_("Codes van %(administration)s bewaard, alleen om op te zoeken wat daar open staat"), "administration"
    ),
    "connection.kept_erased": _event(
        N_("Bewaarde codes van %(administration)s gewist: %(why)s"), "administration", "why"
    ),
    "connection.undone": _event(N_("Koppeling ongedaan gemaakt; gegevens gewist")),
    "invoice_settings.changed": _event(N_("Factuurinstellingen gewijzigd")),
    "impersonation.started": _event(N_("Support kijkt mee: %(reason)s"), "reason"),
    "impersonation.acting": _event(N_("Support werkt namens %(whom)s: %(reason)s"), "whom", "reason"),
    "impersonation.broke_glass": _event(N_("Support kijkt mee zonder toestemming (noodgeval): %(reason)s"), "reason"),
    "impersonation.stopped": _event(N_("Bezoek van support gestopt")),
    "impersonation.ran_out": _event(N_("Bezoek van support vanzelf gestopt: de tijd was om")),
    "impersonation.withdrawn": _event(N_("Bezoek van support gestopt: de toestemming is ingetrokken")),
    "visit.looked": _event(N_("Bekeken: %(area)s (%(path)s)"), "area", "path"),
    "visit.asked": _event(N_("Knop ingedrukt, nog niet bevestigd: %(area)s (%(path)s)"), "area", "path"),
    "visit.pressed": _event(N_("Knop ingedrukt en bevestigd: %(area)s (%(path)s)"), "area", "path"),
    "visit.refused": _event(N_("Geprobeerd en geweigerd: %(area)s (%(path)s)"), "area", "path"),
    "support_access.changed": _event(
        N_("Toegang voor support: meekijken %(reading)s, namens u handelen %(acting)s"), "reading", "acting"
    ),
    "tenant.opened": _event(N_("Bedrijf geopend; eerste eigenaar %(owner)s"), "owner"),
    "tenant.owner_asked": _event(N_("%(owner)s opnieuw gevraagd om eigenaar te worden"), "owner"),
    "tenant.suspended": _event(N_("Bedrijf gesloten: %(reason)s"), "reason"),
    "tenant.resumed": _event(N_("Bedrijf weer geopend")),
}
