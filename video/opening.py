"""When a camera's connection is open, by its policy: always, while somebody looks, or for a glimpse once a minute."""

from __future__ import annotations

import random

from domain.camera import CameraPolicy

LINGER_SECONDS = 20.0
"""How long a connection stays open after the last look: people come back."""
GLIMPSE_EVERY_SECONDS = 60.0
GLIMPSE_LIMIT_SECONDS = 20.0
"""A glimpse that has shown nothing by then has failed."""
_SPREAD = 0.2
"""Glimpses of many cameras drift apart by this share, so that they do not open all at once every minute."""


class Opening:
    """Asked a few times a second whether the connection should be open now."""

    def __init__(self, policy: CameraPolicy, rng: random.Random) -> None:
        self._policy = policy
        self._rng = rng
        self._linger_until = float("-inf")
        self._glimpse_began: float | None = None
        self._glimpse_due = float("-inf")
        self.looked_at = policy is CameraPolicy.ALWAYS
        """Whether it is open for more than a glimpse."""
        self.missed = False
        """Whether the last glimpse showed nothing."""

    def due(self, now: float, *, wanted: bool, picture_at: float | None) -> bool:
        """`picture_at` is when the newest picture was decoded, in monotonic seconds as `now`."""
        if self._policy is CameraPolicy.ALWAYS:
            return True
        if wanted:
            self._linger_until = now + LINGER_SECONDS
        self.looked_at = now < self._linger_until
        if self.looked_at:
            self._glimpse_began = None
            self._glimpse_due = now + GLIMPSE_EVERY_SECONDS
            self.missed = False
            return True
        return self._policy is CameraPolicy.SNAPSHOT and self._glimpsing(now, picture_at)

    def _glimpsing(self, now: float, picture_at: float | None) -> bool:
        if self._glimpse_began is None:
            if now < self._glimpse_due:
                return False
            self._glimpse_began = now
        seen = picture_at is not None and picture_at >= self._glimpse_began
        if seen or now - self._glimpse_began > GLIMPSE_LIMIT_SECONDS:
            self.missed = not seen
            self._glimpse_began = None
            self._glimpse_due = now + GLIMPSE_EVERY_SECONDS * self._rng.uniform(1 - _SPREAD, 1 + _SPREAD)
            return False
        return True
