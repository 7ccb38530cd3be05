"""The picture and clock checks inside a running capture process, and what they learned on its way through Redis."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from redis.asyncio import Redis

from domain.camera import CameraCondition, CameraState
from tests.fakes.clock import ManualClock
from tests.fakes.rtsp_camera import FakeCameras, Fault
from tests.video.hall import capturing, status_when
from tests.video.made import address
from tests.video.watched import EVERY_SECONDS, Watched, pushed, small, street
from video import clock_check, keys
from video.checks import picture
from video.checks.keeper import SAVE_EVERY_SECONDS, BaselineKeeper
from video.checks.picture import PictureChecks
from video.checks.switches import switched_off
from video.picture import health_luma

STREET = street()


def dark_film(path: Path) -> Path:
    """Four seconds of a covered lens at night: black as cameras code it, with a sensor's faint noise."""
    rng = np.random.default_rng(2)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"x264-params": "keyint=10:min-keyint=10:scenecut=0"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for _ in range(40):
            noise = np.clip(rng.normal(2, 1.5, (180, 320, 3)), 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noise, format="rgb24")))
        container.mux(stream.encode(None))
    return path


async def test_a_black_picture_is_told_while_the_camera_stays_live(
    valkey: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "_ON_SECONDS", 1.0)
    film = dark_film(tmp_path / "dark.mp4")
    async with capturing([address(1, film.as_uri())], valkey_url):
        status = await status_when(valkey, "QD-001", lambda said: bool(said.conditions), within=30)
    assert status.conditions == (CameraCondition.BLACK,)
    assert status.state is CameraState.LIVE


async def test_a_camera_whose_clock_is_minutes_off_says_so_and_by_how_much(
    valkey: Redis, valkey_url: str, rtsp: FakeCameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_check, "FIRST_WITHIN_SECONDS", 0.0)
    monkeypatch.setattr(clock_check, "CONFIRM_SECONDS", 0.0)
    url = rtsp.url(Fault.OK, 41)
    rtsp.set_clock(url, 400.0)
    async with capturing([address(1, url)], valkey_url):
        status = await status_when(valkey, "QD-001", lambda said: bool(said.conditions), within=30)
    assert status.conditions == (CameraCondition.WRONG_CLOCK,)
    assert status.drift_seconds == pytest.approx(400, abs=10)


@pytest.mark.parametrize(("name", "range_"), [("yuv420p", 1), ("yuvj420p", 2), ("yuv420p", 2)])
def test_black_is_black_whatever_range_a_camera_codes_in(name: str, range_: int) -> None:
    black, white = (16, 235) if range_ == 1 else (0, 255)
    for coded, seen in ((black, 0), (white, 255)):
        frame = av.VideoFrame(320, 180, name)
        frame.color_range = range_
        for plane in frame.planes:
            plane.update(bytes([coded]) * plane.buffer_size)
        assert int(np.median(health_luma(frame))) == seen


class Kept:
    """A keeper over the checks of one camera, and a clock moved by hand."""

    def __init__(self, redis: Redis, checks: PictureChecks) -> None:
        self.held = {7: checks}
        self.clock = ManualClock()
        self.keeper = BaselineKeeper(lambda: self.held, self.clock)
        self.redis = redis

    async def turn(self, after: float = 0.0) -> None:
        self.clock.forward(seconds=after)
        await self.keeper.run_once(self.redis)


async def test_another_worker_goes_on_with_what_the_first_one_learned(valkey: Redis) -> None:
    first = Kept(valkey, Watched(small(STREET)).checks)
    await first.turn()
    assert not await valkey.exists(keys.baseline(7))
    await first.turn(after=SAVE_EVERY_SECONDS)
    assert 0 < await valkey.ttl(keys.baseline(7)) <= keys.BASELINE_TTL_SECONDS

    second = PictureChecks()
    await Kept(valkey, second).turn()
    for index, seen in enumerate(small(STREET, pushed) * 3):
        second.see(seen, index * EVERY_SECONDS)
    assert second.conditions(72) == (CameraCondition.MOVED,)


async def test_a_camera_begun_anew_in_the_same_worker_is_given_its_baseline_again(valkey: Redis) -> None:
    kept = Kept(valkey, Watched(small(STREET)).checks)
    await kept.turn()
    await kept.turn(after=SAVE_EVERY_SECONDS)
    kept.held[7] = PictureChecks()
    await kept.turn()
    kept.held[7].see(small(STREET)[0], 0.0)
    assert kept.held[7].baseline().sharpness is not None


async def test_a_camera_that_is_to_learn_anew_is_heard_of_by_the_worker_that_holds_it(valkey: Redis) -> None:
    kept = Kept(valkey, Watched(small(STREET)).checks)
    await kept.turn()
    await valkey.sadd(keys.RELEARN, 7, 8)
    await kept.turn()
    kept.held[7].see(small(STREET)[0], 5000.0)
    assert kept.held[7].baseline().sharpness is None
    assert await valkey.smembers(keys.RELEARN) == {b"8"}


async def test_a_baseline_that_cannot_be_read_is_learned_anew(valkey: Redis, caplog: pytest.LogCaptureFixture) -> None:
    await valkey.set(keys.baseline(7), b"nonsense")
    kept = Kept(valkey, PictureChecks())
    await kept.turn()
    assert "baseline is not used" in caplog.text


def test_checks_are_switched_off_one_by_one_or_all_at_once() -> None:
    off = switched_off(("QD-001:moved", "QD-001:blurred", "QD-002"))
    assert off["QD-001"] == {CameraCondition.MOVED, CameraCondition.BLURRED}
    assert off["QD-002"] == set(CameraCondition)
    with pytest.raises(ValueError):
        switched_off(("QD-001:odd",))
