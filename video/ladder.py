"""The few sizes tiles come in (video sheet 9.5): a page takes the smallest that is not below its cell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class TileSize:
    """Box in pixels that a tile fits into; the picture keeps its own shape inside it."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


LADDER: tuple[TileSize, ...] = (
    TileSize(160, 90),
    TileSize(320, 180),
    TileSize(480, 270),
    TileSize(640, 360),
    TileSize(960, 540),
)
THUMBNAIL = LADDER[1]
LARGEST = LADDER[-1]
BY_NAME: dict[str, TileSize] = {str(size): size for size in LADDER}

RATES: tuple[float, ...] = (0.5, 2.0, 5.0, 10.0)
"""Tiles a second a viewer may ask for; 0.5 is served from key frames alone, without decoding the rest."""


def first_gap(number: int, rate: float) -> float:
    """Seconds between a camera's first tile and its second: 0.5 to 1.5 intervals.

    Cameras asked for together would go on coming together, each later one waiting for those before it; so each keeps
    its own place within the interval. Neighbours are far apart (steps of the golden ratio). Key frames come together
    by chance only, and at their rate a longer gap would be called a delay.
    """
    return (0.5 + number * 0.618034 % 1 if rate > RATES[0] else 1.0) / rate


def allowed_rate(asked: float) -> float:
    """The highest rate of the ladder that is not above `asked`; the lowest one below that."""
    return max((rate for rate in RATES if rate <= asked), default=RATES[0])


def fitted(picture: tuple[int, int], box: TileSize) -> tuple[int, int]:
    """Width and height of `picture` scaled into `box`: shape kept, never enlarged, even (chroma is halved).

    The old CIF family (352 × 288, 704 × 576: 11 : 9 in pixels) is shown as the 4 : 3 picture it was filmed as.
    """
    width, height = picture
    shape = 4 / 3 if width * 9 == height * 11 else width / height
    tall = min(box.height, height, box.width / shape)
    return _even(tall * shape), _even(tall)


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)
