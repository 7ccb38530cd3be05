"""H.264 packets as fragmented MP4, one fragment a picture: what Media Source plays without our decoding anything.

Boxes by ISO/IEC 14496-12 and -15, written with `struct`. A muxer of FFmpeg's would hold each packet back until the
next one has come, to know how long it lasts (40 ms at 25 pictures a second); we say how long it will last instead.
"""

from __future__ import annotations

import struct

from video.h264 import DELIMITER, PPS, SPS, ParameterSets, kind, picture_size, units

TIMESCALE = 90_000
"""Ticks a second."""

_TRACK = 1
_KEY_FLAGS, _DELTA_FLAGS = 0x0200_0000, 0x0101_0000
"""Depends on no other picture; depends on others and is no point to start from."""
_UNITY = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000)
_GAP_SECONDS = 1.0
_LEAST_SHARE, _GREATEST_SHARE = 0.5, 1.5
_NOMINAL_SECONDS = 0.04


def beginning_boxes(sets: ParameterSets) -> bytes:
    """`ftyp` and `moov` for pictures made with these parameter sets.

    Raises:
        ValueError: the sequence parameter set cannot be read.
    """
    width, height = picture_size(sets.sps)
    ftyp = _box(b"ftyp", b"isom\0\0\2\0isomiso6avc1mp41")
    times = struct.pack(">4I", 0, 0, TIMESCALE, 0)
    rest = struct.pack(">IH", 0x10000, 0x100) + bytes(10) + _UNITY + bytes(24) + struct.pack(">I", _TRACK + 1)
    movie = _full(b"mvhd", 0, 0, times, rest)
    return ftyp + _box(b"moov", movie, _track(sets, width, height), _box(b"mvex", _track_extends()))


def fragment(picture: bytes, *, key: bool, sequence: int, decode_ticks: int, duration_ticks: int) -> bytes:
    """`moof` and `mdat` of one picture, in `TIMESCALE` ticks since the stream's beginning."""
    sample = b"".join(struct.pack(">I", len(unit)) + unit for unit in units(picture) if kind(unit) not in _LEFT_OUT)
    head = _full(b"tfhd", 0, 0x020000, struct.pack(">I", _TRACK))
    time = _full(b"tfdt", 1, 0, struct.pack(">Q", decode_ticks))
    before_run = 8 + 16 + 8 + len(head) + len(time)
    data_offset = before_run + 32 + 8
    flags = _KEY_FLAGS if key else _DELTA_FLAGS
    run = _full(b"trun", 0, 0x000701, struct.pack(">5I", 1, data_offset, duration_ticks, len(sample), flags))
    moof = _box(b"moof", _full(b"mfhd", 0, 0, struct.pack(">I", sequence)), _box(b"traf", head, time, run))
    return moof + _box(b"mdat", sample)


_LEFT_OUT = frozenset({SPS, PPS, DELIMITER})
"""The beginning holds them; a sample of `avc1` has none."""


class Timeline:
    """When each picture is shown: steadily, however unevenly the packets come, and never far from when they came.

    Durations join without a gap (a player stalls at one) and lean towards the arrival clock by a tenth of the
    difference; only a silence of more than a second becomes a jump.
    """

    def __init__(self) -> None:
        self._origin: float | None = None
        self._before = 0.0
        self._next = 0.0
        self._interval = _NOMINAL_SECONDS

    def place(self, at: float) -> tuple[int, int]:
        """Decode time and duration in ticks of a picture that came at `at` (monotonic seconds)."""
        if self._origin is None:
            self._origin = self._before = at
        arrived, gap = at - self._origin, at - self._before
        self._before = at
        if arrived - self._next > _GAP_SECONDS:
            self._next = arrived
        elif gap > 0:
            self._interval += (min(gap, 4 * self._interval) - self._interval) * 0.1
        lean = (arrived - self._next) * 0.1
        duration = max(_LEAST_SHARE * self._interval, min(self._interval + lean, _GREATEST_SHARE * self._interval))
        begin, self._next = self._next, self._next + duration
        return round(begin * TIMESCALE), round(self._next * TIMESCALE) - round(begin * TIMESCALE)


def _track(sets: ParameterSets, width: int, height: int) -> bytes:
    tkhd = _full(
        b"tkhd",
        0,
        3,
        struct.pack(">5I", 0, 0, _TRACK, 0, 0),
        bytes(16),
        _UNITY,
        struct.pack(">2I", width << 16, height << 16),
    )
    mdhd = _full(b"mdhd", 0, 0, struct.pack(">4I2H", 0, 0, TIMESCALE, 0, 0x55C4, 0))
    hdlr = _full(b"hdlr", 0, 0, bytes(4), b"vide", bytes(12), b"camera\0")
    vmhd = _full(b"vmhd", 0, 1, bytes(8))
    dinf = _box(b"dinf", _full(b"dref", 0, 0, struct.pack(">I", 1), _full(b"url ", 0, 1)))
    minf = _box(b"minf", vmhd, dinf, _sample_table(sets, width, height))
    return _box(b"trak", tkhd, _box(b"mdia", mdhd, hdlr, minf))


def _sample_table(sets: ParameterSets, width: int, height: int) -> bytes:
    """The description of the samples; the samples themselves come in fragments."""
    shape = struct.pack(">2H2I", width, height, 0x480000, 0x480000)
    depth = struct.pack(">Hh", 24, -1)
    entry = bytes(6) + struct.pack(">H", 1) + bytes(16) + shape + bytes(4) + b"\0\1" + bytes(32) + depth
    stsd = _full(b"stsd", 0, 0, struct.pack(">I", 1), _box(b"avc1", entry, _avcc(sets)))
    empty = [_full(name, 0, 0, bytes(4)) for name in (b"stts", b"stsc", b"stco")]
    return _box(b"stbl", stsd, *empty, _full(b"stsz", 0, 0, bytes(8)))


def _avcc(sets: ParameterSets) -> bytes:
    head = b"\1" + sets.sps[1:4] + b"\xff\xe1"
    sps = struct.pack(">H", len(sets.sps)) + sets.sps
    pps = b"\1" + struct.pack(">H", len(sets.pps)) + sets.pps
    return _box(b"avcC", head, sps, pps)


def _track_extends() -> bytes:
    return _full(b"trex", 0, 0, struct.pack(">5I", _TRACK, 1, 0, 0, 0))


def _box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + name + body


def _full(name: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return _box(name, struct.pack(">I", version << 24 | flags), *parts)
