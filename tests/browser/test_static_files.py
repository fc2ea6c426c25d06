"""A browser keeps static files, asks for them again only when they changed, and then shows the new ones at once."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from app import create_app
from settings import Settings


def test_files_are_fetched_once_and_a_deploy_never_shows_an_old_style_sheet(
    browser: Browser, settings: Settings, tmp_path: Path
) -> None:
    app, asked = create_app(settings), []
    shutil.copytree(str(app.static_folder), tmp_path / "static")
    app.static_folder = str(tmp_path / "static")
    within = app.wsgi_app

    def noting(environ, start_response):  # type: ignore[no-untyped-def]
        asked.append(environ["PATH_INFO"])
        return within(environ, start_response)

    app.wsgi_app = noting  # type: ignore[method-assign]
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # The routes that other tests set would switch the browser's cache off, so there are none.
    context = browser.new_context(locale="nl-NL")
    page = context.new_page()
    try:
        login = f"http://127.0.0.1:{server.server_port}/login"
        assert _files_of(page, login, asked) >= {
            "crafter.css",
            "bootstrap.min.css",
            "crafter.js",
            "lines.js",
            "picks.js",
            "amounts.js",
        }
        assert _files_of(page, login, asked) == set()
        with (tmp_path / "static" / "css" / "crafter.css").open("a") as style:
            style.write("h1 { letter-spacing: 7px; }\n")
        assert "crafter.css" in _files_of(page, login, asked)
        assert page.locator("h1").evaluate("node => getComputedStyle(node).letterSpacing") == "7px"
        assert _files_of(page, login, asked) == set()
    finally:
        context.close()
        server.shutdown()
        app.extensions["crafter"].bookkeeping.close()


def _files_of(page: Page, address: str, asked: list[str]) -> set[str]:
    """The names of the style sheets and scripts that a visit makes the browser ask for; the page waits for them all."""
    asked.clear()
    page.goto(address, wait_until="load")
    return {path.rpartition("/")[2] for path in asked if path.endswith((".css", ".js"))}
