"""What stands around every page: the stores the push writes to, and the page's own place."""

from __future__ import annotations

from dash import dcc, html, page_container

from pages import _ids as ids

INDEX = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
{%metas%}
<title>{%title%}</title>
{%favicon%}
<script src="/api/v1/words.js"></script>
{%css%}
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""
"""The document every Dash page arrives in; the words come first because scripts ask for them while they load."""


def shell() -> html.Div:
    """The app's layout: the same for every page, so that changing pages never drops the socket."""
    return html.Div(
        [
            dcc.Store(id=ids.TICK),
            dcc.Store(id=ids.WALL),
            dcc.Store(id=ids.CASES),
            dcc.Store(id=ids.ALARMS),
            page_container,
        ],
        className="cw-shell",
    )
