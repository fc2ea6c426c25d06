"""Where what is wrong with an invoice is mended: the address and the name of the button that leads there."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from blueprints._doors import present_actor
from blueprints.work_orders._blueprint import blueprint
from domain.preflight import Blocker


@blueprint.app_template_global()
def mend(order: Any, where: str) -> tuple[str, str] | None:
    """Address and name of the button that leads to where a code of the bookkeeping is mended; None when nowhere."""
    actor = present_actor()
    if where == "relation_code" and order.relation_id and actor.may("relation:write"):
        return url_for("relations.show", relation_id=order.relation_id, _anchor="code"), _("Relatiecode herstellen")
    if where == "location" and order.relation_id and order.location_id and actor.may("relation:write"):
        place = {"relation_id": order.relation_id, "location_id": order.location_id}
        return url_for("relations.edit_location", **place), _("Werklocatie verbeteren")
    if where in {"lines", "order"} and actor.may("work_order:write"):
        name = _("Regels verbeteren") if where == "lines" else _("Werkbon aanvullen")
        return url_for("work_orders.edit", order_id=order.id), name
    if where == "not_billable" and actor.may("work_order:approve"):
        return url_for("work_orders.not_billable_form", order_id=order.id), _("Niet factureren")
    names = {
        "template": _("Factuursjabloon herstellen"),
        "payment_term": _("Betalingstermijn invullen"),
        "credentials": _("Verbinding herstellen"),
        "connection": _("Verbinding herstellen"),
        "ledger": _("Grootboekrekening kiezen"),
        "invoice_settings": _("Factuurinstellingen openen"),
    }
    if where == "looking_back" and actor.may("settings:read"):
        return url_for("settings.looking_back"), _("Bekijk wat er openstaat")
    if where in names and actor.may("settings:write"):
        return url_for("settings.bookkeeping"), names[where]
    return None


@blueprint.app_template_global()
def mend_blocker(order: Any, blocker: Blocker) -> tuple[str, str] | None:
    """Address and name of the button that leads to where a blocker is mended; None when this person cannot."""
    if blocker.mend == "relation" and order.relation_id and present_actor().may("relation:read"):
        return url_for("relations.show", relation_id=order.relation_id), _("Relatie openen")
    if blocker.mend == "order_number" and present_actor().may("work_order:write"):
        field = url_for("work_orders.edit", order_id=order.id, _anchor="customer_order_number")
        return field, _("Ordernummer invullen")
    if blocker.mend == "invoice_on" and present_actor().may("work_order:write"):
        return url_for("work_orders.edit", order_id=order.id, _anchor="invoice_on"), _("Factuurdatum wijzigen")
    if blocker.mend == "wage_part" and present_actor().may("work_order:write"):
        return url_for("work_orders.edit", order_id=order.id, _anchor="wage_part"), _("Loonbestanddeel invullen")
    if blocker.mend == "company" and present_actor().may("settings:write"):
        return url_for("settings.company", _anchor=blocker.key), _("G-rekening invullen")
    return mend(order, blocker.mend)
