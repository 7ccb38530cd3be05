"""The guard inside Dash: pages and callbacks arrive through shared addresses, so each carries a rule of its own.

`guard_pages` wraps every page's layout, `guarded` every callback that runs on the server. The `unguarded_*` functions
list what has no rule; a test fails for any.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from functools import wraps
from typing import Any

from dash import html
from fastapi import HTTPException
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from api import refusals
from api.identity import current_identity
from api.rules import Needs, Public, Rule, SignedIn, example, line_for
from domain.roles import Permission

_MARK = "citywall_rule"
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
        page["layout"] = _guarded_layout(page["layout"], _page_rule(page))


def guarded(*permissions: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A callback's rule: any of the permissions; without one, any session. Stands below `@callback`."""
    rule: Rule = Needs(permissions) if permissions else SignedIn()

    def mark(callback: Callable[..., Any]) -> Callable[..., Any]:
        inside = _guarded_async(callback, rule) if inspect.iscoroutinefunction(callback) else _guarded(callback, rule)
        setattr(inside, _MARK, rule)
        return inside

    return mark


def unguarded(callback_map: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Outputs of server callbacks without a rule. Those that run only in the browser need none."""
    return [
        output
        for output, spec in callback_map.items()
        if "callback" in spec and output != _PAGES_UPDATE and not hasattr(spec["callback"], _MARK)
    ]


def unguarded_pages(registry: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Addresses of pages without a rule, or whose layout nobody wrapped."""
    return [
        page["path"] for page in registry.values() if _page_rule(page) is None or not hasattr(page["layout"], _MARK)
    ]


def unguarded_routes(routes: Iterable[BaseRoute]) -> list[str]:
    """Method and address of every route without a rule."""
    return [
        f"{method} {path}"
        for route in routes
        for method, path in _entrances(route)
        if path != _CATCH_ALL and line_for(example(path), method) is None
    ]


def _entrances(route: BaseRoute) -> Iterable[tuple[str, str]]:
    if isinstance(route, Mount):
        return [("GET", f"{route.path}/x")]
    if isinstance(route, WebSocketRoute):
        return [("WS", route.path)]
    if isinstance(route, Route):
        return [(method, route.path) for method in sorted(route.methods or ())]
    return [("GET", f"an entrance of an unknown kind: {route!r}")]


def _page_rule(page: Mapping[str, Any]) -> Rule | None:
    line = line_for(example(page.get("path_template") or page["path"]), "GET")
    return line.rule if line and not isinstance(line.rule, Public) else None


def _guarded_layout(layout: Any, rule: Rule | None) -> Callable[..., Any]:
    make = layout if callable(layout) else lambda **_: layout

    @wraps(make)
    async def asynchronous(*args: Any, **kwargs: Any) -> Any:
        refusal = _refusal(rule)
        return await make(*args, **kwargs) if refusal is None else refusal

    @wraps(make)
    def synchronous(*args: Any, **kwargs: Any) -> Any:
        refusal = _refusal(rule)
        return make(*args, **kwargs) if refusal is None else refusal

    guarded_layout = asynchronous if inspect.iscoroutinefunction(make) else synchronous
    setattr(guarded_layout, _MARK, rule)
    return guarded_layout


def _refusal(rule: Rule | None) -> html.Div | None:
    """What stands in the page's place for somebody who may not see it."""
    identity = current_identity()
    if rule is not None and rule.lets_in(identity):
        return None
    if rule is None:
        refusal = refusals.unknown()
    else:
        refusal = refusals.no_right(rule, identity) if identity else refusals.no_session()
    return html.Div([html.H1(refusal.title), html.P(refusal.text)], className="cw-refusal", role="alert")


def _guarded(callback: Callable[..., Any], rule: Rule) -> Callable[..., Any]:
    @wraps(callback)
    def inside(*args: Any, **kwargs: Any) -> Any:
        _demand(rule, callback)
        return callback(*args, **kwargs)

    return inside


def _guarded_async(callback: Callable[..., Any], rule: Rule) -> Callable[..., Any]:
    @wraps(callback)
    async def inside(*args: Any, **kwargs: Any) -> Any:
        _demand(rule, callback)
        return await callback(*args, **kwargs)

    return inside


def _demand(rule: Rule, callback: Callable[..., Any]) -> None:
    identity = current_identity()
    if not rule.lets_in(identity):
        log.warning("refused callback %s to %s", callback.__qualname__, identity.name if identity else "nobody")
        raise CallbackRefused()
