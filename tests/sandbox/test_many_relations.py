"""Twenty-five thousand relations: the cap, and narrowing by a keyword until everything has been seen."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.sandbox import raw
from tests.sandbox.soap_client import SoapClient
from tests.support.sandbox_process import Sandbox
from tests.support.waiting import cpu_seconds

_NUMBER = 25_000
_CAP = 2000
_SECONDS = 5  # of the processor: how busy the machine is does not matter
_CODE = re.compile("<cRelatie>.*?<Code>(.*?)</Code>")
pytestmark = pytest.mark.xdist_group("crowd")  # one crowd is enough


@pytest.fixture(scope="module")
def crowd(shared_sandbox: Sandbox) -> Iterator[tuple[Sandbox, SoapClient]]:
    """A sandbox whose administration `demo` has 25,000 relations more than at its seed."""
    shared_sandbox.reset("demo")
    before = len(shared_sandbox.relations("demo"))
    assert shared_sandbox.relations("demo", {"generate": _NUMBER})["relations"] == before + _NUMBER
    client = SoapClient(shared_sandbox)
    client.log_in()
    yield shared_sandbox, client
    client.close()
    shared_sandbox.reset("demo")


def _codes(crowd: tuple[Sandbox, SoapClient], word: str = "") -> set[str]:
    return set(_CODE.findall(_answer(crowd, word)))


def _answer(crowd: tuple[Sandbox, SoapClient], word: str) -> str:
    sandbox, client = crowd
    payload = f"<cFilter><Trefwoord>{word}</Trefwoord><ID>0</ID></cFilter>"
    begin = cpu_seconds(sandbox.pid)
    text = raw.post(sandbox, raw.envelope(raw.element("GetRelaties", client.session_id, client.code2, payload))).text
    assert cpu_seconds(sandbox.pid) - begin < _SECONDS
    return text


def test_no_more_than_the_cap_come_in_one_answer(crowd: tuple[Sandbox, SoapClient]) -> None:
    assert len(_codes(crowd)) == _CAP
    assert len(_codes(crowd, "proef.example")) == _CAP


def test_narrowing_by_the_code_gives_whole_parts(crowd: tuple[Sandbox, SoapClient]) -> None:
    for thousand, number in ((0, 999), (1, 1000), (17, 1000), (24, 1000), (25, 1), (26, 0)):
        assert len(_codes(crowd, f"g{thousand:03d}")) == number


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("G012345", "G012345"),
        ("g012345", "G012345"),
        ("proefrelatie 12345", "G012345"),
        ("RELATIE12345@", "G012345"),
        ("contact 12345", "G012345"),
    ],
)
def test_the_keyword_looks_in_code_company_contact_and_mail(
    crowd: tuple[Sandbox, SoapClient], word: str, code: str
) -> None:
    assert _codes(crowd, word) == {code}


def test_the_keyword_looks_in_the_town_and_in_no_other_field(crowd: tuple[Sandbox, SoapClient]) -> None:
    in_town = _answer(crowd, "sint aldert")
    assert in_town.count("<cRelatie>") == in_town.count("<Plaats>Sint Aldert</Plaats>") == _CAP
    assert _codes(crowd, "proefstraat") == set(), "the street is not searched"
    assert _codes(crowd, "012345 proefrelatie") == set(), "a word does not run on from one field into the next"


def test_the_pages_stay_quick(crowd: tuple[Sandbox, SoapClient]) -> None:
    sandbox, _ = crowd
    for path in ("/", "/demo/relaties", "/demo/relaties?zoek=proefrelatie+9", "/demo/facturen"):
        begin = cpu_seconds(sandbox.pid)
        assert raw.ask(sandbox, "GET", path).status == 200
        assert cpu_seconds(sandbox.pid) - begin < 2, path
