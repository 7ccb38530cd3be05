"""The bar on top of every desk page: where one is and may go, the server's clock, the source lamps, who one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dash import html


@dataclass(frozen=True, slots=True)
class Place:
    """A page one may go to. `key` is the letter that goes there after G."""

    path: str
    name: str
    key: str


def desk_bar(
    *, city: str, places: Sequence[Place], here: str, who: str, demo: bool, language: str, t: Callable[[str], str]
) -> html.Header:
    """Lamps and clock are filled in by `desk.js` from the live feed; until it speaks they say that they do not know."""
    other, other_name = ("en", "English") if language == "zh" else ("zh", "中文")
    return html.Header(
        [
            html.A([html.Span("城墙", className="desk-brand-zh"), "CityWall"], href="/", className="desk-brand"),
            html.Span(city, className="desk-city"),
            *([html.Span(t("演示"), className="desk-demo")] if demo else []),
            html.Nav([_link(place, here) for place in places], className="desk-nav", **{"aria-label": t("页面")}),
            html.Div(t("数据源未知"), className="desk-lamps", role="status", **{"data-lamps": "desk"}),
            html.Time("--:--:--", className="desk-clock", **{"data-clock": "desk"}),
            html.Span(who, className="desk-who"),
            html.A(other_name, href=f"/lang/{other}", className="desk-button"),
            html.Form(html.Button(t("退出"), type="submit", className="desk-button"), action="/logout", method="post"),
        ],
        className="desk-bar",
    )


def _link(place: Place, here: str) -> html.A:
    current = {"aria-current": "page"} if place.path == here else {}
    return html.A([place.name, html.Kbd(f"G {place.key}")], href=place.path, className="desk-link", **current)
