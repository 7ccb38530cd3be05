"""The life of one pull as a table: which phase may follow which, and how long to wait before the next attempt."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from enum import StrEnum

from domain.camera import CameraError
from runtime.backoff import pauses


class Phase(StrEnum):
    """Where a pull stands. `RETRYING` waits seconds; `REFUSED` minutes: the camera said no, hammering locks it."""

    IDLE = "idle"
    CONNECTING = "connecting"
    LIVE = "live"
    STALLED = "stalled"
    RETRYING = "retrying"
    REFUSED = "refused"


MOVES: dict[Phase, frozenset[Phase]] = {
    Phase.IDLE: frozenset({Phase.CONNECTING}),
    Phase.CONNECTING: frozenset({Phase.LIVE, Phase.RETRYING, Phase.REFUSED}),
    Phase.LIVE: frozenset({Phase.STALLED, Phase.RETRYING}),
    Phase.STALLED: frozenset({Phase.LIVE, Phase.RETRYING}),
    Phase.RETRYING: frozenset({Phase.CONNECTING}),
    Phase.REFUSED: frozenset({Phase.CONNECTING}),
}

PAUSES_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0)
PAUSE_JITTER = 0.3
GIVING_PAUSE_SECONDS = 3.5
"""Longest pause of a camera that gave pictures before it ended: only an open tells when it holds again, and then it is
to be live within five seconds."""
REFUSED_PAUSE_SECONDS = 300.0
HEALTHY_SECONDS = 30.0
"""Only a stream that held this long proves the camera well again and starts the pauses from the beginning."""

LONG_PAUSE_ERRORS = frozenset({CameraError.AUTH, CameraError.NOT_FOUND, CameraError.CODEC, CameraError.BAD_ADDRESS})
"""Answers that will not change by asking again soon (and accounts that lock when asked too often)."""


class ForbiddenMove(Exception):
    """The code asked for a move that the table does not have: a fault of ours, never of a camera."""


class Machine:
    """Phase, attempt and reason of one pull. Moved by the pull's thread and by the outside look; read by anybody."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._lock = threading.Lock()
        self._pauses = self._fresh_pauses()
        self.phase = Phase.IDLE
        self.attempt = 0
        self.error: CameraError | None = None

    def connecting(self) -> None:
        """An attempt begins."""
        with self._lock:
            self._move(Phase.CONNECTING)
            self.attempt += 1

    def arrived(self) -> bool:
        """A packet came. True when it is the first one of a connection."""
        with self._lock:
            was = self.phase
            if was is not Phase.LIVE:
                self._move(Phase.LIVE)
                self.error = None
            return was is Phase.CONNECTING

    def stall_if(self, silent: bool) -> None:
        """Judged from outside, since a thread waiting in a read cannot: a live stream fell silent."""
        with self._lock:
            if silent and self.phase is Phase.LIVE:
                self._move(Phase.STALLED)

    def failed(self, error: CameraError, *, held_seconds: float, costs_nothing: bool = False) -> float:
        """The attempt ended for `error` after `held_seconds` of good packets: seconds to wait before the next.

        `costs_nothing`: asking again disturbs nobody (a file), so even a clear no is asked again soon.
        """
        with self._lock:
            self.error = error
            if held_seconds >= HEALTHY_SECONDS:
                self._pauses = self._fresh_pauses()
                self.attempt = 0
            if error in LONG_PAUSE_ERRORS and self.phase is Phase.CONNECTING and not costs_nothing:
                self._move(Phase.REFUSED)
                return REFUSED_PAUSE_SECONDS * self._rng.uniform(1 - PAUSE_JITTER, 1 + PAUSE_JITTER)
            self._move(Phase.RETRYING)
            pause = next(self._pauses)
            return min(pause, GIVING_PAUSE_SECONDS) if held_seconds > 0 else pause

    def _move(self, phase: Phase) -> None:
        if phase not in MOVES[self.phase]:
            raise ForbiddenMove(f"{self.phase} → {phase}")
        self.phase = phase

    def _fresh_pauses(self) -> Iterator[float]:
        return pauses(PAUSES_SECONDS, jitter=PAUSE_JITTER, rng=self._rng)
