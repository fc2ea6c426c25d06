"""Every page by its address: who answers it, and what becomes of a form that is sent there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, quote

from sandbox import books, invoices, markup
from sandbox.answer import HTML, Answer
from sandbox.markup import element, link, table
from sandbox.pages import articles, behaviour, calls, invoice_deeds, invoice_editor, moments, relations
from sandbox.pages import invoices as invoice_pages
from sandbox.pages.request import Done, Doorkeeper, Notices, Page, Reply, Request
from sandbox.service import Service

_STYLE = (Path(__file__).parents[1] / "static" / "sandbox.css").read_bytes()
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_MOST_FIELDS = 2_000
_FORM = "application/x-www-form-urlencoded"
_NONE, _ANY = "", "*"

# by method and the words behind the administration; * is the id of one of the list
_ROUTES: dict[tuple[str, ...], Callable[..., Reply]] = {
    ("GET", "facturen"): invoice_pages.overview,
    ("GET", "facturen", "nieuw"): invoice_editor.new,
    ("POST", "facturen", "nieuw"): invoice_editor.new,
    ("GET", "facturen", _ANY): invoice_pages.detail,
    ("GET", "facturen", _ANY, "wijzigen"): invoice_editor.edit,
    ("POST", "facturen", _ANY, "wijzigen"): invoice_editor.edit,
    **{("POST", "facturen", _ANY, word): invoice_pages.carrying_out(word) for word in invoice_deeds.DEEDS},
    ("GET", "relaties"): relations.overview,
    ("GET", "relaties", "nieuw"): relations.new,
    ("POST", "relaties", "nieuw"): relations.new,
    ("GET", "relaties", _ANY): relations.detail,
    ("POST", "relaties", _ANY): relations.detail,
    ("POST", "relaties", _ANY, "wisselen"): relations.swap,
    ("POST", "relaties", _ANY, "verwijderen"): relations.remove,
    ("GET", "artikelen"): articles.overview,
    ("GET", "artikelen", "nieuw"): articles.new,
    ("POST", "artikelen", "nieuw"): articles.new,
    ("GET", "artikelen", _ANY): articles.detail,
    ("POST", "artikelen", _ANY): articles.detail,
    ("POST", "artikelen", _ANY, "verwijderen"): articles.remove,
    ("GET", "gesprekken"): calls.overview,
    ("GET", "momenten"): moments.overview,
    ("POST", "momenten"): moments.take,
    ("POST", "momenten", _ANY, "terug"): moments.go_back,
    ("POST", "momenten", _ANY, "vergeten"): moments.forget,
    ("GET", "gedrag"): behaviour.show,
    ("POST", "gedrag", "schakelaars"): behaviour.turn_switches,
    ("POST", "gedrag", "streken"): behaviour.add_mischief,
    ("POST", "gedrag", "rust"): behaviour.end_mischief,
}


class Site:
    """Answers everything outside the SOAP address and the control API."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._doorkeeper = Doorkeeper()
        self._notices = Notices()

    def get(self, path: str, query: str) -> Answer:
        """The page at a path, or a page that says there is none."""
        if path == "/static/sandbox.css":
            return Answer(200, _STYLE, "text/css; charset=utf-8", {"Cache-Control": "max-age=60"})
        words = [word for word in path.split("/") if word]
        reply = self._reply("GET", words, dict(parse_qsl(query)), None) if words else Page(self._home())
        return self._answer(reply)

    def post(self, path: str, body: bytes, content_type: str, site: str | None) -> Answer:
        """Carry out what a form asks; `site` is the browser's Sec-Fetch-Site."""
        if content_type.partition(";")[0].strip().lower() != _FORM:
            return _told(415, "Dit is geen formulier", "Hier komen alleen formulieren van deze pagina's binnen.")
        try:
            text = body.decode("utf-8", "replace")
            typed = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
        except ValueError:
            return _told(413, "Dit formulier is te groot", "Er is niets gedaan.")
        if not self._doorkeeper.lets_in(typed, site):
            why = (
                "Dit formulier is niet van deze pagina's, of van voordat de oefen-boekhouding opnieuw begon. Er is "
                "niets gedaan. Ga terug, vernieuw de pagina en doe het nog eens."
            )
            return _told(403, "Niet gedaan", why)
        return self._answer(self._reply("POST", [word for word in path.split("/") if word], {}, typed))

    def _reply(self, method: str, words: list[str], query: dict[str, str], typed: dict[str, str] | None) -> Reply:
        with self._service.store.reading() as connection:
            found = books.administration(connection, words[0] if words else None)
        if found is None:
            return None
        behind = words[1:] or ["facturen"]
        said = self._notices.told(query.get("gedaan", ""))
        request = Request(self._service, found, self._doorkeeper.key, query, typed, said)
        if (plain := _ROUTES.get((method, *behind))) is not None:
            return plain(request)
        of_one = _ROUTES.get((method, behind[0], _ANY, *behind[2:])) if len(behind) > 1 else None
        one = behind[1] if len(behind) > 1 else _NONE
        if of_one is None or not (one.isascii() and one.isdigit() and len(one) <= 15):
            return None
        return of_one(request, int(one))

    def _answer(self, reply: Reply) -> Answer:
        if isinstance(reply, Done):
            address = f"{reply.address}?gedaan={self._notices.keep(reply.text)}"
            return Answer(303, b"", HTML, {**_HEADERS, "Location": address})
        if reply is None:
            text = element("p", "Deze pagina bestaat niet. ", link("/", "Naar de administraties"))
            return Answer(404, markup.page("Niet gevonden", text), HTML, _HEADERS)
        return Answer(reply.status, reply.body, HTML, _HEADERS)

    def _home(self) -> bytes:
        with self._service.store.reading() as connection:
            rows = [
                (
                    link(f"/{quote(found.name)}/facturen", found.company),
                    found.place,
                    invoices.count(connection, found.name),
                    books.count_relations(connection, found.name),
                )
                for found in books.administrations(connection)
            ]
        told = (
            "Hier ziet u wat er in de oefen-boekhouding is aangekomen, en doet u wat iemand in e-Boekhouden.nl met de "
            "hand kan doen: facturen, relaties en artikelen wijzigen en verwijderen. Niets hiervan is echt."
        )
        heads = ("Administratie", "Plaats", "Facturen", "Relaties")
        return markup.page("Administraties", element("p", told), table(heads, rows, numeric=(2, 3)))


def _told(status: int, title: str, text: str) -> Answer:
    content = element("p", text, " ", link("/", "Naar de administraties"))
    return Answer(status, markup.page(title, content), HTML, _HEADERS)
