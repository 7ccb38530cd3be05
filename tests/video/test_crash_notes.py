"""A stream that crashes a native decoder takes the process along once; the next process leaves that camera alone."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from domain.camera import CameraError, CameraState, CameraStatus
from tests.fakes.clock import ManualClock
from tests.fakes.rtsp_camera import FakeCameras
from tests.waiting import eventually_async
from video.crash_notes import FIRST_PAUSE_SECONDS, MOST_STRIKES, PAUSE_GROWTH, notes_in
from video.status import read_statuses

_WORKER = """
import asyncio, ctypes, sys
from pathlib import Path
from runtime.clock import SystemClock
from tests.video.made import address
from video.capture import CaptureService
from video.crash_notes import CrashNotes
from video.maker import PictureMaker

taken = PictureMaker.take

def take(self, held):
    if self._number == int(sys.argv[3]):
        ctypes.string_at(0)  # as a decoder that runs over its picture
    taken(self, held)

PictureMaker.take = take

async def work():
    cameras = [address(number, url) for number, url in enumerate(sys.argv[4:], 1)]
    notes = CrashNotes(Path(sys.argv[2]), SystemClock())
    await CaptureService(lambda: cameras, sys.argv[1], notes=notes).run(asyncio.Event())

asyncio.run(work())
"""
_NOTES = """
import ctypes, json, sys, threading
from pathlib import Path
from runtime.clock import SystemClock
from video.crash_notes import CrashNotes, named

notes = CrashNotes(Path(sys.argv[1]), SystemClock())
print(json.dumps(notes.pauses), flush=True)

def pull(number):
    if number == int(sys.argv[2]):
        ctypes.string_at(0)

for number in (3, 4, 5, 5):
    one = threading.Thread(target=named(number, pull), args=(number,))
    one.start()
    one.join()
"""


@contextmanager
def worker(redis_url: str, folder: Path, crashing: int, urls: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A capture process in which pictures of camera `crashing` are no good; 0 is none."""
    process = subprocess.Popen([sys.executable, "-c", _WORKER, redis_url, str(folder), str(crashing), *urls])
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


async def test_a_crash_costs_its_own_camera_a_pause_and_the_others_one_restart(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras, tmp_path: Path
) -> None:
    urls = [rtsp.url(number=number) for number in range(1, 6)]
    with worker(valkey_url, tmp_path, 2, urls) as first:
        assert first.wait(60) == -signal.SIGSEGV
    await valkey.flushdb()
    with worker(valkey_url, tmp_path, 2, urls) as second:
        await eventually_async(lambda: _live(valkey, 4), within=40)
        left_alone = next(one for one in (await _statuses(valkey)) if one.state is not CameraState.LIVE)
        assert second.poll() is None
    assert (left_alone.camera_id, left_alone.error) == ("QD-002", CameraError.DAMAGED)
    assert left_alone.retry_at is not None


@pytest.mark.parametrize("crashing", [0, 4])
def test_only_the_thread_that_crashed_is_accused(tmp_path: Path, crashing: int) -> None:
    noted(tmp_path, crashing)
    assert noted(tmp_path, 0) == ({"4": FIRST_PAUSE_SECONDS} if crashing else {})


def test_the_log_of_the_next_process_shows_where_it_crashed(tmp_path: Path) -> None:
    noted(tmp_path, 4)
    said = subprocess.run([sys.executable, "-c", _NOTES, str(tmp_path), "0"], capture_output=True, text=True).stderr
    assert "in string_at" in said
    assert "camera 4 crashed the process before this one" in said


def test_the_pause_grows_each_time_and_shrinks_after_a_good_run(tmp_path: Path) -> None:
    pauses = [noted(tmp_path, 4).get("4") for _ in range(MOST_STRIKES + 2)]
    grown = [FIRST_PAUSE_SECONDS * PAUSE_GROWTH**strikes for strikes in range(MOST_STRIKES)]
    assert pauses == [None, *grown, grown[-1]]
    assert noted(tmp_path, 0) == {"4": grown[-1]}
    assert noted(tmp_path, 4) == {}
    assert noted(tmp_path, 0) == {"4": grown[-1]}


def test_a_killed_process_accuses_nobody(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", _NOTES + "import os; os.kill(os.getpid(), 9)", str(tmp_path), "0"])
    assert killed.returncode == -signal.SIGKILL
    assert noted(tmp_path, 0) == {}


def test_where_nothing_can_be_written_cameras_are_pulled_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    assert notes_in(tmp_path / "taken", ManualClock()).left(4) == 0.0


def test_two_processes_of_a_machine_keep_notes_of_their_own(tmp_path: Path) -> None:
    waiting = _NOTES + "input()"
    with subprocess.Popen(
        [sys.executable, "-c", waiting, str(tmp_path), "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        noted(tmp_path, 4)
        assert noted(tmp_path, 0) == {"4": FIRST_PAUSE_SECONDS}
        other.communicate(b"\n")


def noted(folder: Path, crashing: int) -> dict[str, float]:
    """What a process finds that then pulls cameras 3, 4, 5, one of which may crash."""
    done = subprocess.run(
        [sys.executable, "-c", _NOTES, str(folder), str(crashing)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == (-signal.SIGSEGV if crashing else 0), done.stderr
    found: dict[str, float] = json.loads(done.stdout)
    return found


async def _statuses(valkey: Redis) -> list[CameraStatus]:
    return list((await read_statuses(valkey)).values())


async def _live(valkey: Redis, count: int) -> bool:
    return sum(one.state is CameraState.LIVE for one in await _statuses(valkey)) == count
