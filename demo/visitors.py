"""Real people in the demo: whoever has an account. The demo's people keep their hands off what one of them works on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from domain.case import Case
from domain.journal import Entry

LET_BE = timedelta(minutes=10)
"""After a real person has done something to a case, the demo leaves it alone for so long."""
ASK_AGAIN = timedelta(seconds=60)
"""While a real person has claimed it, the demo looks again after so long."""


class Visitors:
    """`names` are the accounts there are; it blocks."""

    def __init__(self, names: Callable[[], Iterable[str]] = tuple) -> None:
        self._ask = names
        self._names: frozenset[str] = frozenset()

    async def look(self) -> None:
        """Ask for the accounts anew.

        Raises:
            StoreError: the store is away.
        """
        self._names = frozenset(await asyncio.to_thread(self._ask))

    def touched(self, entries: Iterable[Entry]) -> datetime | None:
        """When a real person last did something to the case."""
        return max((entry.at for entry in entries if entry.actor in self._names), default=None)

    def free_at(self, case: Case, touched_at: datetime | None, now: datetime) -> datetime:
        """From when on the demo's people may go on with the case."""
        if case.claimed_by in self._names:
            return now + ASK_AGAIN
        return now if touched_at is None else max(now, touched_at + LET_BE)
