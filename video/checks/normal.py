"""What is normal for one camera: learned from its first minute, then followed slowly."""

from __future__ import annotations

import math
from typing import Generic, TypeVar, cast

import numpy as np
import numpy.typing as npt

LEARN_LOOKS = 30
"""Looks (one every two seconds) whose median is the first normal."""
AVERAGE_SECONDS = 1800.0
"""How slowly a normal follows: what comes over a lens in minutes does not become normal."""
_LONGEST_STEP_SECONDS = 60.0

Value = TypeVar("Value", float, npt.NDArray[np.float32])


class Normal(Generic[Value]):
    """`value` is None until it is learned. Callers hand in only looks they do not suspect."""

    def __init__(self) -> None:
        self.value: Value | None = None
        self._first: list[Value] = []
        self._last_at: float | None = None

    def learn(self, seen: Value, at: float) -> None:
        """One unsuspicious value at `at` (monotonic seconds)."""
        passed = 0.0 if self._last_at is None else min(at - self._last_at, _LONGEST_STEP_SECONDS)
        self._last_at = at
        if self.value is not None:
            share = 1 - math.exp(-passed / AVERAGE_SECONDS)
            self.value = self.value + (seen - self.value) * share
            return
        self._first.append(seen)
        if len(self._first) >= LEARN_LOOKS:
            self.value = cast(Value, np.median(np.stack(self._first), axis=0))
            self._first = []

    def start_from(self, value: Value | None) -> None:
        """What was learned before, unless something has been learned since."""
        if self.value is None:
            self.value = value

    def forget(self) -> None:
        self.value, self._first, self._last_at = None, [], None
