"""Articles on the screen: the list with its sync, and making and editing one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _

from blueprints._deeds import does, edits, makes
from blueprints._dependencies import deps
from blueprints._doors import door, present_actor, tenant_blueprint
from blueprints._hypermedia import answer, go
from blueprints._refusals import refusals_at
from blueprints._sync import sync_context
from blueprints.articles.forms import ArticleForm
from domain.message import Refusal
from domain.vat import BY_CODE
from services.catalogue import articles
from services.link import runs

blueprint = tenant_blueprint("articles", __name__, "/articles")


def _list_context() -> dict[str, Any]:
    """The rows asked for; a POST of the sync carries the same words along in its form."""
    text, vanished = request.values.get("q", "").strip()[:100], bool(request.values.get("vanished"))
    after = request.args.get("after", "")
    page = articles.list_(text, vanished, after)
    return {
        "found": page,
        "q": text,
        "vanished": vanished,
        "after": after,
        "vat": BY_CODE,
        "unsellable": articles.unsellable,
    }


@blueprint.get("/")
@door("article:read")
def list_() -> Response:
    """All articles by description, searched and paged; htmx takes the rows alone."""
    return answer("articles/list.html", "articles/_list.html", sync=sync_context("articles"), **_list_context())


@blueprint.get("/sync")
@door("article:read")
def progress() -> Response:
    """How far the reading is, or what came of the last one; the page asks for this by itself while one is under way."""
    result = sync_context("articles", runs.last_run("articles"), pressed=False)
    return answer("articles/list.html", "sync/_result.html", sync=result, **_list_context())


@blueprint.post("/sync")
@door("bookkeeping:sync")
@does(at=".list_")
def sync() -> Response:
    """Read the articles in and show what came of it above the list."""
    run, refusal = None, None
    try:
        run = articles.sync_now(deps(), present_actor())
    except Refusal as refused:
        refusal = refused.message
    result = sync_context("articles", run, refusal)
    status = 422 if refusal else 200
    return answer("articles/list.html", "articles/_board.html", status, sync=result, **_list_context())


def _form_page(form: ArticleForm, article: Any, status: int = 200) -> Response:
    context = {"form": form, "article": article, "vat": BY_CODE, "unsellable": articles.unsellable}
    return answer("articles/form.html", "articles/_form.html", status, **context)


@blueprint.get("/new")
@door("article:write")
def new() -> Response:
    """An empty form."""
    return _form_page(ArticleForm(), None)


@blueprint.post("/")
@door("article:write")
@makes("article", at=".list_")
def create() -> Response:
    """Make an article here."""
    form = ArticleForm()
    if form.validate():
        with refusals_at(form):
            articles.create(present_actor(), form.typed())
            flash(_("Het artikel is opgeslagen."), "ok")
            return go(url_for(".list_"))
    return _form_page(form, None, 422)


def _article(article_id: UUID) -> Any:
    return articles.get(article_id) or abort(404)


@blueprint.get("/<uuid:article_id>/edit")
@door("article:read")
def edit(article_id: UUID) -> Response:
    """One article: a form when it was made here and this person may, else its facts."""
    article = _article(article_id)
    return _form_page(ArticleForm(obj=article).on(articles.stands(article)), article)


@blueprint.post("/<uuid:article_id>")
@door("article:write")
@edits("article", at=".list_")
def update(article_id: UUID) -> Response:
    """Save one made here."""
    article = _article(article_id)
    form = ArticleForm(obj=article)
    if form.validate():
        with refusals_at(form):
            articles.edit(present_actor(), article_id, form.typed(), form.opened)
            flash(_("Het artikel is opgeslagen."), "ok")
            return go(url_for(".list_"))
    return _form_page(form, _article(article_id), 422)
