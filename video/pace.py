"""How much one viewer can take (video sheet 9.5): told by the time its acknowledgements need, step by step.

A step down when acknowledgements take longer than two intervals between tiles; a step up after ten quiet seconds,
quiet meaning that the rate above would have been kept as well. First the rate goes, then the size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from video.ladder import LADDER, RATES
from video.wire import Subscription

CALM_SECONDS = 10.0
LATE_INTERVALS = 2.0
_LATE_IN_A_ROW = 2
"""One late answer is a hiccup of the browser, two are a browser that is behind."""
_PATIENT = 2.0
"""A leaders' screen is given twice the time before it loses anything."""
_CAPS = tuple(sorted(RATES, reverse=True))
_LAST_RATE = len(_CAPS) - 1
_SIZES_DOWN = 2
PLAIN_STEPS = _LAST_RATE + _SIZES_DOWN
"""Steps until a plain tile has nothing more to give; only then a tile with precedence begins to lose."""
MOST_STEPS = 2 * PLAIN_STEPS


class Pace:
    """Of one viewer. `step` 0 is everything as asked."""

    def __init__(self, monotonic: Callable[[], float], *, first: bool = False) -> None:
        self._monotonic = monotonic
        self._patience = LATE_INTERVALS * (_PATIENT if first else 1.0)
        self._late = 0
        self._stepped_at = self._calm_since = monotonic()
        self.step = 0

    def took(self, sent_at: float, rate: float) -> bool:
        """A batch sent at `sent_at` is acknowledged now; `rate` is the viewer's fastest. True: `step` has changed."""
        if sent_at < self._stepped_at:
            return False  # sent at the former pace
        now = self._monotonic()
        seconds = now - sent_at
        if seconds > self._patience / rate:
            return self._was_late(now)
        self._late = 0
        if seconds > self._patience / self._rate_above(rate):
            self._calm_since = now
        return self._step_up(now)

    def waits(self, sent_at: float, rate: float) -> bool:
        """A batch sent at `sent_at` is still not acknowledged; that counts as late once it is. True as in `took`."""
        now = self._monotonic()
        overdue = sent_at >= self._stepped_at and now - sent_at > self._patience / rate
        return overdue and self._was_late(now)

    def _was_late(self, now: float) -> bool:
        self._calm_since = now
        self._late += 1
        if self._late < _LATE_IN_A_ROW or self.step == MOST_STEPS:
            return False
        return self._to(self.step + 1, now)

    def _step_up(self, now: float) -> bool:
        if self.step == 0 or now - self._calm_since < CALM_SECONDS:
            return False
        return self._to(self.step - 1, now)

    def _to(self, step: int, now: float) -> bool:
        self.step, self._late = step, 0
        self._stepped_at = self._calm_since = now
        return True

    def _rate_above(self, rate: float) -> float:
        """The rate one step up would bring, where a step up brings a rate."""
        faster = [cap for cap in _CAPS if cap > rate]
        return faster[-1] if faster and self.step else rate

    def given(self, asked: Subscription) -> Subscription:
        """What is left of a wish at this step; a close look loses nothing while others still can."""
        step = self.step - PLAIN_STEPS if asked.close else self.step
        if step <= 0:
            return asked
        rate = min(asked.rate, _CAPS[min(step, _LAST_RATE)])
        smaller = min(max(0, step - _LAST_RATE), _SIZES_DOWN)
        return replace(asked, rate=rate, size=LADDER[max(0, LADDER.index(asked.size) - smaller)])
