"""Vector charts of reports: greys, dashes and marks instead of colours, each line named where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from reportlab.graphics.shapes import Circle, Drawing, Line, PolyLine, Rect, Shape, String
from reportlab.lib.colors import Color, HexColor, white
from reportlab.pdfbase.pdfmetrics import stringWidth

from api.exports.paper import Bar, Shade, Trend
from api.exports.typeface import BOLD, REGULAR

INK, SECOND, LINES = HexColor("#14181D"), HexColor("#4A545E"), HexColor("#B4BCC4")
BAR_HEIGHT = 8
HEIGHT = 170
_SHADES: dict[Shade, Color] = {
    Shade.DARK: HexColor("#3A434C"),
    Shade.MIDDLE: HexColor("#8E99A4"),
    Shade.LIGHT: HexColor("#D3D8DD"),
}
_LEFT, _RIGHT, _UP, _DOWN = 30, 92, 10, 22
_SIZE = 7
_CLOSEST = 10
"""How near, in points, two names at the right edge may stand."""


def bar_drawing(bar: Bar, width: float, height: float) -> Drawing:
    """The bar of a table's cell; parts drawn in order, later ones above."""
    drawing = Drawing(width, height)
    for start, end, shade in bar.parts:
        long = max((end - start) * width, 0.6 if end > start else 0)
        drawing.add(Rect(start * width, 0, long, height, fillColor=_SHADES[shade], strokeColor=None))
    if bar.zero is not None:
        drawing.add(Line(bar.zero * width, -2, bar.zero * width, height + 2, strokeColor=INK, strokeWidth=0.6))
    return drawing


def trend_drawing(trend: Trend, width: float) -> Drawing:
    """Rates over periods, with the band of good cities behind them."""
    area = _Area(trend, width)
    drawing = Drawing(width, HEIGHT)
    for shape in (*_band(area), *_axes(area)):
        drawing.add(shape)
    for index, (_, values) in enumerate(trend.series):
        for shape in _series(area, index, values):
            drawing.add(shape)
    for shape in _names(area):
        drawing.add(shape)
    return drawing


@dataclass(frozen=True, slots=True)
class _Area:
    """Where values lie on the drawing."""

    trend: Trend
    width: float

    @property
    def low(self) -> float:
        """The foot of the scale: a whole ten percent below what is shown, so that small moves stay visible."""
        values = [value for _, series in self.trend.series for value in series if value is not None]
        return min(0.8, max(0.0, int(min(values, default=0) * 10 - 0.5) / 10))

    @property
    def right(self) -> float:
        return self.width - _RIGHT

    def x(self, index: int) -> float:
        steps = max(1, len(self.trend.labels) - 1)
        return _LEFT + 8 + (self.right - _LEFT - 16) * index / steps

    def y(self, value: float) -> float:
        return _DOWN + (HEIGHT - _UP - _DOWN) * (value - self.low) / (1 - self.low)


def _band(area: _Area) -> list[Shape]:
    low, top = area.y(area.trend.band), area.y(1)
    words = String(area.right + 4, top - _SIZE, area.trend.band_label, fontName=REGULAR, fontSize=_SIZE)
    words.fillColor = SECOND
    return [Rect(_LEFT, low, area.right - _LEFT, top - low, fillColor=HexColor("#E9ECEF"), strokeColor=None), words]


def _axes(area: _Area) -> list[Shape]:
    shapes: list[Shape] = []
    ticks = [number / 10 for number in range(round(area.low * 10), 11)]
    for tick in ticks if len(ticks) <= 6 else ticks[::-2]:
        y = area.y(tick)
        shapes.append(Line(_LEFT, y, area.right, y, strokeColor=LINES, strokeWidth=0.4))
        shapes.append(_label(_LEFT - 4, y - 2.5, f"{tick * 100:.0f}%", "end"))
    every = _every(area)
    last = len(area.trend.labels) - 1
    for index, label in enumerate(area.trend.labels):
        if (last - index) % every == 0:
            shapes.append(_label(area.x(index), 8, label, "middle"))
    return shapes


def _every(area: _Area) -> int:
    """Of how many labels one is written, so that none runs into its neighbour."""
    widest = max(stringWidth(label, REGULAR, _SIZE) for label in area.trend.labels) + 6
    room = area.x(1) - area.x(0)
    return max(1, -int(-widest // room))


def _label(x: float, y: float, words: str, anchor: str) -> String:
    return String(x, y, words, fontName=REGULAR, fontSize=_SIZE, fillColor=SECOND, textAnchor=anchor)


def _series(area: _Area, index: int, values: Sequence[float | None]) -> list[Shape]:
    """The line, broken where a period had no cases; the first solid with discs, the next dashed with squares."""
    shapes: list[Shape] = []
    points = [(area.x(at), None if value is None else area.y(value)) for at, value in enumerate(values)]
    for there, run in groupby(points, key=lambda point: point[1] is not None):
        flat = [number for point in run for number in point if number is not None]
        if there and len(flat) > 2:
            dash = [4, 2] if index else None
            shapes.append(PolyLine(flat, strokeColor=INK, strokeWidth=1.4, strokeDashArray=dash))
    return shapes + [_mark(index, x, y) for x, y in points if y is not None]


def _mark(index: int, x: float, y: float) -> Shape:
    if index:
        return Rect(x - 2, y - 2, 4, 4, fillColor=white, strokeColor=INK, strokeWidth=0.9)
    return Circle(x, y, 2.3, fillColor=INK, strokeColor=INK)


def _names(area: _Area) -> list[Shape]:
    """Each line's name and last value at its end, moved apart where they would meet."""
    ends = []
    for index, (name, values) in enumerate(area.trend.series):
        known = [value for value in values if value is not None]
        if known:
            ends.append((area.y(known[-1]), index, f"{name} {known[-1] * 100:.1f}%"))
    shapes: list[Shape] = []
    free = HEIGHT - _UP - _SIZE
    for y, index, words in sorted(ends, reverse=True):
        place = min(y - 2.5, free - _CLOSEST)
        free = place
        shapes.append(_mark(index, area.right + 8, place + 2.5))
        shapes.append(String(area.right + 14, place, words, fontName=BOLD, fontSize=_SIZE, fillColor=INK))
    return shapes
