"""One open socket as the hub sees it: what it watches, what is new for it, how much it has not yet acknowledged.

Nothing queues here. Whatever comes marks its camera as new; when a batch may go, it carries the newest of each.
"""

from __future__ import annotations

import time
from asyncio import Event
from collections import deque
from collections.abc import Callable

from domain.camera import CameraStatus
from video import wire
from video.focus_hub import Piece, Reading
from video.ladder import TileSize, first_gap
from video.pace import Pace
from video.tile import Tile
from video.wire import Subscription

WINDOW = 2
"""Batches under way at most: a browser has no other way to say that it is behind."""
_EARLY = 0.4
"""Share of the interval by which a tile may come before its turn: cameras send when they do, and the next tile may be
a whole interval away. Turns are counted on, so that the rate holds all the same."""
_SLOWEST = 0.5

NewestTile = Callable[[int, TileSize], Tile | None]
NewestStatus = Callable[[int], CameraStatus | None]
FocusNews = Callable[[int, Reading], tuple[list[Piece], Reading]]


class Viewer:
    """Mutable, of one event loop. `wake` is set whenever a batch might have become possible.

    `first`: a leaders' screen or a wall, which loses quality last.
    """

    def __init__(self, *, first: bool = False, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.wake = Event()
        self.first = first
        self.asked: dict[int, Subscription] = {}
        """As the page wants it."""
        self.watched: dict[int, Subscription] = {}
        """As it gets it at its pace."""
        self._monotonic = monotonic
        self._pace = Pace(monotonic, first=first)
        self._tiles: set[int] = set()
        self._states: set[int] = set()
        self._turns: dict[int, tuple[int, float]] = {}
        """Camera number → when its newest sent tile was captured, and when the next one is due (epoch milliseconds)."""
        self._readings: dict[int, Reading] = {}
        self._listed: frozenset[int] = frozenset()
        self._under_way: deque[float] = deque()
        """When each batch was sent that is not yet acknowledged."""
        self._sent = 0
        self.skipped = 0
        """Tiles that a newer one replaced before this viewer was ready for it."""

    def watch(self, subscription: Subscription) -> None:
        """Begin to watch a camera, or watch it in another way; a focus that stays goes on where it is."""
        number = subscription.number
        self.asked[number] = subscription
        self.watched[number] = self._pace.given(subscription)
        self._turns.pop(number, None)
        if not subscription.focus:
            self._readings.pop(number, None)
        elif number not in self._readings:
            self._readings[number] = Reading()
        self._tiles.add(number)
        self._states.add(number)
        self.wake.set()

    def unwatch(self, number: int) -> None:
        self.asked.pop(number, None)
        self.watched.pop(number, None)
        self._tiles.discard(number)
        self._states.discard(number)
        self._turns.pop(number, None)
        self._readings.pop(number, None)

    def repace(self) -> list[Subscription]:
        """Fit what is watched to the pace as it is now; what has changed by that."""
        changed = [wish for wish in map(self._pace.given, self.asked.values()) if wish != self.watched[wish.number]]
        self.watched |= {wish.number: wish for wish in changed}
        return changed

    @property
    def slowed(self) -> frozenset[int]:
        """Cameras of which it gets less than it asked for."""
        return frozenset(number for number, wish in self.watched.items() if wish != self.asked[number])

    def tile_came(self, number: int) -> None:
        """A newer tile of a watched camera is in the hub."""
        self.skipped += number in self._tiles
        self._tiles.add(number)
        self.wake.set()

    def focus_came(self, number: int) -> None:
        """A focus stream has gone on; nothing to us unless we read it."""
        if number in self._readings:
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

    def acknowledge(self, count: int) -> bool:
        """The browser has received `count` batches in all, clamped to what can be; whether its pace changed by that."""
        changed = False
        while self._under_way and count > self._sent - len(self._under_way):
            changed |= self._pace.took(self._under_way.popleft(), self._fastest())
        self.wake.set()
        return changed

    def overdue(self) -> bool:
        """Look whether the browser owes an answer; whether its pace changed by that."""
        return bool(self._under_way) and self._pace.waits(self._under_way[0], self._fastest())

    def _fastest(self) -> float:
        return max((wish.rate for wish in self.watched.values()), default=_SLOWEST)

    @property
    def may_send(self) -> bool:
        return len(self._under_way) < WINDOW

    def batch(
        self, newest_tile: NewestTile, newest_status: NewestStatus, focus_news: FocusNews | None = None
    ) -> bytes | None:
        """The newest of everything that is new and whose turn has come; None when the window is full or nothing is."""
        if not self.may_send:
            return None
        parts = [*self._state_parts(newest_status), *self._tile_parts(newest_tile)]
        if focus_news is not None:
            parts += self._focus_parts(focus_news)
        if not parts:
            return None
        self._sent += 1
        self._under_way.append(self._monotonic())
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
                parts.append(wire.tile_entry(number, wanted.size, tile))
        return parts

    def _focus_parts(self, news: FocusNews) -> list[bytes]:
        parts = []
        for number, reading in self._readings.items():
            pieces, self._readings[number] = news(number, reading)
            parts += [wire.focus_entry(number, piece) for piece in pieces]
        return parts

    def _turn(self, wanted: Subscription, captured_ms: int) -> bool:
        """Others may have asked for more pictures a second than we did; and none is sent twice."""
        interval = 1000 / wanted.rate
        sent, due = self._turns.get(wanted.number, (-1, float(captured_ms)))
        if captured_ms <= sent or captured_ms < due - _EARLY * interval:
            return False
        steady = sent >= 0 and captured_ms - due < interval
        next_due = due + interval if steady else captured_ms + 1000 * first_gap(wanted.number, wanted.rate)
        self._turns[wanted.number] = (captured_ms, next_due)
        return True
