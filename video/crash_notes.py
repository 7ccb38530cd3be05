"""Which camera's thread took a process along: native decoders crash, and then all cameras of the process go dark.

Each pull runs under a function named after its camera, and the interpreter's fault handler writes the names on the
crashing thread's stack into a file. The next process finds it there, and leaves that one camera alone for a while,
longer each time, so that a broken stream costs its own camera a pause and not all cameras one restart after the other.
"""

from __future__ import annotations

import faulthandler
import fcntl
import json
import logging
import os
import re
from collections.abc import Callable
from pathlib import Path

from runtime.clock import Clock

FIRST_PAUSE_SECONDS = 60.0
PAUSE_GROWTH = 4.0
MOST_STRIKES = 4
"""1, 4, 16, 64 minutes."""
_MOST_PROCESSES = 64
_LONGEST_NOTE = 10_000
_NAME = "camera_{}"
_NAMED = re.compile(rb" in camera_(\d+)$", re.MULTILINE)

log = logging.getLogger(__name__)


class NoNotes:
    """Where no process comes after this one."""

    def left(self, number: int) -> float:
        """Seconds that a camera is still to be left alone."""
        return 0.0


class CrashNotes(NoNotes):
    """Of one process, in `folder`; begins by reading what the process before it left there.

    Raises:
        OSError: the folder cannot be written.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self._began = clock.monotonic()
        crash, number = _own_file(folder)
        self.pauses = _judge(os.pread(crash, _LONGEST_NOTE, 0), folder / f"strikes-{number}.json")
        """Camera number → seconds it is left alone from the beginning of this process."""
        os.truncate(crash, 0)
        faulthandler.enable(crash, all_threads=False)

    def left(self, number: int) -> float:
        return max(0.0, self.pauses.get(number, 0.0) - (self._clock.monotonic() - self._began))


def notes_in(folder: Path, clock: Clock) -> NoNotes:
    """Notes kept there; where nothing can be written (a full disk), cameras are pulled all the same."""
    try:
        return CrashNotes(folder, clock)
    except OSError as error:
        log.warning("crashes of decoders will not be remembered: %s", error)
        return NoNotes()


def named(number: int, act: Callable[..., None]) -> Callable[..., None]:
    """`act` for the thread of a camera: its number stands on the stack that a crash report shows."""

    def under(*given: object) -> None:
        act(*given)

    under.__code__ = under.__code__.replace(co_name=_NAME.format(number))
    return under


def _judge(crash: bytes, file: Path) -> dict[int, float]:
    """The pause of the camera that crashed, which has one more strike now; all others are forgiven one."""
    if crash:
        log.error("the capture process before this one crashed:\n%s", crash.decode(errors="replace"))
    found = _NAMED.search(crash)
    culprit = int(found[1]) if found else None
    strikes = {number: count - (number != culprit) for number, count in _known(file).items()}
    if culprit is not None:
        strikes[culprit] = min(strikes.get(culprit, 0) + 1, MOST_STRIKES)
    file.write_text(json.dumps({number: count for number, count in strikes.items() if count > 0}), encoding="utf-8")
    if culprit is None:
        return {}
    pause = FIRST_PAUSE_SECONDS * PAUSE_GROWTH ** (strikes[culprit] - 1)
    log.error("camera %d crashed the process before this one: left alone for %.0f s", culprit, pause)
    return {culprit: pause}


def _known(file: Path) -> dict[int, int]:
    try:
        return {int(number): int(count) for number, count in json.loads(file.read_text(encoding="utf-8")).items()}
    except FileNotFoundError:
        return {}
    except ValueError:
        log.warning("%s cannot be read: no camera has strikes", file.name)
        return {}


def _own_file(folder: Path) -> tuple[int, int]:
    """A file nobody holds, and its number: the processes of a machine have one each, and inherit that of a dead one."""
    for number in range(_MOST_PROCESSES):
        file = os.open(folder / f"crash-{number}", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
        else:
            return file, number
    raise OSError(f"{_MOST_PROCESSES} capture processes share {folder}: give some a data folder of their own")
