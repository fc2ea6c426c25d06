"""Sessions: opened once, reused, reopened when refused or idle, forgotten with their credentials."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.outcome import Posted
from gateways.bookkeeping import CredentialsRefused, Declined
from gateways.eboekhouden.client import EBoekhouden
from tests.gateways.conftest import Books, draft

Connect = Callable[..., EBoekhouden]


def test_in_the_long_run_an_invoice_is_one_round_trip(books: Books) -> None:
    books.gateway.ready(books.credentials)
    books.gateway.ready(books.credentials)
    for _ in range(3):
        ours = draft()
        assert books.post(ours) == Posted(ours.number)
    assert books.calls() == ["OpenSession", "AddFactuur", "AddFactuur", "AddFactuur"]


@pytest.mark.parametrize("form", ["dotted", "plain"])
def test_a_refused_session_is_opened_again_once(books: Books, form: str) -> None:
    books.sandbox.switches("demo", session_code=form)
    books.gateway.ready(books.credentials)
    books.sandbox.mischief("demo", [{"kind": "expired_session", "operation": "*", "times": 1}])
    ours = draft()
    assert books.post(ours) == Posted(ours.number)
    codes = [call["code"] for call in books.sandbox.calls("demo", "AddFactuur")]
    assert [bool(code) for code in codes] == [True, False]
    assert books.calls() == ["OpenSession", "AddFactuur", "OpenSession", "AddFactuur"]
    assert books.numbers() == [ours.number]


@pytest.mark.parametrize("form", ["dotted", "plain"])
def test_a_read_in_a_refused_session_is_repeated_once(books: Books, form: str) -> None:
    books.sandbox.switches("demo", session_code=form)
    books.sandbox.mischief("demo", [{"kind": "expired_session", "operation": "GetRelaties", "times": 1}])
    assert books.gateway.relations(books.credentials).rows
    assert books.calls() == ["OpenSession", "GetRelaties", "OpenSession", "GetRelaties"]


def test_a_read_is_not_repeated_for_ever(books: Books) -> None:
    books.sandbox.mischief("demo", [{"kind": "expired_session", "operation": "GetRelaties", "times": 9}])
    with pytest.raises(Declined) as caught:
        books.gateway.relations(books.credentials)
    assert caught.value.code == "E002.3"
    assert books.calls() == ["OpenSession", "GetRelaties"] * 2


def test_after_a_restart_over_there_the_session_is_opened_again(books: Books) -> None:
    books.gateway.ready(books.credentials)
    books.sandbox.reset("demo")
    ours = draft()
    assert books.post(ours) == Posted(ours.number)


def test_many_threads_open_one_session(books: Books) -> None:
    books.sandbox.mischief("demo", [{"kind": "slow", "operation": "OpenSession", "seconds": 0.2}])
    together = threading.Barrier(4)
    outcomes = []

    def work() -> None:
        ours = draft()
        together.wait()
        outcomes.append(books.post(ours) == Posted(ours.number))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [True] * 4
    assert books.calls().count("OpenSession") == 1


def test_an_idle_session_is_opened_again_before_it_is_used(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    books.gateway.ready(books.credentials)
    monkeypatch.setattr("gateways.eboekhouden.sessions._IDLE_SECONDS", -1.0)
    books.gateway.ready(books.credentials)
    assert books.calls() == ["OpenSession", "OpenSession"]


def test_new_credentials_never_use_the_session_of_old_ones(books: Books) -> None:
    books.gateway.ready(books.credentials)
    books.gateway.ready(replace(books.credentials, version=2))
    books.gateway.ready(replace(books.credentials, tenant_id=2))
    assert books.calls() == ["OpenSession"] * 3


def test_a_refused_login_is_not_kept(books: Books) -> None:
    books.sandbox.mischief("demo", [{"kind": "password_changed"}])
    for _ in range(2):
        with pytest.raises(CredentialsRefused):
            books.gateway.ready(books.credentials)
    books.sandbox.clear_mischief("demo")
    books.gateway.ready(books.credentials)
    assert books.calls() == ["OpenSession"] * 3


def test_forgetting_a_tenant_closes_its_sessions_only(books: Books) -> None:
    other = replace(books.credentials, tenant_id=2)
    books.gateway.ready(books.credentials)
    books.gateway.ready(other)
    books.gateway.forget(books.credentials.tenant_id)
    books.gateway.ready(other)
    books.gateway.ready(books.credentials)
    assert books.calls() == ["OpenSession", "OpenSession", "CloseSession", "OpenSession"]


def test_closing_closes_every_session(books: Books) -> None:
    books.gateway.ready(books.credentials)
    books.gateway.ready(replace(books.credentials, tenant_id=2))
    books.gateway.close()
    assert books.calls().count("CloseSession") == 2


def test_a_session_that_cannot_be_closed_is_forgotten_all_the_same(books: Books) -> None:
    books.gateway.ready(books.credentials)
    books.sandbox.mischief("demo", [{"kind": "reset_before", "operation": "CloseSession"}])
    books.gateway.forget(books.credentials.tenant_id)
    books.gateway.ready(books.credentials)
    assert books.calls().count("OpenSession") == 2
