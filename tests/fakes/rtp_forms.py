"""Films in the other codecs cameras speak, each as RTP carries it and SDP describes it."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import av

from tests.fakes.film import FPS, GOP, drawn

MTU = 1400
_LENGTH = 30
_X265 = f"keyint={GOP}:min-keyint={GOP}:scenecut=0:bframes=0:repeat-headers=1:log-level=none:pools=none:frame-threads=1"
_OPTIONS: Mapping[str, Mapping[str, str]] = {
    "libx265": {"preset": "ultrafast", "tune": "zerolatency", "x265-params": _X265},
    "libx264": {"preset": "ultrafast", "tune": "zerolatency", "x264-params": f"keyint={GOP}:scenecut=0:bframes=0"},
    "mjpeg": {"huffman": "default"},
    "mpeg4": {},
}


@dataclass(frozen=True, slots=True)
class Coded:
    """A film on its way: `packets` as an encoder made them, `payloads` of each as RTP carries them, lines of SDP."""

    packets: list[bytes]
    payloads: list[list[bytes]]
    sdp: list[str]
    payload_type: int = 96


@cache
def hevc() -> Coded:
    """H.265 (RFC 7798)."""
    packets = _encoded("libx265")
    units = [_units(packet) for packet in packets]
    names = {32: "vps", 33: "sps", 34: "pps"}
    sets = [
        f"sprop-{names[kind]}={base64.b64encode(unit).decode()}"
        for unit in units[0]
        if (kind := unit[0] >> 1 & 0x3F) in names
    ]
    payloads = [[chunk for unit in picture for chunk in _hevc_chunks(unit)] for picture in units]
    return Coded(packets, payloads, ["a=rtpmap:96 H265/90000", "a=fmtp:96 " + ";".join(sets)])


@cache
def mpeg4() -> Coded:
    """MPEG-4 part 2 (RFC 6416)."""
    packets = _encoded("mpeg4")
    config = packets[0][: packets[0].index(b"\0\0\1\xb6")]
    lines = ["a=rtpmap:96 MP4V-ES/90000", f"a=fmtp:96 profile-level-id=1;config={config.hex()}"]
    return Coded(packets, [list(_pieces(packet)) for packet in packets], lines)


@cache
def mjpeg() -> Coded:
    """Motion JPEG (RFC 2435), quantisation tables sent along."""
    packets = _encoded("mjpeg", pixels="yuvj420p")
    return Coded(packets, [_jpeg_payloads(packet) for packet in packets], ["a=rtpmap:26 JPEG/90000"], 26)


@cache
def odd() -> Coded:
    """H.264 of 353 × 287 pixels, which only full colour resolution can have."""
    packets = _encoded("libx264", width=353, height=287, pixels="yuv444p")
    payloads = [[chunk for unit in _units(packet) for chunk in h264_chunks(unit)] for packet in packets]
    return Coded(packets, payloads, ["a=rtpmap:96 H264/90000", "a=fmtp:96 packetization-mode=1"])


def h264_chunks(unit: bytes) -> Iterator[bytes]:
    """One H.264 unit as RTP payloads: whole, or in fragments (RFC 6184, FU-A)."""
    if len(unit) <= MTU:
        yield unit
        return
    indicator, kind = (unit[0] & 0xE0) | 28, unit[0] & 0x1F
    for flags, part in _flagged(unit[1:]):
        yield bytes([indicator, flags | kind]) + part


def _hevc_chunks(unit: bytes) -> Iterator[bytes]:
    if len(unit) <= MTU:
        yield unit
        return
    head = bytes([(unit[0] & 0x81) | 49 << 1, unit[1]])
    for flags, part in _flagged(unit[2:]):
        yield head + bytes([flags | unit[0] >> 1 & 0x3F]) + part


def _flagged(data: bytes) -> Iterator[tuple[int, bytes]]:
    parts = list(_pieces(data))
    for number, part in enumerate(parts):
        yield (0x80 if number == 0 else 0) | (0x40 if number == len(parts) - 1 else 0), part


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[at : at + MTU] for at in range(0, len(data), MTU))


def _jpeg_payloads(jpeg: bytes) -> list[bytes]:
    segments = dict(_jpeg_segments(jpeg))
    tables = segments[0xDB]
    quantisers = b"".join(tables[at + 1 : at + 65] for at in range(0, len(tables), 65))
    quantisers = quantisers * 2 if len(quantisers) == 64 else quantisers
    height, width = struct.unpack(">HH", segments[0xC0][1:5])
    payloads, at = [], 0
    for part in _pieces(segments[0xDA]):
        head = struct.pack(">I4B", at, 1, 255, width // 8, height // 8)
        payloads.append(head + (struct.pack(">HH", 0, len(quantisers)) + quantisers if at == 0 else b"") + part)
        at += len(part)
    return payloads


def _jpeg_segments(jpeg: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and content of each segment, tables of one kind joined; the scan without its head."""
    at, tables = 2, b""
    while True:
        marker, size = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4])
        content, at = jpeg[at + 4 : at + 2 + size], at + 2 + size
        if marker == 0xDB:
            tables += content
            content = tables
        if marker == 0xDA:
            yield marker, jpeg[at:-2]
            return
        yield marker, content


def _encoded(codec: str, *, width: int = 352, height: int = 288, pixels: str = "yuv420p") -> list[bytes]:
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, pixels
    encoder.time_base, encoder.gop_size, encoder.options = Fraction(1, FPS), GOP, dict(_OPTIONS[codec])
    encoder.bit_rate = 400_000
    packets = []
    for number in range(_LENGTH):
        frame = av.VideoFrame.from_ndarray(drawn(number, width, height, dark=False), format="gray")
        frame = frame.reformat(format=pixels)
        frame.pts = number
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets + [bytes(packet) for packet in encoder.encode(None)]


def _units(data: bytes) -> list[bytes]:
    return [part for part in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if part]
