"""A short H.264 film whose pictures carry their number, made once a run with the encoder inside PyAV."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import av
import numpy as np
import numpy.typing as npt

FPS = 15
GOP = 15
LENGTH = 60
BITS = 12
_BAR_TOP, _BAR_BOTTOM = 0.4, 0.6
"""Share of the height where the number is drawn: in the middle, outside the strips that health checks leave out."""


@dataclass(frozen=True, slots=True)
class Film:
    """`pictures`: each a list of NAL units without start codes; the first of every `GOP` is a key frame."""

    pictures: list[list[bytes]]
    parameter_sets: tuple[bytes, bytes]
    fps: int


@cache
def film(
    *, width: int = 352, height: int = 288, fps: int = FPS, length: int = LENGTH, dark: bool = False, bframes: int = 0
) -> Film:
    """The film in a size, at some 400 kb/s as cameras send it. `dark`: a still night scene, nothing but faint noise.

    `bframes`: so many pictures in a row lean on a later one, which then comes before them.
    """
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.gop_size = Fraction(1, fps), GOP
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "x264-params": f"keyint={GOP}:min-keyint={GOP}:scenecut=0:bframes={bframes}:slices=1:qp={28 if dark else 35}",
    }
    pictures = []
    for number in range(length):
        frame = av.VideoFrame.from_ndarray(drawn(number, width, height, dark=dark), format="gray").reformat(
            format="yuv420p"
        )
        frame.pts = number
        pictures += [_nals(bytes(packet)) for packet in encoder.encode(frame)]
    pictures += [_nals(bytes(packet)) for packet in encoder.encode(None)]
    sets = [nal for nal in pictures[0] if nal[0] & 0x1F in (7, 8)]
    return Film(pictures, (sets[0], sets[1]), fps)


def annex_b(picture: list[bytes]) -> bytes:
    """A picture as a decoder takes it."""
    return b"".join(b"\0\0\0\1" + nal for nal in picture)


def number_in(grey: npt.NDArray[np.uint8]) -> int:
    """The number drawn in a picture of any size."""
    height, width = grey.shape
    row = grey[int(height * (_BAR_TOP + _BAR_BOTTOM) / 2)]
    bits = [row[int((bit + 0.5) * width / BITS)] > 127 for bit in range(BITS)]
    return sum(1 << bit for bit, is_set in enumerate(bits) if is_set)


def drawn(number: int, width: int, height: int, *, dark: bool) -> npt.NDArray[np.uint8]:
    """One picture before it is encoded."""
    noise = np.random.default_rng(number).normal(0, 6 if dark else 12, (height, width))
    if dark:
        return np.clip(22 + noise, 0, 255).astype(np.uint8)
    picture = np.clip(110 + 40 * np.sin(np.arange(width) / 9 + number / 4) + noise, 0, 255).astype(np.uint8)
    for bit in range(BITS):
        columns = slice(int(bit * width / BITS), int((bit + 1) * width / BITS))
        picture[int(height * _BAR_TOP) : int(height * _BAR_BOTTOM), columns] = 235 if number >> bit & 1 else 16
    return picture


def _nals(data: bytes) -> list[bytes]:
    """An Annex B packet taken apart."""
    parts = data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")
    return [part for part in parts if part]
