"""A hall whose cameras are fakes in a process of their own: what the benchmarks of the camera wall stand on."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
from measured import ROOT

sys.path.insert(0, str(ROOT))  # the fake cameras and the hall as a process belong to the tests

from tests.city_folder import write_small_city
from tests.fakes.film import film
from tests.fakes.rtsp_camera import FakeCameras, Fault
from tests.hall_process import PASSWORD, HallProcess, command, running_hall

CIF = (352, 288, 15)
D1 = (704, 576, 25)
HD = (1920, 1080, 25)
"""Width, height, pictures a second."""
LENGTH = 75
"""Pictures of the film: no two looks of the picture checks, some two seconds apart, meet the same one again at once."""

_HEAD = "camera_id,name,district_code,lon,lat,bearing,fov,main_url,sub_url,owner_unit,shared,ptz\n"


@dataclass(frozen=True, slots=True)
class Street:
    """Fake cameras elsewhere. `ask` calls a method of their server."""

    base: str
    _line: Connection

    def url(self, number: int, fault: Fault = Fault.OK) -> str:
        return f"{self.base}/{fault}/{number}"

    def ask(self, method: str, *arguments: object) -> None:
        self._line.send((method, arguments))
        self._line.recv()


@contextmanager
def street(shape: tuple[int, int, int] = CIF) -> Iterator[Street]:
    """Cameras that show the numbered film in this shape, each picture leaving at its own second."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(shape, theirs))
    process.start()
    try:
        yield Street(ours.recv(), ours)
    finally:
        ours.send(("end", ()))
        process.join()


def _serve(shape: tuple[int, int, int], line: Connection) -> None:
    width, height, fps = shape
    cameras = FakeCameras(shown=film(width=width, height=height, fps=fps, length=LENGTH), by_clock=True)
    cameras.start()
    line.send(cameras.url().removesuffix(f"/{Fault.OK}/1"))
    while (asked := line.recv())[0] != "end":
        getattr(cameras, asked[0])(*asked[1])
        line.send(None)
    cameras.stop()


@contextmanager
def camera_hall(folder: Path, cameras: Iterable[tuple[str, str]], **settings: str) -> Iterator[HallProcess]:
    """A running hall with these cameras (main and small address), and a supervisor who may log in."""
    real = {"CITYWALL_DEMO": "false", **settings}
    with running_hall(prepared(folder, cameras, **real), **real) as hall:
        yield hall


def prepared(folder: Path, cameras: Iterable[tuple[str, str]], **settings: str) -> Path:
    """The data folder of a small city with these cameras and the bench's account, before anything runs on it."""
    city, data_dir = write_small_city(folder / "city"), folder / "hall"
    rows = [
        f"B-{number:03d},Bench {number},370202,120.3031,36.05{number:02d},90,60,{main},{small},Bench,0,0\n"
        for number, (main, small) in enumerate(cameras, 1)
    ]
    (city / "cameras.csv").write_text(_HEAD + "".join(rows), encoding="utf-8")
    _must(command("import", "city", str(city), data_dir=data_dir, **settings))
    _must(command("user", "add", "bench", "--role", "supervisor", data_dir=data_dir, text=PASSWORD + "\n", **settings))
    return data_dir


def _must(done: object) -> None:
    if done.returncode:  # type: ignore[attr-defined]
        raise RuntimeError(done.stderr)  # type: ignore[attr-defined]


def spent(processes: Iterable[psutil.Process]) -> dict[int, float]:
    """Processor seconds so far, by process."""
    return {process.pid: sum(process.cpu_times()[:2]) for process in processes if process.is_running()}


def share(before: dict[int, float], after: dict[int, float], seconds: float) -> float:
    """Percent of one core that the processes alive at both ends used."""
    return sum(after[pid] - before[pid] for pid in before if pid in after) / seconds * 100


def tree(root: psutil.Process) -> list[psutil.Process]:
    """A process and all below it."""
    return [root, *root.children(recursive=True)]
