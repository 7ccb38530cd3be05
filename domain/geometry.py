"""The wall's geometry: type sized in minutes of arc, a grid of modules, panes (product sheet 3.1).

Everything scales with the screen's height, never with its width, and nothing is ever stretched. The browser gets two
numbers from here, the share of its height that one minute of arc takes and the share of one module; its style sheet
derives every size from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

RADIANS_PER_ARC_MINUTE = 0.000290888
REFERENCE_HEIGHT_PX = 2160
MODULES_HIGH = 27
MODULES_WIDE = 48
"""Modules of one pane; a pane is never narrower, a wider screen gives the surplus to the map."""
SEAM_RATIO = MODULES_WIDE * 2 / MODULES_HIGH
"""Width ÷ height from which a screen is two panes that could be two browsers."""

CJK_GLYPH_EM = 0.92
"""Height of a Chinese glyph in the font's em."""
DIGIT_EM = 0.72
LEAST_CJK_ARC_MINUTES = 25.0
"""NUREG-0700's 16′ for letters, times 1.54 for Chinese characters."""
LEAST_DIGIT_ARC_MINUTES = 16.0


@dataclass(frozen=True, slots=True)
class TypeSize:
    """A step of the type scale: font size in minutes of arc, and whether it may carry Chinese or digits only."""

    name: str
    arc_minutes: float
    cjk: bool

    @property
    def glyph_arc_minutes(self) -> float:
        """What the eye gets: the height of the glyph that counts for legibility."""
        return self.arc_minutes * (CJK_GLYPH_EM if self.cjk else DIGIT_EM)


TYPE_SCALE = (
    TypeSize("kpi", 81.7, cjk=False),
    TypeSize("alert", 47.3, cjk=True),
    TypeSize("title", 32.3, cjk=True),
    TypeSize("body", 28.0, cjk=True),
    TypeSize("num", 23.7, cjk=False),
)
"""At the reference wall (P1.25 seen from 8 m): 152, 88, 60, 52 and 44 px."""


@dataclass(frozen=True, slots=True)
class Pane:
    """One 48 × 27 part of the screen, in pixels. Nothing crosses from one pane into another."""

    left_px: float
    width_px: float


def arc_minute_px(*, distance_mm: float, pitch_mm: float, height_px: float = REFERENCE_HEIGHT_PX) -> float:
    """Pixels one minute of arc takes for the farthest viewer.

    `pitch_mm` is the wall's pixel pitch at the reference height; a screen driven at another height covers the same
    wall, so its pixels are larger or smaller in proportion.
    """
    return distance_mm * RADIANS_PER_ARC_MINUTE / pitch_mm * height_px / REFERENCE_HEIGHT_PX


def arc_minute_share(*, distance_mm: float, pitch_mm: float) -> float:
    """The same as a share of the screen's height: what the style sheet multiplies `100vh` with."""
    return arc_minute_px(distance_mm=distance_mm, pitch_mm=pitch_mm) / REFERENCE_HEIGHT_PX


def module_px(height_px: float) -> float:
    """Side of one module."""
    return height_px / MODULES_HIGH


def panes(width_px: float, height_px: float) -> tuple[Pane, ...]:
    """One pane, or two that share the width when the screen is wide enough for both."""
    count = 2 if width_px / height_px >= SEAM_RATIO else 1
    return tuple(Pane(index * width_px / count, width_px / count) for index in range(count))


def rows_that_fit(panel_px: float, row_px: float) -> int:
    """Rows a list shows: what its panel has room for. Finer pitch, larger type, fewer rows; never smaller type."""
    return max(0, int((panel_px + 0.5) // row_px)) if row_px > 0 else 0


class Density(StrEnum):
    """How much one screen can carry at legible size; what it leaves out keeps a scene of its own."""

    FULL = "full"
    SPARSE = "sparse"
    LEAST = "least"


FULL_UP_TO = 1.2
SPARSE_UP_TO = 1.6
"""Type larger than this, against the reference wall, leaves room for fewer panels at once."""


def density(*, distance_mm: float, pitch_mm: float) -> Density:
    """What fits: everything at once up to the reference wall's type, less the larger legible type has to be."""
    reference = arc_minute_px(distance_mm=8000, pitch_mm=1.25)
    ratio = arc_minute_px(distance_mm=distance_mm, pitch_mm=pitch_mm) / reference
    if ratio <= FULL_UP_TO:
        return Density.FULL
    return Density.SPARSE if ratio <= SPARSE_UP_TO else Density.LEAST
