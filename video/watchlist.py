"""Who watches what in one web process, and what is asked of capture because of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from video import demand
from video.demand import Wish
from video.ladder import TileSize
from video.viewer import Viewer
from video.wire import Subscription

LINGER_SECONDS = 20.0
"""How long a tile nobody watches any more is still asked for: a page change or a closed solo view comes back to it."""

Place = tuple[int, TileSize]
"""A camera number in a size."""


class Watchlist:
    """Of one event loop. What is left lingers for a while, for whoever comes back."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._watchers: dict[Place, dict[Viewer, Subscription]] = {}
        self._lingering: dict[Place, tuple[float, float]] = {}

    def join(self, viewer: Viewer, wish: Subscription) -> None:
        """`viewer` watches as `wish` says from now on."""
        place = (wish.number, wish.size)
        self._watchers.setdefault(place, {})[viewer] = wish
        self._lingering.pop(place, None)

    def leave(self, viewer: Viewer, wish: Subscription, *, linger: bool) -> None:
        """It does so no longer. `linger`: nobody else took its place there."""
        place = (wish.number, wish.size)
        watchers = self._watchers[place]
        del watchers[viewer]
        if watchers:
            return
        del self._watchers[place]
        if linger:
            self._lingering[place] = (self._monotonic() + LINGER_SECONDS, wish.rate)

    def watchers(self, place: Place) -> Collection[Viewer]:
        return self._watchers.get(place, {}).keys()

    def watched(self) -> set[int]:
        """Numbers of the cameras somebody watches now."""
        return {number for number, _ in self._watchers}

    def focused(self) -> set[int]:
        """Numbers of the cameras whose main stream somebody wants."""
        return {wish.number for wish in self._wishes() if wish.focus}

    def places(self) -> set[Place]:
        """Everything watched or lingering."""
        return self._watchers.keys() | self._lingering.keys()

    def demand(self) -> dict[int, Wish]:
        """What all of them want together."""
        left = [{number: Wish({size: rate})} for (number, size), (_, rate) in self._lingering.items()]
        here = [
            {wish.number: Wish({wish.size: wish.rate}, wish.focus, wish.close or viewer.first)}
            for watchers in self._watchers.values()
            for viewer, wish in watchers.items()
        ]
        return demand.union(left + here)

    def end_lingering(self) -> None:
        """Forget what has lingered long enough."""
        now = self._monotonic()
        self._lingering = {place: left for place, left in self._lingering.items() if left[0] > now}

    def _wishes(self) -> Iterable[Subscription]:
        return (wish for watchers in self._watchers.values() for wish in watchers.values())
