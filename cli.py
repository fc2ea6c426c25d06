"""flask commands: making tenants, filling the demo. What they say is Dutch, like the screens and `make run`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app, url_for
from flask.cli import AppGroup
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from blueprints._dependencies import deps
from domain import email_address
from domain.languages import DUTCH, LANGUAGES
from domain.message import Refusal
from models import GLOBAL_TABLES, Tenant
from oversight.audit_trail import record
from services import key_rotation as sealing_keys
from services.backups import making, restoring
from services.company import tenants
from services.crashpoints import reach
from services.invoicing import looking_back
from services.people import joining
from services.support import staff
from services.trail import commands, seals
from tenancy import distribution, moving, row_security
from tenancy.database import db

tenant = AppGroup("tenant", help="Klanten van Crafter.")
support = AppGroup("support", help="Medewerkers van support.")
demo = AppGroup("demo", help="Het demoverhaal.")
keys = AppGroup("keys", help="De sleutels waarmee geheimen verzegeld zijn.")
database = AppGroup("database", help="Rechten op de database.")
audit = AppGroup("audit", help="Het logboek van elke klant.")
bookkeeping = AppGroup("e-boekhouden", help="De koppeling met e-Boekhouden.nl.")


class Migrations(click.Command):
    """Flask-Migrate's commands, read in when one is asked for (app.py, `know_migrations`)."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Theirs takes our place."""
        from flask_migrate.cli import db as theirs

        context: click.Context = theirs.make_context(info_name, args, parent, **extra)
        return context


@tenant.command("create", help="Een klant maken; toont een eenmalige link voor de eerste eigenaar.")
@click.argument("slug")
@click.option("--owner", required=True, help="E-mailadres van de eerste eigenaar.")
@click.option("--name", default="", help="Naam van het bedrijf; anders de korte naam.")
@click.option("--base-url", default="", help="Waar het portaal te bereiken is; anders BASE_URL.")
@click.option(
    "--language",
    type=click.Choice(list(LANGUAGES)),
    default=DUTCH,
    help="Van het bedrijf en een nieuwe eigenaar.",
)
def create(slug: str, owner: str, name: str, base_url: str, language: str) -> None:
    """Make a tenant and print a one-time link for its first owner."""
    try:
        _tenant_id, token = tenants.create(
            slug, name or slug.capitalize(), owner, tell=_told_of(owner), language=language
        )
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"Klant {slug} is aangemaakt. Eenmalige link voor {owner} (7 dagen geldig):")
    click.echo(_welcome(base_url or deps().settings.base_url, token))


def _told_of(owner: str) -> tenants.Tell:
    """The first entry in the trail of a tenant that a command makes."""

    def tell(session: Session, _made: Tenant, _token: str) -> None:
        record(session, staff.COMMAND, "tenant.opened", owner=email_address.as_known(owner))
        record(session, staff.COMMAND, "command.run", what="tenant create")

    return tell


def _in_every_trail(what: str) -> None:
    """What was carried out stands in the trail of each company; where that failed, it is said."""
    if not commands.tell_every_company(staff.COMMAND, what):
        click.echo(
            "LET OP: dit is gedaan, maar kon niet in elk logboek worden bijgeschreven; het log zegt waarom.", err=True
        )


@support.command("create", help="Iemand van support toegang geven; toont een eenmalige link.")
@click.argument("email")
@click.option("--name", default="", help="Naam; anders het eerste deel van het adres.")
def create_support(email: str, name: str) -> None:
    """Take somebody on for support and print a one-time link."""
    try:
        token = joining.engage_support(email, name or email.partition("@")[0])
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    _in_every_trail("support create")
    click.echo(f"Eenmalige link voor {email} (7 dagen geldig):")
    click.echo(_welcome(deps().settings.base_url, token))


@support.command(
    "end", help="Het account van iemand van support beëindigen: bezoeken, sessies, wachtwoord, tweede stap."
)
@click.argument("email")
def end_support(email: str) -> None:
    """End a support account at once."""
    with _refusals():
        staff.end(email)
    _in_every_trail("support end")
    click.echo(f"Het account van {email} bij support is beëindigd.")


@support.command("reset-factor", help="De tweede stap wissen van wie telefoon en herstelcodes kwijt is.")
@click.argument("email")
def reset_factor(email: str) -> None:
    """Forget somebody's second factor; they are logged out everywhere and told by mail."""
    with _refusals():
        staff.reset_factor(deps(), email)
    click.echo(f"De tweede stap van {email} is gewist; overal uitgelogd, en gemeld per e-mail.")


def _welcome(base_url: str, token: str) -> str:
    """The address of a one-time link, for who has no request to make it of."""
    with current_app.test_request_context(base_url=base_url):
        return url_for("auth.welcome", token=token, _external=True)


@demo.command("fill", help="Het demoverhaal vullen; staat het er al, dan gebeurt er niets.")
def fill_demo() -> None:
    """Fill the demo story; does nothing when it is there already."""
    from demo import fill, play_books

    if not deps().settings.demo:
        raise click.ClickException("Alleen met CRAFTER_ENV=demo; productie krijgt geen demo-mensen.")
    try:
        fill.fill(deps(), click.echo)
    except play_books.CannotFill as error:
        raise click.ClickException(str(error)) from error


@database.command(
    "grant",
    help="De PostgreSQL-rol van portaal en worker rechten geven. Als eigenaar van de tabellen, na elke migratie.",
)
@click.option("--role", required=True, help="De databaserol waarmee portaal en worker inloggen.")
def grant(role: str) -> None:
    """Give the app's PostgreSQL role its rights. Run as the tables' owner, after every migration."""
    try:
        with db.engine.begin() as connection:
            statements = row_security.grant(connection, role)
    except row_security.UnsafeRole as error:
        raise click.ClickException(str(error)) from error
    click.echo(";\n".join(statements) + ";")


@database.command(
    "distribute",
    help="Op Citus elke tabel haar plaats geven, verdeeld per klant. Als eigenaar, na elke migratie.",
)
def distribute_tables() -> None:
    """Give every table its place on a distributed PostgreSQL; does nothing for those that have one."""
    try:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            statements = distribution.distribute(connection, GLOBAL_TABLES)
    except distribution.CannotDistribute as error:
        raise click.ClickException(str(error)) from error
    click.echo(";\n".join([*statements, ""]) if statements else "Alle tabellen hebben hun plaats al.")


@database.command("move", help="Een installatie op SQLite overbrengen naar PostgreSQL. Stop eerst portaal en worker.")
@click.option("--to", "url", required=True, help="De nieuwe, lege database, als eigenaar: postgresql+psycopg://…")
def move_database(url: str) -> None:
    """Carry every row over to a migrated, empty PostgreSQL; goes on where it stopped when it is given again."""
    target = create_engine(url, hide_parameters=True)
    try:
        with click.progressbar(length=moving.size(db.engine), label="Rijen") as bar:
            moved = moving.move(db.engine, target, bar.update, reached=reach)
    except (Refusal, SQLAlchemyError) as error:
        raise click.ClickException(str(error)) from error
    for one in moved:
        click.echo(f"{one.rows:>10}  {one.checksum}  {one.table}")
    click.echo(f"{sum(one.rows for one in moved)} rijen overgebracht; aantallen en controlegetallen zijn gelijk.")
    click.echo("Nu: flask database grant, en portaal en worker starten met de nieuwe DATABASE_URL.")


@click.command(
    "backup", help="Een back-up van alles maken, terwijl portaal en worker doorgaan. Sleutels zitten er niet in."
)
def back_up() -> None:
    """Make a backup in BACKUP_FOLDER."""
    with _bar("Kopiëren") as told, _refusals():
        made = making.make(deps().settings, told=told)
    _in_every_trail("backup")
    click.echo(
        f"{made.path} ({made.size} bytes): {sum(made.manifest.rows.values())} rijen, tabellen {made.manifest.revision}."
    )
    click.echo(f"Bewaar ook, ergens anders: {', '.join(made.manifest.not_in_here)}.")


@click.command("restore", help="Een back-up terugzetten. Stop eerst portaal en worker; op PostgreSQL als eigenaar.")
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="De gegevens die er nu staan mogen plaatsmaken.")
def restore(archive: Path, replace: bool) -> None:
    """Put a backup back, bring its tables up to date, and have every company look back before it sends."""
    from flask_migrate import upgrade

    db.session.remove()
    db.engine.dispose()
    with _bar("Terugzetten") as told, _refusals():
        restored = restoring.restore(deps().settings, archive, replace, told)
    manifest = restored.manifest
    click.echo(f"Teruggezet: {sum(manifest.rows.values())} rijen van {manifest.taken_at}; alles klopt met de back-up.")
    if restored.aside:
        click.echo(f"Wat er stond, staat nog in {restored.aside}.")
    upgrade()
    looking_back.expect_to_be_behind()
    _in_every_trail("restore")
    click.echo(
        "Elk bedrijf kijkt eerst in e-Boekhouden na wat daar sindsdien staat, voordat het weer een factuur verstuurt."
    )
    for name in restored.missing_keys:
        click.echo(f"LET OP: de sleutel {name} van toen ontbreekt hier; wat ermee verzegeld is, gaat niet open.")
    if db.engine.dialect.name == "postgresql":
        click.echo("Nu nog: flask database grant --role ROL.")
    click.echo(
        "Start portaal en worker pas als ze minstens twee minuten stilstonden: wat vlak daarvoor verstuurd is, kan zo "
        "lang nog in e-Boekhouden aankomen."
    )


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on the screen, told how much of how much is done."""
    with click.progressbar(length=100, label=label) as bar:
        yield lambda done, total: bar.update(100 * done // max(total, 1) - bar.pos)


@contextmanager
def _refusals() -> Iterator[None]:
    """What was refused, on one line."""
    try:
        yield
    except Refusal as error:
        raise click.ClickException(str(error)) from error


@audit.command(
    "verify",
    help="Elk logboek tegen zijn zegels houden; eindigt met 1 bij een breuk. Bewaar de getoonde zegels ergens anders.",
)
@click.option("--tenant", "slug", default="", help="Eén klant, met de korte naam; anders allemaal.")
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


@keys.command(
    "status", help="Hoeveel geheimen er onder elke sleutel liggen; eindigt met 1 als er een niet open te maken is."
)
def key_status() -> None:
    """How many secrets are under each key; exits 1 when one cannot be opened."""
    _tell_keys()


@keys.command(
    "rotate",
    help="Elk geheim verzegelen met de nieuwste sleutel (de laatste in CREDENTIALS_KEY), terwijl alles draait.",
)
def rotate_keys() -> None:
    """Seal every secret under the newest key (the last in CREDENTIALS_KEY), beside running processes."""
    known = deps().settings.credentials_keys
    every = 500
    done = sealing_keys.rotate(known, lambda n: click.echo(f"{n} ...") if n % every == 0 else None)
    _in_every_trail("keys rotate")
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


@bookkeeping.command(
    "check", help="Een dienst houden tegen waar Crafter op rekent; eindigt met 1 als er iets tegenspreekt."
)
@click.option("--endpoint", required=True, help="Adres van de dienst, zoals https://soap.e-boekhouden.nl/soap.asmx.")
@click.option(
    "--username", required=True, help="De securitycodes worden gevraagd, of gelezen uit EBOEKHOUDEN_CODE1 en 2."
)
@click.option(
    "--write",
    is_flag=True,
    help="Ook één relatie, één factuur en de creditfactuur daarvan maken, als test. Alleen in een proefadministratie.",
)
@click.option("--template", default="Factuursjabloon", help="Het factuursjabloon voor de testfactuur.")
@click.option("--ledger", default="", help="De grootboekrekening voor de testfactuur; anders een omzetrekening.")
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
    app.cli.add_command(Migrations("db", help="De tabellen van de database bijwerken (Flask-Migrate)."))
    app.cli.add_command(keys)
    app.cli.add_command(back_up)
    app.cli.add_command(restore)
    app.cli.add_command(support)
    app.cli.add_command(tenant)
    app.cli.add_command(demo)
