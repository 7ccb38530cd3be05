"""`/case/<no>`: the parts of one case's page in their loading faces; `case-page-base.js` fills and refreshes them."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.cells import Translate


def case_page(
    case_no: str, *, acts: bool, video: bool, sees_all: bool, seers: Sequence[str], t: Translate
) -> Component:
    """The whole page. `acts`: this post may act on cases; `video`: it may see cameras.

    `sees_all`: it may see every case; `seers` are the posts that may, for those who may not see this one.
    """
    return html.Article(
        [
            _head(case_no, t),
            html.Div(className="case-risk", **{"data-case": "risk"}),
            html.Div(className="case-notices", role="status", **{"aria-live": "polite", "data-case": "notices"}),
            html.Ol(className="case-stages", **{"data-case": "stages", "aria-label": t("七个环节")}),
            _pane("photos", t("照片"), t),
            _pane("map", t("位置与部件"), t),
            *([_pane("cameras", t("最近摄像头"), t)] if video else []),
            _pane("journal", t("处理记录（只增）"), t),
            _pane("facts", t("时限与案情"), t),
            _pane("acts", t("办理"), t),
            _lost(case_no, t),
        ],
        className="case-page",
        **{
            "data-face": "loading",
            "data-case-no": case_no,
            "data-acts": "1" if acts else "",
            "data-video": "1" if video else "",
            "data-sees-all": "1" if sees_all else "",
            "data-seers": "、".join(seers),
        },
    )


def _head(case_no: str, t: Translate) -> Component:
    return html.Header(
        [
            html.Span("", className="case-level", **{"data-case": "level"}),
            html.H1(case_no, className="case-no"),
            html.Div(t("读取中…"), className="case-what", **{"data-case": "what"}),
            html.Div("", className="case-standing", **{"data-case": "standing"}),
            html.Div("", className="case-clock", **{"data-case": "clock"}),
        ],
        className="case-head",
    )


def _pane(name: str, title: str, t: Translate) -> Component:
    return html.Section(
        [
            html.H2([title, html.Small("", **{"data-case": f"{name}-note"})]),
            html.Div(t("读取中…"), className="case-body", **{"data-case": name, "tabIndex": "0"}),
        ],
        className=f"case-pane case-{name}",
        **{"aria-label": title},
    )


def _lost(case_no: str, t: Translate) -> Component:
    """Shown where there is no such case for the asker: the search, with the number filled in."""
    return html.Div(
        [
            html.H2(t("没有查到案卷 {no}").format(no=case_no)),
            html.P("", **{"data-case": "lost"}),
            html.Form(
                [
                    html.Label(t("案卷编号或地点"), htmlFor="case-search"),
                    html.Div("", className="case-search", **{"data-case": "search"}),
                ],
                action="/cases",
                method="get",
            ),
        ],
        className="case-lost",
        role="alert",
    )
