"""Input meant to harm: a way to another site after logging in, and cells that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from blueprints._csv import as_file
from tests.blueprints.test_auth import log_in
from tests.support.cast import EMAILS, PASSWORD

ELSEWHERE = [
    "https://kwaad.example/", "//kwaad.example/", "///kwaad.example/", "/\\kwaad.example/", "\\\\kwaad.example",
    "/\t/kwaad.example/", "/\n/kwaad.example/", "\t//kwaad.example", " //kwaad.example", "https:kwaad.example",
    "javascript:alert(1)", "http:///kwaad.example", "kwaad.example", "/\x00/kwaad.example",
    "/%5ckwaad.example/\\", "//localhost@kwaad.example/", "/x\r\nLocation: https://kwaad.example/",
]  # fmt: skip


def test_nobody_is_sent_to_another_site_after_logging_in(client_as: Any) -> None:
    for target in ELSEWHERE:
        answer = log_in(client_as(None), email=EMAILS["planner"], password=PASSWORD, next=target)
        if "\0" in target:
            assert answer.status_code == 400, repr(target)
        else:
            assert (answer.status_code, answer.location) == (303, "/"), repr(target)


def test_the_page_that_was_asked_for_survives_in_the_form_but_is_no_markup(client_as: Any) -> None:
    page = client_as(None).get("/login", query_string={"next": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


DANGEROUS = [
    "=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "＝1+1", "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://kwaad.example")',
]  # fmt: skip


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_cell_of_a_download_is_run_as_a_formula(text: str) -> None:
    answer = as_file("lijst.csv", ("Naam", text), [("Vos", text)])
    assert answer.get_data(as_text=True).startswith("\ufeff")
    head, row = csv.reader(io.StringIO(answer.get_data(as_text=True)[1:], newline=""), delimiter=";")
    assert head[1] == row[1] == f"'{text}"


@pytest.mark.parametrize("text", ["Vos & Zn; Waterveen", 'met "aanhaling"', "regel\n=2", "2026-0001", "a=b", ""])
def test_a_plain_cell_stays_as_it_is(text: str) -> None:
    answer = as_file("lijst.csv", ("Naam",), [(text, None)])
    _head, row = csv.reader(io.StringIO(answer.get_data(as_text=True)[1:], newline=""), delimiter=";")
    assert row == [text, ""]


def test_a_download_is_a_file_and_never_a_page() -> None:
    answer = as_file("lijst.csv", ("Naam",), [("<script>alert(1)</script>",)])
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="lijst.csv"'
