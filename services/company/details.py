"""The company on paper: name, address, and the numbers it is known by."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from domain import official_numbers
from domain.languages import DUTCH, LANGUAGES
from domain.meanwhile import Opened
from domain.message import N_, Refusal, msg
from domain.permissions import Actor
from domain.visible import bare
from models import Company, Tenant
from oversight.audit_trail import record
from services import meanwhile
from services.transaction import write_transaction
from tenancy.database import db


@dataclass(frozen=True)
class CompanyInput:
    """The company's details as typed; all but the name may be empty."""

    name: str
    address: str = ""
    postcode: str = ""
    city: str = ""
    phone: str = ""
    email: str = ""
    coc_number: str = ""
    vat_number: str = ""
    iban: str = ""
    g_account: str = ""
    language: str = DUTCH  # of who joins the company
    small_since: date | None = None
    small_until: date | None = None


def present() -> Company:
    """The tenant's company row."""
    return db.session.scalars(select(Company)).one()


def language(actor: Actor) -> str:
    """The language of the company: of who joins it, until they choose another."""
    return db.session.scalars(select(Tenant.language).where(Tenant.id == actor.tenant_id)).one()


def stands(row: Company, spoken: str) -> CompanyInput:
    """The company as its form is filled in; `spoken` is its language."""
    of_row = {item.name: getattr(row, item.name) for item in fields(CompanyInput) if item.name != "language"}
    return CompanyInput(**of_row, language=spoken)


def save(actor: Actor, typed: CompanyInput, opened: Opened | None = None) -> bool:
    """Save the details, numbers in their usual spelling; the form was opened on `opened`. False when nothing changed.
    Raises Refusal with the field."""
    typed = _checked(typed)
    with write_transaction() as session:
        row = session.scalars(select(Company).with_for_update()).one()
        tenant = session.scalars(select(Tenant).where(Tenant.id == actor.tenant_id).with_for_update()).one()
        before = stands(row, tenant.language)
        typed = meanwhile.settle(session, opened, typed, before, row.id, "company.changed")
        changed = False
        for name, value in asdict(typed).items():
            holder = tenant if name == "language" else row
            changed |= getattr(holder, name) != value
            setattr(holder, name, value)
        if changed:
            record(session, actor, "company.changed", "company", row.id, row.name)
    return changed


def _checked(typed: CompanyInput) -> CompanyInput:
    texts: dict[str, Any] = {name: bare(value) for name, value in asdict(typed).items() if isinstance(value, str)}
    typed = replace(typed, **texts)
    if not typed.name:
        raise Refusal(msg("Vul de naam van uw bedrijf in."), "name")
    if typed.language not in LANGUAGES:
        raise Refusal(msg("Kies een taal uit de lijst."), "language")
    if typed.small_until and not typed.small_since:
        raise Refusal(msg("Vul ook in vanaf wanneer de regeling geldt."), "small_since")
    if typed.small_since and typed.small_until and typed.small_until < typed.small_since:
        raise Refusal(msg("De laatste dag ligt voor de eerste."), "small_until")
    iban = official_numbers.iban(typed.iban)
    g_account = official_numbers.iban(typed.g_account, "g_account")
    if g_account and g_account == iban:
        text = N_("Dit is uw gewone rekening. Een G-rekening is een geblokkeerde rekening met een eigen nummer.")
        raise Refusal(msg(text), "g_account")
    return replace(
        typed,
        postcode=official_numbers.postcode(typed.postcode),
        coc_number=official_numbers.coc_number(typed.coc_number),
        vat_number=official_numbers.vat_number(typed.vat_number),
        iban=iban,
        g_account=g_account,
    )
