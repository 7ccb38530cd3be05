"""Whether cameras' clocks are right: a wrong one puts a wrong time under every picture kept as evidence.

Asked on a slow schedule, spread over the hour, through the gate that all opens share, and only of cameras that give a
picture: one that refuses us its password is left alone. Two answers in a row must agree before anything is told.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from runtime.clock import Clock
from video.open_gate import OpenGate

WRONG_SECONDS = 30.0
EVERY_SECONDS = 3600.0
CONFIRM_SECONDS = 120.0
"""A first wrong answer is asked again after this long, not an hour later."""
FIRST_WITHIN_SECONDS = 600.0
LOOK_EVERY_SECONDS = 1.0
_JITTER = 0.25
_ZONE_STEP_SECONDS = 1800
_LARGEST_ZONE_SECONDS = 14 * 3600

log = logging.getLogger(__name__)


@dataclass(slots=True)
class CameraClock:
    """One camera's clock: `drift_seconds` is how far it is ahead of ours; None before the first answer."""

    drift_seconds: float | None = None
    wrong: bool = False
    due_at: float = -math.inf
    _suspected: bool = field(default=False, repr=False)

    def note(self, drift_seconds: float) -> None:
        """One answer."""
        self.drift_seconds = round(drift_seconds, 1)
        suspected = abs(drift_seconds) > WRONG_SECONDS
        if suspected and self._suspected:
            self.wrong = True
        elif not suspected:
            self.wrong = False
        self._suspected = suspected

    @property
    def unsure(self) -> bool:
        """Whether the last answer was wrong and not yet confirmed."""
        return self._suspected and not self.wrong


@dataclass(frozen=True, slots=True)
class Subject:
    """One camera to ask: its address, and whether it gives a picture now."""

    url: str = field(repr=False)
    live: bool
    clock: CameraClock


def without_zone(drift_seconds: float) -> float:
    """The drift without whole half hours: many cameras write their local time and call it GMT."""
    if abs(drift_seconds) > _LARGEST_ZONE_SECONDS + _ZONE_STEP_SECONDS / 2:
        return drift_seconds
    rest = math.remainder(drift_seconds, _ZONE_STEP_SECONDS)
    return rest if abs(rest) <= WRONG_SECONDS else drift_seconds


class ClockCheck:
    """Asks one camera at a time. `ask` blocks, answers with seconds ahead of ours, or None when it cannot be told."""

    def __init__(
        self, ask: Callable[[str], float | None], gate: OpenGate, clock: Clock, rng: random.Random | None = None
    ) -> None:
        self._ask = ask
        self._gate = gate
        self._clock = clock
        self._rng = rng or random.SystemRandom()

    async def run(self, subjects: Callable[[], Sequence[Subject]]) -> None:
        """For ever: whoever is due is asked, one after the other."""
        while True:
            await self.run_once(subjects())
            await self._clock.sleep(LOOK_EVERY_SECONDS)

    async def run_once(self, subjects: Sequence[Subject]) -> None:
        """Ask the camera that has waited longest, if any is due."""
        now = self._clock.monotonic()
        for subject in subjects:
            if subject.clock.due_at == -math.inf:
                subject.clock.due_at = now + self._rng.uniform(0, FIRST_WITHIN_SECONDS)
        due = [subject for subject in subjects if subject.live and subject.clock.due_at <= now]
        if due:
            await self._look_at(min(due, key=lambda subject: subject.clock.due_at))

    async def _look_at(self, subject: Subject) -> None:
        drift = await asyncio.to_thread(self._through_the_gate, subject.url)
        known = subject.clock
        was_wrong = known.wrong
        if drift is not None:
            known.note(without_zone(drift))
        if known.wrong != was_wrong:
            log.info("a camera's clock is %s", f"{known.drift_seconds:+.0f} s off" if known.wrong else "right again")
        pause = CONFIRM_SECONDS if known.unsure else EVERY_SECONDS
        known.due_at = self._clock.monotonic() + pause * self._rng.uniform(1 - _JITTER, 1 + _JITTER)

    def _through_the_gate(self, url: str) -> float | None:
        with self._gate.opening():
            return self._ask(url)
