"""All 101 cameras as tiles at once, five a second each: does anything get stuck, and what does it cost?

A whole hall that may use both cores, 101 fake cameras of 352 × 288, one reader that takes and acknowledges every batch
as a browser does. Late: a tile older than a second when it is read. Stuck: a camera from which nothing came for three
seconds. Memory is noted before, when the minute of packets that is kept of every shown camera is full, and at the end.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from camera_hall import CIF, camera_hall, share, spent, street
from measured import arguments, percentiles, report
from websockets.asyncio.client import connect

from tests.hall_process import HallProcess
from video.packet_ring import KEEP_MS
from video.tile import Tile
from video.wire import Kind, entries

CAMERAS = 101
RATE = 5
SIZE = "320x180"
STUCK_SECONDS = 3.0
FULL_SECONDS = 120.0


@dataclass
class Seen:
    """What a reader saw."""

    tiles: Counter[int] = field(default_factory=Counter)
    ages: list[float] = field(default_factory=list)
    last: dict[int, float] = field(default_factory=dict)
    longest: dict[int, float] = field(default_factory=dict)

    def take(self, number: int, tile: Tile, at: float) -> None:
        self.tiles[number] += 1
        self.ages.append(time.time() * 1000 - tile.captured_ms)
        self.longest[number] = max(self.longest.get(number, 0.0), at - self.last.get(number, at))
        self.last[number] = at


async def _read(hall: HallProcess, seconds: float, *, full: Callable[[], None] = lambda: None) -> Seen:
    """`full` is called when the kept minute of packets has been full for a while."""
    with hall.signed_in("bench") as client:
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    address = hall.base.replace("http", "ws") + "/ws/video"
    async with connect(address, additional_headers={"Cookie": cookies}, origin=hall.base, max_size=None) as socket:
        wishes = [{"cam": number, "size": SIZE, "fps": RATE} for number in range(1, CAMERAS + 1)]
        for begin in range(0, CAMERAS, 50):
            await socket.send(json.dumps({"sub": wishes[begin : begin + 50]}))
        seen, batches, end, due = Seen(), 0, time.monotonic() + seconds, time.monotonic() + min(seconds, FULL_SECONDS)
        while time.monotonic() < end:
            if time.monotonic() > due:
                due = end
                full()
            message = await socket.recv()
            if isinstance(message, bytes):
                batches += 1
                for number, kind, _, payload in entries(message):
                    if kind is Kind.TILE:
                        seen.take(number, Tile.unpack(payload), time.monotonic())
                await socket.send(json.dumps({"ack": batches}))
    return seen


async def _measure(hall: HallProcess, seconds: float) -> list[str]:
    await _read(hall, 10)
    roles = hall.roles()
    before, memory = spent(roles.values()), {name: role.memory_info().rss for name, role in roles.items()}
    minute: dict[str, int] = {}
    seen = await _read(hall, seconds, full=lambda: minute.update({n: r.memory_info().rss for n, r in roles.items()}))
    costs = {name: share({role.pid: before[role.pid]}, spent([role]), seconds) for name, role in roles.items()}
    half, high, _ = percentiles(seen.ages)
    rates = sorted(seen.tiles[number] / seconds for number in range(1, CAMERAS + 1))
    late = sum(age > 1000 for age in seen.ages)
    stuck = [number for number in range(1, CAMERAS + 1) if seen.longest.get(number, seconds) > STUCK_SECONDS]
    lines = [
        f"- {CAMERAS} tiles of {SIZE}, {RATE} a second asked, {seconds:.0f} s: {sum(seen.tiles.values()):,} tiles",
        f"- a second each: median {rates[len(rates) // 2]:.2f}, least {rates[0]:.2f}",
        f"- age when read: median {half:.0f} ms, 95th percentile {high:.0f} ms; older than a second: {late}",
        f"- longest gap of any camera {max(seen.longest.values()):.1f} s; stuck: {len(stuck)}",
    ]
    for name, role in roles.items():
        steps = (memory[name], minute.get(name, memory[name]), role.memory_info().rss)
        lines.append(f"- {name}: {costs[name]:.1f} % of a core, {' → '.join(f'{one / 2**20:.0f}' for one in steps)} MB")
    return [
        *lines,
        f"- packets of a minute: {_minute(hall):.0f} MB",
        f"- all roles: {sum(costs.values()):.1f} % of a core",
    ]


def _minute(hall: HallProcess) -> float:
    """Megabytes that all cameras together send in the minute that is kept."""
    with hall.signed_in("bench") as client:
        cameras = client.get("/api/v1/cameras").json()["cameras"]
    return sum(camera["kbps"] for camera in cameras) * 1000 / 8 * KEEP_MS / 1000 / 2**20


def main() -> None:
    given = arguments(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder, street(CIF) as cameras:
        addresses = [(cameras.url(number), "") for number in range(1, CAMERAS + 1)]
        with camera_hall(Path(folder), addresses, CITYWALL_VIDEO_CORES="2") as hall:
            lines = asyncio.run(_measure(hall, 10.0 if given.quick else 600.0))
    report("All cameras as tiles", lines, save=given.save)


if __name__ == "__main__":
    main()
