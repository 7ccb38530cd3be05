"""A stream is turned into what is wanted of it, and into nothing more."""

from __future__ import annotations

from collections import Counter

from tests.fakes.film import GOP
from tests.video.test_decoder import INFO, packets
from video.ladder import BY_NAME, TileSize
from video.maker import THUMBNAIL_SECONDS, PictureMaker
from video.outbox import Slot
from video.packet_ring import Held, PacketRing
from video.tile import Tile

SMALL, MIDDLE = BY_NAME["160x90"], BY_NAME["480x270"]
FRAME_SECONDS = 1 / 15


class Played:
    """A maker that was given a film, and what it made."""

    def __init__(self, *, number: int = 7, watches: bool = True) -> None:
        self.slots: Counter[str] = Counter()
        self.times: dict[str, list[int]] = {}
        self.ring = PacketRing()
        self.maker = PictureMaker(number, self.emit, self.ring, watches=watches)
        self.maker.begin(INFO)
        self._at = 100.0
        self._packets = iter(packets(3000))

    def emit(self, slot: Slot, tile: Tile) -> None:
        self.slots[slot.name] += 1
        self.times.setdefault(slot.name, []).append(tile.captured_ms)

    def play(self, seconds: float, wanted: dict[TileSize, float]) -> None:
        self.slots.clear()
        self.maker.wanted = wanted
        for _ in range(round(seconds / FRAME_SECONDS)):
            held = Held(next(self._packets), round(self._at * 1000), self._at)
            self.ring.add(held)
            self.maker.take(held)
            self._at += FRAME_SECONDS


def test_a_watched_camera_gives_a_thumbnail_every_two_seconds_and_nothing_else() -> None:
    played = Played()
    played.play(10, {})
    assert played.slots == {"cw1:video:thumb:7": 5}
    assert 1000 * GOP / 15 < THUMBNAIL_SECONDS * 1000


def test_a_detail_stream_nobody_looks_at_costs_nothing() -> None:
    played = Played(watches=False)
    played.play(4, {})
    assert not played.slots
    assert played.maker.picture_at is None


def test_each_size_comes_at_its_own_rate() -> None:
    played = Played()
    played.play(10, {SMALL: 2.0, MIDDLE: 10.0})
    assert abs(played.slots["cw1:video:tile:7:160x90"] - 20) <= 1
    assert abs(played.slots["cw1:video:tile:7:480x270"] - 100) <= 2


def test_tiles_begin_with_the_next_packet_when_somebody_looks() -> None:
    played = Played()
    played.play(3.4, {})
    played.play(FRAME_SECONDS, {MIDDLE: 10.0})
    assert played.slots["cw1:video:tile:7:480x270"] == 1


def test_cameras_asked_for_together_do_not_come_together() -> None:
    """Their first tiles do, so that a picture shows at once; then the turns are spread over the interval."""
    times = []
    for number in range(1, 21):
        played = Played(number=number)
        played.play(4, {SMALL: 2.0})
        times.append(played.times[f"cw1:video:tile:{number}:160x90"])
    assert len({one[0] for one in times}) == 1
    together = Counter(one[-1] for one in times)
    assert max(together.values()) <= 4  # of twenty, in eight pictures an interval


def test_half_a_picture_a_second_is_made_of_key_frames_alone() -> None:
    played = Played()
    played.play(10, {SMALL: 0.5})
    assert played.slots["cw1:video:tile:7:160x90"] == 5


def test_a_tile_carries_the_moment_its_packet_came() -> None:
    played = Played()
    played.play(1, {MIDDLE: 10.0})
    times = played.times["cw1:video:tile:7:480x270"]
    assert times == sorted(times)
    assert times[0] == 100_000


def test_a_new_connection_forgets_the_old_one() -> None:
    played = Played()
    played.play(3, {MIDDLE: 10.0})
    played.ring.begin(INFO)
    played.maker.begin(INFO)
    played._packets = iter(packets(100)[5:])  # joins between two key frames
    played.play(0.5, {MIDDLE: 10.0})
    assert not played.slots
    played.play(1, {MIDDLE: 10.0})
    assert played.slots["cw1:video:tile:7:480x270"] >= 9
