"""The demo's turning cameras by number: where each takes commands, and the server behind that."""

from __future__ import annotations

import asyncio
import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from demo.clips import MAIN, SUB
from demo.onvif_server import TurningCameras
from demo.ports import kept_port
from demo.turning import Place, Turning

PORT_FILE = "turning-port"
FIRST_PORT = 8654
_SIZES = (MAIN.width, MAIN.height), (SUB.width, SUB.height)


def command_url(data_dir: Path, number: int) -> str:
    """Where demo camera `number` takes commands."""
    return f"http://127.0.0.1:{kept_port(data_dir / PORT_FILE, FIRST_PORT)}/onvif/{number}"


async def serve_turning(data_dir: Path, stop: asyncio.Event) -> None:
    """Answer for the turning cameras of the city in the data folder, until `stop`.

    Raises:
        OSError: the port is taken, or the city folder cannot be read.
    """
    folder = data_dir / "city"
    cameras = await asyncio.to_thread(lambda: dict(_cameras(folder)))
    street = TurningCameras(cameras=cameras)
    await street.open(kept_port(data_dir / PORT_FILE, FIRST_PORT))
    try:
        await stop.wait()
    finally:
        street.close()


def _cameras(folder: Path) -> Iterator[tuple[int, Turning]]:
    presets = _presets(folder / "presets.csv")
    for row in _rows(folder / "cameras.csv"):
        if row["ptz"] == "1":
            urls = row["main_url"], row["sub_url"]
            yield int(row["number"]), Turning(urls, _SIZES, presets=presets[row["camera_id"]])


def _presets(file: Path) -> Mapping[str, dict[str, tuple[str, Place]]]:
    """By camera id; each view a quarter of the range on."""
    found: dict[str, dict[str, tuple[str, Place]]] = defaultdict(dict)
    for row in _rows(file):
        views = found[row["camera_id"]]
        views[row["token"]] = (row["name"], (len(views) * 0.5 - 1.0 if views else 0.0, 0.0, 0.0))
    return found


def _rows(file: Path) -> list[dict[str, str]]:
    """None of a file that a city made by an older program does not have."""
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
