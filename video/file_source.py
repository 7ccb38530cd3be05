"""A recorded file as a camera: paced by its own timestamps, looped for ever, in step with the wall clock.

Its position is the time of day modulo its length, as if it had been playing since 1970: a restart goes on where it
would have been, two processes show the same picture, and a clip of 60 s with a burnt-in second shows the true second.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from video.source import Opener, Packet, Session, StreamInfo

_LEAST_LOOP_MS = 200.0
"""A file shorter than this (or without a stated length) is still played, but never spun through faster."""


class FileOpener:
    """Opens files through `inner` and paces them. `wait` pauses for seconds and may return early when stopping."""

    def __init__(self, inner: Opener, *, now_ms: Callable[[], float], wait: Callable[[float], object]) -> None:
        self._inner = inner
        self._now_ms = now_ms
        self._wait = wait

    def open(self, url: str) -> FileSession:
        return FileSession(lambda: self._inner.open(url), self._now_ms, self._wait)


class FileSession:
    """One file being played round and round."""

    def __init__(
        self, reopen: Callable[[], Session], now_ms: Callable[[], float], wait: Callable[[float], object]
    ) -> None:
        self._reopen = reopen
        self._now_ms = now_ms
        self._wait = wait
        self._session = reopen()
        self._ready: deque[tuple[float, Packet]] = deque()
        self._position_ms = 0.0
        loop = _loop_ms(self._session.info)
        self._began_ms = now_ms() // loop * loop
        self._catch_up()

    @property
    def info(self) -> StreamInfo:
        return self._session.info

    def read(self) -> Packet | None:
        """The next packet at its moment; None only when the file can no longer be read at all."""
        entry = self._ready.popleft() if self._ready else self._next()
        if entry is None:
            return None
        due_ms, packet = entry
        early = due_ms - self._now_ms()
        if early > 0:
            self._wait(early / 1000)
        return packet

    def close(self) -> None:
        self._session.close()

    def _catch_up(self) -> None:
        """Read on to the present moment, keeping what has come since the last key frame so a picture shows at once."""
        while (entry := self._next()) is not None:
            due_ms, packet = entry
            if packet.key and due_ms <= self._now_ms():
                self._ready.clear()
            self._ready.append(entry)
            if due_ms > self._now_ms():
                return

    def _next(self) -> tuple[float, Packet] | None:
        packet = self._session.read() or self._again()
        if packet is None:
            return None
        self._position_ms = max(self._position_ms, packet.position_ms)
        return self._began_ms + self._position_ms, packet

    def _again(self) -> Packet | None:
        self._session.close()
        self._session = self._reopen()
        self._began_ms += _loop_ms(self._session.info)
        self._position_ms = 0.0
        return self._session.read()


def _loop_ms(info: StreamInfo) -> float:
    return max(_LEAST_LOOP_MS, info.frames / info.fps * 1000 if info.fps > 0 else 0.0)
