"""Focus streams inside a web process: the newest pictures of each, kept so that everybody begins with a key frame.

Nothing is decoded. A viewer that falls behind goes on at the newest key frame and is told how much it missed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from video.focus import FocusKind, FocusMessage

MOST_BYTES = 12_000_000
"""Of one camera: at 4 Mb/s two groups of pictures of ten seconds each."""
BATCH_BYTES = 2_000_000
"""Of one batch: a beginning goes out whole, a browser that was away for long is not flooded."""
BEHIND_MS = 500
"""A viewer this far behind leaves the rest out as soon as there is a newer key frame."""

_beginnings = count(1)


@dataclass(frozen=True, slots=True)
class Reading:
    """How far one viewer has come: which beginning of the stream it has, and the number of the picture it needs."""

    beginning: int = 0
    next: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A message for one viewer. `dropped`: pictures left out right before it."""

    message: FocusMessage
    dropped: int = 0


class FocusStream:
    """One camera's stream: its beginning, the newest group of pictures, and the one before for those a little behind.

    `beginning` changes whenever players have to start anew.
    """

    def __init__(self) -> None:
        self.head: FocusMessage | None = None
        self.beginning = 0
        self._pictures: deque[FocusMessage] = deque()
        self._first = 0
        """Number of the oldest picture kept; they are numbered as they come."""
        self._key = 0
        self._size = 0
        self._repeated: int | None = None
        """Where we are in a beginning that was published again for somebody else; None when all is new."""

    def take(self, message: FocusMessage) -> bool:
        """One message of the channel; whether there is anything new in it."""
        if message.kind in (FocusKind.INIT, FocusKind.CANNOT):
            return self._begin(message)
        if self._known(message):
            return False
        if message.kind is FocusKind.KEY:
            self._new_key()
        elif not self._pictures:
            return False  # nothing to build it on: the next key frame is
        self._pictures.append(message)
        self._size += len(message.payload)
        if self._size > MOST_BYTES:
            self._shorten()
        return True

    def _begin(self, head: FocusMessage) -> bool:
        same = self.head is not None and (head.kind, head.payload) == (self.head.kind, self.head.payload)
        if same:
            self._repeated = self._key if self._pictures else None
            return False
        self._start_over(head)
        return True

    def _start_over(self, head: FocusMessage | None) -> None:
        self.head = head
        self.beginning = next(_beginnings)
        self._repeated = None
        self._drop_before(self._end)
        self._key = self._first

    def _known(self, message: FocusMessage) -> bool:
        """Whether this is a picture we have, sent again. Else a newer key frame goes on, and all else begins anew."""
        if self._repeated is None:
            return False
        if (
            self._repeated < self._end
            and self._pictures[self._repeated - self._first].captured_ms == message.captured_ms
        ):
            self._repeated += 1
            return True
        goes_on = self._repeated == self._end or message.kind is FocusKind.KEY
        if not goes_on or message.captured_ms < self._pictures[-1].captured_ms:
            self._start_over(self.head)
        self._repeated = None
        return False

    def _new_key(self) -> None:
        self._drop_before(self._key)
        self._key = self._end

    def _shorten(self) -> None:
        """Too much: the older group goes; if it is the newest that is so long, all goes until the next key frame."""
        self._drop_before(self._key)
        if self._size > MOST_BYTES:
            self._drop_before(self._end)
            self._key = self._first

    def _drop_before(self, number: int) -> None:
        while self._first < number and self._pictures:
            self._size -= len(self._pictures.popleft().payload)
            self._first += 1

    @property
    def _end(self) -> int:
        return self._first + len(self._pictures)

    def news(self, reading: Reading) -> tuple[list[Piece], Reading]:
        """What a viewer that has come as far as `reading` gets now, and how far that takes it."""
        if self.head is None:
            return [], reading
        if reading.beginning != self.beginning:
            pieces, at = [Piece(self.head)], self._key
        else:
            pieces, at = [], self._next(reading)
        dropped = at - reading.next if not pieces else 0
        for message in self._portion(at):
            pieces.append(Piece(message, dropped))
            at, dropped = at + 1, 0
        return pieces, Reading(self.beginning, at - dropped)

    def _next(self, reading: Reading) -> int:
        """Where to go on: right there, or at the newest key frame when that is far behind or gone."""
        at = reading.next
        if at < self._first:
            return self._key
        if at < self._key and self._pictures[-1].captured_ms - self._pictures[at - self._first].captured_ms > BEHIND_MS:
            return self._key
        return at

    def _portion(self, at: int) -> Iterable[FocusMessage]:
        size = 0
        for index in range(at - self._first, len(self._pictures)):
            size += len(self._pictures[index].payload)
            if size > BATCH_BYTES and index > at - self._first:
                return
            yield self._pictures[index]
