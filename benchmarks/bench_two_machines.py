"""Two machines' worth on one: two capture and two web processes around one outside Redis. One of each is killed.

36 fake cameras. Who holds which camera is read from the leases, what people see from a reader on each web process:
how long the longest gap of any camera was after the kill.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench_tiles import valkey
from camera_hall import CIF, prepared, street
from measured import ROOT, arguments, report
from redis.asyncio import Redis
from websockets.asyncio.client import connect

from runtime.net import answers, free_port
from tests.hall_process import HallProcess
from tests.waiting import eventually, eventually_async
from video import keys
from video.wire import Kind, entries

CAMERAS = 36


@contextmanager
def role(name: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """One role as a process of its own."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), name], env={**os.environ, **environment}, stderr=None
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def web(environment: Mapping[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A web process on a port of its own, and its address."""
    port = free_port("127.0.0.1")
    with role("web", {**environment, "CITYWALL_PORT": str(port)}) as process:
        eventually(lambda: answers("127.0.0.1", port, "/healthz"), within=60)
        yield process, f"http://127.0.0.1:{port}"


class Reader:
    """Somebody with all cameras open: the last moment of each, and the longest gap since `forget`."""

    def __init__(self, base: str, data_dir: Path) -> None:
        with HallProcess(None, data_dir, [base]).signed_in("bench") as client:  # type: ignore[arg-type]
            self._cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        self._base = base
        self._last: dict[int, float] = {}
        self.gap: dict[int, float] = {}

    def forget(self) -> None:
        self.gap = {}

    @property
    def cameras(self) -> int:
        return len(self._last)

    async def read(self) -> None:
        address, headers = self._base.replace("http", "ws") + "/ws/video", {"Cookie": self._cookies}
        async with connect(address, additional_headers=headers, origin=self._base, max_size=None) as socket:
            wishes = [{"cam": number, "size": "320x180", "fps": 5} for number in range(1, CAMERAS + 1)]
            await socket.send(json.dumps({"sub": wishes}))
            batches = 0
            async for message in socket:
                if isinstance(message, bytes):
                    batches += 1
                    self._take(message, time.monotonic())
                    await socket.send(json.dumps({"ack": batches}))

    def _take(self, batch: bytes, at: float) -> None:
        for number, kind, _, _ in entries(batch):
            if kind is Kind.TILE:
                self.gap[number] = max(self.gap.get(number, 0.0), at - self._last.get(number, at))
                self._last[number] = at


async def _holders(redis: Redis) -> Counter[str]:
    found = await redis.mget([keys.lease(number) for number in range(1, CAMERAS + 1)])
    return Counter("nobody" if one is None else one.decode().split()[0] for one in found)


def _shares(holders: Counter[str]) -> str:
    return " + ".join(str(count) for _, count in sorted(holders.items()))


async def _measure(folder: Path, redis_url: str, addresses: list[tuple[str, str]], seconds: float) -> list[str]:
    environment = {"CITYWALL_DEMO": "false", "CITYWALL_REDIS_URL": redis_url}
    environment["CITYWALL_DATA_DIR"] = str(prepared(folder, addresses, **environment))
    lines, redis = [], Redis.from_url(redis_url)
    with ExitStack() as stack:
        stack.enter_context(role("live", environment))
        capture = [stack.enter_context(role("video", environment)) for _ in range(2)]
        (killed, first), (_, second) = (stack.enter_context(web(environment)) for _ in range(2))
        readers = [Reader(base, folder / "hall") for base in (first, second)]
        reading = [asyncio.create_task(reader.read()) for reader in readers]
        await _until_all(readers, reading)
        await asyncio.sleep(seconds)
        lines.append(f"- shares of {CAMERAS} cameras: {_shares(await _holders(redis))}")
        await _forget(readers, 5)
        lines.append(f"- longest gap while all is well: {_gap(readers[1]):.1f} s")
        capture[0].kill()
        await _forget(readers, seconds)
        lines.append(f"- one capture process killed: longest gap of any camera {_gap(readers[1]):.1f} s (goal 10 s)")
        lines.append(f"- shares after it: {_shares(await _holders(redis))}")
        stack.enter_context(role("video", environment))
        await _forget(readers, seconds)
        shares = _shares(await _holders(redis))
        lines.append(f"- a capture process comes back: shares {shares}, longest gap {_gap(readers[1]):.1f} s")
        killed.kill()
        await _forget(readers[1:], seconds)
        lines.append(f"- one web process killed: longest gap at the other one's reader {_gap(readers[1]):.1f} s")
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
    await redis.aclose()
    return lines


async def _until_all(readers: list[Reader], reading: list[asyncio.Task[None]]) -> None:
    async def all_there() -> bool:
        for task in reading:
            if task.done():
                task.result()
        return all(reader.cameras == CAMERAS for reader in readers)

    await eventually_async(all_there, within=60)


async def _forget(readers: list[Reader], seconds: float) -> None:
    for reader in readers:
        reader.forget()
    await asyncio.sleep(seconds)


def _gap(reader: Reader) -> float:
    return max(reader.gap.values())


def main() -> None:
    given = arguments(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder, street(CIF) as cameras, valkey() as redis_url:
        addresses = [(cameras.url(number), "") for number in range(1, CAMERAS + 1)]
        lines = asyncio.run(_measure(Path(folder), redis_url, addresses, 15.0 if given.quick else 25.0))
    report("Two capture and two web processes", lines, save=given.save)


if __name__ == "__main__":
    main()
