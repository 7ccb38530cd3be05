"""The guard inside Dash: pages and callbacks arrive through shared addresses, so each carries a rule of its own.

`guard_pages` wraps every page's layout, `guard_callbacks` every callback that runs on the server; what has no rule
answers nobody. The `unguarded_*` functions list what has none; a test fails for any.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import wraps
from typing import Any, NoReturn

from dash import html
from fastapi import HTTPException
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, Mount, WebSocketRoute

from api import refusals
from api.identity import current_identity
from api.rules import Needs, Public, Rule, SignedIn, example, line_for
from domain.guarded import needed_by

_PAGES_UPDATE = ".._pages_content.children..._pages_store.data.."
"""Dash's own callback that delivers pages; what it delivers is guarded by `guard_pages`."""
_CATCH_ALL = "{path:path}"
"""Dash's route for every other address: it serves the empty frame, and the guard asks about the real path before it."""

log = logging.getLogger(__name__)


class CallbackRefused(HTTPException):
    """A callback was called by somebody who may not. Over HTTP it is a 403, over the socket an error answer."""

    def __init__(self) -> None:
        super().__init__(403, "no_right")


def guard_pages(registry: Mapping[str, MutableMapping[str, Any]]) -> None:
    """Put each page's rule in front of its layout. Call it once, when all pages are registered."""
    for page in registry.values():
        page["layout"] = _guarded_layout(page["layout"], _page_rule(page), page["path"])


def guard_callbacks(callback_map: Mapping[str, MutableMapping[str, Any]]) -> None:
    """Put each server callback's mark (`domain.guarded`) in front of it. Call it once, when all are registered."""
    for output, spec in callback_map.items():
        if _runs_here(output, spec):
            rule = _callback_rule(spec["callback"])
            wrap = _guarded_async if inspect.iscoroutinefunction(spec["callback"]) else _guarded
            spec["callback"] = wrap(spec["callback"], rule, output)


def unguarded_callbacks(callback_map: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Outputs of server callbacks without a mark. Those that run only in the browser need none."""
    return [
        output
        for output, spec in callback_map.items()
        if _runs_here(output, spec) and _callback_rule(spec["callback"]) is None
    ]


def unguarded_pages(registry: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Addresses of pages without a rule."""
    return [page["path"] for page in registry.values() if _page_rule(page) is None]


def unguarded_routes(routes: Sequence[BaseRoute]) -> list[str]:
    """Method and address of every route without a rule, those of included routers among them."""
    return [
        f"{method} {path}"
        for route in iter_route_contexts(routes)
        for method, path in _entrances(route)
        if path != _CATCH_ALL and line_for(example(path), method) is None
    ]


def _entrances(route: RouteContext) -> list[tuple[str, str]]:
    kind, path = route.original_route, route.path or "an entrance of an unknown kind"
    if isinstance(kind, Mount):
        return [("GET", f"{path}/x")]
    if isinstance(kind, WebSocketRoute):
        return [("WS", path)]
    return [(method, path) for method in sorted(route.methods or {"GET"})]


def _runs_here(output: str, spec: Mapping[str, Any]) -> bool:
    return "callback" in spec and output != _PAGES_UPDATE


def _callback_rule(callback: Callable[..., Any]) -> Rule | None:
    permissions = needed_by(callback)
    if permissions is None:
        return None
    return Needs(permissions) if permissions else SignedIn()


def _page_rule(page: Mapping[str, Any]) -> Rule | None:
    line = line_for(example(page.get("path_template") or page["path"]), "GET")
    return line.rule if line and not isinstance(line.rule, Public) else None


def _guarded_layout(layout: Any, rule: Rule | None, path: str) -> Callable[..., Any]:
    make = layout if callable(layout) else lambda **_: layout

    @wraps(make)
    async def asynchronous(*args: Any, **kwargs: Any) -> Any:
        try:
            refusal = _refusal(rule)
            return await make(*args, **kwargs) if refusal is None else refusal
        except Exception:  # noqa: BLE001 (logged there, told on the page)
            return _broken(path)

    @wraps(make)
    def synchronous(*args: Any, **kwargs: Any) -> Any:
        try:
            refusal = _refusal(rule)
            return make(*args, **kwargs) if refusal is None else refusal
        except Exception:  # noqa: BLE001 (logged there, told on the page)
            return _broken(path)

    return asynchronous if inspect.iscoroutinefunction(make) else synchronous


def _broken(path: str) -> html.Div:
    """What stands in the place of a page that broke. Dash would answer a bare 500 and tell its log nothing."""
    log.exception("the page %s broke", path)
    return _shown(refusals.failure())


def log_broken_callback(error: Exception) -> NoReturn:
    """For Dash's `on_error`: it answers a broken callback with a bare 500, and without this nobody would learn why.

    Raises:
        Exception: the error itself.
    """
    if not isinstance(error, CallbackRefused):
        log.error("a callback broke", exc_info=error)
    raise error


def _refusal(rule: Rule | None) -> html.Div | None:
    """What stands in the page's place for somebody who may not see it."""
    identity = current_identity()
    if rule is None:
        refusal = refusals.unknown()
    elif rule.lets_in(identity):
        return None
    else:
        refusal = refusals.no_right(rule, identity) if identity else refusals.no_session()
    return _shown(refusal)


def _shown(refusal: refusals.Refusal) -> html.Div:
    return html.Div([html.H1(refusal.title), html.P(refusal.text)], className="cw-refusal", role="alert")


def _guarded(callback: Callable[..., Any], rule: Rule | None, output: str) -> Callable[..., Any]:
    @wraps(callback)
    def inside(*args: Any, **kwargs: Any) -> Any:
        _demand(rule, output)
        return callback(*args, **kwargs)

    return inside


def _guarded_async(callback: Callable[..., Any], rule: Rule | None, output: str) -> Callable[..., Any]:
    @wraps(callback)
    async def inside(*args: Any, **kwargs: Any) -> Any:
        _demand(rule, output)
        return await callback(*args, **kwargs)

    return inside


def _demand(rule: Rule | None, output: str) -> None:
    identity = current_identity()
    if rule is None or not rule.lets_in(identity):
        log.warning("refused callback %s to %s", output, identity.name if identity else "nobody")
        raise CallbackRefused()
