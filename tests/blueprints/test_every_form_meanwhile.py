"""Every form that edits a row, while somebody else edits the same row: nobody overwrites what he did not see."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import lxml.html
import pytest
from flask import Flask, Response, redirect, request
from werkzeug.routing import Rule

from blueprints._deeds import EDITS, edits
from blueprints._doors import door, tenant_blueprint
from domain.relation import RelationDetails
from services.catalogue import relations
from services.company import workers
from services.transaction import write_transaction
from tenancy.clock import today
from tenancy.database import db
from tests.blueprints.test_every_form import deed_of, posts
from tests.isolation.test_neighbour import ids_of, url
from tests.support.cast import make_order, process
from tests.support.client import HouseClient, client_for, folded

# What of a route cannot be seen by filling its form in and opening it again, and which test shows it.
ELSEWHERE = {
    "settings.save_connection": "its codes are never shown: test_codes_of_another_are_not_replaced_unseen",
    "work_orders.not_billable": "its reason is asked, not shown: test_a_reason_of_another_is_not_replaced_unseen",
    "settings.save_features": "one switch: two who changed it made the same of it",
    "settings.save_notices": "switches only: two who changed one made the same of it",
}
SWITCHES_ONLY = {"settings.save_features", "settings.save_notices"}


class Page:
    """A form as somebody has it open: what a press would send."""

    def __init__(self, html: str, address: str) -> None:
        found = [form for form in lxml.html.fromstring(html).forms if form.get("action") == address]
        assert len(found) == 1, address
        self.form = found[0]
        values = [(name, value or "") for name, value in self.form.form_values()]
        self.typed: dict[str, list[str]] = {}
        for name, value in values:
            if "__N__" not in name and name not in {"csrf_token", "once"}:  # a page is sent more than once here
                self.typed.setdefault(name, []).append(value.removeprefix("\n"))  # which a browser leaves out

    def says(self, name: str) -> str:
        """What is told about a field that others changed too, or nothing."""
        for box in self.form.xpath(".//input[@name='take']"):
            if box.get("value") == name:
                return folded(box.getparent().getparent().text_content())
        return ""

    def told(self, name: str, value: str) -> str:
        """How people read a value of this field: of a choice its words; of a day its number."""
        for option in self.form.xpath(f".//select[@name='{name}']//option"):
            if option.get("value") == value:
                return folded(option.text_content())
        return value[-2:].lstrip("0") if self.form.xpath(f".//input[@name='{name}'][@type='date']") else value

    def others(self) -> dict[str, list[str]]:
        """By field, values that it does not hold now, where the test knows at least two; in the order of the page."""
        known = {}
        for one in self.form.xpath(".//input | .//textarea | .//select"):
            name, kind = one.get("name") or "", one.get("type") or one.tag
            if "__N__" in name or name.endswith("-text") or name == "take":
                continue
            if kind == "select":
                pool = [option.get("value") for option in one.xpath(".//option") if option.get("value")]
            else:
                pool = _pool(kind, one.get("inputmode") or "")
            held = self.typed.get(name, [""])[0]
            left = [value for value in pool if value != held]
            if len(left) > 1:
                known[name] = left
        return known

    def ticks(self) -> list[str]:
        """The switches of the form."""
        return [box.get("name") for box in self.form.xpath(".//input[@type='checkbox']") if box.get("name") != "take"]


def _pool(kind: str, mode: str) -> list[str]:
    """Values for a field of this kind; of each there is one that it does not hold and another."""
    if kind == "date":
        return [(today(db.session()) + timedelta(days=ahead)).isoformat() for ahead in (1, 2, 3)]
    if mode == "decimal":
        return ["21,00", "22,00", "23,00"]
    pools = {
        "time": ["10:15", "11:45", "13:00"],
        "email": ["een@elders.example", "twee@elders.example", "drie@elders.example"],
        "text": ["21", "22", "23"] if mode == "numeric" else ["Van een ander", "Van mij", "Nog anders"],
        "textarea": ["Van een ander", "Van mij", "Nog anders"],
    }  # fmt: skip
    return pools.get(kind, [])


class Walk:
    """One form that is edited by two people."""

    def __init__(self, app: Flask, endpoint: str, names: dict[str, UUID]) -> None:
        rules = [rule for rule in app.url_map.iter_rules() if rule.arguments - {"tenant_slug"} <= set(names)]
        (self.rule,) = (rule for rule in rules if rule.endpoint == endpoint and "POST" in (rule.methods or ()))
        self.address = url(app, self.rule, "vos", names)
        self.mine, self.other = client_for(app, "owner"), client_for(app, "owner")
        self.shows = next(page for rule in self._near(rules) if self._has(page := url(app, rule, "vos", names)))

    def _near(self, rules: list[Rule]) -> list[Rule]:
        """The pages of the same area about the same rows, whose address begins most alike first."""
        area = self.rule.endpoint.partition(".")[0]
        near = [
            rule for rule in rules
            if rule.endpoint.partition(".")[0] == area and "GET" in (rule.methods or ())
            and rule.arguments == self.rule.arguments
        ]  # fmt: skip
        return sorted(near, key=lambda rule: (abs(len(rule.rule) - len(self.rule.rule)), rule.rule))

    def _has(self, page: str) -> bool:
        answer = self.mine.get(page)
        return answer.status_code == 200 and f'action="{self.address}"' in answer.text

    def open(self) -> Page:
        """The form, opened now."""
        return Page(self.mine.get(self.shows).text, self.address)

    def press(self, who: HouseClient, page: Page, **changed: str) -> Any:
        """Send what stands in an opened form, with other values in some fields; an empty one takes a tick out."""
        form = {**page.typed, **{name: [value] for name, value in changed.items() if value}}
        return who.post(self.address, data={name: form[name] for name in form if changed.get(name) != ""})

    def usable(self) -> list[str]:
        """At most two fields of which a change is seen when the form is opened again."""
        found: list[str] = []
        for name, values in self.open().others().items():
            answer = self.press(self.other, self.open(), **{name: values[0]})
            if answer.status_code in {200, 303} and self.open().typed.get(name) == values[:1]:
                found.append(name)
            if len(found) == 2:
                break
        return found


def complaints(walk: Walk) -> list[str]:
    """What is wrong with a form that two people edit, in words."""
    usable = walk.usable()
    if not usable:
        return ["no field of it can be changed and seen"]
    return [*_unchanged(walk, usable[0]), *_same_field(walk, usable[0]), *_two_fields(walk, *usable[:2])]


def _unchanged(walk: Walk, name: str) -> list[str]:
    page = walk.open()
    theirs = page.others()[name][0]
    walk.press(walk.other, walk.open(), **{name: theirs})
    walk.press(walk.mine, page)
    return [] if walk.open().typed[name] == [theirs] else [f"{name}: who changed nothing puts it back"]


def _same_field(walk: Walk, name: str) -> list[str]:
    found, page = [], walk.open()
    theirs, mine = page.others()[name][:2]
    assert walk.press(walk.other, walk.open(), **{name: theirs}).status_code in {200, 303}
    answer = walk.press(walk.mine, page, **{name: mine})
    if answer.status_code != 422:
        return [f"{name}: what another made of it is overwritten unseen"]
    if walk.open().typed[name] != [theirs]:
        found.append(f"{name}: refused, and not as the other left it")
    shown = Page(answer.text, walk.address)
    if shown.typed[name] != [mine] or shown.told(name, theirs) not in shown.says(name):
        found.append(f"{name}: both values are not beside each other: {shown.says(name)!r}")
    taken = walk.press(walk.mine, shown, take=name)
    if taken.status_code not in {200, 303} or walk.open().typed[name] != [theirs]:
        found.append(f"{name}: what stands cannot be taken over")
    again = walk.press(walk.mine, shown)
    if again.status_code not in {200, 303} or walk.open().typed[name] != [mine]:
        found.append(f"{name}: the next press does not replace it")
    return found


def _two_fields(walk: Walk, mine: str, theirs: str = "") -> list[str]:
    if not theirs:
        return []
    page = walk.open()
    mine_now, theirs_now = page.others()[mine][0], page.others()[theirs][0]
    assert walk.press(walk.other, walk.open(), **{theirs: theirs_now}).status_code in {200, 303}
    answer = walk.press(walk.mine, page, **{mine: mine_now})
    after = walk.open().typed
    kept = answer.status_code in {200, 303} and (after[mine], after[theirs]) == ([mine_now], [theirs_now])
    return [] if kept else [f"{theirs}: is not kept when somebody else changes {mine}"]


@pytest.fixture
def named(vos: SimpleNamespace) -> dict[str, dict[str, UUID]]:
    """The rows that each form is about, where not every row will do."""
    process("vos")
    here = relations.create(process("vos"), RelationDetails("Alleen hier"))
    planned = make_order(
        process("vos"), vos.relation_id, "draft", planned_on=today(db.session()), worker_id=vos.worker_id
    )
    editable = make_order(process("vos"), vos.relation_id, "draft", worker_id=vos.worker_id)
    return {
        "relations.update": {"relation_id": here}, "planning.plan": {"order_id": planned},
        "work_orders.update": {"order_id": editable},
    }  # fmt: skip


def editing(app: Flask) -> list[str]:
    """Every route that edits a row."""
    return sorted({rule.endpoint for rule in posts(app) if (deed := deed_of(app, rule)) and deed.kind == EDITS})


def test_the_exceptions_are_few_and_each_says_why(app: Flask) -> None:
    assert len(editing(app)) > 12
    assert set(ELSEWHERE) <= set(editing(app))
    assert len(ELSEWHERE) <= 8
    assert all(ELSEWHERE.values())


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nobody_overwrites_what_he_did_not_see_in_any_form(
    app: Flask, vos: SimpleNamespace, named: dict[str, dict[str, UUID]]
) -> None:
    found = []
    for endpoint in editing(app):
        walk = Walk(app, endpoint, ids_of(vos) | named.get(endpoint, {}))
        if not walk.open().typed.get("opened"):
            found.append(
                f"{endpoint}: its form does not say what it was opened on: csrf(form), and form.on(…) in the view"
            )
        elif endpoint not in ELSEWHERE:
            found += [f"{endpoint}: {line}" for line in complaints(walk)]
    print(*found, sep="\n")
    assert found == []


@pytest.mark.parametrize("endpoint", sorted(SWITCHES_ONLY))
def test_a_switch_that_another_turned_stays_turned(app: Flask, vos: SimpleNamespace, endpoint: str) -> None:
    walk = Walk(app, endpoint, ids_of(vos))
    page = walk.open()
    for name in page.ticks()[:2]:
        turned = "" if page.typed.get(name) else "y"
        walk.press(walk.other, walk.open(), **{name: turned})
        walk.press(walk.mine, page)
        assert bool(walk.open().typed.get(name)) is bool(turned), name
        page = walk.open()


@pytest.mark.parametrize("endpoint", sorted(SWITCHES_ONLY))
def test_a_switch_that_was_opened_on_what_never_stood_is_shown_again(
    app: Flask, vos: SimpleNamespace, endpoint: str
) -> None:
    walk = Walk(app, endpoint, ids_of(vos))
    page = walk.open()
    name = page.ticks()[0]
    page.typed["opened"] = [f"{name}:{'0' * 16}"]
    answer = walk.press(walk.mine, page, **{name: "" if page.typed.get(name) else "y"})
    assert answer.status_code == 422
    assert "Intussen staat hier iets anders" in answer.text
    assert walk.open().typed.get(name) == page.typed.get(name)


def test_a_form_without_it_is_seen(app: Flask, vos: SimpleNamespace) -> None:
    blueprint = tenant_blueprint("forgotten", __name__, "/vergeten")

    @blueprint.route("/<uuid:worker_id>", methods=["GET", "POST"])
    @door("settings:write")
    @edits("worker", at="settings.workers")
    def save(worker_id: UUID) -> Response | str:
        if request.method == "POST":
            with write_transaction():
                workers.get(worker_id).name = request.form["name"]
            return redirect(request.path, 303)  # type: ignore[return-value]
        name = workers.get(worker_id).name
        return f'<form method="post" action="{request.path}"><input type="text" name="name" value="{name}"></form>'

    app.register_blueprint(blueprint)
    assert "forgotten.save" in editing(app)
    told = complaints(Walk(app, "forgotten.save", ids_of(vos)))
    assert told == [
        "name: who changed nothing puts it back", "name: what another made of it is overwritten unseen",
    ]  # fmt: skip


def test_codes_of_another_are_not_replaced_unseen(app: Flask, vos: SimpleNamespace) -> None:
    walk = Walk(app, "settings.save_connection", ids_of(vos))
    codes = {"code1": "00112233445566778899aabbccddeeff", "code2": "11111111-2222-3333-4444-555555555555"}
    page = walk.open()
    assert walk.press(walk.other, walk.open(), **codes).status_code == 303
    late = walk.press(walk.mine, page, code1="fedcba9876543210fedcba9876543210")
    assert late.status_code == 422
    assert "een andere code, die niet in te zien is" in Page(late.text, walk.address).says("code1")
    assert codes["code1"] not in late.text
    assert walk.press(walk.mine, page, username=page.typed["username"][0]).status_code == 303, (
        "nothing of it was changed"
    )


def test_a_price_stays_when_an_open_form_changes_the_description_only(app: Flask, vos: SimpleNamespace) -> None:
    walk = Walk(app, "articles.update", ids_of(vos))
    walk.mine = client_for(app, "planner")
    page = walk.open()
    assert walk.press(walk.other, walk.open(), price="99").status_code == 303
    saved = walk.press(walk.mine, page, description="Rookmelder, tien jaar")
    assert saved.status_code == 303
    assert "Dat blijft staan: Prijs per eenheid" in walk.mine.get("/t/vos/articles/").text
    after = walk.open().typed
    assert (after["price"], after["description"]) == (["99,00"], ["Rookmelder, tien jaar"])


def test_who_moves_an_order_second_is_told_who_moved_it_where(
    app: Flask, vos: SimpleNamespace, named: dict[str, dict[str, UUID]]
) -> None:
    walk = Walk(app, "planning.plan", ids_of(vos) | named["planning.plan"])
    walk.mine = client_for(app, "planner")
    (first, second), page = _pool("date", "")[:2], walk.open()
    assert walk.press(walk.other, walk.open(), planned_on=first, planned_from="08:00").status_code == 303
    late = walk.press(walk.mine, page, planned_on=second, planned_from="13:00")
    assert late.status_code == 422
    shown = Page(late.text, walk.address)
    assert "Laatst gewijzigd door" in shown.says("planned_on")
    assert "08:00" in shown.says("planned_from")
    assert shown.typed["planned_on"] == [second]
    assert walk.press(walk.mine, shown, take="planned_from").status_code == 303
    after = walk.open().typed
    assert (after["planned_on"], after["planned_from"]) == ([second], ["08:00"])


def test_a_mechanic_who_begins_costs_the_office_nothing_of_its_edit(
    app: Flask, vos: SimpleNamespace, named: dict[str, dict[str, UUID]]
) -> None:
    walk = Walk(app, "work_orders.update", ids_of(vos) | {"order_id": named["planning.plan"]["order_id"]})
    page = walk.open()
    begun = walk.other.post(walk.address.replace("/edit", "/move/start"))
    assert begun.status_code == 303
    assert walk.press(walk.mine, page, title="Ketel vervangen").status_code == 303
    assert walk.open().typed["title"] == ["Ketel vervangen"]


def test_lines_that_both_changed_stand_readable_beside_each_other(
    app: Flask, vos: SimpleNamespace, named: dict[str, dict[str, UUID]]
) -> None:
    walk = Walk(app, "work_orders.update", ids_of(vos) | named["work_orders.update"])
    page = walk.open()
    field = "lines-0-description"
    assert walk.press(walk.other, walk.open(), **{field: "Van een ander"}).status_code == 303
    untouched = walk.press(walk.mine, page, title="Alleen de titel")
    assert untouched.status_code == 303
    assert walk.open().typed[field] == ["Van een ander"]
    late = walk.press(walk.mine, page, **{field: "Van mij"})
    assert late.status_code == 422
    shown = Page(late.text, walk.address)
    assert "Van een ander" in shown.form.xpath("string(.//input[@name='take'][@value='lines']/ancestor::div[1])")
    assert shown.typed[field] == ["Van mij"]
    assert walk.press(walk.mine, shown).status_code == 303
    assert walk.open().typed[field] == ["Van mij"]


def test_a_reason_of_another_is_not_replaced_unseen(app: Flask, vos: SimpleNamespace) -> None:
    walk = Walk(app, "work_orders.not_billable", ids_of(vos))
    page = walk.open()
    assert walk.press(walk.other, walk.open(), reason="Garantie").status_code == 303
    late = walk.press(walk.mine, page, reason="Uit coulance")
    assert late.status_code == 422
    assert "Garantie" in Page(late.text, walk.address).says("reason")
