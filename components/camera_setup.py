"""The setup page's skeleton: list, form, what a trial saw, import of a whole file; filled by `camera-setup.js`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from components.cells import Translate
from domain.camera import CameraPolicy
from domain.words import text

POLICIES: dict[CameraPolicy, str] = {
    CameraPolicy.ALWAYS: text("一直拉流"),
    CameraPolicy.ON_DEMAND: text("有人看才拉流"),
    CameraPolicy.SNAPSHOT: text("每分钟一张"),
}


def camera_setup(districts: Mapping[str, str], *, t: Translate) -> Component:
    """The whole page in its loading face. `districts`: names by code, for the form."""
    policies = {policy.value: t(words) for policy, words in POLICIES.items()}
    return html.Div(
        [
            html.Aside(
                [
                    html.Header([html.H1(t("摄像机目录")), html.Span(t("读取中…"), **{"data-setup": "count"})]),
                    html.Div(**{"data-setup": "search"}),
                    html.Ul(className="setup-list", **{"data-setup": "list", "aria-label": t("摄像机目录")}),
                    html.Div(className="setup-acts", **{"data-setup": "acts"}),
                ],
                className="setup-side",
            ),
            html.Section(className="setup-form", **{"data-setup": "form"}),
            html.Section(
                html.P(t("测试之后，这里显示第一张画面、编码和时延。"), className="setup-hint"),
                className="setup-proof",
                **{"data-setup": "proof", "role": "status"},
            ),
        ],
        className="setup",
        **{
            "data-face": "loading",
            "data-districts": json.dumps(dict(districts), ensure_ascii=False),
            "data-policies": json.dumps(policies, ensure_ascii=False),
        },
    )
