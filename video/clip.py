"""Evidence out of a packet ring: a film as the camera encoded it, a picture as large as it came."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import av

from video.decoder import PictureDecoder
from video.meter import DamageMeter
from video.packet_ring import Held, PacketRing
from video.picture import whole_jpeg
from video.source import StreamInfo
from video.tile import Tile

_MILLISECONDS = Fraction(1, 1000)
_LAST_MS = 40
_START_CODES = (b"\0\0\1", b"\0\0\0\1")


class NothingKept(Exception):
    """The ring holds nothing of what is asked."""


@dataclass(frozen=True, slots=True)
class Film:
    """`from_ms` and `to_ms` are the capture times of the first and last picture; `mp4` the file."""

    from_ms: int
    to_ms: int
    mp4: bytes


def film(rings: Sequence[PacketRing], from_ms: int, to_ms: int) -> Film:
    """What was captured from `from_ms` to `to_ms`, begun at the key frame before; nothing is encoded anew.

    Of several rings the first that reaches back far enough is taken, else the one that reaches back farthest.

    Raises:
        NothingKept: no ring holds anything of that time.
    """
    found = [(ring.info, ring.span(from_ms, to_ms)) for ring in rings]
    usable = [(info, held) for info, held in found if info is not None and held and held[-1].captured_ms >= from_ms]
    if not usable:
        raise NothingKept
    reaching = (pair for pair in usable if pair[1][0].captured_ms <= from_ms)
    info, held = next(reaching, None) or min(usable, key=lambda pair: pair[1][0].captured_ms)
    return Film(held[0].captured_ms, held[-1].captured_ms, remuxed(info, held))


def remuxed(info: StreamInfo, held: Sequence[Held]) -> bytes:
    """MP4 of packets of any codec we pull, timed by when they came."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_mux_stream(info.codec, width=info.width, height=info.height, time_base=_MILLISECONDS)
        at_ms = -1
        for index, one in enumerate(held):
            at_ms = max(at_ms + 1, one.captured_ms - held[0].captured_ms)
            packet = av.Packet(one.packet.data if index else _with_announced(info, one.packet.data))
            packet.stream, packet.time_base = stream, _MILLISECONDS
            packet.pts = packet.dts = at_ms
            packet.duration = _LAST_MS  # how long the last one is shown; the others last until the next
            packet.is_keyframe = one.packet.key
            container.mux(packet)
    return file.getvalue()


def _with_announced(info: StreamInfo, first: bytes) -> bytes:
    """The first packet, with the parameter sets before it that the camera may only have announced at the opening.

    The muxer looks for them there. Those in MP4's own form come from files, whose packets carry them anyway.
    """
    return info.extradata + first if info.extradata.startswith(_START_CODES) else first


def picture(rings: Sequence[PacketRing]) -> Tile:
    """The newest picture of the first ring that holds one, in full size.

    Raises:
        NothingKept: none holds a picture that can be decoded.
    """
    for ring in rings:
        held, info = ring.since_key, ring.info
        if not held or info is None:
            continue
        frame = PictureDecoder(info, DamageMeter()).whole_picture([one.packet for one in held])
        if frame is not None:
            return Tile(held[-1].captured_ms, whole_jpeg(frame))
    raise NothingKept
