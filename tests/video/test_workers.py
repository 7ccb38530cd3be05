"""Two capture processes and one Redis: each camera has one pull and one voice, whoever dies or comes."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from redis.asyncio import Redis

from domain.camera import CameraState
from tests.fakes.clock import ManualClock
from tests.fakes.rtsp_camera import FakeCameras, Fault
from tests.video.hall import capturing, status_when
from tests.video.made import address, status
from tests.waiting import eventually_async
from video import demand, fleet, keys
from video.demand import Wish
from video.focus import FocusKind, FocusMessage
from video.ladder import BY_NAME
from video.status import read_statuses
from video.tell import StatusTeller

LIVE = CameraState.LIVE

_WORKER = """
import asyncio, sys
from tests.video.made import address
from video.capture import CaptureService

async def work():
    cameras = [address(number, url) for number, url in enumerate(sys.argv[2:], 1)]
    await CaptureService(lambda: cameras, sys.argv[1], workers=2).run(asyncio.Event())

asyncio.run(work())
"""


@contextmanager
def worker(redis_url: str, urls: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A capture process of its own."""
    process = subprocess.Popen([sys.executable, "-c", _WORKER, redis_url, *urls])
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


async def all_live(valkey: Redis, count: int) -> bool:
    return sum(status.state is LIVE for status in (await read_statuses(valkey)).values()) == count


async def shares(valkey: Redis) -> list[int]:
    return sorted(known.cameras for known in await fleet.alive(valkey))


async def test_a_killed_workers_cameras_are_live_elsewhere_within_seconds(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras
) -> None:
    """Within ten on a quiet machine; here it is only to happen."""
    urls = [rtsp.url(number=number) for number in range(1, 7)]
    cameras = [address(number, url) for number, url in enumerate(urls, 1)]
    with worker(valkey_url, urls) as other:
        async with capturing(cameras, valkey_url):
            await eventually_async(lambda: _is(shares(valkey), [3, 3]), within=40)
            await eventually_async(lambda: all_live(valkey, 6), within=40)
            other.send_signal(signal.SIGKILL)
            other.wait(10)
            opened = sum(rtsp.opened.values())
            await eventually_async(lambda: _is(shares(valkey), [6]), within=40)
            await eventually_async(lambda: _truth(sum(rtsp.opened.values()) == opened + 3), within=40)
            await eventually_async(lambda: all_live(valkey, 6), within=40)


async def test_a_worker_told_to_stop_hands_over_at_once_and_no_camera_is_pulled_twice(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras
) -> None:
    cameras = [address(number, rtsp.url(number=number)) for number in range(1, 5)]
    async with capturing(cameras, valkey_url, workers=2):
        async with capturing(cameras, valkey_url, workers=2):
            await eventually_async(lambda: _is(shares(valkey), [2, 2]), within=20)
            await eventually_async(lambda: all_live(valkey, 4), within=20)
        # the one that goes has closed its connections before its leases are free
        await eventually_async(lambda: _is(shares(valkey), [4]), within=20)
        await eventually_async(lambda: all_live(valkey, 4), within=20)
    assert await fleet.alive(valkey) == []
    assert not await valkey.keys(keys.lease(1))


async def test_cameras_added_taken_away_and_changed_while_running_are_followed(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras
) -> None:
    city = [address(1, rtsp.url()), address(2, rtsp.url(number=2))]
    async with capturing(city, valkey_url):
        await eventually_async(lambda: all_live(valkey, 2), within=20)
        city[:] = [address(1, rtsp.url(number=9)), address(3, rtsp.url(number=3))]
        await status_when(valkey, "QD-003", lambda s: s.state is LIVE)
        await eventually_async(lambda: _truth(rtsp.opened["/ok/9"] == 1), within=20)
        assert [key async for key in valkey.scan_iter(keys.lease(2))] == []


async def test_a_stale_workers_word_is_neither_stored_nor_heard(valkey: Redis) -> None:
    reports: list[tuple[str, str]] = []

    async def report(state: str, detail: str) -> None:
        reports.append((state, detail))

    clock = ManualClock()
    holder, stale = StatusTeller(report, clock), StatusTeller(report, clock)
    city = {"QD-001"}
    await holder.tell(valkey, {1: status(1)}, {1: 7}, city)
    async with valkey.pubsub() as channel:
        await channel.subscribe(keys.EVENTS)
        await channel.get_message(timeout=5)
        await stale.tell(valkey, {1: status(1, CameraState.OFFLINE)}, {1: 6}, city)
        assert await channel.get_message(ignore_subscribe_messages=True, timeout=0.3) is None
        await holder.tell(valkey, {1: status(1, CameraState.FROZEN)}, {1: 7}, city)
        assert await channel.get_message(ignore_subscribe_messages=True, timeout=5) is not None
    assert (await read_statuses(valkey, clock=clock))["QD-001"].state is CameraState.FROZEN


async def test_the_lamp_counts_the_cameras_of_all_workers(valkey: Redis) -> None:
    reports: list[tuple[str, str]] = []

    async def report(state: str, detail: str) -> None:
        reports.append((state, detail))

    clock, city = ManualClock(), {"QD-001", "QD-002"}
    await StatusTeller(report, clock).tell(valkey, {1: status(1)}, {1: 1}, city)
    await StatusTeller(report, clock).tell(valkey, {2: status(2, CameraState.OFFLINE)}, {2: 2}, city)
    assert reports == [("live", "1/1"), ("live", "1/2")]


async def test_a_close_look_gets_the_main_stream_and_a_latecomer_its_beginning(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras
) -> None:
    main, sub = rtsp.url(number=10), rtsp.url(number=11)
    wish = {1: Wish({BY_NAME["320x180"]: 5.0}, focus=True)}
    async with valkey.pubsub() as channel, capturing([address(1, main, sub)], valkey_url):
        await channel.subscribe(keys.focus(1))
        await status_when(valkey, "QD-001", lambda s: s.state is LIVE)
        await demand.renew(valkey, "test", wish, changed=True)
        kinds = [(await next_message(channel)).kind for _ in range(3)]
        assert kinds[:2] == [FocusKind.INIT, FocusKind.KEY]
        assert rtsp.opened == {"/ok/10": 1, "/ok/11": 1}
        await valkey.publish(keys.FOCUS_ASK, "1")

        async def begun_again() -> bool:
            return (await next_message(channel)).kind is FocusKind.INIT

        await eventually_async(begun_again, within=20)


async def test_a_close_look_that_cannot_be_had_is_told_why(valkey: Redis, valkey_url: str, rtsp: FakeCameras) -> None:
    cameras = [address(1, rtsp.url(Fault.HEVC), rtsp.url(number=11)), address(2, rtsp.url(Fault.MISSING), rtsp.url())]
    async with valkey.pubsub() as channel, capturing(cameras, valkey_url):
        await channel.subscribe(keys.focus(1), keys.focus(2))
        for camera_id in ("QD-001", "QD-002"):
            await status_when(valkey, camera_id, lambda s: s.state is LIVE)
        await demand.renew(valkey, "test", {1: Wish(focus=True), 2: Wish(focus=True)}, changed=True)
        told = {(await next_message(channel)).payload for _ in range(2)}
    assert told == {b"codec", b"not_found"}


async def next_message(channel: object) -> FocusMessage:
    while True:
        message = await channel.get_message(ignore_subscribe_messages=True, timeout=20)  # type: ignore[attr-defined]
        if message is not None:
            return FocusMessage.unpack(message["data"])


async def _is(asked: object, wanted: object) -> bool:
    return await asked == wanted  # type: ignore[misc]


async def _truth(value: object) -> object:
    return value


async def test_a_worker_short_of_time_says_so_and_slows_what_nobody_needs_first(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras
) -> None:
    cameras = [address(1, rtsp.url()), address(2, rtsp.url(number=2))]
    size = BY_NAME["320x180"]
    wishes = {1: Wish({size: 10.0}), 2: Wish({size: 10.0}, first=True)}
    async with capturing(cameras, valkey_url, budget_cores=0.001) as service:
        await demand.renew(valkey, "test", wishes, changed=True)

        async def told(step: int) -> bool:
            await demand.renew(valkey, "test", wishes, changed=False)
            return any(known.shed >= step for known in await fleet.alive(valkey))

        await eventually_async(lambda: told(3), within=40)
        units = [service._team.unit(number) for number in (1, 2)]
        rates = [unit._watch.maker.wanted[size] for unit in units if unit is not None]
    assert rates[0] == 0.5
    assert rates[1] >= 2.0
