"""The help topics: title, words people search with, the section they stand in and the screen they are about.

The text of a topic is templates/help/topics/<slug>.html.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from domain.permissions import Actor


@dataclass(frozen=True)
class Screen:
    """The screen a topic is about: its endpoint, its name, and the permission it asks."""

    endpoint: str
    name: str
    permission: str


@dataclass(frozen=True)
class Topic:
    """One question with its answer. `words` are other ways to ask, for the search only."""

    slug: str
    section: str
    title: str
    words: str
    screen: Screen | None = None


SECTIONS = {
    "link": _l("Koppeling met e-Boekhouden.nl"),
    "invoice": _l("Facturen"),
    "work": _l("Werkbonnen en planning"),
    "account": _l("Account en ondersteuning"),
}
_BOOKS = Screen("settings.bookkeeping", _l("Instellingen, e-Boekhouden.nl"), "settings:read")
_BEHIND = Screen("settings.looking_back", _l("Onze gegevens lopen achter"), "settings:read")
_AGREE = Screen("reconciliation.show", _l("Aansluiting"), "reconciliation:read")
_FEATURES = Screen("settings.features", _l("Instellingen, Functies"), "settings:read")
_ORDERS = Screen("work_orders.list_", _l("Werkbonnen"), "work_order:read")
_RELATIONS = Screen("relations.list_", _l("Relaties"), "relation:read")
_ARTICLES = Screen("articles.list_", _l("Artikelen"), "article:read")
_BULK = Screen("bulk.list_", _l("Facturen in één keer"), "work_order:approve")
_NUMBERS = Screen("settings.numbers", _l("de nummerlijst"), "settings:read")
_PLANNING = Screen("planning.show", _l("Planning"), "planning:read")
_HISTORY = Screen("settings.history", _l("het Logboek"), "history:read")
_ACCESS = Screen("settings.support_access", _l("Instellingen, Toegang voor support"), "support_access:write")
_NOTICES = Screen("settings.notices", _l("Instellingen, Meldingen per e-mail"), "notice:choose")
_TEAM = Screen("settings.team", _l("Instellingen, Team"), "team:read")
_START = Screen("start.show", _l("Start"), "start:read")

TOPICS = (
    Topic("welke-gegevens", "link", _l("Welke gegevens worden er uitgewisseld?"),
          _l("synchroniseren uitwisselen data abonnement boekhoudmodule facturatiemodule nodig")),
    Topic("koppeling-activeren", "link", _l("Hoe activeer ik de koppeling?"),
          _l("aanzetten inschakelen verbinden starten functies instellen beginnen"), _FEATURES),
    Topic("securitycodes", "link", _l("Waar vind ik de securitycodes?"),
          _l("api soap beveiligingscode wachtwoord gewijzigd verbroken inloggen mislukt"), _BOOKS),
    Topic("koppeling-actief", "link", _l("Hoe zie ik of de koppeling actief is?"),
          _l("werkt verbonden status toestand verbroken"), _BOOKS),
    Topic("onze-gegevens-lopen-achter", "link", _l("Waarom gaat er niets weg: onze gegevens lopen achter?"),
          _l("teruggezet kopie herstel restore backup oudere dubbel niet van ons onbekende factuur gestopt"), _BEHIND),
    Topic("aansluiting", "link", _l("Sluiten Crafter en e-Boekhouden.nl op elkaar aan?"),
          _l("vergelijken verschil klopt niet aansluiten gewijzigd hernummerd verdwenen dubbel accountant maand"),
          _AGREE),
    Topic("betaald", "invoice", _l("Hoe weet Crafter of een factuur betaald is?"),
          _l("betaling openstaand open posten te laat deels voldaan vervaldatum klaargezet verwerkt onbekend"),
          _AGREE),
    Topic("koppeling-ongedaan", "link", _l("Kan ik de koppeling ongedaan maken?"),
          _l("stoppen uitzetten verwijderen opzeggen wissen ontkoppelen"), _BOOKS),
    Topic("kosten", "link", _l("Zijn er kosten verbonden aan de koppeling?"),
          _l("prijs betalen abonnement tarief gratis proefaccount")),
    Topic("relaties", "link", _l("Hoe komen mijn relaties in Crafter?"),
          _l("klanten synchroniseren ophalen onvolledig verdwenen relatiecode"), _RELATIONS),
    Topic("artikelen", "link", _l("Hoe komen mijn artikelen in Crafter?"),
          _l("producten diensten prijzen ophalen btw grootboek"), _ARTICLES),
    Topic("gecontroleerd", "invoice", _l("Wat gebeurt er als ik een werkbon op Gecontroleerd zet?"),
          _l("factuur maken doorzetten versturen facturen synchroniseren factureren mailen bekijken bewerken"),
          _ORDERS),
    Topic("crediteren", "invoice", _l("Hoe crediteer ik een factuur die niet klopt?"),
          _l("creditfactuur creditnota terugdraaien corrigeren fout verkeerd opnieuw factureren heropenen verrekenen"),
          _ORDERS),
    Topic("termijnen", "invoice", _l("Hoe factureer ik een aanbetaling of in termijnen?"),
          _l("termijn aanbetaling voorschot vooruit deelfactuur slotfactuur laatste aanneemsom offerte meerwerk"),
          _ORDERS),
    Topic("in-een-keer", "invoice", _l("Hoe maak ik van veel werkbonnen in één keer facturen?"),
          _l("meerdere selecteren aanvinken bulk massa alles tegelijk maandeinde stoppen verzamelfactuur samen"),
          _BULK),
    Topic("uitkomsten", "invoice", _l("Wat betekent de uitkomst van mijn factuur?"),
          _l("geplaatst geweigerd niet verstuurd onzeker tegenstrijdig fout mislukt opnieuw"), _START),
    Topic("dubbele-factuur", "invoice", _l("Kan een factuur dubbel in e-Boekhouden.nl komen?"),
          _l("twee keer tweemaal dubbelklik")),
    Topic("factuurnummers", "invoice", _l("Hoe werken de factuurnummers?"),
          _l("nummering reeks gat overgeslagen voorvoegsel"), _NUMBERS),
    Topic("werkbon-maken", "work", _l("Hoe maak ik een werkbon?"),
          _l("nieuw opdracht regels status uren materiaal"), _ORDERS),
    Topic("planning", "work", _l("Hoe plan ik werk in?"),
          _l("weekplanning werkvoorraad verplaatsen inplannen agenda"), _PLANNING),
    Topic("monteur", "work", _l("Hoe werkt Crafter op de telefoon van een monteur?"),
          _l("mobiel app mijn dag buiten internet offline"), _START),
    Topic("rollen", "account", _l("Wie mag wat?"),
          _l("rechten rol eigenaar administratie planner monteur lezer toegang medewerkers"), _TEAM),
    Topic("meldingen", "account", _l("Welke mails krijg ik van Crafter?"),
          _l("melding e-mail bericht waarschuwing uitzetten afmelden dagelijks brief blijft liggen"), _NOTICES),
    Topic("meekijken", "account", _l("Wat kan support zien en doen?"),
          _l("privacy inloggen als namens handelen toestemming meekijken helpdesk noodgeval"), _ACCESS),
    Topic("logboek", "account", _l("Wie deed wat en wanneer?"),
          _l("logboek geschiedenis audit wijzigingen bewijs zegel downloaden accountant"), _HISTORY),
    Topic("wachtwoord", "account", _l("Hoe zit het met mijn wachtwoord?"),
          _l("vergeten inloggen lukt niet eenmalige link geblokkeerd veranderen opnieuw gevraagd bevestigen")),
    Topic("tweede-stap", "account", _l("Hoe werkt de tweede stap bij inloggen?"),
          _l("2fa tweestaps totp authenticator app code herstelcode telefoon kwijt qr")),
    Topic("sessies", "account", _l("Waar ben ik ingelogd, en hoe log ik ergens anders uit?"),
          _l("sessie apparaat telefoon verloren uitgelogd automatisch")),
    Topic("team", "account", _l("Hoe geef ik iemand toegang, en hoe neem ik die weer af?"),
          _l("uitnodigen uitnodiging collega personeel verwijderen ontslag rol wijzigen login account"), _TEAM),
    Topic("ondersteuning", "account", _l("Ik heb ondersteuning nodig. Wie kan mij helpen?"),
          _l("hulp contact telefoon mail bellen support klantenservice vragen opmerkingen")),
)  # fmt: skip
BY_SLUG = {topic.slug: topic for topic in TOPICS}
# What people ask first: the manual's own questions.
OFTEN = ("koppeling-activeren", "koppeling-actief", "koppeling-ongedaan", "kosten", "ondersteuning")


def screen_for(topic: Topic, actor: Actor, link_on: bool) -> Screen | None:
    """The screen to go to from a topic, if this person may; the link's own tab exists only when it is switched on."""
    screen = topic.screen
    if screen is _BOOKS and not link_on:
        screen = _FEATURES
    return screen if screen and actor.may(screen.permission) else None
