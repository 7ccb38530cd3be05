"""Rings keep what is wanted of a stream and never more than they may."""

from __future__ import annotations

from video.packet_ring import GROUP_LIMIT_BYTES, KEEP_MS, RING_LIMIT_BYTES, Held, PacketRing, RingBudget
from video.source import Packet, StreamInfo

INFO = StreamInfo("h264", b"", 352, 288, 15.0)
SECOND = 1000


def packet(at_ms: int, *, key: bool, size: int = 100) -> Held:
    return Held(Packet(bytes(size), key, 0.0), at_ms, at_ms / 1000)


def fill(ring: PacketRing, seconds: int, *, size: int = 100, per_group: int = 10, first_ms: int = 0) -> None:
    """Five packets a second, a key frame every `per_group` packets."""
    for index in range(seconds * 5):
        ring.add(packet(first_ms + index * 200, key=index % per_group == 0, size=size))


def held_bytes(ring: PacketRing) -> int:
    return sum(len(held.packet.data) for held in ring.span(0, 1 << 60))


def test_only_what_came_since_the_last_key_frame_is_kept_while_nobody_watches() -> None:
    ring = PacketRing()
    fill(ring, 7)
    assert [held.captured_ms for held in ring.since_key] == [6000, 6200, 6400, 6600, 6800]
    assert ring.groups == 1


def test_a_minute_is_kept_while_somebody_does_and_let_go_after() -> None:
    ring = PacketRing()
    ring.keep = True
    fill(ring, 100)
    assert KEEP_MS <= 100 * SECOND - (ring.oldest_ms or 0) <= KEEP_MS + 2 * SECOND
    ring.keep = False
    fill(ring, 1, first_ms=100 * SECOND)
    assert ring.groups == 1


def test_a_span_begins_at_the_key_frame_before_it() -> None:
    ring = PacketRing()
    ring.keep = True
    fill(ring, 20)
    span = ring.span(7_300, 12_500)
    assert span[0].packet.key
    assert (span[0].captured_ms, span[-1].captured_ms) == (6000, 12_400)
    assert ring.span(30_000, 40_000) == ring.span(18_000, 40_000)
    assert ring.span(-5_000, -1) == ()


def test_a_ring_stays_within_its_size_and_gives_the_oldest_up_first() -> None:
    ring = PacketRing()
    ring.keep = True
    fill(ring, 50, size=RING_LIMIT_BYTES // 100)
    assert held_bytes(ring) <= RING_LIMIT_BYTES + RING_LIMIT_BYTES // 100
    assert ring.since_key


def test_a_stream_that_hardly_sends_key_frames_stays_bounded_and_comes_back_with_the_next_one() -> None:
    ring = PacketRing()
    ring.add(packet(0, key=True))
    for index in range(20):
        ring.add(packet(index, key=False, size=GROUP_LIMIT_BYTES // 10))
    assert held_bytes(ring) <= GROUP_LIMIT_BYTES
    ring.add(packet(30, key=True))
    assert len(ring.since_key) == 1


def test_all_rings_together_stay_within_the_budget_and_the_oldest_packets_go_first() -> None:
    budget = RingBudget(100_000)
    old, new = PacketRing(budget), PacketRing(budget)
    for ring, first_ms in ((old, 0), (new, 30_000)):
        ring.keep = True
        fill(ring, 12, size=1000, first_ms=first_ms)
    assert budget.total_bytes <= 100_000
    assert held_bytes(old) + held_bytes(new) == budget.total_bytes
    assert (new.oldest_ms, old.oldest_ms) == (30_000, 4_000)
    old.clear()
    new.clear()
    assert budget.total_bytes == 0


def test_what_came_before_a_loss_is_still_there_after_the_camera_is_back() -> None:
    """The moment somebody cut the cable is the one that is asked for."""
    ring = PacketRing()
    ring.keep = True
    ring.begin(INFO)
    fill(ring, 4)
    ring.begin(INFO)
    assert ring.since_key == ()
    ring.add(packet(9_000, key=False))  # useless without the key frame before it
    ring.add(packet(9_200, key=True))
    assert [held.captured_ms for held in ring.span(0, 10_000)][-2:] == [3_800, 9_200]


def test_another_stream_starts_an_empty_ring() -> None:
    ring = PacketRing()
    ring.keep = True
    ring.begin(INFO)
    fill(ring, 4)
    ring.begin(StreamInfo("hevc", b"", 352, 288, 15.0))
    assert ring.span(0, 10_000) == ()
