"""Packets of real cameras and of our own film become pictures, as few as are needed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from domain.camera import CameraError
from tests.fakes.film import GOP, annex_b, film, number_in
from tests.shared_data import shared
from video.decoder import PictureDecoder
from video.ladder import BY_NAME, LADDER, TileSize, fitted
from video.maker import PictureMaker
from video.meter import DamageMeter
from video.opencv_source import CvOpener
from video.outbox import Slot
from video.packet_ring import Held, PacketRing
from video.picture import health_luma, tile_jpeg
from video.source import OpenFailed, Packet, StreamInfo
from video.tile import Tile

INFO = StreamInfo("h264", b"", 352, 288, 15.0)
CLIPS = (
    "car-detection.mp4",
    "city-intersection.mp4",
    "highway-cctv-overlay.avi",
    "one-by-one-person-detection.mp4",
    "overhead-road.avi",
    "residential-street.mp4",
    "vtest.avi",
    "bikes-scene-cuts.mp4",
)


def packets(count: int) -> list[Packet]:
    pictures = film().pictures
    return [
        Packet(annex_b(pictures[index % len(pictures)]), index % GOP == 0, index * 1000 / 15) for index in range(count)
    ]


def held(packet: Packet, captured_ms: int = 0, at: float = 0.0) -> Held:
    return Held(packet, captured_ms, at)


def shown_number(frame: object) -> int:
    return number_in(frame.reformat(format="gray").to_ndarray())  # type: ignore[attr-defined]


def followed(count: int, *, from_index: int = 0) -> list[int]:
    """Numbers of the pictures that following gives from a packet on."""
    ring, decoder, numbers = PacketRing(), PictureDecoder(INFO, DamageMeter()), []
    for index, packet in enumerate(packets(count)):
        ring.add(held(packet))
        frame = decoder.follow(ring) if index >= from_index else None
        if frame is not None:
            numbers.append(shown_number(frame))
    return numbers


def test_every_packet_gives_its_own_picture_without_delay() -> None:
    assert followed(40) == list(range(40))


def test_whoever_begins_to_look_in_the_middle_sees_the_newest_picture_at_once() -> None:
    assert followed(30, from_index=22) == list(range(22, 30))


def test_key_pictures_alone_are_whole_and_leave_following_possible() -> None:
    ring, decoder = PacketRing(), PictureDecoder(INFO, damage := DamageMeter())
    for packet in packets(36):
        ring.add(held(packet))
        if packet.key:
            frame = decoder.key_picture(packet)
    assert frame is not None
    assert shown_number(frame) == 30
    newest = decoder.follow(ring)
    assert newest is not None
    assert shown_number(newest) == 35
    assert not damage.damaged


def test_damaged_packets_are_counted_and_never_stop_the_decoder() -> None:
    ring, decoder = PacketRing(), PictureDecoder(INFO, damage := DamageMeter())
    rng = np.random.default_rng(3)
    for index, packet in enumerate(packets(240)):
        data = packet.data if index % 3 else packet.data[:40] + rng.bytes(120) + packet.data[160:]
        ring.add(held(Packet(data, packet.key, packet.position_ms)))
        decoder.follow(ring)
    assert damage.damaged


def test_an_unknown_codec_is_refused_with_a_code() -> None:
    with pytest.raises(OpenFailed) as failed:
        PictureDecoder(StreamInfo("theora9", b"", 1, 1, 1), DamageMeter())
    assert failed.value.error is CameraError.CODEC


def real_packets(name: str) -> Iterator[tuple[StreamInfo, Packet]]:
    session = CvOpener().open(shared(f"data/video/{name}").as_uri())
    try:
        while (packet := session.read()) is not None:
            yield session.info, packet
    finally:
        session.close()


@pytest.mark.shared_data
@pytest.mark.parametrize("name", CLIPS)
def test_real_cameras_of_four_codecs_give_tiles_and_thumbnails(name: str) -> None:
    emitted: list[tuple[Slot, Tile]] = []
    ring = PacketRing()
    maker = PictureMaker(1, lambda slot, tile: emitted.append((slot, tile)), ring, watches=True)
    maker.wanted = {BY_NAME["480x270"]: 10.0}
    for index, (info, packet) in enumerate(real_packets(name)):
        if index == 0:
            maker.begin(info)
        ring.add(came := held(packet, index * 100, 100 + index * 0.1))
        maker.take(came)
        if index == 90:
            break
    tiles = [tile for slot, tile in emitted if slot.ttl_seconds is None]
    assert len(tiles) >= 80
    assert any(slot.ttl_seconds for slot, _ in emitted)
    assert all(tile.jpeg.startswith(b"\xff\xd8") for tile in tiles)
    assert not maker.damage.damaged


@pytest.mark.parametrize("size", LADDER)
def test_a_tile_has_the_size_it_was_asked_for_and_shows_the_picture(size: TileSize) -> None:
    ring, decoder = PacketRing(), PictureDecoder(INFO, DamageMeter())
    for packet in packets(8):
        ring.add(held(packet))
        frame = decoder.follow(ring)
    assert frame is not None
    jpeg = tile_jpeg(frame, size)
    picture = _decoded(jpeg)
    assert picture.shape[:2] == fitted((352, 288), size)[::-1]
    assert number_in(picture) == 7


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p", "yuv422p", "rgb24", "gray"])
@pytest.mark.parametrize("odd", [0, 1])
def test_any_pixel_format_and_odd_widths_become_tiles(pixel_format: str, odd: int) -> None:
    import av

    grey = np.tile(np.linspace(30, 220, 320 + odd).astype(np.uint8), (240, 1))
    frame = av.VideoFrame.from_ndarray(grey, format="gray").reformat(format=pixel_format)
    picture = _decoded(tile_jpeg(frame, BY_NAME["160x90"]))
    assert int(picture[:, :8].mean()) < 80
    assert int(picture[:, -8:].mean()) > 170
    assert health_luma(frame).shape == (90, 160)


def _decoded(jpeg: bytes) -> np.ndarray:
    from video.cv import cv2

    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
