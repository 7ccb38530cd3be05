"""Where a turning demo camera looks, and how it moves while it is told to."""

from __future__ import annotations

from dataclasses import dataclass, field

from demo.soap import Fault

FULL_TURN_SECONDS = 8.0
"""From one end of the range to the other at full speed."""

Place = tuple[float, float, float]
"""Pan, tilt and zoom: −1 to 1, −1 to 1, 0 to 1."""


@dataclass(slots=True)
class Turning:
    """Where one camera looks, its presets by token, its main and small stream. Time is monotonic seconds."""

    streams: tuple[str, str] = ("", "")
    sizes: tuple[tuple[int, int], tuple[int, int]] = ((1920, 1080), (704, 576))
    place: Place = (0.0, 0.0, 0.0)
    speed: Place = (0.0, 0.0, 0.0)
    since: float = 0.0
    until: float = 0.0
    presets: dict[str, tuple[str, Place]] = field(default_factory=dict)
    moves: int = 0
    stops: int = 0

    def now(self, at: float) -> Place:
        """The place at this moment; a move that ran out has ended by itself."""
        took = max(0.0, min(at, self.until) - self.since)
        step = took * 2 / FULL_TURN_SECONDS
        low = (-1.0, -1.0, 0.0)
        moved = (max(least, min(1.0, p + s * step)) for p, s, least in zip(self.place, self.speed, low, strict=True))
        pan, tilt, zoom = moved
        return pan, tilt, zoom

    def moving(self, at: float) -> bool:
        return at < self.until and any(self.speed)

    def move(self, speed: Place, seconds: float, at: float) -> None:
        self.place, self.speed, self.since, self.until = self.now(at), speed, at, at + seconds
        self.moves += 1

    def stop(self, at: float) -> None:
        self.place, self.speed, self.until = self.now(at), (0.0, 0.0, 0.0), at
        self.stops += 1

    def goto(self, token: str, at: float) -> None:
        if token not in self.presets:
            raise Fault("ter:InvalidArgVal", "ter:NoToken")
        self.stop(at)
        self.place = self.presets[token][1]
