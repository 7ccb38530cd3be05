"""One tile: a JPEG and the moment its packet came out of the camera's connection."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_HEAD = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Tile:
    """`captured_ms` is epoch milliseconds by the capture machine's clock."""

    captured_ms: int
    jpeg: bytes

    def pack(self) -> bytes:
        """Form in Redis and on the socket: capture time (u64, big-endian), then the JPEG."""
        return _HEAD.pack(self.captured_ms) + self.jpeg

    @staticmethod
    def unpack(data: bytes | str) -> Tile:
        """Back from `pack`.

        Raises:
            ValueError: text, or too short to be one.
        """
        if isinstance(data, str) or len(data) <= _HEAD.size:
            raise ValueError("not a tile")
        return Tile(_HEAD.unpack_from(data)[0], data[_HEAD.size :])
