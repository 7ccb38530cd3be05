"""Turns one stream's packets into what is wanted of it at this moment, and into nothing more (video sheet 9.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from av.video.frame import VideoFrame

from video import keys
from video.checks.picture import PictureChecks
from video.decoder import PictureDecoder
from video.ladder import RATES, THUMBNAIL, TileSize, first_gap
from video.meter import DamageMeter
from video.outbox import Slot
from video.packet_ring import Held, PacketRing
from video.picture import BEST_QUALITY, health_luma, tile_jpeg
from video.source import Packet, StreamInfo
from video.tile import Tile

THUMBNAIL_SECONDS = 1.9
"""Least time between two thumbnails: cameras send a key frame every two seconds, MJPEG in every packet."""
_EARLY_SECONDS = 0.02
"""A tile may come this much before its turn: cameras are not exact, and waiting for the next frame halves the rate."""

Emit = Callable[[Slot, Tile], None]
Wanted = Mapping[TileSize, float]


class PictureMaker:
    """Decoder and cadence of one stream; used by its pull's thread. `wanted`, `quality` may be swapped from outside."""

    def __init__(
        self, number: int, emit: Emit, ring: PacketRing, *, watches: bool, checks: PictureChecks | None = None
    ) -> None:
        self._number = number
        self._emit = emit
        self._watches = watches
        self._ring = ring
        self._decoder: PictureDecoder | None = None
        self._due: dict[TileSize, float] = {}
        self._thumbnail_due = self._health_due = self._key_due = 0.0
        self.wanted: Wanted = {}
        self.quality = BEST_QUALITY
        """JPEG quality that tiles may have at most."""
        self.thumbnail_ttl_seconds = keys.THUMBNAIL_TTL_SECONDS
        self.damage = DamageMeter()
        self.checks = checks or PictureChecks()
        self.picture_at: float | None = None
        """Monotonic seconds of the newest decoded picture."""

    def begin(self, info: StreamInfo) -> None:
        """A new connection: nothing of the old one fits it.

        Raises:
            OpenFailed: no decoder for its codec.
        """
        self._decoder = PictureDecoder(info, self.damage)
        self.checks.forget()

    def take(self, held: Held) -> None:
        """The packet that was put into the ring last."""
        wanted = self.wanted
        frame = self._picture(held.packet, wanted, held.at)
        if frame is None:
            return
        self.picture_at = held.at
        if self._watches:
            self._look(held, frame)
        for size, rate in wanted.items():
            if self._turn(size, rate, held.at):
                tile = Tile(held.captured_ms, tile_jpeg(frame, size, self.quality))
                self._emit(Slot(keys.tiles(self._number, str(size))), tile)

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

    def _look(self, held: Held, frame: VideoFrame) -> None:
        """The slow look: a thumbnail for page loads from any picture, the health checks from key frames.

        Between key frames a quiet street is one and the same picture; only whole ones tell a dead camera from it.
        """
        if held.at >= self._thumbnail_due:
            self._thumbnail_due = held.at + THUMBNAIL_SECONDS
            slot = Slot(keys.thumbnail(self._number), self.thumbnail_ttl_seconds)
            self._emit(slot, Tile(held.captured_ms, tile_jpeg(frame, THUMBNAIL)))
        if held.packet.key and held.at >= self._health_due:
            self._health_due = held.at + THUMBNAIL_SECONDS
            self.checks.see(health_luma(frame), held.at)

    def _turn(self, size: TileSize, rate: float, at: float) -> bool:
        due = self._due.get(size, 0.0)
        if at < due - _EARLY_SECONDS:
            return False
        self._due[size] = max(due + 1 / rate, at) if at - due < 1 else at + first_gap(self._number, rate)
        return True
