"""The health page as Dash builds it: what is there before any camera has been asked."""

from __future__ import annotations

from typing import Any

from components.camera_health import camera_health
from domain.camera_health import Mark


def _built(*, may_relearn: bool = True) -> dict[str, Any]:
    return camera_health("grid", may_relearn=may_relearn, t=str).to_plotly_json()


def _all(component: Any) -> list[Any]:
    """A component and everything inside it."""
    children = getattr(component, "children", None)
    inside = children if isinstance(children, (list, tuple)) else [children]
    return [component, *(found for child in inside if child is not None for found in _all(child))]


def test_before_the_first_answer_the_page_says_that_it_reads() -> None:
    page = camera_health("grid", may_relearn=False, t=str)
    assert page.to_plotly_json()["props"]["data-face"] == "loading"
    assert "读取中…" in [part for part in _all(page) if isinstance(part, str)]


def test_the_same_input_builds_the_same_page() -> None:
    one, other = (str(camera_health("grid", may_relearn=True, t=str)) for _ in range(2))
    assert one == other


def test_only_who_may_accept_a_view_is_offered_to() -> None:
    assert _built(may_relearn=False)["props"]["data-may-relearn"] == ""
    assert _built()["props"]["data-may-relearn"] == "1"


def test_rows_keep_their_identity_and_no_code_comes_with_the_table() -> None:
    (grid,) = [part for part in _all(camera_health("grid", may_relearn=True, t=str)) if type(part).__name__ == "AgGrid"]
    assert grid.getRowId == "params.data.number"
    assert grid.dangerously_allow_code is False
    assert len({column["field"] for column in grid.columnDefs}) == len(grid.columnDefs)


def test_every_mark_of_a_bar_is_explained() -> None:
    page = camera_health("grid", may_relearn=True, t=str)
    explained = {part.to_plotly_json()["props"].get("data-mark") for part in _all(page) if type(part).__name__ == "I"}
    assert explained == {mark.value for mark in Mark}
