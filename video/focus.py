"""The words on a camera's focus channel: its main stream as fragmented MP4, one fragment a picture, not decoded.

A stream begins with `INIT`; then a key frame and what follows from it. Capture publishes that beginning whenever a
focus begins, whenever a web process joins late (`keys.FOCUS_ASK`) and whenever the picture's size or codec changes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

_HEAD = struct.Struct(">BQ")


class FocusKind(IntEnum):
    """What a message carries."""

    INIT = 1
    """Length of the codec's name (u8), its name as browsers write it (`avc1.64001f`), then `ftyp` and `moov`."""
    KEY = 2
    """`moof` and `mdat` of a picture that needs no other."""
    DELTA = 3
    CANNOT = 4
    """A reason instead of a stream (`codec`: browsers do not play it); tiles go on."""


@dataclass(frozen=True, slots=True)
class FocusMessage:
    """`captured_ms` as on tiles: epoch milliseconds by the capture machine's clock."""

    kind: FocusKind
    captured_ms: int
    payload: bytes

    def pack(self) -> bytes:
        """Kind (u8), capture time (u64, big-endian), payload."""
        return _HEAD.pack(self.kind, self.captured_ms) + self.payload

    @staticmethod
    def unpack(data: bytes | str) -> FocusMessage:
        """Back from `pack`.

        Raises:
            ValueError: text, too short, or of a kind we do not know.
        """
        if isinstance(data, str) or len(data) < _HEAD.size:
            raise ValueError("not a focus message")
        kind, captured_ms = _HEAD.unpack_from(data)
        return FocusMessage(FocusKind(kind), captured_ms, data[_HEAD.size :])


def beginning(codec: str, boxes: bytes) -> bytes:
    """Payload of an `INIT`: the codec's name as browsers write it, then `ftyp` and `moov`."""
    name = codec.encode("ascii")
    return bytes([len(name)]) + name + boxes
