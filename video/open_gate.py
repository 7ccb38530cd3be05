"""How many opens may begin at once: a mass restart must not flood the platform that shares its cameras.

An open counts while it really opens, at most for a moment: after that it only waits for the camera's next key frame,
floods nobody, and must not keep the cameras behind it dark.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PLACES = 8
MOMENT_SECONDS = 0.05


class OpenGate:
    """Lets threads through, `places` a moment."""

    def __init__(self, places: int = PLACES, moment_seconds: float = MOMENT_SECONDS) -> None:
        self._places = places
        self._moment_seconds = moment_seconds
        self._condition = threading.Condition()
        self._opening: dict[int, float] = {}

    @contextmanager
    def opening(self) -> Iterator[None]:
        """Wait for a place, hold it while opening."""
        me = threading.get_ident()
        with self._condition:
            while not self._free():
                self._condition.wait(self._moment_seconds)
            self._opening[me] = time.monotonic()
        try:
            yield
        finally:
            with self._condition:
                self._opening.pop(me, None)
                self._condition.notify()

    def _free(self) -> bool:
        since = time.monotonic() - self._moment_seconds
        return sum(began > since for began in self._opening.values()) < self._places
