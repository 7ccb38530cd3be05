"""Files as cameras: in step with the clock, for ever."""

from __future__ import annotations

import pytest

from tests.shared_data import shared
from video.file_source import FileOpener
from video.opencv_source import CvOpener
from video.source import Packet, Session, StreamInfo


class Reel:
    """A file of `frames` pictures at 10 a second, a key frame every second; counts how often it was opened."""

    def __init__(self, frames: int = 100) -> None:
        self.frames = frames
        self.opened = 0

    def open(self, _url: str) -> Session:
        self.opened += 1
        return _Reading(self.frames)


class _Reading:
    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._index = 0

    @property
    def info(self) -> StreamInfo:
        return StreamInfo("h264", b"", 64, 64, 10.0, self._frames)

    def read(self) -> Packet | None:
        if self._index >= self._frames:
            return None
        self._index += 1
        index = self._index - 1
        return Packet(str(index).encode(), index % 10 == 0, index * 100.0)

    def close(self) -> None:
        self._frames = 0


class Time:
    """Milliseconds that pass only while somebody waits."""

    def __init__(self, now_ms: float) -> None:
        self.now_ms = now_ms
        self.waits: list[float] = []

    def now(self) -> float:
        return self.now_ms

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now_ms += seconds * 1000


def numbers(session: Session, count: int) -> list[int]:
    found = [session.read() for _ in range(count)]
    return [int(packet.data) for packet in found if packet is not None]


def played(time: Time, reel: Reel) -> Session:
    return FileOpener(reel, now_ms=time.now, wait=time.wait).open("file:///film.mp4")


def test_a_file_shows_the_picture_that_belongs_to_the_time_of_day() -> None:
    time = Time(1_000_000 + 3_450)  # 3.45 s into the loop of ten seconds
    session = played(time, Reel())
    assert numbers(session, 6) == [30, 31, 32, 33, 34, 35]
    assert time.now_ms == pytest.approx(1_003_500)


def test_pictures_come_at_the_files_own_pace() -> None:
    time = Time(1_000_000)
    numbers(played(time, Reel()), 51)
    assert time.now_ms == pytest.approx(1_005_000)


def test_the_film_begins_again_at_its_end_without_a_gap() -> None:
    time, reel = Time(1_000_000 + 9_000), Reel()
    session = played(time, reel)
    assert numbers(session, 25) == [*range(90, 100), *range(15)]
    assert time.now_ms == pytest.approx(1_011_400)
    assert reel.opened == 2


def test_two_who_begin_at_different_moments_show_the_same() -> None:
    early, late = Time(1_000_000), Time(1_004_200)
    numbers(first := played(early, Reel()), 60)
    numbers(second := played(late, Reel()), 19)
    assert numbers(first, 1)[0] == round((early.now_ms % 10_000) / 100)
    assert numbers(second, 1)[0] == round((late.now_ms % 10_000) / 100)


def test_a_file_that_can_no_longer_be_read_ends() -> None:
    time = Time(0)
    session = played(time, reel := Reel(frames=10))
    reel.frames = 0
    numbers(session, 10)
    assert session.read() is None


@pytest.mark.shared_data
def test_a_real_file_with_reordered_pictures_keeps_its_pace() -> None:
    film = shared("data/video/bikes-scene-cuts.mp4").as_uri()
    time = Time(1_000_000_000_000)  # a whole number of loops
    session = FileOpener(CvOpener(), now_ms=time.now, wait=time.wait).open(film)
    for _ in range(120):
        assert session.read() is not None
    session.close()
    assert time.now_ms - 1_000_000_000_000 == pytest.approx(120 * 40, abs=200)
