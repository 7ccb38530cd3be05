"""Ports of the demo's own servers, chosen once for a data folder: the cameras' addresses are kept in the city."""

from __future__ import annotations

import socket
from pathlib import Path
from zlib import crc32

_PAIRS = 400
"""A span of so many pairs of ports holds the places where the search may begin."""


def kept_port(file: Path, first: int) -> int:
    """The port written in `file`; where there is none yet, the first free one from `first` or somewhat above it on.

    Where the search begins depends on the folder: two halls made at the same time would else both find one port free.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        begin = first + 2 * (crc32(str(file.resolve()).encode()) % _PAIRS)
        file.write_text(str(free_pair(begin)), encoding="ascii")
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
