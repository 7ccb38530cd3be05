"""Trying a camera's address for the setup page, in a child process: a broken stream may take its decoder with it.

The address goes in by standard input, so that no list of processes shows it; the picture comes back in a private file.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

APP = Path(__file__).resolve().parents[1] / "app.py"
LIMIT_SECONDS = 45.0
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Tried:
    """What `citywall cameras test` found. `streams` are an ONVIF device's addresses, to be stored only."""

    told: dict[str, Any]
    jpeg: bytes = b""
    streams: dict[str, str] = field(default_factory=dict, repr=False)


class CameraTrials:
    """One a web process; a few children at once, the next waits."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    async def look(self, address: str) -> Tried:
        """Try an address; ends within `LIMIT_SECONDS`, a failure is told by its code."""
        async with self._places:
            with tempfile.TemporaryDirectory(prefix="citywall-trial-") as folder:
                picture = Path(folder) / "first.jpg"
                told = await _child(address, picture)
                jpeg = await asyncio.to_thread(_content, picture)
        streams = {name: told.pop(name) for name in ("main_url", "sub_url") if name in told}
        return Tried(told, jpeg, streams)


async def _child(address: str, picture: Path) -> dict[str, Any]:
    argv = (sys.executable, str(APP), "cameras", "test", "-", "--json", "--addresses", "--picture", str(picture))
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    child = await asyncio.create_subprocess_exec(*argv, stdin=pipe, stdout=pipe, stderr=nothing)
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            out, _ = await child.communicate(address.encode() + b"\n")
    except TimeoutError:
        return {"ok": False, "error": "timeout"}
    finally:
        with contextlib.suppress(ProcessLookupError):  # it has ended, as it should
            child.kill()
        await child.wait()
    try:
        return dict(json.loads(out))
    except ValueError:
        return {"ok": False, "error": "damaged"}


def _content(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""
