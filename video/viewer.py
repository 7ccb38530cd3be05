"""One open socket as the hub sees it: what it watches, what is new for it, how much it has not yet acknowledged.

Nothing queues here. Whatever comes marks its camera as new; when a batch may go, it carries the newest of each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from domain.camera import CameraStatus
from video import wire
from video.ladder import TileSize
from video.tile import Tile
from video.wire import Subscription

WINDOW = 2
"""Batches under way at most: a browser has no other way to say that it is behind."""
_EARLY_MS = 30

NewestTile = Callable[[int, TileSize], Tile | None]
NewestStatus = Callable[[int], CameraStatus | None]


class Viewer:
    """Mutable, of one event loop. `wake` is set whenever a batch might have become possible."""

    def __init__(self) -> None:
        self.wake = asyncio.Event()
        self.watched: dict[int, Subscription] = {}
        self._tiles: set[int] = set()
        self._states: set[int] = set()
        self._sent_ms: dict[int, int] = {}
        self._listed: frozenset[int] = frozenset()
        self._sent = 0
        self._acknowledged = 0
        self.skipped = 0
        """Tiles that a newer one replaced before this viewer was ready for it."""

    def watch(self, subscription: Subscription) -> None:
        """Begin to watch a camera, or watch it in another size."""
        number = subscription.number
        self.watched[number] = subscription
        self._sent_ms.pop(number, None)
        self._tiles.add(number)
        self._states.add(number)
        self.wake.set()

    def unwatch(self, number: int) -> None:
        self.watched.pop(number, None)
        self._tiles.discard(number)
        self._states.discard(number)
        self._sent_ms.pop(number, None)

    def tile_came(self, number: int) -> None:
        """A newer tile of a watched camera is in the hub."""
        self.skipped += number in self._tiles
        self._tiles.add(number)
        self.wake.set()

    def state_came(self, number: int) -> None:
        """A camera's state changed; nothing to us unless we watch or list it."""
        if number in self.watched or number in self._listed:
            self._states.add(number)
            self.wake.set()

    def list_states(self, numbers: frozenset[int]) -> None:
        """Hear the states of these cameras from now on, watched or not."""
        self._listed = numbers
        self._states |= numbers
        self.wake.set()

    def acknowledge(self, count: int) -> None:
        """The browser has received `count` batches in all. A count that cannot be is ignored by clamping."""
        self._acknowledged = max(self._acknowledged, min(count, self._sent))
        self.wake.set()

    @property
    def may_send(self) -> bool:
        return self._sent - self._acknowledged < WINDOW

    def batch(self, newest_tile: NewestTile, newest_status: NewestStatus) -> bytes | None:
        """The newest of everything that is new and whose turn has come; None when the window is full or nothing is."""
        if not self.may_send:
            return None
        parts = [*self._state_parts(newest_status), *self._tile_parts(newest_tile)]
        if not parts:
            return None
        self._sent += 1
        return b"".join(parts)

    def _state_parts(self, newest_status: NewestStatus) -> list[bytes]:
        numbers, self._states = self._states, set()
        known = ((number, newest_status(number)) for number in sorted(numbers))
        return [wire.state_entry(number, status) for number, status in known if status is not None]

    def _tile_parts(self, newest_tile: NewestTile) -> list[bytes]:
        numbers, self._tiles = self._tiles, set()
        parts = []
        for number in sorted(numbers):
            wanted = self.watched[number]
            tile = newest_tile(number, wanted.size)
            if tile is not None and self._turn(wanted, tile.captured_ms):
                self._sent_ms[number] = tile.captured_ms
                parts.append(wire.tile_entry(number, wanted.size, tile))
        return parts

    def _turn(self, wanted: Subscription, captured_ms: int) -> bool:
        """Others may have asked for more pictures a second than we did; and none is sent twice."""
        last = self._sent_ms.get(wanted.number)
        return last is None or captured_ms - last >= max(1.0, 1000 / wanted.rate - _EARLY_MS)
