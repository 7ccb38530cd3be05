"""The camera wall's layouts, tours and named scenes (domain sheet 8.1; product sheet 3.9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

DWELL_SECONDS = 15
"""How long a tour stays with a camera unless told otherwise."""
SHORTEST_DWELL_SECONDS = 6
"""Below this nobody sees anything, and cameras are opened faster than they answer (video sheet 2)."""
LONGEST_DWELL_SECONDS = 86_400
MOST_STOPS = 200


class Layout(StrEnum):
    """How the screen is split; `1+7` is one large picture with seven around it."""

    ONE = "1"
    FOUR = "4"
    ONE_AND_SEVEN = "1+7"
    NINE = "9"
    SIXTEEN = "16"
    THIRTY_SIX = "36"


class Use(StrEnum):
    """What a layout is good for: nobody watches sixteen pictures (product sheet, finding 8)."""

    WATCH = "watch"
    PATROL = "patrol"
    OVERVIEW = "overview"


@dataclass(frozen=True, slots=True)
class Split:
    """A layout's places, the pictures a second in each, and whether the first plays the main stream."""

    places: int
    fps: int
    focus: bool = False
    use: Use = Use.WATCH


SPLITS: Mapping[Layout, Split] = {
    Layout.ONE: Split(1, 10, focus=True),
    Layout.FOUR: Split(4, 10),
    Layout.ONE_AND_SEVEN: Split(8, 10, focus=True),
    Layout.NINE: Split(9, 10),
    Layout.SIXTEEN: Split(16, 5, use=Use.PATROL),
    Layout.THIRTY_SIX: Split(36, 2, use=Use.OVERVIEW),
}
FIRST_LAYOUT = Layout.FOUR
MOST_PLACES = max(split.places for split in SPLITS.values())


@dataclass(frozen=True, slots=True)
class TourStop:
    """A camera by its wire number, turned to a preset first where one is named."""

    camera: int
    preset: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """Cameras shown one after the other in a place (from 1), or page by page on all places (`place` None)."""

    place: int | None
    stops: tuple[TourStop, ...]
    dwell_seconds: int = DWELL_SECONDS
    shuffled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """What a scene puts on screen. `cameras` by place, 0 where none; `presets` are called by place (from 1)."""

    layout: Layout
    cameras: tuple[int, ...]
    presets: Mapping[int, str]
    tours: tuple[Tour, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoScene:
    """A named arrangement, shared by all supervisors. `revision` grows with every save."""

    id: int
    name: str
    arrangement: Arrangement
    revision: int
    saved_by: str
    saved_at: datetime
