"""Films of demo streets as H.264 files, made once: a minute each, in the three sizes that cameras send.

A film begins with the minute and its picture shows the second: played in step with the clock (`video.file_source`,
`demo/gst_rtsp.py`) the second in the picture is the true one.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from demo.street.film import Film
from demo.street.scenes import SCENES
from runtime.children import end_with

VERSION = 2
"""Raise it when a film would look different; older files are then made anew."""
RATE = 10
SECONDS = 60
_NICENESS = 5
"""Films are made while the hall already runs: it comes first."""
FROZEN = "frozen"
"""Name of the film whose picture never changes: a camera whose encoder is stuck."""
BLACK = "black"
COVERED = "covered"
"""Films of lenses that see nothing: no light at all, and something grey held before the glass."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One size a camera sends, and how much of the detail it keeps (x264's constant rate factor)."""

    name: str
    width: int
    height: int
    crf: int


MAIN = Stream("main", 1280, 720, 28)
SUB = Stream("sub", 640, 360, 27)
CIF = Stream("cif", 352, 288, 27)
"""The old small format of shared cameras: pixels that are not square, shown as 4 : 3."""
STREAMS = (MAIN, SUB, CIF)
"""From large to small: each is scaled from the one before."""
KEY_SECONDS = 2


def clip_name(film: str, stream: str) -> str:
    """File name of a film in one size."""
    return f"{film}-{stream}.v{VERSION}.mp4"


def make_clips(folder: Path, *, progress: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Make the films that `folder` lacks, side by side. `progress` hears how many of how many are there.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = [*(scene.name for scene in SCENES), FROZEN, BLACK, COVERED]
    _forget_others(folder, {clip_name(name, stream.name) for name in names for stream in STREAMS})
    missing = [name for name in names if not _complete(folder, name)]
    done = len(names) - len(missing)
    progress(done, len(names))
    if not missing:
        return
    workers = min(len(missing), max(1, os.cpu_count() or 1))
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=_begin, initargs=(os.getpid(),)) as pool:
        for made in as_completed([pool.submit(make_film, folder, name) for name in missing]):
            made.result()
            done += 1
            progress(done, len(names))


def _begin(parent: int) -> None:
    """A drawing process steps back behind the hall's own work, and ends with it."""
    end_with(parent)
    os.nice(_NICENESS)


def make_film(folder: Path, name: str, seconds: int = SECONDS) -> None:
    """One film in all its sizes; it appears under its name only when whole."""
    pictures = _BROKEN[name]() if name in _BROKEN else _pictures(name, seconds)
    with ExitStack() as stack:
        writers = [stack.enter_context(_Writer(folder / clip_name(name, stream.name), stream)) for stream in STREAMS]
        for picture in pictures:
            for writer in writers:
                picture = writer.write(picture)


def _forget_others(folder: Path, known: set[str]) -> None:
    """Films of older versions and halves of interrupted ones go."""
    for file in [*folder.glob("*.mp4"), *folder.glob("*.part")]:
        if file.name not in known:
            file.unlink()


def _complete(folder: Path, name: str) -> bool:
    return all((folder / clip_name(name, stream.name)).is_file() for stream in STREAMS)


def _pictures(name: str, seconds: int) -> Iterator[npt.NDArray[np.uint8]]:
    film = Film(next(scene for scene in SCENES if scene.name == name))
    for index in range(seconds * RATE):
        yield film.at(index / RATE)


def _frozen_pictures() -> Iterator[npt.NDArray[np.uint8]]:
    """One picture for as long as one key frame lasts: played round and round, every key frame is the very same."""
    picture = Film(SCENES[-1]).at(37.0)
    for _ in range(KEY_SECONDS * RATE):
        yield picture


def _blind_pictures(brightness: float, noise: float) -> Iterator[npt.NDArray[np.uint8]]:
    """Nothing but the sensor's noise for ten seconds, every picture another one: blind, not stuck."""
    rng = np.random.default_rng(round(brightness))
    for _ in range(10 * RATE):
        grain = cv2.resize(
            rng.normal(brightness, noise, (MAIN.height // 4, MAIN.width // 4)), (MAIN.width, MAIN.height)
        )
        yield cv2.cvtColor(np.clip(grain, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)


_BROKEN: dict[str, Callable[[], Iterator[npt.NDArray[np.uint8]]]] = {
    FROZEN: _frozen_pictures,
    BLACK: lambda: _blind_pictures(6.0, 3.0),
    COVERED: lambda: _blind_pictures(96.0, 3.0),
}


class _Writer:
    """One file being written, under another name until it is whole."""

    def __init__(self, path: Path, stream: Stream) -> None:
        self._path = path
        self._part = path.with_suffix(".part")
        self._stream = stream
        self._count = 0

    def __enter__(self) -> _Writer:
        self._container = av.open(str(self._part), "w", format="mp4")
        self._video = self._container.add_stream("libx264", rate=RATE)
        self._video.width, self._video.height, self._video.pix_fmt = self._stream.width, self._stream.height, "yuv420p"
        self._video.codec_context.thread_count = 1
        keys = f"keyint={RATE * KEY_SECONDS}:min-keyint={RATE * KEY_SECONDS}:scenecut=0:bframes=0"
        self._video.options = {"preset": "superfast", "crf": str(self._stream.crf), "x264-params": keys}
        return self

    def write(self, picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Take one picture; returns it in this stream's size, from which the next smaller stream is scaled."""
        size = (self._stream.width, self._stream.height)
        if size != picture.shape[1::-1]:
            picture = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
        frame = av.VideoFrame.from_ndarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), format="yuv420p")
        frame.pts, frame.time_base = self._count, Fraction(1, RATE)
        self._count += 1
        self._container.mux(self._video.encode(frame))
        return picture

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._container.mux(self._video.encode(None))
        self._container.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)
