"""The cell: one value, or a few that come from one source, with a face of its own (product sheet 3.4).

A cell is built in one face and changes it in the browser: `data-face` decides the look (`assets/css/faces.css`), the
note says in words what the face means. Slots are the places `wall.js` writes values into.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

Translate = Callable[[str], str]
Child = Component | str
LOADING = "loading"
"""The face before anything came; turns into `Face.NEVER` by the browser's own timer."""
UNKNOWN = "--"


def cell(
    children: Sequence[Child],
    *,
    name: str,
    class_name: str = "",
    face: str = LOADING,
    note: str = "",
    tag: Any = html.Div,
    **attributes: str,
) -> Component:
    """A cell called `name`, in one of the faces of `domain.freshness.Face` or still loading."""
    built: Component = tag(
        [*children, html.Span(note, className="cw-note", **{"data-slot": "note"})],
        className=f"cw-cell {class_name}".strip(),
        **{"data-cell": name, "data-face": face},
        **attributes,
    )
    return built


def slot(name: str, text: str = "", class_name: str = "", *, tag: Any = html.Span) -> Component:
    """A place for a text."""
    built: Component = tag(text, className=class_name or None, **{"data-slot": name})
    return built


def value(name: str = "value", class_name: str = "", *, link: bool = True) -> Component:
    """A place for a figure. It opens the list of cases behind it; until it is known it says so."""
    return slot(name, UNKNOWN, f"cw-v {class_name}".strip(), tag=html.A if link else html.Span)


def panel(
    children: Sequence[Child], *, name: str, title: str, context: str = "", class_name: str = "", face: str = LOADING
) -> Component:
    """A titled part of the wall whose rows share one source. The context gives way to the age when it grows old."""
    head = html.Div(
        [
            html.H2(title, className="cw-title"),
            html.Span(context, className="cw-context", **{"data-slot": "context"}),
            html.Span("", className="cw-note", **{"data-slot": "note"}),
        ],
        className="cw-panel-head",
    )
    return html.Section(
        [head, *children],
        className=f"cw-panel cw-{name} {class_name}".strip(),
        **{"data-cell": name, "data-face": face, "aria-label": title},
    )


def rows(prototype: Component, *, more: str = "") -> list[Component]:
    """A list that shows as many rows as fit. The hidden prototype is what the browser copies for each row."""
    return [
        html.Div(prototype, hidden=True, **{"data-prototype": "row"}),
        html.Div([], className="cw-rows", **{"data-slot": "rows"}),
        html.Div(more, className="cw-more", **{"data-slot": "more"}),
    ]
