"""Pauses between attempts: they grow, they are bounded, and they differ so that many waiters do not return together."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence


def pauses(steps_seconds: Sequence[float], *, jitter: float, rng: random.Random) -> Iterator[float]:
    """Seconds to wait before attempt 2, 3, …: each step once, then the last one for ever, each ± `jitter` (0–1)."""
    if not steps_seconds or not 0 <= jitter < 1:
        raise ValueError("pauses need at least one step and a jitter between 0 and 1")
    index = 0
    while True:
        step = steps_seconds[min(index, len(steps_seconds) - 1)]
        yield step * rng.uniform(1 - jitter, 1 + jitter)
        index += 1
