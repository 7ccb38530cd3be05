"""The demo city's streets: films for its cameras, played by a real RTSP server where one is installed.

And the ONVIF side of the cameras that turn.
"""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path

from demo.streams import StreetsClosed, serve_streets
from demo.turning_streets import serve_turning
from runtime.settings import Settings
from runtime.supervision import run_until_stopped

TROUBLE = (StreetsClosed,)


def run(settings: Settings, _arguments: Namespace) -> int:
    """Until told to stop."""
    run_until_stopped(lambda stop: _serve(settings.data_dir, stop))
    return 0


async def _serve(data_dir: Path, stop: asyncio.Event) -> None:
    """Both servers; the first that ends by itself ends the role, and is told.

    Raises:
        StreetsClosed: the RTSP server ended by itself.
        OSError: a port is taken, or a folder cannot be written.
    """
    turning = asyncio.create_task(serve_turning(data_dir, stop))
    streets = asyncio.create_task(serve_streets(data_dir, stop))
    await asyncio.wait((turning, streets), return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    await asyncio.gather(turning, streets)
