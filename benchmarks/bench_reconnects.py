"""Do reconnections leave anything behind? 200 lost streams and 200 refused opens; threads, descriptors and memory.

Eight fake cameras break their connection after a second of pictures, again and again, and eight more say that there is
no such stream. Each is pulled as in the hall, pictures decoded, only without the pauses between attempts. As many go
before, unmeasured: threads come and go at random, and the allocator keeps an arena for each until it has enough.
"""

from __future__ import annotations

import gc
import sys
import threading
from dataclasses import dataclass

import psutil
from measured import ROOT, arguments, report
from pydantic import SecretStr

sys.path.insert(0, str(ROOT))  # the fake cameras belong to the tests

from runtime.clock import SystemClock
from tests.fakes.film import film
from tests.fakes.rtsp_camera import FakeCameras, Fault, fake_cameras
from video.pull_tools import default_tools
from video.stream import Outlets, Stream

CAMERAS = 8
FAULTS = (Fault.KILL, Fault.MISSING)


@dataclass(frozen=True, slots=True)
class Size:
    """What this process holds."""

    threads: int
    descriptors: int
    megabytes: float


class NoPause(threading.Event):
    """A stop signal that turns pauses into nothing and stops after so many of them."""

    def __init__(self, attempts: int) -> None:
        super().__init__()
        self._left = attempts

    def wait(self, timeout: float | None = None) -> bool:
        self._left -= 1
        if self._left <= 0:
            self.set()
        return self.is_set()


def main() -> None:
    given = arguments(__doc__).parse_args()
    rounds, attempts = (1, 2) if given.quick else (5, 5)
    film()
    with fake_cameras() as cameras:
        warm = [_round(cameras, attempts) for _ in range(rounds)][-1]
        after = [_round(cameras, attempts) for _ in range(rounds)][-1]
    report("Reconnections", _lines(warm, after, rounds * attempts * CAMERAS), save=given.save)


def _round(cameras: FakeCameras, attempts: int) -> Size:
    """Every camera lost or refused `attempts` times, side by side; what is left after it."""
    tools, outlets = default_tools(SystemClock()), Outlets(lambda *_: None, lambda *_: None)
    pulling = []
    for number in range(CAMERAS):
        for fault in FAULTS:
            url = SecretStr(cameras.url(fault, number))
            stream = Stream(f"{fault} {number}", number, url, tools, outlets, watches=True)
            pulling.append(threading.Thread(target=stream.pull.run, args=(0, NoPause(attempts))))
    for thread in pulling:
        thread.start()
    for thread in pulling:
        thread.join()
    gc.collect()
    process = psutil.Process()
    return Size(threading.active_count(), process.num_fds(), process.memory_info().rss / 2**20)


def _lines(before: Size, after: Size, each: int) -> list[str]:
    return [
        f"- {each} streams lost and {each} opens refused, before → after:",
        f"- threads: {before.threads} → {after.threads}",
        f"- descriptors: {before.descriptors} → {after.descriptors}",
        f"- memory: {before.megabytes:.1f} → {after.megabytes:.1f} MB",
    ]


if __name__ == "__main__":
    main()
