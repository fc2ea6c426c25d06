"""Real Chromium against the real app over HTTP; the CDN's answer is played with the same file it would give."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Route, expect, sync_playwright
from werkzeug.serving import make_server

from app import create_app
from settings import Settings
from tests.support.cast import EMAILS, PASSWORD

HTMX = Path(__file__).parents[2] / "static" / "vendor" / "htmx.min.js"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-quic", "--no-first-run"]  # fmt: skip
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PATIENCE = 60_000  # milliseconds: a guard against waiting for ever; it costs nothing when all is well
HEIGHT = "document.documentElement.scrollHeight"
# Every violation of the content security policy is written down by the page itself.
WATCH = """
window.__violations = [];
document.addEventListener('securitypolicyviolation',
  e => window.__violations.push(e.violatedDirective + ' ' + e.blockedURI));
"""


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    running = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield running
    running.close()


@pytest.fixture
def site(settings: Settings) -> Iterator[SimpleNamespace]:
    """The app on a free port of the loopback, as production serves it but for the server."""
    app: Flask = create_app(replace(settings, htmx_source="cdn"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}", app=app)
    server.shutdown()
    thread.join()
    app.extensions["crafter"].bookkeeping.close()


def play_cdn(route: Route) -> None:
    """What the CDN would answer."""
    headers = {"access-control-allow-origin": "*", "content-type": "application/javascript"}
    route.fulfill(status=200, body=HTMX.read_bytes(), headers=headers)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A new page in a context of its own: open_page(width=360, height=640, javascript=False, cdn=False)."""
    contexts: list[BrowserContext] = []

    def make(
        width: int = 1280, javascript: bool = True, cdn: bool = True, language: str = "nl-NL", height: int = 800
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=javascript, locale=language,
            timezone_id="Europe/Amsterdam",
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        context.route("https://cdn.jsdelivr.net/**", play_cdn if cdn else lambda route: route.abort())
        if javascript:
            context.add_init_script(WATCH)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


def log_in(page: Page, site: SimpleNamespace, who: str, lands: str = "**/t/**") -> None:
    """Log in through the form, and wait for the page that follows."""
    page.goto(f"{site.url}/login", wait_until="domcontentloaded")
    page.locator("input[name=email]").first.fill(EMAILS.get(who, who))
    page.locator("input[name=password]").first.fill(PASSWORD)
    page.get_by_role("button", name="Inloggen", exact=True).click()
    page.wait_for_url(lands)


def choose(page: Page, field: str, text: str) -> None:
    """Choose the only row that answers to a text, in a field that is searched as you type."""
    box = page.get_by_role("combobox", name=field)
    box.fill(text)
    page.get_by_role("listbox").get_by_role("option").first.click()


def too_wide(page: Page) -> int:
    """How many pixels a page is wider than its window. A page's text is there before its stylesheets are."""
    page.wait_for_load_state("load")
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def found_by_axe(page: Page) -> list[str]:
    """What axe finds on a page, in words. The window is made as tall as the page first: a bar that stays in place then
    lies over nothing, wherever the page was scrolled to; that jumps end clear of the bars is a test of its own."""
    page.wait_for_load_state("load")
    before = page.viewport_size
    assert before is not None
    page.set_viewport_size({**before, "height": max(before["height"], page.evaluate(HEIGHT))})
    found = Axe().run(page, options=RULES).response["violations"]
    page.set_viewport_size(before)
    return [f"axe {one['id']}: " + "; ".join(node["html"][:160] for node in one["nodes"][:3]) for one in found]


def wait_for_htmx(page: Page) -> None:
    """Until htmx has come in."""
    # wait_for_function polls with eval inside the page, which the content security policy forbids.
    until = time.monotonic() + 10
    while not page.evaluate("window.htmx !== undefined"):
        assert time.monotonic() < until, "htmx did not come in"
        page.wait_for_timeout(50)
