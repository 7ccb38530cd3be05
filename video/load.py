"""Less when there is not enough for all: which rate and quality tiles may have while this process is overloaded.

What is looked at closely, stands on a leaders' screen or is alarmed loses last (video sheet 9.5). A step is taken as
soon as the process uses more than four fifths of its budget, and taken back after ten seconds of calm; twice as long
each time that was too early, so that a wall that cannot have more stays steady instead of swinging.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from video.demand import Wish
from video.ladder import RATES, TileSize
from video.picture import BEST_QUALITY

BUSY_SHARE = 0.8
CALM_SHARE = 0.65
"""Share of the budget below which it is calm; between the two nothing changes."""
WINDOW_SECONDS = 2.0
CALM_SECONDS = 10.0
LONGEST_CALM_SECONDS = 160.0
TOO_EARLY_SECONDS = 30.0
"""A step taken back and taken again within this time was taken back too early."""
_KEYS_ONLY, _SLOW, _HALF, _FULL = RATES


@dataclass(frozen=True, slots=True)
class Limit:
    """What tiles may have at most: pictures a second and JPEG quality."""

    rate: float = _FULL
    quality: int = BEST_QUALITY


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the ladder. `first` is for those that lose last."""

    others: Limit = Limit()
    first: Limit = Limit()

    def limit(self, wish: Wish) -> Limit:
        return self.first if wish.first or wish.focus else self.others


STEPS: tuple[Step, ...] = (
    Step(),
    Step(others=Limit(_HALF, 60)),
    Step(others=Limit(_SLOW, 45)),
    Step(others=Limit(_KEYS_ONLY, 45)),
    Step(others=Limit(_KEYS_ONLY, 45), first=Limit(_HALF, 60)),
    Step(others=Limit(_KEYS_ONLY, 45), first=Limit(_SLOW, 45)),
)


def lowered(sizes: Mapping[TileSize, float], limit: Limit) -> dict[TileSize, float]:
    """The same sizes, none faster than the limit."""
    return {size: min(rate, limit.rate) for size, rate in sizes.items()}


class LoadGuard:
    """Finds the step from what the process has used. `see` it a few times a second."""

    def __init__(self, budget_cores: float) -> None:
        self._budget = budget_cores
        self._window: tuple[float, float] | None = None
        self._calm_since: float | None = None
        self._calm_needed = CALM_SECONDS
        self._taken_back_at = float("-inf")
        self.cores = 0.0
        """Used over the last window."""
        self.step = 0

    def see(self, cpu_seconds: float, at: float, *, shown: bool) -> Step:
        """CPU seconds used so far, at `at` (monotonic seconds); `shown`: whether there are tiles to make less of."""
        if self._window is None:
            self._window = (cpu_seconds, at)
        spent, took = cpu_seconds - self._window[0], at - self._window[1]
        if took >= WINDOW_SECONDS:
            self.cores = spent / took
            self._window = (cpu_seconds, at)
            self._judge(at, shown)
        return STEPS[self.step]

    def _judge(self, at: float, shown: bool) -> None:
        if shown and self.cores > BUSY_SHARE * self._budget:
            self._take(at)
        elif shown and self.cores > CALM_SHARE * self._budget:
            self._calm_since = None
        else:
            self._calm(at)

    def _take(self, at: float) -> None:
        too_early = at - self._taken_back_at < TOO_EARLY_SECONDS
        self._calm_needed = min(2 * self._calm_needed, LONGEST_CALM_SECONDS) if too_early else CALM_SECONDS
        self._taken_back_at = float("-inf")
        self.step = min(self.step + 1, len(STEPS) - 1)
        self._calm_since = None

    def _calm(self, at: float) -> None:
        if self._calm_since is None:
            self._calm_since = at
        elif self.step and at - self._calm_since >= self._calm_needed:
            self.step -= 1
            self._calm_since = self._taken_back_at = at
