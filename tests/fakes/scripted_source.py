"""A camera connection that follows a script: packets, pauses, failures as a test wrote them, on a hand-moved clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from domain.camera import CameraError
from tests.fakes.clock import ManualClock
from tests.fakes.film import annex_b, film
from video.source import OpenFailed, Packet, StreamInfo

PACKET = "packet"
END = "end"


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds that pass before the next step."""

    seconds: float


Step = str | Wait | Callable[[], None]
"""`PACKET`, `END`, a `Wait`, or something to do at that moment."""


@dataclass
class ScriptedOpener:
    """Each open takes the next script; an error instead of a script fails the open. The last one ends with `at_end`."""

    clock: ManualClock
    scripts: Sequence[Sequence[Step] | CameraError]
    at_end: Callable[[], None]
    opened: int = 0
    closed: int = 0
    urls: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    """When each open began, in the clock's seconds."""

    @property
    def pauses(self) -> list[float]:
        """Between one open and the next, for scripts that take no time."""
        return [round(later - earlier, 6) for earlier, later in pairwise(self.times)]

    def open(self, url: str) -> ScriptedSession:
        self.urls.append(url)
        self.times.append(self.clock.monotonic())
        script = self.scripts[self.opened]
        self.opened += 1
        last = self.opened == len(self.scripts)
        if isinstance(script, CameraError):
            if last:
                self.at_end()
            raise OpenFailed(script)
        return ScriptedSession(self, list(script), last=last)


class ScriptedSession:
    """Reads its script; a read with nothing left is the stream's end."""

    def __init__(self, opener: ScriptedOpener, script: list[Step], *, last: bool) -> None:
        self._opener = opener
        self._script = script
        self._last = last
        self._count = 0

    @property
    def info(self) -> StreamInfo:
        return StreamInfo("h264", b"", 352, 288, 15.0)

    def read(self) -> Packet | None:
        while self._script:
            step = self._script.pop(0)
            if isinstance(step, Wait):
                self._opener.clock.forward(seconds=step.seconds)
            elif step == PACKET:
                return self._packet()
            elif step == END:
                break
            elif callable(step):
                step()
        if self._last:
            self._opener.at_end()
        return None

    def close(self) -> None:
        self._opener.closed += 1

    def _packet(self) -> Packet:
        pictures = film().pictures
        packet = Packet(annex_b(pictures[self._count % len(pictures)]), self._count % 15 == 0, self._count * 66.7)
        self._count += 1
        return packet
