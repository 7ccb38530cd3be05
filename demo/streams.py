"""Where the demo cameras' pictures come from, and the RTSP server that plays them where one is installed.

The server is GStreamer's, under the system's own Python. Without it the same films are read as files, and the faults
that need a server become missing files.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from demo.clips import CIF, FROZEN, MAIN, SUB, clip_name
from demo.street.scenes import SCENES

SYSTEM_PYTHON = Path("/usr/bin/python3")
RTSP_PORT = 8554
_CHECK = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
_CLOSED_PORT = 9
"""The old discard service: nobody listens there."""


class Fault(StrEnum):
    """What is wrong with a demo camera."""

    WRONG_PATH = "wrong_path"
    REFUSED = "refused"
    SILENT = "silent"
    FROZEN = "frozen"
    LOCKED = "locked"


FAULTS: dict[int, Fault] = {
    17: Fault.WRONG_PATH,
    29: Fault.REFUSED,
    43: Fault.SILENT,
    58: Fault.FROZEN,
    74: Fault.LOCKED,
}
"""Which cameras of the demo fail, by number: about as many as in any real city on any day."""


def rtsp_installed() -> bool:
    """Whether the system's Python has GStreamer's RTSP server."""
    if not SYSTEM_PYTHON.exists():
        return False
    done = subprocess.run([SYSTEM_PYTHON, "-c", _CHECK], capture_output=True, timeout=20, check=False)
    return done.returncode == 0


def rtsp_command(clips: Path, port: int = RTSP_PORT) -> list[str]:
    """The command line of the RTSP role, for the supervisor; it uses `port` and the one after it."""
    script = Path(__file__).with_name("gst_rtsp.py")
    return [str(SYSTEM_PYTHON), str(script), "--clips", str(clips), "--port", str(port)]


def rtsp_base(port: int = RTSP_PORT) -> str:
    """Address under which `camera_urls` finds the server's films."""
    return f"rtsp://127.0.0.1:{port}"


def camera_urls(number: int, base: str, *, shared: bool = False) -> tuple[str, str]:
    """Main and small stream of demo camera `number`. `base`: `rtsp_base()`, or the films' folder as a `file:` address.

    Shared cameras send the old small format. The query tells cameras apart that show the same film.
    """
    fault = FAULTS.get(number)
    film = FROZEN if fault is Fault.FROZEN else SCENES[number % len(SCENES)].name
    small = CIF.name if shared else SUB.name
    return _url(film, MAIN.name, number, base, fault), _url(film, small, number, base, fault)


def _url(film: str, stream: str, number: int, base: str, fault: Fault | None) -> str:
    if base.startswith("file:"):
        broken = fault not in (None, Fault.FROZEN)
        return f"{base.rstrip('/')}/{'missing' if broken else clip_name(film, stream)}"
    host, _, port = base.rpartition(":")
    places: dict[Fault | None, Sequence[str]] = {
        Fault.WRONG_PATH: (base, "/nothing/here"),
        Fault.REFUSED: (f"{host}:{_CLOSED_PORT}", f"/{film}/{stream}"),
        Fault.SILENT: (f"{host}:{int(port) + 1}", f"/{film}/{stream}"),
        Fault.LOCKED: (base, "/locked/sub"),
    }
    where, path = places.get(fault, (base, f"/{film}/{stream}"))
    return f"{where}{path}?camera={number}"
