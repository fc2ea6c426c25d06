"""Static files under names that hold their content: kept by browsers for a year, and never older than the page.

`url_for("static", filename="css/crafter.css")` gives /static/<hash>/css/crafter.css, and so for Bootstrap's files. The
hash is over the whole folder, not over one file: scripts import each other, and a style sheet may name a picture, by a
path beside their own, so they must move to a new address together.

| asked for | answered with the file as it is now, and |
|---|---|
| the hash of the folder as it is | a year, immutable |
| another hash (a page from before a deploy, a process not yet replaced) | no-cache: asked again each time |
| no hash (a bookmark, a robot) | five minutes |
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, url_for

YEAR = 365 * 24 * 3600
PLAIN_SECONDS = 300
_HASHED = re.compile(r"([0-9a-f]{12})/(.+)", re.S)

Signature = tuple[tuple[str, int, int], ...]


def install(app: Flask) -> None:
    """Name and serve the static files of the app and of Bootstrap. Comes after Bootstrap5(app), which adds its own."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = PLAIN_SECONDS
    serve = {endpoint: view for endpoint, view in app.view_functions.items() if endpoint.endswith("static")}
    for endpoint, view in serve.items():
        app.view_functions[endpoint] = _served(app, endpoint, view)

    @app.url_defaults
    def put_the_hash_in(endpoint: str, values: dict[str, str]) -> None:
        if endpoint in serve and "filename" in values:
            known = g.setdefault("static_versions", {})  # one look at the disk for each request, not for each icon
            if endpoint not in known:
                known[endpoint] = _version(app, endpoint)
            values["filename"] = f"{known[endpoint]}/{values['filename']}"

    @app.template_global()
    def static_address(filename: str) -> str:
        """The address of a static file of ours. Flask makes the beginning, once a request: a page names some thirty,
        and our names stand in an address as they are."""
        beginning: str | None = g.get("static_beginning")
        if beginning is None:
            beginning = g.static_beginning = url_for("static", filename="")
        return beginning + filename


def version_of(folder: Path) -> str:
    """Twelve hexadecimal digits that change with any byte, name or file in a folder. An edit shows at once: every call
    looks at times and sizes, and reads the files again when one differs."""
    while True:
        try:
            return _hash(folder, tuple(sorted(_signature(str(folder)))))
        except FileNotFoundError:  # taken away between being listed and being read; a folder that is gone raises below
            folder.stat()


def _version(app: Flask, endpoint: str) -> str:
    """Of our files as they are now; a package's do not change while we run, and there are hundreds."""
    folder = _folder(app, endpoint)
    return _of_package(folder) if "." in endpoint else version_of(folder)


@lru_cache(maxsize=16)
def _of_package(folder: Path) -> str:
    return version_of(folder)


def _served(app: Flask, endpoint: str, view: Callable[..., Any]) -> Callable[..., Response]:
    def serve(filename: str) -> Response:
        named = _HASHED.fullmatch(filename)
        response: Response = app.ensure_sync(view)(filename=named.group(2) if named else filename)
        if named:
            # Looked up after the file was opened: bytes that came in between are not kept under the hash of the old.
            fresh = named.group(1) == _version(app, endpoint)
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if fresh else "no-cache"
            response.expires = None
        return response

    return serve


def _folder(app: Flask, endpoint: str) -> Path:
    owner = app.blueprints[endpoint.rpartition(".")[0]] if "." in endpoint else app
    return Path(owner.static_folder or "")


def _signature(folder: str) -> Iterator[tuple[str, int, int]]:
    for entry in os.scandir(folder):
        if entry.name.startswith("."):
            continue  # an editor's own
        if entry.is_dir():
            yield from _signature(entry.path)
        else:
            about = entry.stat()
            yield entry.path, about.st_mtime_ns, about.st_size


@lru_cache(maxsize=16)
def _hash(folder: Path, signature: Signature) -> str:
    found = hashlib.sha256()
    for name, _changed, _size in signature:
        content = Path(name).read_bytes()
        found.update(f"{Path(name).relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return found.hexdigest()[:12]
