"""flask commands: making tenants, filling the demo."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from domain.message import Refusal
from services import tenants
from services.parts import Parts

tenant = AppGroup("tenant", help="Klanten van Crafter.")
demo = AppGroup("demo", help="Het demoverhaal.")


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


def install(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(tenant)
    app.cli.add_command(demo)
