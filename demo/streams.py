"""Where the demo cameras' pictures come from, and the RTSP server that plays them where one is installed.

The server is GStreamer's, under the system's own Python. Without it the same films are read as files, and the faults
that need a server become missing files.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import subprocess
from enum import StrEnum
from functools import cache
from pathlib import Path

from demo.clips import BLACK, CIF, COVERED, FROZEN, MAIN, SUB, clip_name, make_clips
from demo.ports import kept_port
from demo.street.scenes import SCENES

SYSTEM_PYTHON = Path("/usr/bin/python3")
FIRST_PORT = 8554
OWN_CAMERAS = 31
"""Cameras up to this number are the hall's own; the others are shared and send the old small format."""
_PORT_FILE = "streets-port"
_CHECK = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
_CLOSED_PORT = 9
"""The old discard service: nobody listens there."""
_STOP_SECONDS = 5.0

log = logging.getLogger(__name__)


class Fault(StrEnum):
    """What is wrong with a demo camera."""

    WRONG_PATH = "wrong_path"
    REFUSED = "refused"
    SILENT = "silent"
    FROZEN = "frozen"
    LOCKED = "locked"
    BLACK = "black"
    COVERED = "covered"


FAULTS: dict[int, Fault] = {
    17: Fault.WRONG_PATH,
    29: Fault.REFUSED,
    43: Fault.SILENT,
    58: Fault.FROZEN,
    66: Fault.BLACK,
    74: Fault.LOCKED,
    90: Fault.COVERED,
}
"""Which cameras of the demo fail, by number: about as many as in any real city on any day."""


_FILMS = {Fault.FROZEN: FROZEN, Fault.BLACK: BLACK, Fault.COVERED: COVERED}
"""Faults whose picture comes, but is no picture of the street."""


class StreetsClosed(RuntimeError):
    """The RTSP server ended by itself; the text says with what words."""


def films_folder(data_dir: Path) -> Path:
    """Where the films lie."""
    return data_dir.resolve() / "streets"


def camera_urls(data_dir: Path, number: int) -> tuple[str, str]:
    """Main and small stream of demo camera `number`: RTSP where a server is installed, else the films as files."""
    base = f"rtsp://127.0.0.1:{_port(data_dir)}" if rtsp_installed() else films_folder(data_dir).as_uri()
    small = SUB.name if number <= OWN_CAMERAS else CIF.name
    return stream_url(base, number, MAIN.name), stream_url(base, number, small)


def stream_url(base: str, number: int, stream: str) -> str:
    """One stream of a camera under `base`, the server's address or the films' folder as a `file:` address.

    The query tells cameras apart that show the same film.
    """
    fault = FAULTS.get(number)
    film = _FILMS[fault] if fault in _FILMS else _scene(number)
    if base.startswith("file:"):
        return f"{base}/{clip_name(film, stream) if fault is None or fault in _FILMS else 'missing.mp4'}"
    host, _, port = base.rpartition(":")
    places = {
        Fault.WRONG_PATH: f"{base}/nothing/here",
        Fault.REFUSED: f"{host}:{_CLOSED_PORT}/{film}/{stream}",
        Fault.SILENT: f"{host}:{int(port) + 1}/{film}/{stream}",
        Fault.LOCKED: f"{base}/locked/sub",
    }
    place = places.get(fault) if fault else None
    return f"{place or f'{base}/{film}/{stream}'}?camera={number}"


def _scene(number: int) -> str:
    """A mixture in which cameras that stand side by side on a wall, wherever they are, seldom show the same film."""
    return SCENES[(5 * number + number // 8 + 2) % len(SCENES)].name


async def serve_streets(data_dir: Path, stop: asyncio.Event) -> None:
    """Make the films that are missing, then play them until `stop`.

    Raises:
        StreetsClosed: the server ended by itself.
        OSError: the films' folder cannot be written.
    """
    await asyncio.to_thread(make_clips, films_folder(data_dir), progress=_say_progress)
    if not rtsp_installed():
        log.info("no GStreamer RTSP server here (Debian: gir1.2-gst-rtsp-server-1.0): cameras read the films as files")
        await stop.wait()
        return
    await _serve(rtsp_command(films_folder(data_dir), _port(data_dir)), stop)


def rtsp_command(films: Path, port: int) -> list[str]:
    """The command line of the RTSP server; it uses `port` and the one after it."""
    script = Path(__file__).with_name("gst_rtsp.py")
    return [str(SYSTEM_PYTHON), str(script), "--clips", str(films), "--port", str(port)]


@cache
def rtsp_installed() -> bool:
    """Whether the system's Python has GStreamer's RTSP server."""
    if not SYSTEM_PYTHON.exists():
        return False
    done = subprocess.run([SYSTEM_PYTHON, "-c", _CHECK], capture_output=True, timeout=20, check=False)
    return done.returncode == 0


async def _serve(command: list[str], stop: asyncio.Event) -> None:
    server = await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    ended = asyncio.create_task(server.communicate())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((ended, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not stop.is_set():
        raise StreetsClosed(
            f"the demo's RTSP server ended: {ended.result()[1].decode(errors='replace')[-300:].strip()}"
        )
    with contextlib.suppress(ProcessLookupError):  # it may have ended in this very moment
        server.terminate()
    try:
        await asyncio.wait_for(ended, _STOP_SECONDS)
    except TimeoutError:
        server.kill()
        await server.wait()


def _port(data_dir: Path) -> int:
    return kept_port(data_dir / _PORT_FILE, FIRST_PORT)


def _say_progress(done: int, total: int) -> None:
    log.info("films of the demo streets: %d of %d", done, total)
