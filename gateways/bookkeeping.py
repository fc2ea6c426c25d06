"""The port to a bookkeeping service: plain values in and out, in Crafter's own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from domain.administration import FIRST
from domain.invoice import InvoiceDraft, RemoteInvoice
from domain.limits import Limits, field_note
from domain.message import NOTHING, Message, as_written
from domain.notes import note
from domain.outcome import Outcome, Problem
from domain.relation import RelationDetails


@dataclass(frozen=True)
class Secret:
    """A text that never shows itself: repr and str are stars; `reveal()` gives it to the wire."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        """The text itself. Only a gateway asks for it."""
        return self._value

    def __str__(self) -> str:
        return "***"

    __repr__ = __str__


@dataclass(frozen=True)
class Credentials:
    """Whose books: the key of cached sessions is (tenant_id, version), so new credentials never use old sessions.
    `administration` is the one that they open (models/administration.py), as far as that is known: what is started with
    them for the first time tells. `only_look_up`: they are of an administration that was left, and kept to look
    invoices up there; with them nothing is sent, changed or read in."""

    tenant_id: int
    version: int
    username: str
    code1: Secret
    code2: Secret
    administration: int = FIRST
    only_look_up: bool = False

    @property
    def books(self) -> str:
        """Whose calls are counted together, and slow or failing ones held back together."""
        return f"{self.tenant_id}:{self.administration}" if self.only_look_up else str(self.tenant_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteRelation(RelationDetails):
    """A customer as the bookkeeping keeps it."""

    remote_id: int


@dataclass(frozen=True, slots=True)
class RemoteArticle:
    """An article or service as the bookkeeping keeps it; price in euros excluding VAT.

    `vat_code` is one of domain.vat; a code of theirs that has no name there (none for sales) comes as it is.
    """

    remote_id: int
    code: str
    description: str
    unit: str
    price: Decimal
    vat_code: str
    ledger_code: str
    active: bool


@dataclass(frozen=True)
class LedgerAccount:
    """A ledger account: code, name and category, which is one of domain.ledger."""

    code: str
    description: str
    category: str


class Odd(StrEnum):
    """How a record of theirs is odd."""

    UNREADABLE = "unreadable"  # it is not among the rows
    CLEANED = "cleaned"  # a character that no text can hold was replaced
    FORMER_VAT = "former_vat"  # it has a VAT code of before, for which there is one of today


@dataclass(frozen=True)
class OddRow:
    """A record of theirs that could not be taken as it stood. `name` is what a person knows it by (code and name)."""

    name: str
    how: Odd

    @property
    def lost(self) -> bool:
        """Whether it could not be read and is not among the rows."""
        return self.how is Odd.UNREADABLE


@dataclass(frozen=True)
class RelationRows:
    """Relations as read in `calls` calls; `complete` is False when some may be missing, so that nothing may be
    called vanished. More than one call means that their answer was capped and the rest was searched for. `stopped`:
    there was more to read, and `go_on` said no. `odd` are the records that could not be taken as they stood. `why`:
    what kept the search for the rest from going on, when that is known."""

    rows: tuple[RemoteRelation, ...]
    complete: bool
    calls: int = 1
    stopped: bool = False
    odd: tuple[OddRow, ...] = ()
    why: Message = NOTHING


@dataclass(frozen=True)
class ArticleRows:
    """Articles as read; `complete`, `calls`, `stopped`, `odd` and `why` as for relations."""

    rows: tuple[RemoteArticle, ...]
    complete: bool
    calls: int = 1
    stopped: bool = False
    odd: tuple[OddRow, ...] = ()
    why: Message = NOTHING


@dataclass(frozen=True)
class InvoiceRows:
    """Invoices of one answer, in no order. It proves only what it holds: whether it was cut off nobody says, so that an
    invoice may not be called missing because it is not among them. `odd` are those that could not be read, by their
    number as far as that is there: they are over there, whatever they say. `size` is how many the answer held, also
    such as were not asked for."""

    rows: tuple[RemoteInvoice, ...] = ()
    odd: tuple[OddRow, ...] = ()
    size: int = 0


@dataclass(frozen=True)
class OpenItem:
    """An invoice that is in the books and not wholly paid: `total`, `paid` and `open` in euros, VAT included; `on` is
    the date it is booked on, and what is negative is owed to its relation."""

    number: str
    relation_code: str
    on: date
    total: Decimal
    paid: Decimal
    open: Decimal


@dataclass(frozen=True)
class OpenItemRows:
    """The open items of one answer, in no order; what it proves, `odd` and `size` as for InvoiceRows."""

    rows: tuple[OpenItem, ...] = ()
    odd: tuple[OddRow, ...] = ()
    size: int = 0


@dataclass(frozen=True)
class Explanation:
    """A code of theirs in sentences of ours: what happened, why, what to do now.

    `mend` says where to do it: relation_code, lines, template, payment_term, credentials, wait, ledger
    or none. `field` is the field of a relation that it is about, by our name.
    """

    what: Message
    why: Message
    now: Message
    mend: str
    field: str = ""


@dataclass(frozen=True)
class CallsToday:
    """Calls made to an administration today, and `most` that we allow ourselves, the last `kept` of them for invoices
    only; `searched` of them were for the rest of a list that was cut off, and `most_searched` may be."""

    made: int
    most: int
    kept: int
    searched: int
    most_searched: int


class BookkeepingError(Exception):
    """A call did not succeed. `code` and `text` are theirs when they answered, else empty: for quoting and explaining.
    `problem` is what it comes down to, by which is decided. `why` is technical and kept in rows: a note
    (domain/notes.py), or a text that is the same in every language."""

    def __init__(self, why: Message | str, code: str = "", text: str = "", problem: Problem = Problem.NONE) -> None:
        super().__init__(str(why))
        self.why = as_written(why) if isinstance(why, str) else why
        self.code = code
        self.text = text
        self.problem = problem


class Unreachable(BookkeepingError):
    """No usable answer: no connection, time-out, half an answer, an error page.

    After a call that writes, `may_have_arrived` tells whether it may have been carried out all the same.
    """

    def __init__(self, why: Message | str, may_have_arrived: bool = True) -> None:
        super().__init__(why)
        self.may_have_arrived = may_have_arrived


class Unread(Unreachable):
    """An answer came and could not be read, or was too much to read: what was asked for less may be."""


class Busy(BookkeepingError):
    """Too many calls are under way already; nothing was sent."""


class Resting(Busy):
    """Calls failed again and again just now, so for a short while none is made; nothing was sent."""


class Spent(Busy):
    """The calls we allow ourselves to this administration in a day are used up; nothing was sent. The problem is
    DAY_LIMIT when none is left for invoices either."""


class Unfit(BookkeepingError):
    """A value does not fit what they take; nothing was sent. `field` is our name of it."""

    def __init__(self, why: Message | str, field: str = "") -> None:
        super().__init__(why)
        self.field = field


class Overtaken(BookkeepingError):
    """Fields of a relation that were to be changed stand otherwise over there than was thought; nothing was written.

    `fields` are our names of them, `there` is the relation as it stands over there now.
    """

    def __init__(self, fields: tuple[str, ...], there: RemoteRelation) -> None:
        super().__init__(note("call.overtaken", fields=[field_note(name) for name in fields]))
        self.fields = fields
        self.there = there


class CredentialsRefused(BookkeepingError):
    """These credentials do not open the books."""

    def __init__(
        self, why: Message | str, code: str = "", text: str = "", problem: Problem = Problem.CREDENTIALS
    ) -> None:
        super().__init__(why, code, text, problem)


class Declined(BookkeepingError):
    """They answered with another business error."""


GoOn = Callable[[int, int], bool]
"""Asked before each further call of a long reading, with how many were made and how many rows are known by then."""


def to_the_end(_calls: int, _found: int) -> bool:
    """A `GoOn` that never stops a reading."""
    return True


def one_answer(_calls: int, _found: int) -> bool:
    """A `GoOn` for who only wants what fits into one answer."""
    return False


class Bookkeeping(Protocol):
    """What Crafter asks of a bookkeeping service.

    All raise BookkeepingError, but for `post_invoice`: whatever happens to that is an Outcome.
    """

    @property
    def limits(self) -> Limits:
        """What it takes and gives at most."""

    def ready(self, credentials: Credentials) -> None:
        """See to it that a live session is at hand; at most one round trip."""

    def administration(self, credentials: Credentials) -> str:
        """The name of the administration, or an empty text where it is not given."""

    def relations(self, credentials: Credentials, go_on: GoOn = to_the_end) -> RelationRows:
        """All relations. When `go_on` says no, what was read by then, marked as `stopped`."""

    def relation(
        self, credentials: Credentials, code: str, within: float | None = None, for_invoice: bool = True
    ) -> RemoteRelation | None:
        """The relation with exactly this code, or None. `within` so many seconds: an invoice waits for it, or may soon;
        without `for_invoice` none does yet, and the calls that are kept for invoices stay theirs."""

    def add_relation(self, credentials: Credentials, relation: RelationDetails) -> int:
        """Make a relation; its id over there. Raises Unfit before anything is sent, and Declined for a used code."""

    def update_relation(
        self,
        credentials: Credentials,
        remote_id: int,
        changes: Mapping[str, str | bool],
        was: Mapping[str, str | bool] | None = None,
    ) -> None:
        """Change these fields (RelationDetails' names) of a relation and leave all others as they are over there.

        `was` is what the caller thinks that they hold now: where one holds something else (not what it is to become,
        nor nothing) nothing is written and Overtaken is raised. Raises Unfit before anything is sent, and Declined
        when the relation is not there.
        """

    def articles(self, credentials: Credentials, go_on: GoOn = to_the_end) -> ArticleRows:
        """All articles; `go_on` as for relations."""

    def article(self, credentials: Credentials, code: str) -> RemoteArticle | None:
        """The article with exactly this code, or None."""

    def ledger_accounts(self, credentials: Credentials) -> Sequence[LedgerAccount]:
        """All ledger accounts."""

    def post_invoice(self, credentials: Credentials, draft: InvoiceDraft, start_by: float) -> Outcome:
        """Send one invoice, once. Nothing of it leaves after `start_by` (time.monotonic seconds): NotSent instead."""

    def find_invoice(
        self, credentials: Credentials, number: str, ours: InvoiceDraft | None = None
    ) -> RemoteInvoice | None:
        """The invoice under exactly this number, or None. Where a number was let through twice several stand under it:
        then the one that says the same as `ours`, else the first."""

    def invoices_between(
        self, credentials: Credentials, first: date, last: date, within: float | None = None
    ) -> InvoiceRows:
        """What one answer gives of the invoices dated in this period, both days included. One call, of at most `within`
        seconds for who cannot wait as long as a list may take.

        An empty period, `last` before `first`, gives none and asks nothing.
        """

    def invoices_of(
        self, credentials: Credentials, relation_code: str, since: date, until: date | None = None
    ) -> InvoiceRows:
        """What one answer gives of the invoices of the relation with exactly this code, dated `since` or later, and not
        after `until` where that is given. One call; none for an empty code."""

    def open_items(self, credentials: Credentials, within: float | None = None) -> OpenItemRows:
        """What one answer gives of the invoices to customers that are in the books and not wholly paid. One call, of at
        most `within` seconds; no invoice waits for it."""

    def explain(self, code: str) -> Explanation | None:
        """What a code of theirs means to the user; None for a code we have no words for."""

    def codes_of(self, problem: Problem) -> Mapping[str, Explanation]:
        """The codes that come down to a problem, as they write them, each with its explanation; may be none."""

    def our_vat(self, code: str) -> str:
        """Our name (domain.vat) of a VAT code of theirs; one that has none comes back as it is."""

    def calls_today(self, tenant_id: int) -> CallsToday | None:
        """How many calls a tenant's administration took today; None where they are not counted."""

    def forget(self, tenant_id: int) -> None:
        """Drop (and close, best effort) cached sessions of a tenant whose link was undone."""

    def close(self) -> None:
        """Close all sessions; the process ends."""
