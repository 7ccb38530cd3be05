"""Turns one stream's packets into what is wanted of it at this moment, and into nothing more (video sheet 9.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from av.video.frame import VideoFrame

from video import keys
from video.decoder import GopRing, PictureDecoder
from video.health import RepeatWatch
from video.ladder import RATES, THUMBNAIL, TileSize
from video.meter import DamageMeter
from video.outbox import Slot
from video.picture import health_luma, tile_jpeg
from video.source import Packet, StreamInfo
from video.tile import Tile

THUMBNAIL_SECONDS = 1.9
"""Least time between two thumbnails: cameras send a key frame every two seconds, MJPEG in every packet."""
_EARLY_SECONDS = 0.02
"""A tile may come this much before its turn: cameras are not exact, and waiting for the next frame halves the rate."""

Emit = Callable[[Slot, Tile], None]
Wanted = Mapping[TileSize, float]


class PictureMaker:
    """Ring, decoder and cadence of one stream; used by its pull's thread. `wanted` may be swapped from outside."""

    def __init__(self, number: int, emit: Emit, *, watches: bool) -> None:
        self._number = number
        self._emit = emit
        self._watches = watches
        self._ring = GopRing()
        self._decoder: PictureDecoder | None = None
        self._due: dict[TileSize, float] = {}
        self._thumbnail_due = self._health_due = self._key_due = 0.0
        self.wanted: Wanted = {}
        self.damage = DamageMeter()
        self.repeats = RepeatWatch()
        self.picture_at: float | None = None
        """Monotonic seconds of the newest decoded picture."""

    def begin(self, info: StreamInfo) -> None:
        """A new connection: nothing of the old one fits it.

        Raises:
            OpenFailed: no decoder for its codec.
        """
        self._ring.clear()
        self._decoder = PictureDecoder(info, self.damage)
        self.repeats.forget()

    def take(self, packet: Packet, *, captured_ms: int, at: float) -> None:
        """One packet that arrived at `captured_ms` (epoch) and `at` (monotonic seconds)."""
        self._ring.add(packet)
        wanted = self.wanted
        frame = self._picture(packet, wanted, at)
        if frame is None:
            return
        self.picture_at = at
        if self._watches:
            self._look(packet, frame, captured_ms, at)
        for size, rate in wanted.items():
            if self._turn(size, rate, at):
                self._emit(Slot(keys.tiles(self._number, str(size))), Tile(captured_ms, tile_jpeg(frame, size)))

    def _picture(self, packet: Packet, wanted: Wanted, at: float) -> VideoFrame | None:
        """Decode as little as the wishes allow: all, key frames only, or nothing."""
        if self._decoder is None:
            return None
        if any(rate > RATES[0] for rate in wanted.values()):
            return self._decoder.follow(self._ring)
        if packet.key and (wanted or self._watches) and at >= self._key_due:
            self._key_due = at + THUMBNAIL_SECONDS
            return self._decoder.key_picture(packet)
        self._decoder.pause()
        return None

    def _look(self, packet: Packet, frame: VideoFrame, captured_ms: int, at: float) -> None:
        """The slow look: a thumbnail for page loads from any picture, the health checks from key frames.

        Between key frames a quiet street is one and the same picture; only whole ones tell a dead camera from it.
        """
        if at >= self._thumbnail_due:
            self._thumbnail_due = at + THUMBNAIL_SECONDS
            slot = Slot(keys.thumbnail(self._number), keys.THUMBNAIL_TTL_SECONDS)
            self._emit(slot, Tile(captured_ms, tile_jpeg(frame, THUMBNAIL)))
        if packet.key and at >= self._health_due:
            self._health_due = at + THUMBNAIL_SECONDS
            self.repeats.see(health_luma(frame), at)

    def _turn(self, size: TileSize, rate: float, at: float) -> bool:
        due = self._due.get(size, 0.0)
        if at < due - _EARLY_SECONDS:
            return False
        self._due[size] = max(due + 1 / rate, at) if at - due < 1 else at + 1 / rate
        return True
