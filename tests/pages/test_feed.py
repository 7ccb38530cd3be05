"""The feed and the push, on a real board that comes over a real Valkey."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pytest
import redis.asyncio

from data_access.board_publisher import BoardPublisher
from data_access.lease import Lease
from data_access.live_board import LiveBoard
from domain.roles import Identity, Role
from domain.wall_places import WallChoice, WallPlaces, wall_places
from domain.wall_view import wall_view
from pages import _ids as ids
from pages._feed import RING, Feed
from pages._live import BACKLOG, RECHECK_TICKS, feed_tab
from runtime.clock import SystemClock
from tests.data_access.live_parts import running
from tests.fakes.hall_day import RunningHall, hall_day
from tests.waiting import eventually_async

LEADER = Identity("leader", "领导", Role.LEADER)


@pytest.fixture(scope="module")
def day() -> Any:
    return hall_day(300)


class Publishing:
    """A hall whose board moves when told, published as the live worker does."""

    def __init__(self, publisher: BoardPublisher, day: Any) -> None:
        self.hall = RunningHall(day)
        self._publisher = publisher

    async def step(self, changes: int = 1) -> None:
        if changes:
            self.hall.step(changes)
        await self._publisher.publish(self.hall.board)


@pytest.fixture
async def published(valkey: redis.asyncio.Redis, day: Any) -> AsyncIterator[tuple[Publishing, Feed]]:
    lease = Lease(valkey, "test:lease", SystemClock())
    live = LiveBoard(valkey)
    feed = Feed(live, lambda board: wall_view(board, day.names))
    async with lease.held(), running(live.run, feed.run):
        publishing = Publishing(BoardPublisher(valkey, lease), day)
        await publishing.step(0)
        await eventually_async(lambda: feed.newer(-1, 1.0))
        yield publishing, feed


def applied(cases: dict[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
    """What a page makes of the steps it is told."""
    after = dict(cases)
    for step in steps:
        after |= {row["case_no"]: row for row in step["put"]}
        for case_no in step["drop"]:
            del after[case_no]
    return after


async def test_a_snapshot_and_the_frames_since_make_the_newer_snapshot(published: tuple[Publishing, Feed]) -> None:
    publishing, feed = published
    begun = orjson.loads(feed.snapshot())
    for _ in range(5):
        version = feed.newest.version
        await publishing.step(3)
        assert await feed.newer(version, 5.0)
    steps = [orjson.loads(frame.cases) for frame in feed.since(begun["version"])]
    ended = orjson.loads(feed.snapshot())
    cases = {row["case_no"]: row for row in begun["cases"]}
    assert applied(cases, steps) == {row["case_no"]: row for row in ended["cases"]}
    grids = {**begun["grids"], **{code: load for step in steps for code, load in step["grids"].items()}}
    assert {code: load for code, load in grids.items() if load != [0, 0]} == ended["grids"]


async def test_a_tab_that_has_the_newest_frame_is_told_nothing(published: tuple[Publishing, Feed]) -> None:
    _, feed = published
    assert feed.since(feed.newest.version) == []


async def test_a_tab_that_lags_past_the_ring_must_fetch_anew(published: tuple[Publishing, Feed]) -> None:
    publishing, feed = published
    begun = feed.newest.version
    for _ in range(RING + 1):
        version = feed.newest.version
        await publishing.step()
        assert await feed.newer(version, 5.0)
    assert feed.since(begun) is None


async def test_nothing_newer_is_said_in_time(published: tuple[Publishing, Feed]) -> None:
    _, feed = published
    assert not await feed.newer(feed.newest.version, 0.05)


@dataclass
class Screen:
    """A tab's end of the push: what it was sent, how much waits in its socket, whether it is gone."""

    sent: list[tuple[str, Any]] = field(default_factory=list)
    waiting: int = 0
    gone: bool = False

    def take(self, store: str, text: str) -> None:
        self.sent.append((store, json.loads(text)))

    def of(self, store: str) -> list[Any]:
        return [value for name, value in self.sent if name == store]


@dataclass
class AlarmsTold:
    """The part of `LiveAlarms` that the push asks."""

    version: int = 0

    def text(self, district: str | None) -> str:
        return json.dumps({"version": self.version, "district": district})


@dataclass
class HallSeen:
    """The part of `Services` that the push asks."""

    feed: Feed
    alarms: AlarmsTold = field(default_factory=AlarmsTold)
    identity: Callable[[], Identity | None] = lambda: LEADER
    stands: bool = True
    asked: int = 0
    now: Callable[[], Any] = SystemClock().now
    sources: Callable[[], list[Any]] = list
    choice: WallChoice = field(default_factory=WallChoice)

    def wall_places(self) -> WallPlaces:
        return wall_places(hall_day(0).cameras, self.choice)

    async def valid(self, _who: Identity) -> bool:
        self.asked += 1
        return self.stands


async def pushed(hall: HallSeen, screen: Screen) -> asyncio.Task[None]:
    push = feed_tab(hall, send=screen.take, waiting=lambda: screen.waiting, gone=lambda: screen.gone)  # type: ignore[arg-type]
    return asyncio.create_task(push)


async def ended(task: asyncio.Task[None], screen: Screen) -> None:
    screen.gone = True
    await asyncio.wait_for(task, 3.0)


async def test_a_new_tab_gets_the_wall_and_is_told_to_fetch_the_cases(published: tuple[Publishing, Feed]) -> None:
    _, feed = published
    screen = Screen()
    task = await pushed(HallSeen(feed), screen)

    async def told() -> bool:
        return bool(screen.of(ids.CASES)) and bool(screen.of(ids.TICK))

    await eventually_async(told)
    assert screen.of(ids.CASES)[0] == {"version": feed.newest.version, "steps": None}
    assert screen.of(ids.WALL)[0]["version"] == feed.newest.version
    await ended(task, screen)


async def test_a_change_reaches_the_tab_as_a_step(published: tuple[Publishing, Feed]) -> None:
    publishing, feed = published
    screen = Screen()
    task = await pushed(HallSeen(feed), screen)

    async def told(number: int) -> bool:
        return len(screen.of(ids.CASES)) >= number

    await eventually_async(lambda: told(1))
    await publishing.step(2)
    await eventually_async(lambda: told(2))
    (step,) = screen.of(ids.CASES)[1]["steps"]
    assert len(step["put"]) == 2
    await ended(task, screen)


async def test_a_stalled_tab_is_sent_nothing_more(published: tuple[Publishing, Feed]) -> None:
    publishing, feed = published
    screen, hall = Screen(waiting=BACKLOG), HallSeen(feed)
    task = await pushed(hall, screen)
    for _ in range(3):
        version = feed.newest.version
        await publishing.step()
        assert await feed.newer(version, 5.0)
    assert screen.sent == []
    screen.waiting = 0

    async def told() -> bool:
        return bool(screen.of(ids.WALL))

    await eventually_async(told)
    assert screen.of(ids.WALL)[0]["version"] == feed.newest.version
    await ended(task, screen)


async def test_a_departments_seat_is_told_of_its_own_cases_and_of_nobody_elses(
    published: tuple[Publishing, Feed],
) -> None:
    publishing, feed = published
    own = next(row.department for row in publishing.hall.board.cases.values() if row.department)
    begun = orjson.loads(feed.own_snapshot(own))
    for _ in range(12):
        version = feed.newest.version
        await publishing.step(8)
        assert await feed.newer(version, 5.0)
    steps = [orjson.loads(frame.own_cases(own)) for frame in feed.since(begun["version"])]
    ended = orjson.loads(feed.own_snapshot(own))
    cases = {row["case_no"]: row for row in begun["cases"]}
    assert applied(cases, steps) == {row["case_no"]: row for row in ended["cases"]}
    assert {row["department"] for row in applied(cases, steps).values()} <= {own}


async def test_who_may_see_neither_wall_nor_cases_is_told_the_time_alone(published: tuple[Publishing, Feed]) -> None:
    publishing, feed = published
    walker = Identity("walker", "采集员", Role.COLLECTOR)
    screen = Screen()
    task = await pushed(HallSeen(feed, identity=lambda: walker), screen)

    async def ticked_twice() -> bool:
        return len(screen.of(ids.TICK)) >= 2

    await publishing.step(2)
    await eventually_async(ticked_twice)
    assert {store for store, _ in screen.sent} == {ids.TICK}
    assert {tick["wall_cameras"] for tick in screen.of(ids.TICK)} == {None}
    await ended(task, screen)


async def test_what_is_sent_to_the_wall_comes_with_the_next_second(published: tuple[Publishing, Feed]) -> None:
    _, feed = published
    screen, hall = Screen(), HallSeen(feed)
    task = await pushed(hall, screen)

    async def told(number: int) -> bool:
        return any(tick["wall_cameras"]["cameras"][1][0] == number for tick in screen.of(ids.TICK))

    own = wall_places(hall_day(0).cameras, WallChoice()).cameras[1]
    assert own is not None
    await eventually_async(lambda: told(own.number))
    sent = hall_day(0).cameras[-1]
    hall.choice = WallChoice(cameras=(0, sent.number, 0, 0), by="赵", version=1)
    await eventually_async(lambda: told(sent.number))
    newest = screen.of(ids.TICK)[-1]["wall_cameras"]
    assert (newest["by"], newest["version"], newest["cameras"][1]) == ("赵", 1, [sent.number, sent.name])
    await ended(task, screen)


async def test_the_push_ends_with_the_session(published: tuple[Publishing, Feed]) -> None:
    _, feed = published
    screen = Screen()
    task = await pushed(HallSeen(feed, identity=lambda: None), screen)
    await asyncio.wait_for(task, 3.0)
    assert screen.sent == []


async def test_a_standing_session_is_not_asked_about_every_second(published: tuple[Publishing, Feed]) -> None:
    _, feed = published
    screen, hall = Screen(), HallSeen(feed)
    task = await pushed(hall, screen)

    async def ticked() -> bool:
        return bool(screen.of(ids.TICK))

    await eventually_async(ticked)
    assert hall.asked == 0 < RECHECK_TICKS
    await ended(task, screen)


async def test_alarms_reach_the_tab_while_the_board_stands_still(published: tuple[Publishing, Feed]) -> None:
    _, feed = published
    screen, hall = Screen(), HallSeen(feed, identity=lambda: replace(LEADER, district="370202"))
    task = await pushed(hall, screen)
    await eventually_async(lambda: _said(screen, ids.TICK))
    frames = len(screen.of(ids.CASES))
    hall.alarms.version = 7
    await feed.wake()
    await eventually_async(lambda: _said(screen, ids.ALARMS))
    assert screen.of(ids.ALARMS) == [{"version": 7, "district": "370202"}]
    assert len(screen.of(ids.CASES)) <= frames + 1
    await ended(task, screen)


async def test_alarms_are_not_told_to_a_departments_seat(published: tuple[Publishing, Feed]) -> None:
    _, feed = published
    seat = Identity("water", "水务", Role.DEPARTMENT, department="D01")
    screen, hall = Screen(), HallSeen(feed, AlarmsTold(version=7), identity=lambda: seat)
    task = await pushed(hall, screen)
    await eventually_async(lambda: _said(screen, ids.CASES))
    assert screen.of(ids.ALARMS) == []
    await ended(task, screen)


async def _said(screen: Screen, store: str) -> bool:
    return bool(screen.of(store))
