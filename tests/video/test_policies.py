"""Shared cameras by policy, against real sockets: opened when looked at, for a glimpse, or always."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from domain.camera import CameraError, CameraPolicy, CameraState, CameraStatus
from roles.video import pulled
from tests.fakes.rtsp_camera import FakeCameras, Fault
from tests.video.hall import capturing, status_when
from tests.video.made import address
from tests.waiting import eventually_async
from video import demand, keys, opening
from video.address import CameraAddress
from video.demand import Wish
from video.ladder import BY_NAME
from video.tile import Tile

SIZE = BY_NAME["320x180"]
IDLE, LIVE, OFFLINE = CameraState.IDLE, CameraState.LIVE, CameraState.OFFLINE


def by_policy(number: int, url: str, policy: CameraPolicy) -> CameraAddress:
    plain = address(number, url)
    return replace(plain, camera=replace(plain.camera, shared=True, policy=policy))


def is_state(state: CameraState) -> Callable[[CameraStatus], bool]:
    return lambda status: status.state is state


async def look(valkey: Redis, *numbers: int) -> None:
    await demand.renew(valkey, "test", {number: Wish({SIZE: 5.0}) for number in numbers}, changed=True)


async def test_a_camera_on_demand_is_idle_until_somebody_looks_and_again_a_while_after(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LINGER_SECONDS", 1.0)
    async with capturing([by_policy(1, rtsp.url(), CameraPolicy.ON_DEMAND)], valkey_url):
        idle = await status_when(valkey, "QD-001", is_state(IDLE))
        assert (idle.error, idle.last_frame_at, rtsp.opened["/ok/1"]) == (None, None, 0)
        await look(valkey, 1)
        await status_when(valkey, "QD-001", is_state(LIVE))
        await look(valkey)
        after = await status_when(valkey, "QD-001", is_state(IDLE))
        assert after.last_frame_at is not None
        assert after.error is None
        await look(valkey, 1)
        back = await status_when(valkey, "QD-001", is_state(LIVE))
    assert rtsp.opened["/ok/1"] == 2
    assert back.reconnects == 0  # opened anew, not lost


async def test_a_camera_on_demand_that_does_not_answer_is_offline_only_while_looked_at(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LINGER_SECONDS", 1.0)
    async with capturing([by_policy(1, rtsp.url(Fault.MISSING), CameraPolicy.ON_DEMAND)], valkey_url):
        await status_when(valkey, "QD-001", is_state(IDLE))
        await look(valkey, 1)
        lost = await status_when(valkey, "QD-001", is_state(OFFLINE))
        assert lost.error is CameraError.NOT_FOUND
        await look(valkey)
        assert (await status_when(valkey, "QD-001", is_state(IDLE))).error is None


async def test_a_snapshot_camera_shows_a_picture_a_minute_and_is_pulled_while_looked_at(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "GLIMPSE_EVERY_SECONDS", 1.0)
    async with capturing([by_policy(1, rtsp.url(), CameraPolicy.SNAPSHOT)], valkey_url):
        await eventually_async(lambda: valkey.exists(keys.thumbnail(1)), within=20)
        first = Tile.unpack(await valkey.get(keys.thumbnail(1)))
        assert keys.THUMBNAIL_TTL_SECONDS < await valkey.ttl(keys.thumbnail(1)) <= keys.GLIMPSE_TTL_SECONDS

        async def renewed() -> bool:
            return Tile.unpack(await valkey.get(keys.thumbnail(1))).captured_ms > first.captured_ms

        await eventually_async(renewed, within=20)
        assert rtsp.opened["/ok/1"] >= 2
        glimpsed = await status_when(valkey, "QD-001", lambda s: s.state is IDLE and s.last_frame_at is not None)
        assert glimpsed.error is None
        await look(valkey, 1)
        await status_when(valkey, "QD-001", is_state(LIVE))


async def test_a_glimpse_that_fails_is_told_with_its_reason(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "GLIMPSE_LIMIT_SECONDS", 1.0)
    async with capturing([by_policy(1, rtsp.url(Fault.MISSING), CameraPolicy.SNAPSHOT)], valkey_url):
        missed = await status_when(valkey, "QD-001", is_state(OFFLINE))
    assert missed.error is CameraError.NOT_FOUND


async def test_cameras_not_switched_on_do_not_darken_the_lamp(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras
) -> None:
    said: list[tuple[str, str]] = []

    async def report(state: str, detail: str) -> None:
        said.append((state, detail))

    async def told() -> bool:
        return ("live", "1/1 (1 idle)") in said

    cameras = [address(1, rtsp.url()), by_policy(2, rtsp.url(number=2), CameraPolicy.ON_DEMAND)]
    async with capturing(cameras, valkey_url, report=report):
        await eventually_async(told, within=20)


@pytest.mark.parametrize(
    ("shared", "own", "pulled_as"),
    [
        (True, CameraPolicy.ALWAYS, CameraPolicy.ON_DEMAND),
        (True, CameraPolicy.SNAPSHOT, CameraPolicy.SNAPSHOT),
        (False, CameraPolicy.ALWAYS, CameraPolicy.ALWAYS),
    ],
)
def test_the_hall_s_rule_is_for_shared_cameras_that_ask_for_nothing_else(
    shared: bool, own: CameraPolicy, pulled_as: CameraPolicy
) -> None:
    camera = replace(address(1, "rtsp://h/1").camera, shared=shared, policy=own)
    assert pulled(camera, CameraPolicy.ON_DEMAND).policy is pulled_as
