"""The events of the audit trail: name, the fields each carries, and its Dutch line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """`line` is the Dutch template shown on screen, filled from the entry's data."""

    line: str
    fields: frozenset[str]


def _event(line: str, *fields: str) -> Event:
    return Event(line, frozenset(fields))


EVENTS: dict[str, Event] = {
    "work_order.created": _event("Aangemaakt"),
    "work_order.changed": _event("Gewijzigd"),
    "work_order.moved": _event("%(from_name)s → %(to_name)s", "from_name", "to_name"),
    "work_order.planned": _event("Ingepland op %(on)s bij %(worker)s", "on", "worker"),
    "work_order.not_billable": _event("Niet factureren: %(reason)s", "reason"),
    "work_order.billable": _event("Toch factureren"),
    "work_order.reported": _event("Gedaan werk ingevuld"),
    "invoice.intended": _event("Factuur %(number)s klaargezet om te versturen", "number"),
    "invoice.posted": _event("Factuur %(number)s geplaatst in e-Boekhouden", "number"),
    "invoice.refused": _event("Factuur %(number)s geweigerd (%(code)s)", "number", "code"),
    "invoice.not_sent": _event("Factuur %(number)s niet verstuurd", "number"),
    "invoice.uncertain": _event("Factuur %(number)s: onzeker of hij is aangekomen", "number"),
    "invoice.conflict": _event("Factuur %(number)s: tegenstrijdig", "number"),
    "invoice.number_taken": _event("Nummer %(number)s is daar al in gebruik; verder met %(next)s", "number", "next"),
    "invoice.looked_up": _event("Factuur %(number)s opgezocht: %(result)s", "number", "result"),
    "invoice.abandoned": _event("Plaatsing %(number)s vervallen: %(reason)s", "number", "reason"),
    "invoice.corrected_there": _event("Factuur %(number)s aangepast in e-Boekhouden: %(note)s", "number", "note"),
    "bulk.started": _event("Facturen in één keer: %(count)s werkbonnen", "count"),
    "bulk.stopped": _event("Facturen in één keer gestopt: %(reason)s", "reason"),
    "bulk.finished": _event("Facturen in één keer afgerond"),
    "relation.created": _event("Relatie aangemaakt"),
    "relation.changed": _event("Relatie gewijzigd"),
    "relation.fetched": _event("Relatie opgehaald uit e-Boekhouden"),
    "relation.made_there": _event("Relatie aangemaakt in e-Boekhouden met code %(code)s", "code"),
    "relation.changed_there": _event("Relatie gewijzigd, hier en in e-Boekhouden: %(fields)s", "fields"),
    "location.changed": _event("Werklocatie %(name)s opgeslagen", "name"),
    "location.removed": _event("Werklocatie %(name)s verwijderd", "name"),
    "relations.synced": _event(
        "Relaties opgehaald: %(added)s nieuw, %(changed)s gewijzigd, %(vanished)s verdwenen",
        "added",
        "changed",
        "vanished",
    ),
    "articles.synced": _event(
        "Artikelen opgehaald: %(added)s nieuw, %(changed)s gewijzigd, %(vanished)s verdwenen",
        "added",
        "changed",
        "vanished",
    ),
    "article.created": _event("Artikel aangemaakt"),
    "article.changed": _event("Artikel gewijzigd"),
    "worker.created": _event("Medewerker aangemaakt"),
    "worker.changed": _event("Medewerker gewijzigd"),
    "team.invited": _event("Uitgenodigd als %(role)s", "role"),
    "team.invitation_withdrawn": _event("Uitnodiging ingetrokken"),
    "team.joined": _event("Uitnodiging aangenomen; hoort nu bij het team als %(role)s", "role"),
    "team.role_changed": _event("Rol van %(from_role)s naar %(to_role)s", "from_role", "to_role"),
    "team.removed": _event("Uit het team verwijderd"),
    "company.changed": _event("Bedrijfsgegevens gewijzigd"),
    "feature.switched": _event("Koppeling e-Boekhouden.nl %(to)s", "to"),
    "connection.saved": _event("Verbindingsgegevens opgeslagen voor gebruiker %(username)s", "username"),
    "connection.started": _event("Verbinding gestart met %(administration)s", "administration"),
    "connection.failed": _event("Verbinding starten mislukt (%(code)s)", "code"),
    "connection.broke": _event("Verbinding verbroken (%(code)s)", "code"),
    "connection.undone": _event("Koppeling ongedaan gemaakt; gegevens gewist"),
    "invoice_settings.changed": _event("Factuurinstellingen gewijzigd"),
    "impersonation.started": _event("Support kijkt mee: %(reason)s", "reason"),
    "impersonation.acting": _event("Support werkt namens %(whom)s: %(reason)s", "whom", "reason"),
    "impersonation.broke_glass": _event("Support kijkt mee zonder toestemming (noodgeval): %(reason)s", "reason"),
    "impersonation.stopped": _event("Bezoek van support gestopt"),
    "impersonation.ran_out": _event("Bezoek van support vanzelf gestopt: de tijd was om"),
    "impersonation.withdrawn": _event("Bezoek van support gestopt: de toestemming is ingetrokken"),
    "visit.looked": _event("Bekeken: %(area)s (%(path)s)", "area", "path"),
    "visit.asked": _event("Knop ingedrukt, nog niet bevestigd: %(area)s (%(path)s)", "area", "path"),
    "visit.pressed": _event("Knop ingedrukt en bevestigd: %(area)s (%(path)s)", "area", "path"),
    "visit.refused": _event("Geprobeerd en geweigerd: %(area)s (%(path)s)", "area", "path"),
    "support_access.changed": _event(
        "Toegang voor support: meekijken %(reading)s, namens u handelen %(acting)s", "reading", "acting"
    ),
    "tenant.opened": _event("Bedrijf geopend; eerste eigenaar %(owner)s", "owner"),
    "tenant.suspended": _event("Bedrijf gesloten: %(reason)s", "reason"),
    "tenant.resumed": _event("Bedrijf weer geopend"),
}
