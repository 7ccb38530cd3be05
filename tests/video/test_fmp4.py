"""What goes onto the focus channel is a film that any player takes, with every picture in it, steadily timed."""

from __future__ import annotations

import io
import random
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

import av
import pytest

from tests.fakes.film import FPS, GOP, Film, annex_b, film, number_in
from video.fmp4 import TIMESCALE, Timeline
from video.focus import FocusKind, FocusMessage
from video.focus_stream import FocusStream
from video.h264 import ParameterSets, picture_size, sets_among, sets_in_extradata, units
from video.packet_ring import Held, PacketRing
from video.source import Packet, StreamInfo

START = b"\0\0\0\1"


def shown(made: Film, count: int, *, first: int = 0) -> list[Held]:
    """`count` packets of a film, `first` of them having passed before."""
    return [
        Held(Packet(annex_b(made.pictures[n]), n % GOP == 0, 0.0), 1000 + n * 66, n / FPS)
        for n in range(first, first + count)
    ]


def info(extradata: bytes = b"", codec: str = "h264") -> StreamInfo:
    return StreamInfo(codec, extradata, 352, 288, 15.0)


class Channel:
    """A focus stream and what it has sent."""

    def __init__(self, about: StreamInfo | None = None) -> None:
        self.sent: list[FocusMessage] = []
        self.ring = PacketRing()
        self.stream = FocusStream(self.ring, self.sent.append)
        self.connect(about or info())

    def connect(self, about: StreamInfo) -> None:
        self.ring.begin(about)
        self.stream.begin(about)

    def play(self, packets: Iterable[Held]) -> None:
        for held in packets:
            self.ring.add(held)
            self.stream.take(held)

    @property
    def kinds(self) -> list[FocusKind]:
        return [message.kind for message in self.sent]


def numbers(messages: Sequence[FocusMessage]) -> list[int]:
    """The numbers drawn in the pictures of a beginning and its fragments, decoded by a player that is not ours."""
    init = messages[0].payload
    data = init[1 + init[0] :] + b"".join(message.payload for message in messages[1:])
    with av.open(io.BytesIO(data)) as container:
        return [number_in(frame.to_ndarray(format="gray")) for frame in container.decode(video=0)]


def test_a_player_finds_every_picture_in_the_fragments() -> None:
    channel = Channel()
    channel.stream.wanted = True
    channel.play(shown(film(), 40))
    assert channel.kinds[:3] == [FocusKind.INIT, FocusKind.KEY, FocusKind.DELTA]
    assert channel.kinds.count(FocusKind.KEY) == 3
    assert numbers(channel.sent) == list(range(40))


def test_whoever_begins_in_the_middle_gets_what_came_since_the_last_key_frame_at_once() -> None:
    channel = Channel()
    channel.play(shown(film(), 20))
    assert channel.sent == []
    channel.stream.wanted = True
    channel.play(shown(film(), 1, first=20))
    assert channel.kinds[:2] == [FocusKind.INIT, FocusKind.KEY]
    assert numbers(channel.sent) == list(range(15, 21))


def test_a_latecomer_gets_the_same_beginning_again_byte_for_byte() -> None:
    channel = Channel()
    channel.stream.wanted = True
    channel.play(shown(film(), 18))
    live = [channel.sent[0], *channel.sent[16:]]
    channel.sent.clear()
    channel.stream.ask()
    channel.play(shown(film(), 1, first=18))
    assert channel.sent[:-1] == live
    assert numbers(channel.sent) == [15, 16, 17, 18]


def test_another_picture_size_in_mid_stream_is_another_beginning() -> None:
    channel = Channel()
    channel.stream.wanted = True
    channel.play([*shown(film(), 15), *shown(film(width=240, height=180), 15, first=15)])
    beginnings = [at for at, kind in enumerate(channel.kinds) if kind is FocusKind.INIT]
    assert len(beginnings) == 2
    with av.open(io.BytesIO(channel.sent[beginnings[1]].payload[12:] + channel.sent[-15].payload)) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (240, 180)


def test_parameter_sets_that_were_only_announced_are_found() -> None:
    sets = b"".join(START + unit for unit in film().parameter_sets)
    bare = [[unit for unit in picture if unit[0] & 0x1F not in (7, 8)] for picture in film().pictures]
    channel = Channel(info(sets))
    channel.stream.wanted = True
    channel.play(shown(Film(bare, film().parameter_sets, FPS), 20))
    assert numbers(channel.sent) == list(range(20))


def test_the_codec_is_named_as_browsers_name_it() -> None:
    channel = Channel()
    channel.stream.wanted = True
    channel.play(shown(film(), 1))
    payload = channel.sent[0].payload
    profile_and_level = film().parameter_sets[0][1:4].hex()
    assert payload[1 : 1 + payload[0]].decode() == f"avc1.{profile_and_level}"


def test_what_browsers_cannot_play_is_said_once_and_to_each_who_asks() -> None:
    channel = Channel(info(codec="hevc"))
    channel.stream.wanted = True
    channel.play(shown(film(), 5))
    channel.stream.ask()
    channel.play(shown(film(), 2, first=5))
    assert channel.kinds == [FocusKind.CANNOT, FocusKind.CANNOT]
    assert channel.sent[0].payload == b"codec"


def test_pictures_in_another_order_than_they_are_shown_are_left_to_tiles() -> None:
    channel = Channel()
    channel.stream.wanted = True
    channel.play(shown(film(bframes=2), 40))
    assert channel.kinds.count(FocusKind.CANNOT) == 1
    assert channel.kinds[-1] is FocusKind.CANNOT
    assert len(channel.kinds) < 8


def test_a_new_connection_begins_anew() -> None:
    channel = Channel()
    channel.stream.wanted = True
    channel.play(shown(film(), 5))
    channel.connect(info())
    channel.play([*shown(film(), 2, first=5), *shown(film(), 2, first=15)])
    assert channel.kinds[6:] == [FocusKind.INIT, FocusKind.KEY, FocusKind.DELTA]


@pytest.mark.parametrize(("width", "height"), [(352, 288), (354, 286), (1920, 1080), (640, 362), (176, 144)])
def test_the_size_in_a_parameter_set_is_read(width: int, height: int) -> None:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = width, height, "yuv420p", Fraction(1, 15)
    coded = [*encoder.encode(av.VideoFrame(width, height, "yuv420p")), *encoder.encode(None)]
    sets = sets_among(units(bytes(coded[0])))
    assert sets is not None
    assert picture_size(sets.sps) == (width, height)


def test_parameter_sets_in_the_form_of_mp4_files_are_found() -> None:
    sps, pps = film().parameter_sets
    avcc = b"\1" + sps[1:4] + b"\xff\xe1" + len(sps).to_bytes(2) + sps + b"\1" + len(pps).to_bytes(2) + pps
    assert sets_in_extradata(avcc) == ParameterSets(sps, pps)
    assert sets_in_extradata(b"") is None


def test_a_damaged_parameter_set_is_refused() -> None:
    with pytest.raises(ValueError, match="too early"):
        picture_size(film().parameter_sets[0][:6])


def test_units_are_told_apart_by_start_codes_and_by_lengths() -> None:
    picture = film().pictures[0]
    by_length = b"".join(len(unit).to_bytes(4) + unit for unit in picture)
    assert units(annex_b(picture)) == units(by_length) == picture


def test_uneven_arrivals_become_an_even_film_that_stays_near_the_clock() -> None:
    rng, timeline = random.Random(5), Timeline()
    arrivals = [n / 25 + rng.uniform(0, 0.12) for n in range(1500)]
    placed = [timeline.place(at) for at in sorted(arrivals)]
    assert all(begin + lasts == later for (begin, lasts), (later, _) in pairwise(placed))
    behind = [at - arrivals[0] - begin / TIMESCALE for at, (begin, _) in zip(sorted(arrivals), placed, strict=True)]
    assert max(map(abs, behind[200:])) < 0.2
    assert all(lasts > 0 for _, lasts in placed)


def test_a_long_silence_is_a_jump_forward_and_never_back() -> None:
    timeline = Timeline()
    before = [timeline.place(n / 25) for n in range(50)][-1]
    after = timeline.place(10.0)
    assert after[0] / TIMESCALE == pytest.approx(10.0, abs=0.05)
    assert after[0] > before[0] + before[1]
