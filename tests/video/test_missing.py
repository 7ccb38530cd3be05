"""A picture that never came is noticed by the numbers of the others; whole streams are never accused."""

from __future__ import annotations

import pytest

from tests.fakes.film import GOP
from tests.video.test_decoder import CLIPS, INFO, held, packets, real_packets
from video.decoder import PictureDecoder
from video.meter import DAMAGE_WINDOW_FRAMES, DamageMeter
from video.missing import MissingPictures
from video.packet_ring import PacketRing
from video.source import Packet, StreamInfo

LOSSY, LOST_AT = "residential-street.mp4", 18
"""Its pictures count 16, 17, 19, 20: the camera's own recorder lost one."""


def smeared(stream: list[Packet], info: StreamInfo = INFO) -> list[int]:
    """Places in the stream whose picture leans on one that is missing."""
    missing = MissingPictures(info)
    return [index for index, packet in enumerate(stream) if missing.smears(packet)]


def test_a_whole_stream_misses_nothing() -> None:
    assert smeared(packets(6 * GOP)) == []


def test_what_follows_a_missing_picture_is_smeared_until_the_next_key_frame() -> None:
    stream = packets(3 * GOP)
    del stream[GOP + 3]
    assert smeared(stream) == list(range(GOP + 3, 2 * GOP - 1))


def test_a_lost_key_frame_smears_all_that_lean_on_it() -> None:
    stream = packets(4 * GOP)
    del stream[2 * GOP - 2 : 2 * GOP + 1]
    assert smeared(stream) == list(range(2 * GOP - 2, 3 * GOP - 3))


def test_pictures_nobody_leans_on_may_be_missing() -> None:
    stream = packets(GOP)
    unneeded = [_of_no_use(packet) if index == 5 else packet for index, packet in enumerate(stream)]
    assert smeared(unneeded[:6]) == []


def test_other_codecs_and_streams_without_a_parameter_set_are_not_judged() -> None:
    stream = packets(2 * GOP)
    del stream[5]
    assert smeared(stream, StreamInfo("hevc", b"", 352, 288, 15.0)) == []
    assert smeared(stream[1:GOP]) == []
    assert smeared([Packet(b"\0\0\1\x65", True, 0.0), Packet(b"\0\0\1\x41\x80", False, 0.0)]) == []


@pytest.mark.parametrize("lost", [0, 1])
def test_the_decoder_counts_smeared_pictures_as_damaged(lost: int) -> None:
    """A decoder covers the hole and calls every picture whole."""
    ring, decoder = PacketRing(), PictureDecoder(INFO, damage := DamageMeter())
    stream = packets(DAMAGE_WINDOW_FRAMES + lost)
    del stream[1 : 1 + lost]
    for packet in stream:
        ring.add(held(packet))
        decoder.follow(ring)
    assert damage.damaged is bool(lost)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", CLIPS)
def test_of_real_recordings_one_lost_a_picture(name: str) -> None:
    stream = list(real_packets(name))
    info, pictures = stream[0][0], [packet for _, packet in stream]
    assert smeared(pictures, info)[:1] == ([LOST_AT] if name == LOSSY else [])


def _of_no_use(packet: Packet) -> Packet:
    """The same with the number of the one after it, and marked as one that no other needs: as if the next were lost."""
    unit = packet.data.index(b"\0\0\1") + 3
    return Packet(packet.data[:unit] + bytes([packet.data[unit] & 0x9F]) + packet.data[unit + 1 :], packet.key, 0.0)
