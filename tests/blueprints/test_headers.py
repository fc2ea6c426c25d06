"""Every answer carries the security headers; foreign sites, foreign hosts and borrowed addresses are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, request

from app import create_app
from blueprints._doors import anyone
from settings import Settings, UnsafeSettings, from_environment
from tests.support.client import HTMX, client_for

PAGES = (
    "/login",
    "/t/vos/",
    "/bestaat-niet",
    "/static/css/crafter.css",
    "/t/vos/settings/numbers/export",
    "/healthz",
)
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/dist/htmx.min.js",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


@pytest.fixture(params=PAGES)
def answer(request: pytest.FixtureRequest, client_as: Any) -> Any:
    """A page, an error, a file, a download and JSON, each asked for by the owner."""
    return client_as("owner").get(request.param)


def test_the_policy_lets_nothing_in_but_our_own_and_the_one_script(answer: Any) -> None:
    parts = [part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";")]
    assert {name: value for name, _, value in parts} == POLICY


def test_a_type_is_never_guessed(answer: Any) -> None:
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_address_of_a_page_is_told_to_no_other_site(answer: Any) -> None:
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_another_sites_window_gets_no_hold_of_ours(answer: Any) -> None:
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_camera_place_microphone_and_payment_stay_shut(answer: Any) -> None:
    assert answer.headers["Permissions-Policy"] == "camera=(), geolocation=(), microphone=(), payment=()"


def test_nothing_but_static_files_is_kept_by_a_cache(answer: Any) -> None:
    kept = answer.headers["Cache-Control"] != "no-store"
    assert kept == answer.request.path.startswith("/static/")


def test_over_https_the_browser_keeps_to_https_for_a_year(settings: Settings, client_as: Any) -> None:
    wanted = "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in client_as("owner").get("/login").headers
    assert client_as(None).get("/login", base_url="https://localhost").headers["Strict-Transport-Security"] == wanted
    behind_a_proxy = create_app(replace(settings, base_url="https://crafter.example"))
    assert behind_a_proxy.test_client().get("/healthz").headers["Strict-Transport-Security"] == wanted


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_from_another_site_changes_nothing_even_with_a_good_token(client_as: Any, site: str) -> None:
    client = client_as("owner")
    refused = client.post("/logout", headers={"Sec-Fetch-Site": site})
    assert refused.status_code == 403
    assert "Dit verzoek kwam van een andere website" in refused.text
    fragment = client.post("/logout", headers={"Sec-Fetch-Site": site} | HTMX)
    assert (fragment.status_code, "<html" in fragment.text) == (403, False)
    assert client.get("/t/vos/").status_code == 200


@pytest.mark.parametrize("site", ["same-origin", "none", None])
def test_a_request_of_our_own_goes_through(client_as: Any, site: str | None) -> None:
    assert client_as("owner").post("/logout", headers={"Sec-Fetch-Site": site} if site else {}).status_code == 303


def test_a_link_on_another_site_may_open_a_page(client_as: Any) -> None:
    assert client_as("owner").get("/t/vos/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.fixture
def hosted(settings: Settings, app: Flask) -> Flask:
    """The app, told by which names it is reached."""
    return create_app(replace(settings, trusted_hosts=("crafter.example", ".crafter.test")))


@pytest.mark.parametrize("host", ["kwaad.example", "crafter.example.kwaad.example", "crafter.example@kwaad.example"])
def test_another_hosts_name_is_refused_and_not_repeated(hosted: Flask, host: str) -> None:
    answer = client_for(hosted, "owner").get("/t/vos/", headers={"Host": host})
    assert answer.status_code == 400
    assert "kwaad" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["crafter.example", "www.crafter.test", "crafter.example:8443"])
def test_our_own_names_are_served(hosted: Flask, host: str) -> None:
    assert client_for(hosted, None).get("/healthz", headers={"Host": host}).status_code == 200


@pytest.fixture
def seen(settings: Settings, app: Flask) -> Any:
    """What the app takes a request's address and scheme for, behind so many proxies."""

    def ask(hops: int, **headers: str) -> list[str]:
        made = create_app(replace(settings, proxy_hops=hops))
        made.add_url_rule("/wie", "who", anyone(lambda: f"{request.remote_addr} {request.scheme} {request.host}"))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return made.test_client().get("/wie", headers=named, environ_base={"REMOTE_ADDR": "10.0.0.9"}).text.split()

    return ask


def test_without_a_proxy_of_ours_no_address_is_believed(seen: Any) -> None:
    told = {"X_Forwarded_For": "203.0.113.7", "X_Forwarded_Proto": "https", "X_Forwarded_Host": "kwaad.example"}
    assert seen(0, **told) == ["10.0.0.9", "http", "localhost"]


def test_behind_one_proxy_the_address_it_saw_counts_and_nothing_the_visitor_made_up(seen: Any) -> None:
    told = {
        "X_Forwarded_For": "1.2.3.4, 203.0.113.7",
        "X_Forwarded_Proto": "https",
        "X_Forwarded_Host": "kwaad.example",
    }
    assert seen(1, **told) == ["203.0.113.7", "https", "localhost"]


def test_behind_two_proxies_the_one_before_the_last_counts(seen: Any) -> None:
    assert seen(2, X_Forwarded_For="1.2.3.4, 203.0.113.7, 10.0.0.2")[0] == "203.0.113.7"


@pytest.mark.parametrize("hops", ["-1", "een", "6", "1.5"])
def test_an_odd_number_of_proxies_is_refused(hops: str, tmp_path: Any) -> None:
    with pytest.raises(UnsafeSettings, match="PROXY_HOPS"):
        from_environment({"CRAFTER_ENV": "demo", "DATA": str(tmp_path), "PROXY_HOPS": hops})


def test_the_number_of_proxies_comes_from_the_environment(tmp_path: Any) -> None:
    assert from_environment({"CRAFTER_ENV": "demo", "DATA": str(tmp_path), "PROXY_HOPS": "2"}).proxy_hops == 2
    assert from_environment({"CRAFTER_ENV": "demo", "DATA": str(tmp_path)}).proxy_hops == 0
