"""The help: every question and step of the manual is answered, can be found, and links only where one may go."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from markupsafe import escape

from blueprints.help.topics import TOPICS

HELP = "/t/vos/help/"
# The manual's questions and steps, as somebody would type them, and what the answer must say.
MANUAL = [
    ("welke gegevens worden er uitgewisseld", ("relaties", "boekhoudmodule", "facturatiemodule")),
    ("hoe activeer ik de koppeling", ("Instellingen", "Functies", "Koppelingen", "Opslaan", "Securitycode 1")),
    ("start de verbinding met e-boekhouden.nl", ("Start de verbinding met e-Boekhouden.nl",)),
    ("securitycode", ("Beheer > Inrichting > Koppelingen > API > API/SOAP",)),
    ("facturen synchroniseren", ("Gecontroleerd", "Planning", "Werkbonnen", "facturatiemodule")),
    ("factuur bekijken bewerken versturen", ("Factureren > Facturen > Overzicht",)),
    ("hoe zie ik of de koppeling actief is", ("Factureren > Facturen > Overzicht", "verbroken")),
    ("kan ik de koppeling ongedaan maken", ("Gebruikersnaam", "Securitycode", "leeg", "Opslaan")),
    ("kosten van de koppeling", ("website van Crafter",)),
    ("ondersteuning nodig", ("support@getcrafter.com",)),
    ("vragen of opmerkingen", ("info@e-Boekhouden.nl", "088 - 6500 200")),
    ("gratis proefaccount", ("proefaccount",)),
]  # fmt: skip


class Words(HTMLParser):
    """A page's text without tags, and whether every tag that opens also closes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.open = "", []  # type: ignore[var-annotated]
        self.feed(text)

    def handle_starttag(self, tag: str, _attributes: Any) -> None:
        if tag not in {"input", "meta", "link", "br", "use"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "use":
            return
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.slow
def test_every_question_and_step_of_the_manual_is_answered(client_as: Any) -> None:
    client = client_as("reader")
    for asked, says in MANUAL:
        fragment = client.htmx_get(HELP, query_string={"q": asked}).text
        assert "<details" in fragment, asked
        first = Words(fragment[fragment.index("<details") : fragment.index("</details>")]).text
        for words in says:
            assert words in first, f"the first answer to {asked!r} does not say {words!r}"


@pytest.mark.slow
def test_every_topic_has_a_page_with_its_question_and_whole_html(client_as: Any) -> None:
    client = client_as("worker")
    for topic in TOPICS:
        fragment = client.htmx_get(HELP + topic.slug).text.strip()
        page = client.get(HELP + topic.slug).text
        assert fragment in page
        assert f"<h1>{escape(str(topic.title))}</h1>" in page
        assert Words(fragment).open == [], topic.slug
        assert "<p>" in fragment


def test_marking_hits_never_touches_tags(client_as: Any) -> None:
    client = client_as("planner")
    for asked in ("strong", "amp", "gt", "<script>", "p", "href", "%", "API > API/SOAP"):
        fragment = client.htmx_get(HELP, query_string={"q": asked}).text
        assert Words(fragment).open == [], asked
        assert "<script>" not in fragment
        assert not re.search(r"<[^>]*<mark", fragment), asked


def test_hits_are_marked_whatever_the_capitals(client_as: Any) -> None:
    assert "<mark>Securitycode</mark>" in client_as("planner").get(HELP, query_string={"q": "SECURITYCODE"}).text


def test_the_answers_are_the_same_alone_and_inside_the_page(client_as: Any) -> None:
    client = client_as("planner")
    for query in ("", "?q=onzeker", "?q=xyzzy"):
        fragment = client.htmx_get(HELP + query).text.strip()
        assert "<html" not in fragment
        assert fragment in client.get(HELP + query).text


def test_what_is_not_found_says_what_was_sought_and_what_to_try(client_as: Any) -> None:
    page = client_as("planner").get(HELP, query_string={"q": "xyzzy"}).text
    assert "We zochten naar ‘xyzzy’" in page
    assert "Veelgestelde vragen" in page
    assert 'value="xyzzy"' in page


def test_a_link_to_a_screen_stands_there_only_for_who_may_go(client_as: Any) -> None:
    def ways(who: str) -> list[str]:
        page = client_as(who).htmx_get(HELP + "koppeling-activeren").text
        return re.findall(r'href="(/t/vos/settings/[^"]+)"', page)

    assert ways("owner") == ["/t/vos/settings/features"]
    assert ways("worker") == []


def test_an_unknown_topic_is_not_found(client_as: Any) -> None:
    assert client_as("owner").get(HELP + "bestaat-niet").status_code == 404
