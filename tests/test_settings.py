"""Settings refuse to start on missing or unsafe values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from app import make_bookkeeping
from gateways.eboekhouden.client import EBoekhouden
from settings import Operator, UnsafeSettings, from_environment

SECRET, KEY, OTHER = (hashlib.sha256(name).hexdigest() for name in (b"secret", b"key", b"other"))
PRODUCTION = {
    "CRAFTER_ENV": "production",
    "DATABASE_URL": "postgresql+psycopg://crafter@127.0.0.1/crafter",
    "SECRET_KEY": SECRET,
    "CREDENTIALS_KEY": f"v1:{KEY}",
    "EBOEKHOUDEN_URL": "https://soap.e-boekhouden.nl/soap.asmx",
    "TRUSTED_HOSTS": "crafter.example",
    "BASE_URL": "https://crafter.example",
    "MAIL_URL": "smtp://crafter:geheim%40post@mail.crafter.example:587",
    "MAIL_FROM": "Crafter <post@crafter.example>",
}
NEEDED = ["DATABASE_URL", "SECRET_KEY", "CREDENTIALS_KEY", "EBOEKHOUDEN_URL", "TRUSTED_HOSTS", "BASE_URL", "MAIL_URL",
          "MAIL_FROM"]  # fmt: skip


def test_a_complete_production_starts() -> None:
    settings = from_environment(PRODUCTION)
    assert settings.production
    assert not settings.demo
    assert not settings.trial
    assert settings.sandbox_control_url == ""
    assert settings.credentials_keys["v1"] == bytes.fromhex(KEY)


@pytest.mark.parametrize("name", NEEDED)
def test_production_misses_nothing_in_silence(name: str) -> None:
    with pytest.raises(UnsafeSettings, match=name):
        from_environment({key: value for key, value in PRODUCTION.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CRAFTER_ENV", "prod"),
        ("CRAFTER_ENV", "Production"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "s" * 40),
        ("SECRET_KEY", "wachtwoordwachtwoordwachtwoordwachtwoord"),
        ("SECRET_KEY", KEY),
        ("CREDENTIALS_KEY", "v1:abc"),
        ("CREDENTIALS_KEY", "v1:" + "ab" * 32),
        ("CREDENTIALS_KEY", f"v1:{KEY},v1:{OTHER}"),
        ("CREDENTIALS_KEY", f"v1:{KEY},v2:{KEY}"),
        ("CREDENTIALS_KEY", f"v1:{SECRET}"),
        ("AUDIT_KEY", f"v1:{KEY}"),
        ("AUDIT_KEY", "v1:" + "0" * 64),
        ("METRICS_TOKEN", SECRET),
        ("METRICS_TOKEN", "x" * 40),
        ("DATABASE_URL", "postgres://crafter@127.0.0.1/crafter"),
        ("DATABASE_URL", "postgresql+psycopg2://crafter@127.0.0.1/crafter"),
        ("DATABASE_URL", "sqlite:////var/lib/crafter.sqlite3"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "crafter"),
        ("DATABASE_URL", "postgresql+psycopg://crafter@host:port/crafter"),
        ("BACKUP_DATABASE_URL", "postgresql+psycopg2://x@host/crafter"),
        ("QUEUE_URL", "wachtrij"),
        ("QUEUE_URL", "redis:///0"),
        ("QUEUE_URL", "redis://host:poort/0"),
        ("QUEUE_URL", "sqlite://wachtrij"),
        ("EBOEKHOUDEN_URL", "http://soap.e-boekhouden.nl/soap.asmx"),
        ("EBOEKHOUDEN_URL", "https://soap.e-boekhouden.nl@elders.example/soap.asmx"),
        ("EBOEKHOUDEN_URL", "https://127.0.0.1:8099/soap.asmx"),
        ("EBOEKHOUDEN_URL", "http://localhost:8099/soap.asmx"),
        ("EBOEKHOUDEN_URL", "https://127.9.9.9/soap.asmx"),
        ("EBOEKHOUDEN_URL", "file:///etc/passwd"),
        ("EBOEKHOUDEN_URL", "https://soap.e-boekhouden.nl:poort/soap.asmx"),
        ("EBOEKHOUDEN_URL", "https://soap.e-boekhouden.nl/soap.asmx?wsdl"),
        ("EBOEKHOUDEN_URL", "https://[half"),
        ("TRUSTED_HOSTS", ","),
        ("TRUSTED_HOSTS", "*"),
        ("TRUSTED_HOSTS", ".example"),
        ("TRUSTED_HOSTS", "crafter.example,"),
        ("TRUSTED_HOSTS", "crafter.example:443"),
        ("TRUSTED_HOSTS", "iets.example"),
        ("HTMX_SOURCE", "elsewhere"),
        ("BASE_URL", "http://crafter.example"),
        ("BASE_URL", "http://127.0.0.1:8000"),
        ("BASE_URL", "https://127.0.0.1:8000"),
        ("BASE_URL", "https://localhost"),
        ("BASE_URL", "https://crafter.example@elders.example"),
        ("BASE_URL", "https://crafter.example/#x"),
        ("BASE_URL", "https://crafter.example:poort"),
        ("MAIL_FROM", "Crafter"),
        ("MAIL_FROM", "Crafter <post@crafter.example>\r\nBcc: ieder@elders.example"),
        ("MAIL_FROM", "post@crafter.example,ander@elders.example"),
        ("MAIL_FROM", "Crafter <post@crafter.example> <ander@elders.example>"),
        ("MAIL_FROM", "crafter@localhost"),
        ("MAIL_URL", "smtp://post@mail.crafter.example:poort"),
        ("BASE_URL", "https://crafter.example/portaal"),
        ("MAIL_URL", "https://mail.crafter.example"),
        ("SEARCH_CALLS", "0"),
        ("SEARCH_CALLS", "veel"),
        ("SEARCH_PAUSE", "11"),
        ("PRICE_URL", "http://prijzen.example"),
        ("SECURITY_CONTACT", "mailto:lek@crafter.example"),
        ("SECURITY_EXPIRES", "2027-06-30"),
        ("SECURITY_EXPIRES", "30 juni"),
        ("CREDENTIALS_KEY", "v1:" + "zz" * 32),
        ("AUDIT_KEY", "kort"),
        ("METRICS_TOKEN", "kort"),
        ("PROXY_HOPS", "6"),
    ],
)
def test_an_unsafe_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(UnsafeSettings) as refused:
        from_environment({**PRODUCTION, name: value})
    assert name in str(refused.value)
    assert refused.value.__cause__ is None
    assert name == "CRAFTER_ENV" or len(value) < 8 or value not in str(refused.value).replace(name, "")


def test_without_its_name_nothing_starts() -> None:
    """All of production's settings, and one forgotten: that was a demo, with its outbox open to strangers."""
    for left_out in ({key: value for key, value in PRODUCTION.items() if key != "CRAFTER_ENV"}, {}):
        with pytest.raises(UnsafeSettings, match=r"CRAFTER_ENV is None; it must be production, trial .* or demo"):
            from_environment(left_out)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"BASE_URL": "https://crafter.example"},
        {"EBOEKHOUDEN_URL": PRODUCTION["EBOEKHOUDEN_URL"]},
        {"MAIL_URL": "smtp://127.0.0.1:25"},
        {"DATABASE_URL": PRODUCTION["DATABASE_URL"]},
    ],
)
def test_a_demo_is_for_one_machine(tmp_path: Path, elsewhere: Mapping[str, str]) -> None:
    with pytest.raises(UnsafeSettings, match=f"^{next(iter(elsewhere))} must .* say trial or production$"):
        from_environment({"CRAFTER_ENV": "demo", "DATA": str(tmp_path), **elsewhere})
    settings = from_environment({"CRAFTER_ENV": "demo", "DATA": str(tmp_path)})
    assert settings.trusted_hosts == ("127.0.0.1", "localhost")


@pytest.mark.parametrize("name", ["EBOEKHOUDEN_URL", "MAIL_URL"])
def test_a_trial_sends_nothing_to_anybody(tmp_path: Path, name: str) -> None:
    here = {"CRAFTER_ENV": "trial", "DATA": str(tmp_path), "DATABASE_URL": PRODUCTION["DATABASE_URL"],
            "BASE_URL": "https://proef.example", "MAIL_URL": "smtp://localhost:1025"}  # fmt: skip
    settings = from_environment(here)
    assert (settings.trial, settings.production, settings.https) == (True, False, True)
    with pytest.raises(UnsafeSettings, match=f"^{name} must be on loopback"):
        from_environment({**here, name: PRODUCTION[name]})


def test_everything_that_is_wrong_is_told_at_once_and_no_secret_with_it() -> None:
    wrong = {
        "SEARCH_CALLS": "veel",
        "CREDENTIALS_KEY": "v1:geheim",
        "MAIL_URL": "http://x:geheim@y",
        "HTMX_SOURCE": "x",
    }
    with pytest.raises(UnsafeSettings) as refused:
        from_environment({**PRODUCTION, **wrong})
    lines = str(refused.value).splitlines()
    assert sorted(line.split()[0].rstrip(":") for line in lines) == sorted(wrong)
    assert "geheim" not in str(refused.value)
    assert "must read smtp://user:password@host:587" in str(refused.value)


def test_who_runs_the_portal_is_what_is_given_and_nothing_else() -> None:
    assert from_environment(PRODUCTION).operator == Operator()
    given = {"SUPPORT_EMAIL": "hulp@crafter.example", "SECURITY_CONTACT": "https://crafter.example/lek",
             "SECURITY_EXPIRES": "2027-06-30"}  # fmt: skip
    operator = from_environment({**PRODUCTION, **given}).operator
    assert (operator.support_email, operator.security_expires) == ("hulp@crafter.example", date(2027, 6, 30))


def test_the_demo_makes_its_keys_once_and_keeps_them_to_itself(tmp_path: Path) -> None:
    first = from_environment({"CRAFTER_ENV": "demo", "DATA": str(tmp_path)})
    second = from_environment({"CRAFTER_ENV": "demo", "DATA": str(tmp_path)})
    assert first.secret_key == second.secret_key
    assert first.credentials_keys == second.credentials_keys
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_secrets_do_not_show_in_the_settings_text() -> None:
    settings = from_environment(PRODUCTION)
    assert SECRET not in repr(settings)
    assert KEY not in repr(settings)
    assert "geheim" not in repr(settings)


def test_the_search_beyond_their_cap_keeps_to_its_budget() -> None:
    settings = from_environment({**PRODUCTION, "SEARCH_CALLS": "900", "SEARCH_PAUSE": "0.5"})
    assert (settings.search_calls, settings.search_pause) == (900, 0.5)
    books = make_bookkeeping(settings)
    assert isinstance(books, EBoekhouden)
    assert (books.narrowing.calls, books.narrowing.pause, books.narrowing.seconds) == (900, 0.5, 900.0)
    usual = make_bookkeeping(from_environment(PRODUCTION))
    assert isinstance(usual, EBoekhouden)
    assert (usual.narrowing.calls, usual.narrowing.seconds) == (200, 120.0)
