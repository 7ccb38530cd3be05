"""The newest packets of a stream: always what came since the last key frame, a minute of it while somebody watches.

Bounded three ways: by age, by size per camera, and by size of all rings of a process together; whole groups of
pictures go, the oldest first, so that a ring always begins with a key frame.
"""

from __future__ import annotations

import threading
import weakref
from collections import deque
from dataclasses import dataclass, field
from itertools import chain

from video.source import Packet, StreamInfo

KEEP_MS = 60_000
RING_LIMIT_BYTES = 16_000_000
GROUP_LIMIT_BYTES = 8_000_000
"""A group above this (a camera that hardly ever sends a key frame) is given up; the next key frame starts over."""
TOTAL_LIMIT_BYTES = 256_000_000


@dataclass(frozen=True, slots=True)
class Held:
    """A packet and when it came: `captured_ms` epoch milliseconds, `at` monotonic seconds."""

    packet: Packet
    captured_ms: int
    at: float


@dataclass(slots=True)
class _Group:
    """A key frame and the pictures that need it."""

    held: list[Held] = field(default_factory=list)
    size: int = 0


class RingBudget:
    """What all rings of a process may hold together. Any thread."""

    def __init__(self, limit_bytes: int = TOTAL_LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._rings: weakref.WeakSet[PacketRing] = weakref.WeakSet()
        self.total_bytes = 0

    def enter(self, ring: PacketRing) -> None:
        with self._lock:
            self._rings.add(ring)

    def count(self, more_bytes: int) -> None:
        with self._lock:
            self.total_bytes += more_bytes

    def relieve(self) -> None:
        """Let the oldest groups go, of whatever camera, until all fit; groups still being filled stay."""
        while self.total_bytes > self._limit_bytes:
            with self._lock:
                aged = [ring for ring in self._rings if ring.groups > 1]
            if not aged:
                return
            min(aged, key=lambda ring: ring.oldest_ms or 0).drop_oldest()


class PacketRing:
    """Filled by the stream's own thread, read by any."""

    def __init__(self, budget: RingBudget | None = None) -> None:
        self._budget = budget or RingBudget()
        self._budget.enter(self)
        self._lock = threading.Lock()
        self._groups: deque[_Group] = deque()
        self._whole = False
        """Whether the newest group lacks nothing, so that the next packet belongs to it."""
        self.keep = False
        """Whether to keep a minute instead of the last group; set from outside."""
        self.info: StreamInfo | None = None

    def begin(self, info: StreamInfo) -> None:
        """A new connection. What the last one brought stays when the stream is the same: that is what is asked for."""
        if info != self.info:
            self.clear()
            self.info = info
        self._whole = False

    def add(self, held: Held) -> None:
        """One packet; one that needs a key frame we do not have is left out."""
        if not held.packet.key and not self._whole:
            return
        with self._lock:
            if held.packet.key:
                self._groups.append(_Group())
                self._whole = True
            group = self._groups[-1]
            group.held.append(held)
            group.size += len(held.packet.data)
            freed = self._trim(held.captured_ms)
        self._budget.count(len(held.packet.data) - freed)
        self._budget.relieve()

    def clear(self) -> None:
        with self._lock:
            size = sum(group.size for group in self._groups)
            self._groups.clear()
            self._whole = False
        self._budget.count(-size)

    def drop_oldest(self) -> None:
        """Let the oldest group go, unless it is the one being filled."""
        with self._lock:
            size = self._groups.popleft().size if len(self._groups) > 1 else 0
        self._budget.count(-size)

    @property
    def groups(self) -> int:
        return len(self._groups)

    @property
    def since_key(self) -> tuple[Held, ...]:
        """The last key frame and all that came after it; nothing after a break."""
        with self._lock:
            return tuple(self._groups[-1].held) if self._groups and self._whole else ()

    @property
    def oldest_ms(self) -> int | None:
        with self._lock:
            return self._groups[0].held[0].captured_ms if self._groups else None

    @property
    def newest(self) -> Held | None:
        with self._lock:
            return self._groups[-1].held[-1] if self._groups and self._whole else None

    def span(self, from_ms: int, to_ms: int) -> tuple[Held, ...]:
        """From the key frame at or before `from_ms` (else the oldest) to the last packet at or before `to_ms`."""
        with self._lock:
            groups = list(self._groups)
            starts = [index for index, group in enumerate(groups) if group.held[0].captured_ms <= from_ms]
            found = chain.from_iterable(tuple(group.held) for group in groups[starts[-1] if starts else 0 :])
        return tuple(held for held in found if held.captured_ms <= to_ms)

    def _trim(self, now_ms: int) -> int:
        """Drop what is too old or too much; bytes freed."""
        freed, size = 0, sum(group.size for group in self._groups)
        while len(self._groups) > 1 and (
            not self.keep or size - freed > RING_LIMIT_BYTES or self._groups[1].held[0].captured_ms < now_ms - KEEP_MS
        ):
            freed += self._groups.popleft().size
        if self._groups[-1].size > GROUP_LIMIT_BYTES:
            freed += self._groups.pop().size
            self._whole = False
        return freed
