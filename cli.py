"""flask commands: making tenants, filling the demo."""

from __future__ import annotations

import os

import click
from flask import Flask, current_app, url_for
from flask.cli import AppGroup

from blueprints._dependencies import deps
from domain.languages import DUTCH, LANGUAGES
from domain.message import Refusal
from services import key_rotation as sealing_keys
from services.company import tenants
from services.people import joining
from services.trail import seals
from tenancy import row_security
from tenancy.database import db

tenant = AppGroup("tenant", help="Klanten van Crafter.")
support = AppGroup("support", help="Medewerkers van support.")
demo = AppGroup("demo", help="Het demoverhaal.")
keys = AppGroup("keys", help="De sleutels waarmee geheimen verzegeld zijn.")
database = AppGroup("database", help="Rechten op de database.")
audit = AppGroup("audit", help="Het logboek van elke klant.")
bookkeeping = AppGroup("e-boekhouden", help="De koppeling met e-Boekhouden.nl.")


@tenant.command("create")
@click.argument("slug")
@click.option("--owner", required=True, help="E-mail address of the first owner.")
@click.option("--name", default="", help="Name of the company; the short name when left out.")
@click.option("--base-url", default="", help="Where the portal is reached; BASE_URL when left out.")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default=DUTCH, help="Of the company, and a new owner.")
def create(slug: str, owner: str, name: str, base_url: str, language: str) -> None:
    """Make a tenant and print a one-time link for its first owner."""
    try:
        _tenant_id, token = tenants.create(slug, name or slug.capitalize(), owner, language=language)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"Klant {slug} is aangemaakt. Eenmalige link voor {owner} (7 dagen geldig):")
    click.echo(_welcome(base_url or deps().settings.base_url, token))


@support.command("create")
@click.argument("email")
@click.option("--name", default="", help="Their name; the first part of the address when left out.")
def create_support(email: str, name: str) -> None:
    """Take somebody on for support and print a one-time link."""
    try:
        token = joining.engage_support(email, name or email.partition("@")[0])
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"Eenmalige link voor {email} (7 dagen geldig):")
    click.echo(_welcome(deps().settings.base_url, token))


def _welcome(base_url: str, token: str) -> str:
    """The address of a one-time link, for who has no request to make it of."""
    with current_app.test_request_context(base_url=base_url):
        return url_for("auth.welcome", token=token, _external=True)


@demo.command("fill")
def fill_demo() -> None:
    """Fill the demo story; does nothing when it is there already."""
    from demo import fill

    if not deps().settings.demo:
        raise click.ClickException("Alleen met CRAFTER_ENV=demo; productie krijgt geen demo-mensen.")
    try:
        fill.fill(deps(), click.echo)
    except fill.CannotFill as error:
        raise click.ClickException(str(error)) from error


@database.command("grant")
@click.option("--role", required=True, help="The database role that portal and worker log in with.")
def grant(role: str) -> None:
    """Give the app's PostgreSQL role its rights. Run as the tables' owner, after every migration."""
    try:
        with db.engine.begin() as connection:
            statements = row_security.grant(connection, role)
    except row_security.UnsafeRole as error:
        raise click.ClickException(str(error)) from error
    click.echo(";\n".join(statements) + ";")


@audit.command("verify")
@click.option("--tenant", "slug", default="", help="One tenant, by its short name; all of them when left out.")
def verify_audit(slug: str) -> None:
    """Hold every audit trail against its seals; exits 1 at a break. Keep the hashes it prints somewhere else."""
    try:
        verdicts = seals.verify(deps().settings.audit_keys, slug)
    except LookupError as error:
        raise click.ClickException(f"Er is geen klant met de korte naam {slug}.") from error
    for found in verdicts:
        click.echo(
            f"{found.slug}: {found.sealed} regels verzegeld in {found.seals} zegels, {found.unsealed} nog niet; "
            f"laatste zegel {found.head or '(geen)'}"
        )
        if found.broken:
            click.echo(f"{found.slug}: GEBROKEN: {found.broken}")
    if any(found.broken for found in verdicts):
        raise SystemExit(1)


@keys.command("status")
def key_status() -> None:
    """How many secrets are under each key; exits 1 when one cannot be opened."""
    _tell_keys()


@keys.command("rotate")
def rotate_keys() -> None:
    """Seal every secret under the newest key (the last in CREDENTIALS_KEY), beside running processes."""
    known = deps().settings.credentials_keys
    every = 500
    done = sealing_keys.rotate(known, lambda n: click.echo(f"{n} ...") if n % every == 0 else None)
    click.echo(f"{done} geheimen opnieuw verzegeld met {sealing_keys.newest(known)}.")
    _tell_keys()


def _tell_keys() -> None:
    known = deps().settings.credentials_keys
    found = sealing_keys.count(known)
    for version in dict.fromkeys([*known, *found.by_version]):
        number = found.by_version[version]
        if version == sealing_keys.newest(known):
            note = "verzegelt"
        elif version not in known:
            note = "sleutel ontbreekt"
        else:
            note = "oud: flask keys rotate" if number else "kan weg"
        click.echo(f"{version}: {number} geheimen ({note})")
    for where in found.unreadable:
        click.echo(f"niet te openen: {where}")
    if found.unreadable:
        raise SystemExit(1)


@bookkeeping.command("check")
@click.option("--endpoint", required=True, help="Address of the service, as https://soap.e-boekhouden.nl/soap.asmx.")
@click.option(
    "--username", required=True, help="The security codes are asked for, or read from EBOEKHOUDEN_CODE1 and 2."
)
@click.option(
    "--write", is_flag=True, help="Also make one relation and one invoice, marked as a test. Trial accounts only."
)
@click.option("--template", default="Factuursjabloon", help="The invoice template for the test invoice.")
@click.option("--ledger", default="", help="The ledger account for the test invoice; a sales account when left out.")
def check_contract(endpoint: str, username: str, write: bool, template: str, ledger: str) -> None:
    """Check a service against what Crafter relies on; exits 1 when something contradicts it."""
    from gateways.bookkeeping import Credentials, Secret
    from gateways.eboekhouden.contract_check import Check

    # never arguments: those stand in the process list and in the shell's history
    codes = [
        os.environ.get(f"EBOEKHOUDEN_CODE{n}") or click.prompt(f"Securitycode {n}", hide_input=True) for n in (1, 2)
    ]
    given = Credentials(0, 1, username, Secret(codes[0].strip()), Secret(codes[1].strip()))
    try:
        good = Check(endpoint, given, click.echo, template, ledger).run(write)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if not good:
        raise SystemExit(1)


def install(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(audit)
    app.cli.add_command(bookkeeping)
    app.cli.add_command(database)
    app.cli.add_command(keys)
    app.cli.add_command(support)
    app.cli.add_command(tenant)
    app.cli.add_command(demo)
