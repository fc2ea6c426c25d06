"""Static files: a name that holds their content, a year in the cache under it, and never older than the page."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from flask import Flask, url_for

from app import create_app
from settings import Settings
from tests.support.client import client_for
from web.static_files import version_of

YEAR = "public, max-age=31536000, immutable"
STYLE = "css/crafter.css"
HASHED = re.compile(r"/static/[0-9a-f]{12}/")


@pytest.fixture
def deployed(settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """An app whose static files are a copy that a test may change, and whose pages are asked one by one."""
    made = create_app(settings)
    shutil.copytree(str(made.static_folder), tmp_path / "static")
    made.static_folder = str(tmp_path / "static")
    yield made
    made.extensions["crafter"].bookkeeping.close()


def address(app: Flask, filename: str = STYLE) -> str:
    """What a page names a file now."""
    with app.test_request_context():
        return url_for("static", filename=filename)


def change_a_byte(path: Path) -> None:
    """Another byte, the same size; and a time that differs, as it does after any write."""
    about, content = path.stat(), bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns + 1))


def test_a_page_names_each_file_as_flask_does(app: Flask) -> None:
    folder = Path(app.static_folder or "")
    with app.test_request_context(environ_overrides={"SCRIPT_NAME": "/onder"}):
        named = app.jinja_env.globals["static_address"]
        for path in folder.rglob("*.*"):
            name = path.relative_to(folder).as_posix()
            assert named(name) == url_for("static", filename=name)


@pytest.mark.parametrize("who", ["owner", None])
def test_every_file_that_a_page_names_is_kept_for_a_year(app: Flask, who: str | None) -> None:
    client = client_for(app, who)
    page = client.get("/t/vos/" if who else "/login").text
    named = {path.partition("#")[0] for path in re.findall(r'(?:href|src)="([^"]*/static/[^"]*)"', page)}
    kinds = {path.rpartition(".")[2] for path in named}
    assert kinds == {"css", "js", "svg"}
    assert any(path.startswith("/bootstrap/") for path in named)
    for path in named:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, YEAR), path
        assert HASHED.search(path), path


def test_a_changed_byte_in_any_file_changes_the_address(deployed: Flask) -> None:
    folder = Path(str(deployed.static_folder))
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert {path.suffix for path in files} >= {".css", ".js", ".svg"}
    seen = [address(deployed)]
    for path in files:
        change_a_byte(path)
        seen.append(address(deployed))
    assert len(set(seen)) == len(files) + 1


def test_a_file_that_comes_goes_or_gets_another_name_changes_the_address(deployed: Flask) -> None:
    folder, seen = Path(str(deployed.static_folder)), [address(deployed)]
    for act in (
        lambda: (folder / "new.css").write_text("p {}"),
        lambda: (folder / "new.css").rename(folder / "other.css"),
        lambda: (folder / "other.css").rename(folder / "js" / "other.css"),
    ):
        act()
        seen.append(address(deployed))
    assert len(set(seen)) == 4
    (folder / "js" / "other.css").unlink()
    assert address(deployed) == seen[0]


def test_the_same_files_elsewhere_have_the_same_address(deployed: Flask, app: Flask) -> None:
    """Or every process, machine and restart would have a cache of its own."""
    os.utime(Path(str(deployed.static_folder)) / STYLE, (1, 1))
    assert version_of(Path(str(deployed.static_folder))) == version_of(Path(str(app.static_folder)))


def test_an_editors_own_file_changes_nothing(deployed: Flask) -> None:
    before = address(deployed)
    (Path(str(deployed.static_folder)) / "css" / ".crafter.css.swp").write_text("half a li")
    assert address(deployed) == before


def test_after_a_deploy_the_old_address_gives_the_new_file_and_is_asked_again_each_time(deployed: Flask) -> None:
    client, old = deployed.test_client(), address(deployed)
    assert client.get(old).headers["Cache-Control"] == YEAR
    style = Path(str(deployed.static_folder)) / STYLE
    style.write_text("p { color: #123456; }\n")
    answer = client.get(old)
    assert answer.text == style.read_text()
    assert answer.headers["Cache-Control"] == "no-cache"
    again = client.get(old, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "no-cache")
    assert client.get(address(deployed)).headers["Cache-Control"] == YEAR


def test_a_page_after_a_deploy_names_the_new_file(deployed: Flask) -> None:
    client = deployed.test_client()
    assert address(deployed) in client.get("/login").text
    change_a_byte(Path(str(deployed.static_folder)) / STYLE)
    page = client.get("/login")
    assert address(deployed) in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_plain_name_is_kept_for_five_minutes(app: Flask) -> None:
    answer = client_for(app, None).get(f"/static/{STYLE}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=300")


@pytest.mark.parametrize("path", ["nothing.css", "../app.py", "0123456789ab/css/crafter.css", ""])
def test_what_is_not_there_is_not_found_and_not_kept(app: Flask, path: str) -> None:
    answer = client_for(app, None).get(f"{address(app, '')}{path}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_what_a_script_or_a_style_sheet_names_beside_itself_moves_along(app: Flask) -> None:
    client, folder, followed = client_for(app, None), Path(str(app.static_folder)), 0
    for path in [*folder.glob("js/*.js"), *folder.glob("css/*.css")]:
        for name in re.findall(r'from "([^"]+)"|url\("?([^")#]+)', path.read_text()):
            place = urljoin(address(app, path.relative_to(folder).as_posix()), "".join(name))
            assert client.get(place).headers["Cache-Control"] == YEAR, (path.name, name)
            followed += 1
    assert followed >= 2
