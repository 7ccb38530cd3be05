"""Which journal entries were counted already: exact for the newest, one threshold for all older ones."""

from __future__ import annotations

REMEMBERED = 20_000
"""Entry numbers told apart one by one; whatever lies below them counts as delivered."""


class Delivered:
    """A set of entry numbers whose memory is bounded: up to twice `REMEMBERED` above a rising threshold."""

    def __init__(self, up_to: int) -> None:
        self._up_to = up_to
        self._beyond: set[int] = set()

    def add(self, entry_id: int) -> bool:
        """Note an entry; False if it was noted before, or lies below the threshold."""
        if entry_id <= self._up_to or entry_id in self._beyond:
            return False
        self._beyond.add(entry_id)
        if len(self._beyond) > 2 * REMEMBERED:
            self._forget()
        return True

    def _forget(self) -> None:
        newest = sorted(self._beyond)[-REMEMBERED:]
        self._up_to = newest[0] - 1
        self._beyond = set(newest)
