"""A person at the pages of the sandbox, without a browser: asks for a page, fills in its forms, presses a button."""

from __future__ import annotations

from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlencode

from tests.sandbox import raw
from tests.support.sandbox_process import Sandbox

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class _Forms(HTMLParser):
    """The forms of a page: by the text of their button, where they go and what stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, tuple[str, dict[str, str]]] = {}
        self._action, self._values = "", {}
        self._select = self._area = ""
        self._in_button = False
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember where a form goes and what its fields hold."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._action, self._values = given.get("action", ""), {}
        elif tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self._values[given["name"]] = given.get("value", "")
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and "selected" in given:
            self._values[self._select] = given["value"]
        elif tag == "textarea":
            self._area, self._text = given["name"], ""
        elif tag == "button":
            self._in_button, self._text = True, ""

    def handle_data(self, data: str) -> None:
        """Text between tags."""
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        """A button names its form; a textarea ends with its text, less the line break that a browser drops."""
        if tag == "textarea":
            self._values[self._area] = self._text.removeprefix("\n")
        if tag == "button" and self._in_button:
            self.forms[self._text] = self._action, self._values
            self._in_button = False


class Person:
    """Somebody who looks at a page of the sandbox and presses its buttons."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.status, self.text, self.path = 0, "", ""

    def goes_to(self, path: str) -> Person:
        """Open a page."""
        answer = raw.ask(self._sandbox, "GET", path)
        self.status, self.text, self.path = answer.status, answer.text, path
        return self

    def fields(self, button: str) -> tuple[str, dict[str, str]]:
        """Where the form of this button goes, and what stands in it."""
        found = _Forms()
        found.feed(self.text)
        return found.forms[button]

    def presses(self, button: str, **typed: str | None) -> Person:
        """Type in the form of this button and press it; None leaves a field out. Follows to the page that comes."""
        action, values = self.fields(button)
        sent = {name: value for name, value in {**values, **typed}.items() if value is not None}
        answer = raw.ask(self._sandbox, "POST", action, urlencode(sent).encode(), **_FORM)
        if answer.status == 303:
            return self.goes_to(answer.headers["Location"])
        self.status, self.text = answer.status, answer.text
        return self

    @property
    def told(self) -> str:
        """What the page says was done."""
        return unescape(self.text.partition('class="gedaan" role="status">')[2].partition("</p>")[0])

    @property
    def wrong(self) -> list[str]:
        """The messages beside fields and above forms."""
        return [
            unescape(part.partition(">")[2].partition("</p>")[0]) for part in self.text.split('<p class="fout"')[1:]
        ]
