"""A real hall for tests: `citywall run` as a process of its own, as the README starts it."""

from __future__ import annotations

import io
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import httpx
import psutil
import pytest

import app
from tests.shared_data import PROJECT
from tests.waiting import eventually

PASSWORD = "a-long-demo-password"
FIRST_START_SECONDS = 900.0
SLOW_MACHINE_SECONDS = 120.0
STOP_SECONDS = 60.0


@dataclass
class HallProcess:
    """A running hall. `said` is what it printed; `base` its address once it said so."""

    process: subprocess.Popen[str]
    data_dir: Path
    said: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.said)

    @property
    def base(self) -> str:
        found = re.search(r"http://127\.0\.0\.1:\d+", self.text)
        assert found, self.text
        return found.group()

    @property
    def wall(self) -> str:
        """The wall's link, which needs no login."""
        found = re.search(r"http://\S+/device/\S+", self.text)
        assert found, self.text
        return found.group()

    def roles(self) -> dict[str, psutil.Process]:
        """The children, by the role their command line names."""
        children = psutil.Process(self.process.pid).children()
        return {_role(child): child for child in children if child.status() != psutil.STATUS_ZOMBIE}

    @contextmanager
    def signed_in(self, name: str) -> Iterator[httpx.Client]:
        """A client with the session of a demo account."""
        headers = {"Origin": self.base}
        with httpx.Client(base_url=self.base, headers=headers, follow_redirects=True, timeout=30) as client:
            form = client.get("/login").text
            fields = dict(re.findall(r'name="(form|next)" value="([^"]*)"', form))
            answer = client.post("/login", data=fields | {"name": name, "password": PASSWORD})
            assert answer.status_code == 200, answer.text[:300]
            yield client


def _role(child: psutil.Process) -> str:
    argv = child.cmdline()
    return argv[2] if len(argv) > 2 and argv[1].endswith("app.py") else Path(argv[0]).name


@contextmanager
def running_hall(data_dir: Path, **settings: str) -> Iterator[HallProcess]:
    """Start a hall on a free port, wait until it says where it is, and stop it at the end as Ctrl-C would."""
    given = {"CITYWALL_DATA_DIR": str(data_dir), "CITYWALL_PORT": "0", "CITYWALL_DEMO_PASSWORD": PASSWORD, **settings}
    process = subprocess.Popen(
        [sys.executable, str(PROJECT / "app.py"), "run"],
        env={**os.environ, **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    hall = HallProcess(process, data_dir)
    reader = Thread(target=_listen, args=(hall,))
    reader.start()
    try:
        eventually(lambda: "Ctrl-C" in hall.text or process.poll() is not None, within=FIRST_START_SECONDS)
        assert process.poll() is None, hall.text
        eventually(lambda: _answers(hall), within=SLOW_MACHINE_SECONDS)
        yield hall
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        finally:
            process.kill()
            reader.join()


def _answers(hall: HallProcess) -> bool:
    """A busy machine says where it is before it serves."""
    try:
        return httpx.get(f"{hall.base}/healthz", timeout=10).status_code == 200
    except httpx.TransportError:
        return False


def _listen(hall: HallProcess) -> None:
    assert hall.process.stdout is not None
    with hall.process.stdout as lines:
        for line in lines:
            hall.said.append(line)  # one by one: others read while it speaks


def command(*argv: str, data_dir: Path, text: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    """One `citywall` command, to its end."""
    return subprocess.run(
        [sys.executable, str(PROJECT / "app.py"), *argv],
        env={**os.environ, "CITYWALL_DATA_DIR": str(data_dir), **settings},
        input=text,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def told(*argv: str, data_dir: Path, text: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """What `command` gives, from inside this process: a new one would spend seconds on loading what is here already."""
    out, error = io.StringIO(), io.StringIO()
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in ({"CITYWALL_DATA_DIR": str(data_dir)} | settings).items():
            patch.setenv(name, value)
        patch.setattr(sys, "stdin", io.StringIO(text))
        stack.enter_context(_own_log())
        stack.enter_context(redirect_stdout(out))
        stack.enter_context(redirect_stderr(error))
        try:
            code = app.main(argv)
        except SystemExit as misused:
            code = int(str(misused.code))
    return subprocess.CompletedProcess(argv, code, out.getvalue(), error.getvalue())


@contextmanager
def _own_log() -> Iterator[None]:
    """A command sends the process's log where it likes; afterwards it goes where it went."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.captureWarnings(False)
