"""Where camera threads leave their newest tiles for the publisher. Putting never waits; older tiles are overwritten."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass

from video.tile import Tile


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one newest tile: a pub/sub channel, or a key kept for `ttl_seconds`."""

    name: str
    ttl_seconds: int | None = None


class TileOutbox:
    """Newest tile per slot; as many as there are cameras and wanted sizes, never more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tiles: dict[Slot, Tile] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = asyncio.Event()
        self.overwritten = 0
        """Tiles that a newer one replaced before they were published: a publisher or Redis too slow."""

    def attach(self) -> None:
        """Wake the publisher in the running event loop from now on."""
        self._loop = asyncio.get_running_loop()

    def put(self, slot: Slot, tile: Tile) -> None:
        """Leave a tile; from any thread."""
        with self._lock:
            idle = not self._tiles
            self.overwritten += slot in self._tiles
            self._tiles[slot] = tile
        if idle and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ready.set)

    async def take(self) -> dict[Slot, Tile]:
        """All that waits, as soon as anything does."""
        await self._ready.wait()
        with self._lock:
            taken, self._tiles = self._tiles, {}
            self._ready.clear()
        return taken
