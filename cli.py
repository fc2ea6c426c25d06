"""flask commands: making tenants, filling the demo."""

from __future__ import annotations

import os

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from domain.message import Refusal
from services import tenants
from services.parts import Parts

tenant = AppGroup("tenant", help="Klanten van Crafter.")
demo = AppGroup("demo", help="Het demoverhaal.")
bookkeeping = AppGroup("e-boekhouden", help="De koppeling met e-Boekhouden.nl.")


@tenant.command("create")
@click.argument("slug")
@click.option("--owner", required=True, help="E-mail address of the first owner.")
@click.option("--name", default="", help="Name of the company; the short name when left out.")
@click.option("--base-url", default="http://127.0.0.1:8000", help="Where the portal is reached.")
def create(slug: str, owner: str, name: str, base_url: str) -> None:
    """Make a tenant and print a one-time link for its first owner."""
    try:
        _tenant_id, token = tenants.create(slug, name or slug.capitalize(), owner)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"Klant {slug} is aangemaakt. Eenmalige link voor {owner} (7 dagen geldig):")
    click.echo(f"{base_url.rstrip('/')}/welkom/{token}")


@demo.command("fill")
def fill_demo() -> None:
    """Fill the demo story; does nothing when it is there already."""
    from demo import fill

    parts: Parts = current_app.extensions["crafter"]
    if not parts.settings.demo:
        raise click.ClickException("Alleen met CRAFTER_ENV=demo; productie krijgt geen demo-mensen.")
    try:
        fill.fill(parts, click.echo)
    except fill.CannotFill as error:
        raise click.ClickException(str(error)) from error


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
    app.cli.add_command(bookkeeping)
    app.cli.add_command(tenant)
    app.cli.add_command(demo)
