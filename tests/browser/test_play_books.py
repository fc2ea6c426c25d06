"""The pages of the play bookkeeping in a real browser: deeds, narrow and wide, and a page elsewhere."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import RULES
from tests.support.sandbox_process import Sandbox, running_sandbox

_LINE = {"Omschrijving": "Arbeid", "Aantal": "2.5", "PrijsPerEenheid": "42"}
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A play bookkeeping with one invoice and one moment."""
    with running_sandbox(tmp_path) as running:
        running.add_invoice("demo", Relatiecode="1001", Regels=[_LINE])
        running.take_moment("demo")
        yield running


def _invoice(page: Page, sandbox: Sandbox) -> None:
    page.goto(f"{sandbox.url}/demo/facturen")
    page.get_by_role("link", name="F00001").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_person_renumbers_and_deletes_an_invoice(
    open_page: Callable[..., Page], sandbox: Sandbox, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    _invoice(page, sandbox)
    page.get_by_text("Een ander nummer geven").click()
    page.get_by_label("Nummer", exact=True).fill("X1")
    page.get_by_role("button", name="Hernummeren").click()
    expect(page.get_by_role("status")).to_have_text("Factuur F00001 is gewijzigd: nummer F00001 werd X1.")
    page.get_by_text("Verwijderen", exact=True).click()
    page.get_by_role("button", name="Factuur verwijderen").click()
    expect(page.get_by_role("status")).to_have_text("Factuur X1 is verwijderd.")
    assert sandbox.invoices("demo") == []


@pytest.mark.parametrize("width", [360, 768, 929, 1280])
def test_every_page_fits_and_can_be_used_by_everybody(
    open_page: Callable[..., Page], sandbox: Sandbox, width: int
) -> None:
    page = open_page(width=width)
    _invoice(page, sandbox)
    invoice = page.url.removeprefix(sandbox.url).partition("?")[0]
    relation, article = sandbox.relations("demo")[0]["ID"], sandbox.articles("demo")[0]["ArtikelID"]
    paths = [
        "/", "/demo/facturen", invoice, f"{invoice}/wijzigen", "/demo/facturen/nieuw", "/demo/relaties",
        "/demo/relaties/nieuw", f"/demo/relaties/{relation}", "/demo/artikelen", "/demo/artikelen/nieuw",
        f"/demo/artikelen/{article}", "/demo/gesprekken", "/demo/momenten", "/demo/gedrag", "/bouw/relaties",
        "/bouw/artikelen",
    ]  # fmt: skip
    for path in paths:
        answer = page.goto(f"{sandbox.url}{path}")
        assert answer is not None
        assert answer.status == 200, path
        for summary in page.locator("main details > summary").all():
            summary.click()
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{path} at {width}: {found.generate_report()}"
        assert page.evaluate(_WIDER) <= 0, f"{path} is wider than {width}"


def test_a_page_elsewhere_changes_nothing_and_cannot_show_ours_in_a_frame(
    open_page: Callable[..., Page], sandbox: Sandbox
) -> None:
    page = open_page()
    _invoice(page, sandbox)
    target = re.sub(r"\?.*", "", page.url)
    with _elsewhere(
        f'<form method="post" action="{target}/verwijderen"><button>Win</button></form><iframe src="{target}"></iframe>'
    ) as address:
        page.goto(address)
        frame = page.frames[1]
        expect(page.locator("iframe")).to_be_visible()
        assert "F00001" not in frame.content()
        page.get_by_role("button", name="Win").click()
        expect(page.get_by_role("heading", name="Niet gedaan")).to_be_visible()
    assert [one["Factuurnummer"] for one in sandbox.invoices("demo")] == ["F00001"]


class _elsewhere:
    """A site of somebody else, on another port, that answers everything with one page; its address."""

    def __init__(self, body: str) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """The page."""
                content = f"<!doctype html><title>Elders</title>{body}".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://localhost:{self._server.server_address[1]}"

    def __exit__(self, *args: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
