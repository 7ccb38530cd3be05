"""Where the demo cameras' pictures come from, with a real RTSP server where one is installed."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from redis.asyncio import Redis

from demo import ports, streams
from demo.clips import CIF, MAIN, SUB
from demo.streams import FAULTS, Fault, StreetsClosed, camera_urls, films_folder, rtsp_installed, serve_streets
from domain.camera import CameraError, CameraState
from tests.short_films import make_short_films
from tests.video.hall import capturing, status_when
from tests.video.made import address
from video.probe import probe

SERVER = pytest.mark.skipif(
    not rtsp_installed() and not os.environ.get("CI"),  # where CI runs, a missing server fails
    reason="no GStreamer RTSP server (gir1.2-gst-rtsp-server-1.0) under the system's Python",
)
BASE = "rtsp://127.0.0.1:8554"


def test_every_camera_has_two_streams_of_one_film() -> None:
    for number in range(1, 102):
        main, small = (streams.stream_url(BASE, number, stream) for stream in (MAIN.name, SUB.name))
        assert main.endswith(f"?camera={number}")
        if number not in FAULTS:
            assert main.replace("/main", "/sub") == small


def test_own_cameras_send_the_larger_small_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "rtsp_installed", lambda: True)
    assert SUB.name in camera_urls(tmp_path, 1)[1]
    assert CIF.name in camera_urls(tmp_path, 101)[1]
    assert camera_urls(tmp_path, 1) == camera_urls(tmp_path, 1)  # the port is chosen once


def test_without_a_server_the_films_are_read_as_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "rtsp_installed", lambda: False)
    main, small = camera_urls(tmp_path, 40)
    assert main.startswith(films_folder(tmp_path).as_uri())
    assert (main.endswith(".mp4"), small.endswith(".mp4")) == (True, True)
    broken = [number for number in FAULTS if "missing" in camera_urls(tmp_path, number)[0]]
    assert sorted(set(FAULTS) - set(broken)) == [58, 66, 90]  # frozen, black and covered have films of their own


def test_the_four_cameras_of_the_wall_show_four_streets() -> None:
    first_own_of_each_district = (1, 12, 20, 25)
    assert len({streams.stream_url(BASE, number, "main").split("?")[0] for number in first_own_of_each_district}) == 4


def test_a_few_cameras_fail_each_in_its_own_way() -> None:
    assert set(FAULTS.values()) == set(Fault)
    assert not set(FAULTS) & {1, 12, 20, 25}


def test_a_taken_port_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    begin = ports.kept_port(tmp_path / "elsewhere" / "port", 8554)
    (tmp_path / "elsewhere" / "port").unlink()
    taken = {begin, begin + 3}
    monkeypatch.setattr(ports, "_free", lambda port: port not in taken)
    assert ports.kept_port(tmp_path / "elsewhere" / "port", 8554) == begin + 4
    taken.add(begin + 4)
    assert ports.kept_port(tmp_path / "elsewhere" / "port", 8554) == begin + 4  # chosen once


def test_halls_in_two_folders_begin_to_look_at_different_ports(tmp_path: Path) -> None:
    assert len({ports.kept_port(tmp_path / str(hall) / "port", 8554) for hall in range(8)}) > 4


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with short films."""
    folder = tmp_path_factory.mktemp("hall")
    make_short_films(films_folder(folder))
    return folder


@SERVER
async def test_the_real_server_plays_fails_as_it_should_and_comes_back(
    data_dir: Path, valkey: Redis, valkey_url: str
) -> None:
    numbers = [1, *FAULTS]
    cameras = [address(number, camera_urls(data_dir, number)[1]) for number in numbers]
    async with capturing(cameras, valkey_url):
        stop = asyncio.Event()
        serving = asyncio.create_task(serve_streets(data_dir, stop))
        await status_when(valkey, "QD-001", lambda s: s.state is CameraState.LIVE, within=60)
        reasons = {
            17: CameraError.NOT_FOUND,
            29: CameraError.REFUSED,
            74: CameraError.AUTH,
        }
        for number, reason in reasons.items():
            assert await probe(camera_urls(data_dir, number)[1]) is reason
        await status_when(valkey, "QD-058", lambda s: s.state is CameraState.FROZEN, within=60)
        stop.set()
        await serving
        await status_when(valkey, "QD-001", lambda s: s.error is CameraError.REFUSED, within=30)
        again = asyncio.Event()
        serving = asyncio.create_task(serve_streets(data_dir, again))
        await status_when(valkey, "QD-001", lambda s: s.state is CameraState.LIVE and s.error is None, within=60)
        again.set()
        await serving


@SERVER
async def test_a_server_that_cannot_start_says_why(data_dir: Path) -> None:
    port = streams._port(data_dir)
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", port + 1)
    async with taken:
        with pytest.raises(StreetsClosed, match="in use"):
            await asyncio.wait_for(serve_streets(data_dir, asyncio.Event()), 60)
