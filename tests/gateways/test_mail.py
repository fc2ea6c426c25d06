"""Letters over real SMTP: what arrives, what each no means, and that nothing goes in the clear or for ever."""

from __future__ import annotations

import ssl
import time
from pathlib import Path

import pytest

from gateways.mail import Letter, Smtp, mail_server
from tests.support.mail_server import MailServerState, running_mail_server

LETTER = Letter("0197-abc", "jan@klant.example", "Uitnodiging: één plek", "Beste Jan,\n\n.begint met een punt\n€ 5",
                "Sun, 22 Nov 2026 18:00:00 +0000")  # fmt: skip
SENDER = "Crafter <post@crafter.example>"


def smtp_to(state: MailServerState, login: str = "", **limits: float) -> Smtp:
    """The port towards a server of ours."""
    return Smtp(mail_server(f"smtp://{login}127.0.0.1:{state.port}"), SENDER, trust=state.trust, **limits)


def test_a_letter_arrives_whole_and_encrypted_after_logging_in(tmp_path: Path) -> None:
    with running_mail_server(tmp_path, tls=True) as state:
        assert smtp_to(state, "crafter:ge%40heim@").send(LETTER).state == "sent"
    (letter,) = state.letters
    assert (letter["To"], letter["Subject"]) == ("jan@klant.example", "Uitnodiging: één plek")
    assert (letter["From"], letter["Message-ID"]) == (SENDER, "<0197-abc@crafter.example>")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().replace("\r\n", "\n").strip() == LETTER.text
    assert state.encrypted == [True]
    assert len(state.logins) == 1


def test_a_certificate_nobody_trusts_stops_the_letter(tmp_path: Path) -> None:
    with running_mail_server(tmp_path, tls=True) as state:
        state.trust = ssl.create_default_context()
        handed = smtp_to(state, "crafter:geheim@").send(LETTER)
    assert handed.state == "later"
    assert "CERTIFICATE" in handed.why.upper()
    assert (state.letters, state.logins) == ([], [])


def test_smtps_is_encrypted_from_the_first_byte(tmp_path: Path) -> None:
    with running_mail_server(tmp_path, tls=True) as state:
        state.tls_at_once = True
        server = mail_server(f"smtps://crafter:geheim@127.0.0.1:{state.port}")
        assert Smtp(server, SENDER, trust=state.trust).send(LETTER).state == "sent"
    assert state.encrypted == [True]


def test_a_server_elsewhere_without_encryption_gets_neither_password_nor_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateways.mail.is_here", lambda host: host != "127.0.0.9")  # all there is here is on loopback
    with running_mail_server(tmp_path, host="127.0.0.9") as state:
        handed = Smtp(mail_server(f"smtp://crafter:geheim@127.0.0.9:{state.port}"), SENDER).send(LETTER)
    assert handed.state == "later"
    assert (state.logins, state.letters) == ([], [])


@pytest.mark.parametrize(
    ("mood", "state", "arrived"),
    [
        ("no_such_box", "refused", 0),
        ("no_content", "refused", 0),
        ("greylisted", "later", 0),
        ("no_login", "later", 0),
        ("lost_answer", "unknown", 1),
    ],
)
def test_what_each_answer_means(tmp_path: Path, mood: str, state: str, arrived: int) -> None:
    with running_mail_server(tmp_path) as server:
        server.moods = [mood]
        handed = smtp_to(server, "crafter:geheim@").send(LETTER)
    assert handed.state == state, handed
    assert "geheim" not in handed.why
    assert len(server.letters) == arrived


def test_nobody_listening_means_later() -> None:
    handed = Smtp(mail_server("smtp://127.0.0.1:9"), SENDER, step=1).send(LETTER)
    assert handed.state == "later"


def test_a_server_that_drips_holds_us_no_longer_than_the_limit(tmp_path: Path) -> None:
    with running_mail_server(tmp_path) as server:
        server.moods = ["drip"]
        began = time.monotonic()
        handed = smtp_to(server, step=1, whole=1.5).send(LETTER)
    assert handed.state == "later"
    assert time.monotonic() - began < 15


def test_an_address_cannot_smuggle_a_header_in(tmp_path: Path) -> None:
    with running_mail_server(tmp_path) as server:
        bad = Letter("1", "jan@klant.example\r\nBcc: all@klant.example", "x", "y", LETTER.date)
        assert smtp_to(server).send(bad).state == "refused"
    assert server.connections == 0


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "mail.example:25"])
def test_a_wrong_address_of_the_server_is_told_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="MAIL_URL"):
        mail_server(url)


def test_the_port_and_the_login_come_from_the_url() -> None:
    server = mail_server("smtps://crafter:a%3Ab@mail.example")
    assert (server.host, server.port, server.encrypted, server.username) == ("mail.example", 465, True, "crafter")
    assert server.password.reveal() == "a:b"
    assert "a:b" not in repr(server)
