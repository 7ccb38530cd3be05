"""Where camera threads leave what is to be published. Putting never waits; what nobody takes in time is given up."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass

from video.focus import FocusMessage
from video.tile import Tile

FOCUS_LIMIT_BYTES = 16_000_000
KEPT_SECONDS = 0.25
"""How long a tile that is only kept (a thumbnail) may wait for others to travel with: 100 cameras make 50 a second."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one newest tile: a pub/sub channel, or a key kept for `ttl_seconds`."""

    name: str
    ttl_seconds: int | None = None


class _Bell:
    """Wakes a task of one event loop from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rung = asyncio.Event()

    def attach(self) -> None:
        self._loop = asyncio.get_running_loop()

    def ring(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, seconds: float | None = None) -> None:
        """Until it rings, or `seconds` are over."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return
        self._rung.clear()


class TileOutbox:
    """Newest tile per slot; as many as there are cameras and wanted sizes, never more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tiles: dict[Slot, Tile] = {}
        self._awaited = False
        self._bell = _Bell()
        self.overwritten = 0
        """Tiles that a newer one replaced before they were published: a publisher or Redis too slow."""

    def attach(self) -> None:
        """Wake the publisher in the running event loop from now on."""
        self._bell.attach()

    def put(self, slot: Slot, tile: Tile) -> None:
        """Leave a tile; from any thread."""
        with self._lock:
            first = slot.ttl_seconds is None and not self._awaited
            self._awaited |= first
            self.overwritten += slot in self._tiles
            self._tiles[slot] = tile
        if first:
            self._bell.ring()

    async def take(self) -> dict[Slot, Tile]:
        """All that waits, as soon as somebody waits for any of it, or a little later."""
        taken: dict[Slot, Tile] = {}
        while not taken:
            await self._bell.wait(KEPT_SECONDS)
            with self._lock:
                taken, self._tiles, self._awaited = self._tiles, {}, False
        return taken


class FocusOutbox:
    """Messages of focus streams in their order. None may be missing: a camera with a gap has to begin anew."""

    def __init__(self, limit_bytes: int = FOCUS_LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._messages: list[tuple[int, FocusMessage]] = []
        self._size = 0
        self._broken: set[int] = set()
        self._bell = _Bell()

    def attach(self) -> None:
        """Wake the publisher in the running event loop from now on."""
        self._bell.attach()

    def put(self, number: int, message: FocusMessage) -> None:
        """Leave a message of a camera; from any thread."""
        with self._lock:
            idle = not self._messages
            if number not in self._broken:
                self._messages.append((number, message))
                self._size += len(message.payload)
            if self._size > self._limit_bytes:
                self._broken |= {behind for behind, _ in self._messages}
                self._messages, self._size = [], 0
        if idle:
            self._bell.ring()

    async def take(self) -> tuple[list[tuple[int, FocusMessage]], set[int]]:
        """All that waits, as soon as anything does; and the cameras whose stream has to begin anew."""
        while True:
            await self._bell.wait()
            with self._lock:
                messages, self._messages, self._size = self._messages, [], 0
                broken, self._broken = self._broken, set()
            if messages or broken:
                return messages, broken
