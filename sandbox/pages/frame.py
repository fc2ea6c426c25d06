"""What the pages of an administration have in common: tabs, what was done, search field, pages of a long list."""

from __future__ import annotations

from urllib.parse import urlencode

from sandbox import markup
from sandbox.markup import Markup, element, link
from sandbox.pages.request import Page, Request

PER_PAGE = 100
_TABS = (
    ("facturen", "Facturen"),
    ("relaties", "Relaties"),
    ("artikelen", "Artikelen"),
    ("gesprekken", "Gesprekken"),
    ("momenten", "Momenten"),
    ("gedrag", "Gedrag"),
)


def page(
    request: Request, tab: str, title: str, *content: object, path: tuple[str, ...] = (), refused: bool = False
) -> Page:
    """A page of an administration; on top what was just done. `refused`: it says why something was not done."""
    done = element("p", request.said, class_="gedaan", role="status") if request.said else ""
    whole_path = (request.administration.company, *path)
    return Page(markup.page(title, done, *content, path=whole_path, tabs=_tabs(request, tab)), 400 if refused else 200)


def wanted(request: Request) -> str:
    """What is searched for."""
    return request.query.get("zoek", "").strip()


def skipped(request: Request) -> int:
    """How many rows come before the page that is asked for."""
    number = request.query.get("pagina", "")
    page_number = int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 1
    return max(page_number - 1, 0) * PER_PAGE


def listed(request: Request, count: int, content: Markup) -> Markup:
    """A search field, how many were found, one page of them, and the way to the others."""
    first, last = skipped(request) + 1, min(skipped(request) + PER_PAGE, count)
    told = f"{count} gevonden" + (f", {first} tot en met {last} getoond" if count > PER_PAGE and first <= last else "")
    if count and first > count:
        content = element("p", "Zo ver gaat deze lijst niet. ", link("?" + _query(request, 1), "Naar het begin"))
    elif not count:
        content = element("p", "Hier staat niets.", class_="leeg")
    return Markup("".join((_search(request), element("p", told), content, _pager(request, count))))


def _pager(request: Request, count: int) -> Markup:
    number, last = skipped(request) // PER_PAGE + 1, -(-count // PER_PAGE)
    if last < 2 or number > last:
        return Markup("")
    links = [
        link("?" + _query(request, to), text)
        for to, text in ((1, "Eerste"), (number - 1, "Vorige"), (number + 1, "Volgende"), (last, "Laatste"))
        if 1 <= to <= last and to != number
    ]
    return element("p", f"Pagina {number} van {last}", *links, class_="bladeren")


def _query(request: Request, number: int) -> str:
    return urlencode({"zoek": wanted(request), "pagina": number} if wanted(request) else {"pagina": number})


def _tabs(request: Request, current: str) -> Markup:
    links = [
        element("a", text, href=request.address(tab), **({"aria-current": "page"} if tab == current else {}))
        for tab, text in _TABS
    ]
    return element("nav", *links, **{"aria-label": request.administration.company})


def _search(request: Request) -> Markup:
    field = Markup(f'<input type="search" name="zoek" value="{markup.html(wanted(request))}">')
    return element("form", element("label", "Zoeken ", field), element("button", "Zoek"), method="get", role="search")
