"""Turning a camera from several web processes: one holder, rank, release, and no camera left moving."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from domain.camera import Camera, Preset
from domain.roles import Identity, Role
from domain.turning import Act, Motion, TurnCommand, TurnRefusal, TurnRefused
from tests.fakes.onvif_device import PASSWORD, USER, FakeDevice, Fault, onvif_device
from tests.hand_clock import HandClock
from tests.video.made import camera
from tests.waiting import eventually_async
from video import keys
from video.onvif import turner
from video.onvif.executor import TurnExecutor
from video.ptz import PtzDesk

SUPERVISOR = Identity("supervisor", "督察员", Role.SUPERVISOR)
OTHER = Identity("other", "另一位督察员", Role.SUPERVISOR)
OFFICER = Identity("officer", "值班员", Role.DUTY_OFFICER)
LEFT = TurnCommand(act=Act.MOVE, motion=Motion(pan=-1.0))
HOLD, KEEP, STOP, RELEASE = (TurnCommand(act=act) for act in (Act.HOLD, Act.KEEP, Act.STOP, Act.RELEASE))
PTZ = replace(camera(7), ptz=True, shared=False, presets=(Preset(token="2", name="旧名", bearing=90, fov=40),))


@dataclass
class Hall:
    """Two web processes' desks, one device whose time is moved by hand, and as many executors as started."""

    device: FakeDevice
    seconds: HandClock
    here: PtzDesk
    there: PtzDesk
    address: str


@pytest.fixture
async def hall(valkey: Redis, valkey_url: str) -> AsyncIterator[Hall]:
    """With one executor listening."""
    async with two_webs(valkey_url) as hall, executor(valkey, valkey_url, hall):
        yield hall


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page may be silent for long here: on a busy machine it is, and only one test is about that."""
    monkeypatch.setattr(turner, "SILENT_SECONDS", 60.0)
    monkeypatch.setattr(turner, "REPEAT_SECONDS", 60.0)


@asynccontextmanager
async def two_webs(url: str) -> AsyncIterator[Hall]:
    clock = HandClock()
    first, second = Redis.from_url(url), Redis.from_url(url)
    async with onvif_device(monotonic=clock.monotonic) as device:
        desks = (PtzDesk(redis, now=clock.now) for redis in (first, second))
        yield Hall(device, clock, *desks, address=device.address)
    await first.aclose()
    await second.aclose()


@asynccontextmanager
async def executor(valkey: Redis, url: str, hall: Hall) -> AsyncIterator[None]:
    """A running executor."""
    redis = Redis.from_url(url)

    def address_of(camera_id: str) -> SecretStr | None:
        return SecretStr(hall.address) if camera_id == PTZ.camera_id else None

    before = dict(await valkey.pubsub_numsub(keys.TURN_REQUESTS))[keys.TURN_REQUESTS.encode()]
    stop = asyncio.Event()
    task = asyncio.create_task(TurnExecutor(redis, address_of).run(stop))

    async def listening() -> bool:
        return dict(await valkey.pubsub_numsub(keys.TURN_REQUESTS))[keys.TURN_REQUESTS.encode()] > before

    await eventually_async(listening, within=20)
    yield
    stop.set()
    await task
    await redis.aclose()


async def refused(desk: PtzDesk, who: Identity, command: TurnCommand, what: Camera = PTZ) -> TurnRefused:
    with pytest.raises(TurnRefused) as caught:
        await desk.command(what, who, command)
    return caught.value


def moving(device: FakeDevice) -> bool:
    return device.camera.moving(device.monotonic())


async def stands(device: FakeDevice) -> None:
    async def still() -> bool:
        return not moving(device)

    await eventually_async(still, within=20)


async def test_a_camera_turns_while_the_key_is_down_and_stops_when_it_is_up(hall: Hall) -> None:
    done = await hall.here.command(PTZ, SUPERVISOR, LEFT)
    assert moving(hall.device)
    assert done.new
    assert done.holder is not None
    assert done.holder.name == "supervisor"
    hall.seconds.forward(seconds=1)
    await hall.here.command(PTZ, SUPERVISOR, STOP)
    assert not moving(hall.device)
    assert hall.device.camera.place[0] < 0


async def test_a_camera_stops_when_its_page_falls_silent(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turner, "SILENT_SECONDS", 0.3)
    await hall.here.command(PTZ, SUPERVISOR, LEFT)
    await stands(hall.device)
    assert hall.device.camera.stops == 1, "stopped by us, before the device does so itself"


async def test_a_camera_turns_on_for_as_long_as_the_key_is_down(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turner, "REPEAT_SECONDS", 0.1)
    await hall.here.command(PTZ, SUPERVISOR, LEFT)

    async def asked_again() -> bool:
        await hall.here.command(PTZ, SUPERVISOR, KEEP)
        return hall.device.camera.moves >= 5

    await eventually_async(asked_again, within=20)
    assert hall.device.camera.stops == 0


async def test_one_person_holds_a_camera_at_a_time_whichever_process_they_are_at(hall: Hall) -> None:
    await hall.here.command(PTZ, SUPERVISOR, HOLD)
    answer = await refused(hall.there, OTHER, LEFT)
    assert answer.code is TurnRefusal.HELD
    assert answer.holder is not None
    assert answer.holder.display_name == "督察员"
    assert not moving(hall.device)


async def test_a_higher_post_takes_over_and_the_first_holder_is_told(hall: Hall) -> None:
    await hall.here.command(PTZ, SUPERVISOR, LEFT)
    done = await hall.there.command(PTZ, OFFICER, HOLD)
    assert done.taken_from == "supervisor"
    await stands(hall.device)
    assert hall.device.camera.stops == 1
    answer = await refused(hall.here, SUPERVISOR, KEEP)
    assert (answer.code, answer.holder and answer.holder.name) == (TurnRefusal.TAKEN, "officer")


async def test_a_released_camera_is_free_at_once(hall: Hall) -> None:
    await hall.here.command(PTZ, OFFICER, HOLD)
    await hall.here.command(PTZ, OFFICER, RELEASE)
    assert await hall.there.holder(PTZ.number) is None
    assert (await hall.there.command(PTZ, OTHER, HOLD)).new


async def test_releasing_what_another_holds_changes_nothing(hall: Hall) -> None:
    await hall.here.command(PTZ, OFFICER, HOLD)
    await hall.there.command(PTZ, SUPERVISOR, RELEASE)
    held = await hall.here.holder(PTZ.number)
    assert held is not None
    assert held.name == "officer"


async def test_a_hold_without_commands_ends_by_itself_and_each_command_renews_it(hall: Hall, valkey: Redis) -> None:
    await hall.here.command(PTZ, SUPERVISOR, HOLD)
    assert 25_000 < await valkey.pttl(keys.holder(PTZ.number)) <= 30_000
    await valkey.pexpire(keys.holder(PTZ.number), 1_000)
    hall.seconds.forward(seconds=20)
    done = await hall.here.command(PTZ, SUPERVISOR, KEEP)
    assert await valkey.pttl(keys.holder(PTZ.number)) > 20_000
    assert done.holder is not None
    assert done.holder.until_ms - done.holder.since_ms == 50_000


async def test_presets_are_those_of_the_camera_with_the_bearings_of_the_catalogue(hall: Hall) -> None:
    assert await hall.there.presets(PTZ) == (
        Preset(token="1", name="全景"),
        Preset(token="2", name="路口东", bearing=90, fov=40),
    )


async def test_presets_are_called_set_and_deleted(hall: Hall) -> None:
    await hall.here.command(PTZ, SUPERVISOR, TurnCommand(act=Act.GOTO, token="2"))
    assert hall.device.camera.place == (0.5, -0.25, 0.5)
    done = await hall.here.command(PTZ, SUPERVISOR, TurnCommand(act=Act.SET, name="新位"))
    assert hall.device.camera.presets[done.token][0] == "新位"
    await hall.here.command(PTZ, SUPERVISOR, TurnCommand(act=Act.DELETE, token=done.token))
    assert done.token not in hall.device.camera.presets


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (replace(PTZ, shared=True), TurnRefusal.SHARED),
        (replace(PTZ, ptz=False), TurnRefusal.NO_PTZ),
        (replace(PTZ, camera_id="CAM-404"), TurnRefusal.NO_ADDRESS),
    ],
)
async def test_a_camera_that_is_not_ours_to_turn_is_refused_by_name(
    hall: Hall, what: Camera, code: TurnRefusal
) -> None:
    assert (await refused(hall.here, OFFICER, LEFT, what)).code is code
    assert hall.device.heard == []


async def test_a_device_that_refuses_is_told_and_asked_afresh_the_next_time(hall: Hall) -> None:
    hall.device.fault = Fault.UNAUTHORISED
    assert (await refused(hall.here, OFFICER, LEFT)).code is TurnRefusal.AUTH
    hall.device.fault = Fault.OK
    await hall.here.command(PTZ, OFFICER, LEFT)
    assert moving(hall.device)


async def test_a_new_address_is_used_without_a_restart(hall: Hall) -> None:
    hall.address = "http://127.0.0.1:9/onvif"
    assert (await refused(hall.here, OFFICER, LEFT)).code is TurnRefusal.REFUSED
    hall.address = hall.device.address
    await hall.here.command(PTZ, OFFICER, LEFT)


async def test_with_no_video_process_the_desk_is_told_at_once(valkey: Redis, valkey_url: str) -> None:
    async with two_webs(valkey_url) as hall:
        assert (await refused(hall.here, OFFICER, LEFT)).code is TurnRefusal.AWAY


async def test_of_two_video_processes_one_speaks_with_the_camera(hall: Hall, valkey: Redis, valkey_url: str) -> None:
    async with executor(valkey, valkey_url, hall):
        for _ in range(3):
            await hall.here.command(PTZ, OFFICER, LEFT)
    assert hall.device.camera.moves == 3


async def test_a_video_process_that_ends_leaves_no_camera_moving(valkey: Redis, valkey_url: str) -> None:
    async with two_webs(valkey_url) as hall:
        async with executor(valkey, valkey_url, hall):
            await hall.here.command(PTZ, OFFICER, LEFT)
            assert moving(hall.device)
        assert not moving(hall.device)
        assert hall.device.camera.stops == 1


async def test_the_view_a_camera_was_turned_to_is_known_until_it_is_moved_on(hall: Hall, valkey: Redis) -> None:
    assert await hall.there.view(PTZ) == ""
    await hall.here.command(PTZ, SUPERVISOR, TurnCommand(act=Act.GOTO, token="2"))
    assert await hall.there.view(PTZ) == "旧名"
    await hall.here.command(PTZ, SUPERVISOR, LEFT)
    assert await hall.there.view(PTZ) == ""


async def test_whoever_judges_the_picture_hears_that_it_turns(hall: Hall, valkey: Redis) -> None:
    async with valkey.pubsub() as channel:
        await channel.subscribe(keys.TURNED)
        await hall.here.command(PTZ, OFFICER, LEFT)

        async def told() -> bytes | None:
            message = await channel.get_message(ignore_subscribe_messages=True, timeout=0.1)
            return message["data"] if message else None

        assert await eventually_async(told, within=20) == b"7"


async def test_no_password_travels_over_redis(hall: Hall, valkey: Redis) -> None:
    heard = []
    async with valkey.pubsub() as channel:
        await channel.psubscribe("*")
        await hall.here.command(PTZ, OFFICER, LEFT)
        await hall.here.presets(PTZ)
        while (message := await channel.get_message(timeout=0.2)) is not None:
            heard.append(str(message["data"]))
    stored = [await valkey.hgetall(keys.holder(PTZ.number)), await valkey.get(keys.turner(PTZ.number))]
    assert any("move" in text for text in heard)
    assert PASSWORD not in str(heard) + str(stored)
    assert USER not in str(heard) + str(stored)
