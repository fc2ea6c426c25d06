"""Invoice settings: template, term, what each kind of line carries, and the number series."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from domain import vat
from domain.meanwhile import Opened
from domain.message import N_, Refusal, msg
from domain.permissions import Actor
from domain.work_order import LINE_KINDS
from models import Connection, LineDefault
from oversight.audit_trail import record
from services import meanwhile
from services.invoicing import numbers
from services.invoicing.preflight import line_defaults
from services.link import connection
from services.transaction import write_transaction
from tenancy.clock import today
from tenancy.database import db

MAX_TERM_DAYS = 365
MAX_SERIAL = 9_999_999
_FIELDS = ("template", "term_days", "sync_relations", "prefix", "next_number", "ask_above")
_PREFIX = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]{0,9})?")  # a spreadsheet takes -2026-0001 for a sum


@dataclass(frozen=True)
class LineSetting:
    """What a kind of line carries when the line itself says nothing: code, ledger account and VAT code."""

    code: str
    ledger_code: str
    vat_code: str


@dataclass(frozen=True)
class InvoiceSettings:
    """All invoice settings; `year` is the year the next number belongs to, `lines` goes by kind of line. An invoice of
    more than `ask_above` euros is asked about once more; None leaves that as it is. `waits`: they were chosen for
    another administration than the one that is linked, and hold only once somebody saves them."""

    template: str
    term_days: int
    sync_relations: bool
    prefix: str
    next_number: int
    lines: Mapping[str, LineSetting]
    year: int = 0
    ask_above: Decimal | None = None
    waits: bool = False

    def by_field(self) -> dict[str, Any]:
        """What of this a form edits, by its fields."""
        flat: dict[str, Any] = {name: getattr(self, name) for name in _FIELDS}
        for kind, line in self.lines.items():
            flat |= {f"{kind}_code": line.code, f"{kind}_ledger": line.ledger_code, f"{kind}_vat": line.vat_code}
        return flat

    def with_fields(self, flat: Mapping[str, Any]) -> InvoiceSettings:
        """These settings with other fields."""
        lines = {
            kind: LineSetting(flat[f"{kind}_code"], flat[f"{kind}_ledger"], flat[f"{kind}_vat"]) for kind in self.lines
        }
        return replace(self, **{name: flat[name] for name in _FIELDS}, lines=lines)


def present(link: Connection | None = None) -> InvoiceSettings:
    """The settings as they stand; `link` is the link when the caller read it."""
    return _read(db.session(), link or connection.present())


def _read(session: Session, link: Connection) -> InvoiceSettings:
    year = today(session).year
    prefix, following = numbers.invoice_series(session, year, link.administration_number)
    rows = line_defaults()
    lines = {kind: LineSetting(rows[kind].code, rows[kind].ledger_code, rows[kind].vat_code) for kind in LINE_KINDS}
    return InvoiceSettings(
        link.template, link.term_days, link.sync_relations, prefix, following, lines, year, link.ask_above,
        link.settings_wait,
    )  # fmt: skip


def save(actor: Actor, typed: InvoiceSettings, opened: Opened | None = None) -> bool:
    """Save the settings (`typed.year` is ignored: it is this year's series), whose form was opened on `opened`. False
    when nothing changed. The series is left alone when nobody typed another, also when numbers went out meanwhile.

    Raises Refusal with the field: template, term_days, prefix, next_number, <kind>_code, <kind>_ledger, <kind>_vat.
    """
    with write_transaction() as session:
        link = connection.locked(session)
        before = _read(session, link)
        settled = meanwhile.settle(
            session, opened, typed.by_field(), before.by_field(), None, "invoice_settings.changed"
        )
        if opened is not None and "next_number" in opened.left:  # an invoice moved it on, which is no news
            opened.left.remove("next_number")
        typed = typed.with_fields(settled)
        _check(typed, before)
        link.template, link.term_days, link.sync_relations = (
            typed.template.strip(),
            typed.term_days,
            typed.sync_relations,
        )
        link.settings_of = link.administration_number
        if typed.ask_above is not None:
            link.ask_above = typed.ask_above
        rows = line_defaults()
        for kind, line in typed.lines.items():
            _fill(rows[kind], line)
        if (typed.prefix, typed.next_number) != (before.prefix, before.next_number):
            numbers.set_invoice_series(
                session, before.year, typed.prefix, typed.next_number, link.administration_number
            )
            session.flush()
        changed = _read(session, link) != before
        if changed:
            record(session, actor, "invoice_settings.changed")
    return changed


def _fill(row: LineDefault, line: LineSetting) -> None:
    row.code, row.ledger_code, row.vat_code = line.code.strip(), line.ledger_code.strip(), line.vat_code


def check_serial(serial: int) -> None:
    """Raises Refusal for what is no next number."""
    if not 1 <= serial <= MAX_SERIAL:
        raise Refusal(msg("Vul een getal van 1 tot en met %(most)s in.", most=MAX_SERIAL), "next_number")


def _check(typed: InvoiceSettings, before: InvoiceSettings) -> None:
    if not typed.template.strip():
        raise Refusal(msg("Vul de naam in van het factuursjabloon in e-Boekhouden."), "template")
    if not 0 <= typed.term_days <= MAX_TERM_DAYS:
        raise Refusal(msg("Vul 0 tot en met %(most)s dagen in.", most=MAX_TERM_DAYS), "term_days")
    if typed.prefix != before.prefix and not _PREFIX.fullmatch(typed.prefix):
        text = N_("Gebruik hoogstens 10 letters, cijfers en streepjes, en begin met een letter of cijfer.")
        raise Refusal(msg(text), "prefix")
    check_serial(typed.next_number)
    known = {account.code for account in connection.ledger_accounts()}
    for kind, line in typed.lines.items():
        stands = before.lines[kind]
        # What stands there already may stay, also when the bookkeeping dropped it: pre-flight and the screen tell.
        may_stay = "" if before.waits else stands.ledger_code
        if known and line.ledger_code.strip() not in known | {"", may_stay}:
            raise Refusal(msg("Deze grootboekrekening staat niet in uw administratie."), f"{kind}_ledger")
        code = vat.BY_CODE.get(line.vat_code)
        if line.vat_code != stands.vat_code and (code is None or not code.supported):
            raise Refusal(msg("Kies een btw-tarief uit de lijst."), f"{kind}_vat")
