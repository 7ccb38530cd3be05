"""Pictures out of packets, on demand: key frames alone while a camera is only watched, everything while it is shown."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Protocol

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from domain.camera import CameraError
from video.missing import MissingPictures
from video.packet_ring import PacketRing
from video.source import OpenFailed, Packet, StreamInfo


class Damage(Protocol):
    """Counts what was decoded and how much of it was damaged."""

    def count(self, *, damaged: bool) -> None: ...


class PictureDecoder:
    """One stream's decoder: one thread, no frame delay. Used by the pull's own thread."""

    def __init__(self, info: StreamInfo, damage: Damage) -> None:
        self._info = info
        self._damage = damage
        self._context = _context(info)
        self._missing = MissingPictures(info)
        self._following = False
        """Whether every packet since the last key frame went through, so that the next one makes a whole picture."""

    def key_picture(self, packet: Packet) -> VideoFrame | None:
        """The picture of one key frame by itself. Breaks the chain: following needs a key frame or the ring again."""
        self._following = False
        self._restart()
        return self._last_picture((packet,), flush=True)

    def follow(self, ring: PacketRing) -> VideoFrame | None:
        """The newest picture, given the ring whose last packet has just arrived.

        Normally one packet is decoded; after a break all since the last key frame are, which costs some 50 ms once.
        """
        newest = ring.newest
        if newest is None:
            return None
        if self._following and not newest.packet.key:
            return self._last_picture((newest.packet,), flush=False)
        if not self._following:
            self._restart()
        self._following = True
        return self._last_picture([held.packet for held in ring.since_key], flush=False)

    def whole_picture(self, packets: Iterable[Packet]) -> VideoFrame | None:
        """The last picture of a group given from its key frame on; for a decoder used once."""
        return self._last_picture(packets, flush=True)

    def pause(self) -> None:
        """Nobody looks any more: the chain is broken until the next key frame or ring."""
        self._following = False

    def _restart(self) -> None:
        self._context.flush_buffers()
        self._missing.begin()

    def _last_picture(self, packets: Iterable[Packet], *, flush: bool) -> VideoFrame | None:
        newest: VideoFrame | None = None
        for packet in packets:
            newest = self._decode(packet) or newest
        if flush and newest is None:
            newest = self._drain()
        return newest

    def _decode(self, packet: Packet) -> VideoFrame | None:
        newest: VideoFrame | None = None
        smeared = self._missing.smears(packet)
        try:
            for frame in self._context.decode(av.Packet(packet.data)):
                self._damage.count(damaged=smeared or bool(frame.is_corrupt))
                newest = frame
        except av.FFmpegError:
            self._damage.count(damaged=True)
        return newest

    def _drain(self) -> VideoFrame | None:
        """A decoder that holds its first picture back (reordering) gives it up when told that no more will come."""
        newest: VideoFrame | None = None
        with contextlib.suppress(EOFError):  # its way of saying that it held nothing
            for frame in self._context.decode(None):
                newest = frame
        self._context.flush_buffers()
        return newest


def _context(info: StreamInfo) -> VideoCodecContext:
    try:
        context = av.CodecContext.create(info.codec, "r")
    except (ValueError, av.FFmpegError) as error:
        raise OpenFailed(CameraError.CODEC) from error
    if not isinstance(context, VideoCodecContext):
        raise OpenFailed(CameraError.CODEC)
    if info.extradata:
        context.extradata = info.extradata
    context.width, context.height = info.width, info.height
    context.thread_count = 1
    context.thread_type = "NONE"
    return context
