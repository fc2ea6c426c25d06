"""A person with a browser without JavaScript, in a program of its own, because it has to be in the commands' network.

`visitor.py <portal> <sandbox>`: logs in as the planner by one click, presses Gecontroleerd on an executed order and
looks the invoice up in the play books. Prints its number; anything else ends it with what was seen.
"""

from __future__ import annotations

import re
import sys
from urllib.parse import urljoin

import requests
from lxml import html

PLANNER = "planner@installatie.example"


class Visitor:
    """A session with the portal, which sees pages and submits their forms."""

    def __init__(self, portal: str) -> None:
        self.portal = portal
        self.session = requests.Session()
        self.session.trust_env = False
        self.page = self.address = None

    def open(self, path: str) -> None:
        """Go to a page."""
        self._see(self.session.get(urljoin(self.address or self.portal, path), timeout=60))

    def submit(self, form: html.FormElement) -> None:
        """Send a form with what it holds."""
        where, sent = urljoin(self.address, form.action), dict(form.form_values())
        self._see(self.session.post(where, data=sent, headers={"Referer": self.address}, timeout=60))

    def form(self, action: str = "", **holding: str) -> html.FormElement | None:
        """The form of this page that holds these values, and whose address ends so."""
        fitting = (
            form
            for form in self.page.forms
            if (form.action or "").endswith(action)
            and all(name in form.fields and form.fields[name] == value for name, value in holding.items())
        )
        return next(fitting, None)

    def text(self) -> str:
        """What can be read on the page."""
        return " ".join(self.page.text_content().split())

    def _see(self, answer: requests.Response) -> None:
        if answer.status_code != 200:
            sys.exit(f"{answer.request.method} {answer.url} answered {answer.status_code}")
        self.page, self.address = html.fromstring(answer.text), answer.url


def log_in(visitor: Visitor) -> None:
    """By the one click that the login page offers."""
    visitor.open("/")
    form = visitor.form(email=PLANNER)
    if form is None:
        sys.exit(f"no one-click login for {PLANNER}")
    visitor.submit(form)
    if "/t/installatie/" not in visitor.address:
        sys.exit(f"logging in led to {visitor.address}")


def press(visitor: Visitor) -> str:
    """Gecontroleerd on the first executed order that can go; its page's text afterwards."""
    visitor.open("/t/installatie/work-orders/?state=done")
    orders = dict.fromkeys(
        re.findall(r"/t/installatie/work-orders/[0-9a-f-]{36}(?=\")", html.tostring(visitor.page, encoding="unicode"))
    )
    for order in orders:
        visitor.open(order)
        form = visitor.form("/approve")
        if form is not None and "Gecontroleerd" in form.text_content():
            visitor.submit(form)
            if "factuur" in visitor.text().lower() and visitor.form("/approve") is None:
                return visitor.text()
    sys.exit(f"none of {len(orders)} executed orders could be approved; last page: {visitor.text()[:1500]}")


def main() -> None:
    """The whole visit."""
    portal, sandbox = sys.argv[1:]

    def in_the_books() -> set[str]:
        answer = visitor.session.get(f"{sandbox}/control/installatie/invoices", timeout=60)
        return {row["Factuurnummer"] for row in answer.json()}

    visitor = Visitor(portal)
    log_in(visitor)
    before = in_the_books()
    said = press(visitor)
    new = in_the_books() - before
    if len(new) != 1:
        sys.exit(f"{len(new)} new invoices in the books; the portal said: {said[:1500]}")
    number = new.pop()
    if number not in said:
        sys.exit(f"{number} stands in the books but not on the order: {said[:1500]}")
    shown = visitor.session.get(f"{sandbox}/installatie/facturen", timeout=60)
    if number not in shown.text:
        sys.exit(f"{number} is not on the page of the play books")
    print(number)


if __name__ == "__main__":
    main()
