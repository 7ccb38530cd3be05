"""Ports of the demo's own servers, chosen once for a data folder: the cameras' addresses are kept in the city."""

from __future__ import annotations

import socket
from pathlib import Path


def kept_port(file: Path, first: int) -> int:
    """The port written in `file`; where there is none yet, the first free one from `first` on."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(free_pair(first)), encoding="ascii")
    return int(file.read_text(encoding="ascii"))


def free_pair(port: int) -> int:
    """The first free port from `port` on whose next one is free as well."""
    while not (_free(port) and _free(port + 1)):
        port += 2
    return port


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
