"""One viewer: newest pictures, a window of two batches, its own rate."""

from __future__ import annotations

import pytest

from domain.camera import CameraStatus
from tests.video.made import status
from video.focus import FocusKind, FocusMessage, beginning
from video.focus_hub import FocusStream
from video.ladder import BY_NAME, TileSize
from video.tile import Tile
from video.viewer import WINDOW, Viewer
from video.wire import Kind, Subscription, entries

SIZE = BY_NAME["320x180"]


class Desk:
    """A viewer and what the hub would have for it."""

    def __init__(self, *numbers: int, rate: float = 10.0) -> None:
        self.viewer = Viewer()
        self.tiles: dict[int, Tile] = {}
        self.statuses: dict[int, CameraStatus] = {}
        for number in numbers:
            self.viewer.watch(Subscription(number, SIZE, rate))

    def come(self, number: int, captured_ms: int) -> None:
        self.tiles[number] = Tile(captured_ms, b"jpeg")
        self.viewer.tile_came(number)

    def batch(self) -> list[tuple[int, Kind, int]]:
        """Camera, kind and capture time of what goes out now."""
        data = self.viewer.batch(self._tile, self.statuses.get)
        found = entries(data) if data else []
        return [(n, kind, Tile.unpack(body).captured_ms if kind is Kind.TILE else 0) for n, kind, _, body in found]

    def _tile(self, number: int, size: TileSize) -> Tile | None:
        assert size is SIZE
        return self.tiles.get(number)


def test_a_batch_carries_the_newest_of_each_camera_and_nothing_twice() -> None:
    desk = Desk(1, 2)
    desk.come(1, 1000)
    desk.come(1, 1100)
    desk.come(2, 1050)
    assert desk.batch() == [(1, Kind.TILE, 1100), (2, Kind.TILE, 1050)]
    assert desk.batch() == []
    assert desk.viewer.skipped >= 1


def test_a_slow_viewer_gets_the_cameras_spread_over_its_interval() -> None:
    desk = Desk(*range(1, 21), rate=2.0)
    sizes = []
    for captured in range(1000, 9000, 100):
        for number in range(1, 21):
            desk.come(number, captured)
        sizes.append(len(desk.batch()))
        desk.viewer.acknowledge(1_000_000)
    assert sizes[0] == 20  # all at once to begin with
    assert max(sizes[10:]) <= 8
    assert sum(sizes[40:]) == 20 * 2 * 4


def test_two_batches_may_be_under_way_and_no_third() -> None:
    desk = Desk(1)
    for captured in (1000, 1100, 1200, 1300):
        desk.come(1, captured)
        desk.batch()
    assert not desk.viewer.may_send
    desk.viewer.acknowledge(1)
    assert desk.batch() == [(1, Kind.TILE, 1300)]


def test_a_browser_cannot_open_its_window_by_lying() -> None:
    desk = Desk(1)
    desk.viewer.acknowledge(1_000_000)
    for captured in range(1000, 2000, 100):
        desk.come(1, captured)
        desk.batch()
    assert not desk.viewer.may_send
    assert WINDOW == 2


def test_a_slow_viewer_gets_its_own_rate_though_others_asked_for_more() -> None:
    desk = Desk(1, rate=2.0)
    sent = 0
    for captured in range(1000, 6000, 100):
        desk.come(1, captured)
        sent += len(desk.batch())
        desk.viewer.acknowledge(10_000)
    assert 9 <= sent <= 11


@pytest.mark.parametrize(("rate", "gaps"), [(10.0, (133, 67)), (2.0, (467, 533)), (5.0, (200, 200))])
def test_a_camera_that_sends_when_it_can_is_shown_as_often_as_asked(rate: float, gaps: tuple[int, int]) -> None:
    """15 pictures a second do not divide by ten: its tiles come by turns early and late."""
    desk = Desk(1, rate=rate)
    captured, sent = 1000, 0
    for index in range(100):
        desk.come(1, captured)
        sent += len(desk.batch())
        desk.viewer.acknowledge(10_000)
        captured += gaps[index % 2]
    assert sent >= 98


def test_states_come_once_each_time_they_change() -> None:
    desk = Desk(1)
    desk.statuses[1] = status(1)
    assert desk.batch() == [(1, Kind.STATE, 0)]
    assert desk.batch() == []
    desk.viewer.state_came(1)
    desk.viewer.state_came(2)  # not watched
    assert desk.batch() == [(1, Kind.STATE, 0)]


def test_a_page_that_lists_cameras_hears_the_states_of_all_it_may_see() -> None:
    desk = Desk(1)
    desk.statuses = {number: status(number) for number in (1, 2, 3)}
    desk.batch()
    desk.viewer.list_states(frozenset({1, 2}))
    assert desk.batch() == [(1, Kind.STATE, 0), (2, Kind.STATE, 0)]
    desk.viewer.state_came(3)
    assert desk.batch() == []


def test_what_is_no_longer_watched_is_no_longer_sent() -> None:
    desk = Desk(1)
    desk.come(1, 1000)
    desk.viewer.unwatch(1)
    assert desk.batch() == []


def test_the_viewer_wakes_for_every_reason_to_send() -> None:
    desk = Desk()
    for cause in (
        lambda: desk.viewer.watch(Subscription(1, SIZE, 10.0)),
        lambda: desk.viewer.tile_came(1),
        lambda: desk.viewer.state_came(1),
        lambda: desk.viewer.acknowledge(1),
        lambda: desk.viewer.list_states(frozenset({1})),
    ):
        desk.viewer.wake.clear()
        cause()
        assert desk.viewer.wake.is_set()


def test_a_film_goes_on_when_only_the_tile_beside_it_changes_and_begins_anew_when_asked_for_again() -> None:
    stream = FocusStream()
    for message in (
        FocusMessage(FocusKind.INIT, 0, beginning("avc1.64001f", b"moov")),
        FocusMessage(FocusKind.KEY, 40, b"moof"),
    ):
        stream.take(message)
    viewer = Viewer()

    def kinds() -> list[Kind]:
        data = viewer.batch(lambda _number, _size: None, lambda _number: None, lambda _number, at: stream.news(at))
        viewer.acknowledge(10_000)
        return [kind for _, kind, _, _ in entries(data)] if data else []

    viewer.watch(Subscription(1, SIZE, 10.0, focus=True))
    assert kinds() == [Kind.FOCUS_INIT, Kind.FOCUS_FRAGMENT]
    viewer.watch(Subscription(1, BY_NAME["160x90"], 0.5, focus=True))
    assert kinds() == []
    viewer.unwatch(1)
    viewer.watch(Subscription(1, SIZE, 10.0, focus=True))
    assert kinds() == [Kind.FOCUS_INIT, Kind.FOCUS_FRAGMENT]
    viewer.watch(Subscription(1, SIZE, 10.0))
    stream.take(FocusMessage(FocusKind.DELTA, 80, b"moof"))
    assert kinds() == []
