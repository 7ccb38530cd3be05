"""Evidence out of rings: films of every codec as they were sent, begun at a key frame; pictures in full size."""

from __future__ import annotations

import io
from collections.abc import Sequence

import av
import numpy as np
import pytest

from tests.fakes import rtp_forms
from tests.fakes.film import FPS, GOP, annex_b, film, number_in
from video.clip import Film, NothingKept, picture
from video.clip import film as cut
from video.cv import cv2
from video.packet_ring import Held, PacketRing
from video.source import Packet, StreamInfo

MS = 1000 // FPS
MPEG4_HEAD = rtp_forms.mpeg4().packets[0][: rtp_forms.mpeg4().packets[0].index(b"\0\0\1\xb6")]


def ring(
    packets: Sequence[bytes], codec: str, *, keys: int = GOP, extradata: bytes = b"", first_ms: int = 0
) -> PacketRing:
    """A ring that watched a film of 15 pictures a second."""
    kept = PacketRing()
    kept.keep = True
    kept.begin(StreamInfo(codec, extradata, 352, 288, float(FPS)))
    for index, data in enumerate(packets):
        kept.add(Held(Packet(data, index % keys == 0, 0.0), first_ms + index * MS, index / FPS))
    return kept


def h264(count: int = 60, *, first_ms: int = 0) -> PacketRing:
    return ring([annex_b(film().pictures[n]) for n in range(count)], "h264", first_ms=first_ms)


def pictures(made: Film) -> list[av.VideoFrame]:
    with av.open(io.BytesIO(made.mp4)) as container:
        return list(container.decode(video=0))


def test_a_film_begins_at_the_key_frame_before_and_holds_every_picture() -> None:
    made = cut([h264()], 20 * MS, 40 * MS)
    assert (made.from_ms, made.to_ms) == (15 * MS, 40 * MS)
    shown = pictures(made)
    assert [number_in(frame.to_ndarray(format="gray")) for frame in shown] == list(range(15, 41))
    assert shown[-1].time == pytest.approx(25 / FPS, abs=0.02)


@pytest.mark.parametrize(
    ("codec", "packets", "keys", "extradata"),
    [
        ("hevc", rtp_forms.hevc().packets, GOP, b""),
        ("mjpeg", rtp_forms.mjpeg().packets, 1, b""),
        ("mpeg4", rtp_forms.mpeg4().packets, GOP, MPEG4_HEAD),
        ("h264", rtp_forms.odd().packets, GOP, b""),
    ],
    ids=["hevc", "mjpeg", "mpeg4", "odd"],
)
def test_films_of_every_codec_play(codec: str, packets: list[bytes], keys: int, extradata: bytes) -> None:
    made = cut([ring(packets, codec, keys=keys, extradata=extradata)], 0, 10_000)
    assert len(pictures(made)) == len(packets)


def test_parameter_sets_that_were_only_announced_are_put_into_the_film() -> None:
    sets = annex_b(list(film().parameter_sets))
    bare = [annex_b([unit for unit in film().pictures[n] if unit[0] & 0x1F not in (7, 8)]) for n in range(20)]
    assert len(pictures(cut([ring(bare, "h264", extradata=sets)], 0, 10_000))) == 20


def test_the_larger_stream_is_taken_when_it_reaches_back_far_enough_and_the_other_one_else() -> None:
    large, small = h264(30, first_ms=2000), h264(60)
    assert cut([large, small], 3000, 4000).from_ms == 2000 + 15 * MS
    assert cut([large, small], 500, 3500).from_ms == 0
    assert cut([large, PacketRing()], 500, 3500).from_ms == 2000


def test_times_that_stand_still_or_jump_back_still_make_a_film() -> None:
    kept = PacketRing()
    kept.keep = True
    kept.begin(StreamInfo("h264", b"", 352, 288, 15.0))
    for index, at_ms in enumerate((0, 0, 0, 200, 150, 150, 400)):
        kept.add(Held(Packet(annex_b(film().pictures[index]), index == 0, 0.0), at_ms, index / FPS))
    assert len(pictures(cut([kept], 0, 10_000))) == 7


def test_what_is_no_longer_or_not_yet_kept_is_refused() -> None:
    with pytest.raises(NothingKept):
        cut([h264(30)], 10_000, 20_000)
    with pytest.raises(NothingKept):
        cut([PacketRing()], 0, 20_000)


def test_a_picture_is_the_newest_in_full_size() -> None:
    taken = picture([PacketRing(), h264(22)])
    assert taken.captured_ms == 21 * MS
    grey = cv2.imdecode(np.frombuffer(taken.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert grey.shape == (288, 352)
    assert number_in(grey) == 21


def test_a_camera_without_any_picture_gives_none() -> None:
    with pytest.raises(NothingKept):
        picture([PacketRing()])
