"""The wall's last line: every source's lamp, the cameras that give a picture, and how old the figures are."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.cells import LOADING, Translate, cell, slot, value


def wall_footer(camera_count: int, *, t: Translate, face: str = LOADING, beside: Sequence[Component] = ()) -> Component:
    """Lamps show shape and word: ● speaks, ▲ silent. The count of cameras names its total."""
    lamp = html.Span([slot("shape", class_name="cw-lamp-shape"), slot("name"), slot("age")], className="cw-lamp cw-row")
    return html.Footer(
        [
            html.Div(lamp, hidden=True, **{"data-prototype": "row"}),
            html.Div([], className="cw-rows cw-lamp-row", **{"data-slot": "rows"}),
            cell(
                [html.Span(t("视频")), value(link=False), html.Span(f"/{camera_count}")],
                name="cameras",
                class_name="cw-foot-cell",
                face=face,
            ),
            cell(
                [html.Span(t("数据至")), value(class_name="cw-num", link=False)],
                name="data-time",
                class_name="cw-foot-cell",
                face=face,
            ),
            *beside,
        ],
        className="cw-foot",
    )
