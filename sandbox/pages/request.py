"""What a page gets to answer one request, what it may answer, and what keeps a form of another page out."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from sandbox.books import Administration
from sandbox.service import Service

KEY_FIELD = "sleutel"
# of a form post by a browser: from a page of this address, or typed by hand
_OWN_SITE = ("same-origin", "none")
_MOST_NOTICES = 500


@dataclass(frozen=True)
class Request:
    """Somebody at the desk of one administration. `typed` is what a form brought, None for a page
    that is asked for; `said` is what was done just before."""

    service: Service
    administration: Administration
    key: str
    query: Mapping[str, str]
    typed: Mapping[str, str] | None = None
    said: str = ""

    @property
    def name(self) -> str:
        """The short name of the administration."""
        return self.administration.name

    def address(self, *words: object) -> str:
        """The address of a page of this administration."""
        return "/" + "/".join(quote(str(word), safe="") for word in (self.name, *words))


@dataclass(frozen=True)
class Page:
    """A page to show."""

    body: bytes
    status: int = 200


@dataclass(frozen=True)
class Done:
    """A deed that was done: where to go on, and what to say there."""

    address: str
    text: str


Reply = Page | Done | None


@dataclass
class Doorkeeper:
    """Lets only forms of our own pages in.

    Every form carries a key that is made when the sandbox starts. A page elsewhere can send a form to us, but not read
    one of ours: another origin gets no answer to read, another host name is refused, and no page may frame ours. The
    Origin header says less: with `Referrer-Policy: no-referrer` a browser sends "null" for our own forms too.
    """

    key: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def lets_in(self, typed: Mapping[str, str], site: str | None) -> bool:
        """Whether a form may act; `site` is what the browser says in Sec-Fetch-Site, when it says anything."""
        if site is not None and site not in _OWN_SITE:
            return False
        return hmac.compare_digest(typed.get(KEY_FIELD, "").encode(), self.key.encode())


class Notices:
    """What was done, to be told on the page that follows; the oldest are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._texts: OrderedDict[str, str] = OrderedDict()

    def keep(self, text: str) -> str:
        """Remember a text; by what it can be asked for."""
        name = secrets.token_hex(8)
        with self._lock:
            self._texts[name] = text
            while len(self._texts) > _MOST_NOTICES:
                self._texts.popitem(last=False)
        return name

    def told(self, name: str) -> str:
        """The text; empty when it is not known (any more)."""
        with self._lock:
            return self._texts.get(name, "")
