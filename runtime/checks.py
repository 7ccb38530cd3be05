"""What must be right on this machine before the hall can start; each finding carries its fix, `doctor` lists all."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

LEAST_PYTHON = (3, 11)
LEAST_FREE_BYTES = 2 * 1024**3
"""Database, made clips and tiles of the demo city, and room for weeks of journal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `fix` says what to do, and is empty where nothing is wrong."""

    name: str
    text: str
    fix: str = ""

    @property
    def wrong(self) -> bool:
        return bool(self.fix)

    def __str__(self) -> str:
        return f"{self.name}: {self.text}" + (f" {self.fix}" if self.fix else "")


class NotStartable(Exception):
    """The hall cannot start here; the message has a line for each finding, with the fix."""


def start_checks(*, data_dir: Path, host: str, port: int) -> tuple[Finding, ...]:
    """Everything `citywall run` needs from the machine."""
    return (check_python(), check_data_dir(data_dir), check_disk(data_dir), check_port(host, port))


def demand(findings: Iterable[Finding]) -> None:
    """Nothing, if nothing is wrong.

    Raises:
        NotStartable: with every wrong finding.
    """
    wrong = [str(finding) for finding in findings if finding.wrong]
    if wrong:
        raise NotStartable("\n".join(wrong))


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Is this Python new enough?"""
    text = "Python " + ".".join(map(str, version))
    needed = ".".join(map(str, LEAST_PYTHON))
    fix = (
        ""
        if version >= LEAST_PYTHON
        else f"CityWall needs {needed} or newer: remove .venv, then make PYTHON=python{needed} run."
    )
    return Finding(name="python", text=text + ("." if fix else ""), fix=fix)


def check_data_dir(folder: Path) -> Finding:
    """Can the data folder be made and written to?"""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Finding(name="data_dir", text=f"{folder} can be written to")
    except OSError as error:
        return Finding(
            name="data_dir",
            text=f"cannot write to {folder}: {error.strerror}.",
            fix="Give CITYWALL_DATA_DIR a folder that this user may write to.",
        )


def check_disk(folder: Path, *, needed_bytes: int = LEAST_FREE_BYTES) -> Finding:
    """Is there room left where the data folder lies (or will lie)?"""
    there = next(part for part in (folder.absolute(), *folder.absolute().parents) if part.exists())
    free = shutil.disk_usage(there).free
    if free >= needed_bytes:
        return Finding(name="disk", text=f"{_gib(free)} free")
    return Finding(
        name="disk",
        text=f"{_gib(free)} free for {folder}, {_gib(needed_bytes)} needed.",
        fix="Free some space, or point CITYWALL_DATA_DIR at a larger disk.",
    )


def _gib(count: int) -> str:
    return f"{count / 1024**3:.1f} GiB"


def check_port(host: str, port: int) -> Finding:
    """Can the web role listen there? Port 0 means any free one."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        return Finding(
            name="host",
            text=f"{host} is no address of this machine.",
            fix="Set CITYWALL_HOST, for example to 127.0.0.1.",
        )
    except OSError as error:
        return _not_bound(host, port, error)
    return Finding(name="port", text=f"{host}:{port} is free")


def _not_bound(host: str, port: int, error: OSError) -> Finding:
    if error.errno == errno.EADDRINUSE:
        text = f"port {port} on {host} is taken{_by_whom(port)}."
        fix = "Stop that program, or set CITYWALL_PORT to another port (0 picks a free one)."
    elif error.errno == errno.EACCES:
        text, fix = f"this user may not listen on port {port}.", "Set CITYWALL_PORT to a port above 1023."
    else:
        text, fix = (
            f"cannot listen on {host}:{port}: {error.strerror}.",
            "Set CITYWALL_HOST to an address of this machine.",
        )
    return Finding(name="port", text=text, fix=fix)


def _by_whom(port: int) -> str:
    """The program that listens there, where this user may see it."""
    try:
        holders = {
            found.pid
            for found in psutil.net_connections("tcp")
            if found.status == psutil.CONN_LISTEN and found.laddr.port == port and found.pid
        }
        return "".join(f" by {psutil.Process(pid).name()} (process {pid})" for pid in sorted(holders)[:1])
    except psutil.Error:
        return " by another program"


@contextmanager
def hold(data_dir: Path) -> Iterator[None]:
    """Keep the data folder to ourselves: one running hall a folder. The kernel lets go when this process ends.

    Raises:
        NotStartable: another running hall holds it.
    """
    file = os.open(data_dir / "run.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotStartable(str(_held(data_dir, file))) from None
        os.ftruncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(file)


def _held(data_dir: Path, file: int) -> Finding:
    holder = os.pread(file, 20, 0).decode(errors="replace") or "unknown"
    return Finding(
        name="data_dir",
        text=f"a hall already runs with {data_dir} (process {holder}).",
        fix="Stop it, or give this one a folder of its own in CITYWALL_DATA_DIR.",
    )
