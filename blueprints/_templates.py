"""Templates compiled once for each language: a constant text in `_()` becomes a plain piece of the page.

A page says a thousand texts. Looked up while it renders they were a third of its cost; here they are looked up while
the template is compiled, and only what has values is filled in later. Whose language it is decides which of the
compiled ones is taken (`present`, blueprints/_words.py).
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from flask import Flask, g, has_request_context, request, url_for
from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer

from blueprints import _filters, _words

_NAMES = ("_", "gettext")
_NO_ROW = UUID(int=0)


class Once(dict[Any, Any]):
    """`{% set chip = once(order_chip) %}`: what a macro says for a value, as `chip[value]`, asked once for each value
    of a page. For what stands in every row and has few values."""

    def __init__(self, macro: Callable[[Any], Any]) -> None:
        super().__init__()
        self._macro = macro

    def __missing__(self, value: Any) -> Any:
        said = self[value] = self._macro(value)
        return said


class RowAddress:
    """`{% set address = row_address('work_orders.show', 'order_id') %}`: the address of a row, as `address[row.id]`;
    that of the first is made by Flask, the others differ from it in the id alone."""

    def __init__(self, endpoint: str, name: str) -> None:
        values: dict[str, Any] = {name: _NO_ROW}
        self._before, _zero, self._after = url_for(endpoint, **values).partition(str(_NO_ROW))

    def __getitem__(self, row_id: UUID) -> str:
        return f"{self._before}{row_id}{self._after}"


def address(endpoint: str, **values: Any) -> str:
    """Flask's `url_for` of templates. What takes no values depends on the tenant alone (web/guard.py fills it in), and
    every page has some fifteen of those in its menus: they are made once for a tenant."""
    if values or endpoint.startswith(".") or not has_request_context():
        return url_for(endpoint, **values)
    return _plain_address(request.root_path, g.get("tenant_slug"), endpoint)


@lru_cache(maxsize=5000)
def _plain_address(_root: str, _tenant_slug: str | None, endpoint: str) -> str:
    return url_for(endpoint)


def install(app: Flask) -> None:
    """Give templates these."""
    app.jinja_env.globals.update(once=Once, row_address=RowAddress, url_for=address)


class _Importable(Template):
    """A template whose macros are read in once for all pages, as Jinja means it. To find out whether the page that
    imports was loaded with names of its own Jinja compares some hundred names at each import; no page of ours is."""

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        return super()._get_default_module()


class TemplatesByLanguage(Environment):
    """Jinja's environment, which hands its questions to one of its own for the reader's language."""

    template_class = _Importable
    words: _words.Words | None = None  # of the one for a language

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.by_words: dict[_words.Words, TemplatesByLanguage] = {}

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,
    ) -> Template:
        if self.words is None and isinstance(name, str):
            return self._reader().get_template(name, parent, globals)
        return super().get_template(name, parent, globals)

    def _reader(self) -> TemplatesByLanguage:
        words = _words.present()
        found = self.by_words.get(words)
        if found is None:
            found = self.overlay()  # made at the first question: by then the app has all its filters
            found.words = words
            found.filters = {**self.filters, **_filters.in_rows(_words.locale())}
            self.by_words[words] = found
        return found

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        if self.words is not None:
            _Said(self.words).visit(template)
        return template


class _Said(NodeTransformer):
    """Puts a text in the place of each `_()` that names it; values are filled in, and escaped, when it renders."""

    def __init__(self, words: _words.Words) -> None:
        self.words = words

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        asks = isinstance(node.node, nodes.Name) and node.node.name in _NAMES and node.node.ctx == "load"
        if not asks or len(node.args) != 1 or not isinstance(node.args[0], nodes.Const) or node.dyn_kwargs:
            return node
        text = self.words.one(node.args[0].value)
        if not node.kwargs:
            return nodes.MarkSafeIfAutoescape(nodes.Const(text % {}), lineno=node.lineno)
        values = [nodes.Pair(nodes.Const(one.key), one.value, lineno=node.lineno) for one in node.kwargs]
        template = nodes.MarkSafeIfAutoescape(nodes.Const(text), lineno=node.lineno)
        return nodes.Mod(template, nodes.Dict(values, lineno=node.lineno), lineno=node.lineno)
