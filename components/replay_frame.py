"""The frame around the wall of a past moment (回放): nobody may take it for the hall as it is.

A hatched border with the word on every side, date, time and speed above, the scrubber with the day's curve below, and a
strip that goes on showing what is now. Filled and driven by `assets/js/replay.js`.
"""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from components.cells import Translate
from domain.journal import milliseconds
from domain.playback import SPEEDS

_SHIFTS = (
    ("-3600", "−1h", "⇧←"),
    ("-60", "−1m", "←"),
    ("play", "▶", "Space"),
    ("60", "+1m", "→"),
    ("3600", "+1h", "⇧→"),
)


def replay_frame(
    wall: Component, *, at: datetime, speed: int, playing: bool, zone: ZoneInfo, t: Translate
) -> Component:
    """`wall` as it is built for `then`; it begins at the moment `at`."""
    return html.Div(
        [
            _edge(t, "left"),
            _edge(t, "right"),
            _banner(t),
            html.Div(wall, className="replay-stage"),
            html.Div([html.B(""), html.Span(""), html.I()], className="replay-face", role="status", **_part("face")),
            html.Footer([_controls(at, zone, t), _scrubber(t), _now(t)], className="replay-foot"),
            html.A("", href="/wall", className="replay-alarm", hidden=True, role="alert", **_part("alarm")),
        ],
        className="cw-replay",
        **{
            "data-at": str(milliseconds(at)),
            "data-speed": str(speed),
            "data-playing": "1" if playing else "",
            "data-speeds": json.dumps(SPEEDS),
            "data-zone": zone.key,
        },
    )


def _part(name: str) -> dict[str, str]:
    return {"data-replay": name}


def _edge(t: Translate, side: str) -> Component:
    word = html.Span(" · ".join([f"{t('回放')} REPLAY"] * 3))
    return html.Div(word, className=f"replay-edge replay-edge-{side}", **{"aria-hidden": "true"})


def _banner(t: Translate) -> Component:
    words = dict.fromkeys((t("回放"), "REPLAY"))
    return html.Header(
        [
            html.Strong(" ".join(words), className="replay-word"),
            html.Span("", className="replay-date", **_part("date")),
            html.Time("--:--:--", className="replay-time", **_part("time")),
            html.Span("", className="replay-speed", **_part("speed")),
            html.Span("", className="replay-ago", **_part("ago")),
            html.Span(t("不是现在"), className="replay-not-now"),
        ],
        className="replay-banner",
    )


def _controls(at: datetime, zone: ZoneInfo, t: Translate) -> Component:
    shifts = [
        html.Button([html.B(mark), html.Kbd(key)], type="button", title=key, **{"data-shift": shift})
        for shift, mark, key in _SHIFTS
    ]
    speeds = [html.Button(f"{speed}×", type="button", **{"data-speed": str(speed)}) for speed in SPEEDS]
    local = at.astimezone(zone)
    # plain elements: Dash's own date fields would come with a library of their own and swallow the keys
    day = html.Label(
        [html.Span(t("日期")), html.Span("", **{"data-replay": "day", "data-value": local.date().isoformat()})],
        className="replay-day",
    )
    return html.Div(
        [
            html.Div(shifts, className="replay-shifts"),
            html.Div([*speeds, html.Kbd("+ −")], className="replay-speeds", **{"aria-label": t("倍速")}),
            day,
        ],
        className="replay-controls",
    )


def _scrubber(t: Translate) -> Component:
    return html.Div(
        [
            html.Div(className="replay-curve", **_part("curve")),
            html.Div(className="replay-hours", **_part("hours")),
            html.Div(html.Span(""), className="replay-hand", **_part("hand")),
            html.Output("", className="replay-hover", hidden=True, **_part("hover")),
        ],
        className="replay-scrubber",
        role="slider",
        tabIndex="0",
        **{**_part("scrubber"), "aria-label": t("当天时刻")},
    )


def _now(t: Translate) -> Component:
    figures = [
        html.Span([html.Span(t(word)), html.B("--", **_part(f"now-{name}"))])
        for name, word in (("open", "在办"), ("overdue", "超期未处置"), ("l1", "一级"))
    ]
    return html.Div(
        [
            html.Span([html.I("●"), t("现在"), html.Time("--:--:--", **_part("now"))], className="replay-now-clock"),
            *figures,
            html.Button([t("回到实时"), html.Kbd("Esc")], type="button", className="replay-leave", **_part("leave")),
        ],
        className="replay-now",
    )
