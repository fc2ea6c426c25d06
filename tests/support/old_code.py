"""The code of another commit beside a newer schema: checked out by itself, and a working day against it over HTTP."""

from __future__ import annotations

import http.cookiejar
import re
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.cast import PASSWORD

ROOT = Path(__file__).parents[2]
_TOKEN = re.compile(r'"X-CSRFToken": "([^"]+)"')


def _git(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False)


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """The tree of a commit in a folder of its own. Without the history that holds it the test fails: it is no skip, for
    then nobody would know."""
    with tempfile.TemporaryDirectory(prefix="crafter-old-") as folder:
        place = Path(folder) / "tree"
        done = _git("worktree", "add", "--detach", "--force", str(place), commit)
        if done.returncode:
            pytest.fail(f"the code of {commit} is needed here, with its history: {done.stderr.strip()}")
        try:
            yield place
        finally:
            _git("worktree", "remove", "--force", str(place))


class Day:
    """Somebody of the office at work: log in, look around, approve an order."""

    def __init__(self, url: str, slug: str) -> None:
        self._url = url
        self._slug = slug
        self._token = ""
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)
        self.failed: list[str] = []

    def work(self, order_id: object) -> str:
        """The whole day; the state that the order's invoice came to. What failed is in `failed`."""
        self._get("/login")
        self._post("/login", email=f"owner@{self._slug}.example", password=PASSWORD)
        for page in (
            "",
            "planning/",
            "work-orders/",
            f"work-orders/{order_id}",
            "relations/",
            "articles/",
        ):
            self._get(f"/t/{self._slug}/{page}")
        said = self._post(f"/t/{self._slug}/work-orders/{order_id}/approve")
        self._get(f"/t/{self._slug}/work-orders/{order_id}")
        found = re.search(r'<section class="strook[^>]*data-state="(\w+)"', said)
        return found[1] if found else ""

    def _get(self, path: str) -> None:
        said = self._ask(path)
        found = _TOKEN.search(said.replace("&#34;", '"'))
        self._token = found[1] if found else self._token

    def _post(self, path: str, **fields: str) -> str:
        return self._ask(path, urllib.parse.urlencode({"csrf_token": self._token, **fields}).encode())

    def _ask(self, path: str, data: bytes | None = None) -> str:
        try:
            with self._opener.open(f"{self._url}{path}", data, timeout=60) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            self.failed.append(f"{path}: {error.code}")
            return error.read().decode(errors="replace")
