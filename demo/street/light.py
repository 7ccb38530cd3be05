"""Times of day: what the sky, the ground and the lamps do to everything in a scene."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """`ambient` multiplies every surface; `lamps` (0–1) is how much windows, lamps and headlights shine."""

    sky_top: Colour
    sky_low: Colour
    haze: Colour
    ambient: Colour
    lamps: float
    shadow: float
    haze_metres: float
    clouds: float
    sea: Colour


DAY = Light(
    sky_top=(222, 168, 112),
    sky_low=(246, 233, 216),
    haze=(236, 226, 212),
    ambient=(1.0, 1.0, 1.0),
    lamps=0.0,
    shadow=0.42,
    haze_metres=230.0,
    clouds=0.55,
    sea=(168, 138, 82),
)
OVERCAST = Light(
    sky_top=(198, 190, 182),
    sky_low=(226, 223, 219),
    haze=(216, 213, 209),
    ambient=(0.93, 0.92, 0.9),
    lamps=0.0,
    shadow=0.16,
    haze_metres=120.0,
    clouds=0.8,
    sea=(158, 150, 132),
)
DUSK = Light(
    sky_top=(112, 66, 40),
    sky_low=(140, 172, 242),
    haze=(122, 124, 162),
    ambient=(0.56, 0.45, 0.42),
    lamps=1.0,
    shadow=0.1,
    haze_metres=240.0,
    clouds=0.5,
    sea=(110, 84, 66),
)
