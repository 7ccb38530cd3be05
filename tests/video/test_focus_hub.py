"""One camera's focus stream in a web process: everybody begins with a key frame, nobody queues."""

from __future__ import annotations

from video import focus_hub
from video.focus import FocusKind, FocusMessage, beginning
from video.focus_hub import BEHIND_MS, FocusStream, Reading

HEAD = FocusMessage(FocusKind.INIT, 0, beginning("avc1.64001f", b"moov"))


def picture(number: int, *, key: bool = False, data: bytes = b"moof") -> FocusMessage:
    return FocusMessage(FocusKind.KEY if key else FocusKind.DELTA, number * 40, data)


def group(first: int, count: int) -> list[FocusMessage]:
    return [picture(first, key=True), *(picture(number) for number in range(first + 1, first + count))]


class Viewer:
    """Reads a stream as a socket does."""

    def __init__(self, stream: FocusStream) -> None:
        self.stream = stream
        self.reading = Reading()
        self.dropped = 0

    def read(self) -> list[int | str]:
        """Beginnings by kind, pictures by number."""
        pieces, self.reading = self.stream.news(self.reading)
        self.dropped += sum(piece.dropped for piece in pieces)
        return [
            piece.message.captured_ms // 40
            if piece.message.kind in (FocusKind.KEY, FocusKind.DELTA)
            else piece.message.kind.name
            for piece in pieces
        ]


def stream_of(*messages: FocusMessage) -> FocusStream:
    stream = FocusStream()
    for message in messages:
        stream.take(message)
    return stream


def test_a_viewer_begins_with_the_newest_key_frame_and_goes_on_without_a_hole() -> None:
    stream = stream_of(HEAD, *group(0, 10), *group(10, 3))
    viewer = Viewer(stream)
    assert viewer.read() == ["INIT", 10, 11, 12]
    assert viewer.read() == []
    stream.take(picture(13))
    assert viewer.read() == [13]
    assert viewer.dropped == 0


def test_a_viewer_a_little_behind_when_a_key_frame_comes_misses_nothing() -> None:
    stream = stream_of(HEAD, *group(0, 10))
    viewer = Viewer(stream)
    viewer.read()
    for message in [picture(10), picture(11), *group(12, 2)]:
        stream.take(message)
    assert viewer.read() == [10, 11, 12, 13]
    assert viewer.dropped == 0


def test_a_viewer_far_behind_goes_on_at_the_newest_key_frame_and_is_told_what_it_missed() -> None:
    stream = stream_of(HEAD, *group(0, 10))
    viewer = Viewer(stream)
    viewer.read()
    for first in range(10, 60, 10):
        for message in group(first, 10):
            stream.take(message)
    assert viewer.read() == list(range(50, 60))
    assert viewer.dropped == 40
    assert BEHIND_MS == 500


def test_a_long_group_goes_out_in_portions_and_in_order(monkeypatch) -> None:
    monkeypatch.setattr(focus_hub, "BATCH_BYTES", 20)
    viewer = Viewer(stream_of(HEAD, *group(0, 12)))
    assert viewer.read() == ["INIT", 0, 1, 2, 3, 4]
    assert viewer.read() == [5, 6, 7, 8, 9]
    assert viewer.read() == [10, 11]


def test_no_camera_fills_the_memory_and_its_viewers_go_on_at_the_next_key_frame(monkeypatch) -> None:
    monkeypatch.setattr(focus_hub, "MOST_BYTES", 1000)
    stream = stream_of(HEAD, picture(0, key=True, data=bytes(400)))
    viewer = Viewer(stream)
    assert viewer.read() == ["INIT", 0]
    for number in range(1, 50):
        stream.take(picture(number, data=bytes(400)))
    assert viewer.read() == []
    stream.take(picture(50, key=True))
    assert viewer.read() == [50]
    assert viewer.dropped > 0


def test_pictures_before_the_first_key_frame_are_nothing_to_show() -> None:
    viewer = Viewer(stream_of(HEAD, picture(3), picture(4)))
    assert viewer.read() == ["INIT"]
    assert Viewer(FocusStream()).read() == []


def test_a_beginning_sent_again_for_somebody_else_disturbs_nobody() -> None:
    stream = stream_of(HEAD, *group(0, 4))
    viewer = Viewer(stream)
    viewer.read()
    for message in [HEAD, *group(0, 5)]:  # all we have once more, and the next picture
        stream.take(message)
    assert viewer.read() == [4]
    for message in [HEAD, *group(5, 2)]:  # sent again just as a key frame came
        stream.take(message)
    assert viewer.read() == [5, 6]


def test_another_stream_starts_every_player_over() -> None:
    stream = stream_of(HEAD, *group(0, 4))
    viewer = Viewer(stream)
    viewer.read()
    other = FocusMessage(FocusKind.INIT, 400, beginning("avc1.42e01e", b"moov"))
    for message in [other, *group(10, 2)]:
        stream.take(message)
    assert viewer.read() == ["INIT", 10, 11]
    for message in [other, *group(3, 2)]:  # the same words, older pictures: a clock set back
        stream.take(message)
    assert viewer.read() == ["INIT", 3, 4]


def test_a_reason_instead_of_a_stream_reaches_those_who_come_later_too() -> None:
    stream = stream_of(FocusMessage(FocusKind.CANNOT, 0, b"codec"))
    assert Viewer(stream).read() == ["CANNOT"]
    stream.take(HEAD)
    stream.take(picture(1, key=True))
    assert Viewer(stream).read() == ["INIT", 1]
