"""The remembered views of the demo's turning cameras: how each hangs, a quarter turn either way, and what is behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from demo.lenses import Lens

TURNS_DEGREES = (0, 90, 180, 270)
VIEW_DEGREES = 60
HOME = 1
_COMPASS = ("北", "东北", "东", "东南", "南", "西南", "西", "西北")


@dataclass(frozen=True, slots=True)
class View:
    """A row of `presets.csv`. `token` is what the camera calls it; `bearing` and `fov` in degrees."""

    token: str
    name: str
    bearing: int
    fov: int


def make_views(lens: Lens) -> Iterator[View]:
    """The views of one lens; none of one that does not turn. The first is the home view, as wide as it can."""
    if not lens.ptz:
        return
    for number, turn in enumerate(TURNS_DEGREES, 1):
        bearing = (lens.bearing + turn) % 360
        home = number == HOME
        yield View(str(number), "全景" if home else _name(bearing), bearing, lens.fov if home else VIEW_DEGREES)


def view_rows(lenses: Sequence[Lens], camera_id: str) -> Iterator[tuple[object, ...]]:
    """The rows of the file; `camera_id` is the form of an id by the camera's number."""
    for number, lens in enumerate(lenses, 1):
        for view in make_views(lens):
            yield camera_id.format(number), view.token, view.name, view.bearing, view.fov


def _name(bearing: int) -> str:
    return _COMPASS[round(bearing / 45) % len(_COMPASS)] + "向"
