"""What does a tile say when its camera fails, after how many seconds, and how soon is it live again?

A whole hall and a real page with one tile a kind. Every camera is well first; then each of them fails in its own way at
the same moment, and after a while each is well again. What the plates say is read from the page. The last kinds are
done to a real RTSP server (GStreamer's), where it is installed: stopped, killed and started again.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench_camera_wall import sign_in
from camera_hall import CIF, Street, camera_hall, street
from measured import arguments, report
from playwright.async_api import Page, async_playwright

from demo.clips import make_clips
from demo.streams import rtsp_command, rtsp_installed, stream_url
from runtime.net import free_port
from tests.chromium import CHROMIUM, FLAGS
from tests.fakes.rtsp_camera import Fault
from tests.hall_process import HallProcess

KINDS = (
    (Fault.FREEZE, "stream falls silent, connection stays"),
    (Fault.KILL, "connection closed every second"),
    (Fault.SAME, "encoder repeats one picture"),
    (Fault.CORRUPT, "packets damaged"),
    (Fault.RESIZED, "picture size changes"),
    (Fault.STILL, "still night street (no fault)"),
)
PLATES = """() => Object.fromEntries([...document.querySelectorAll('.video-cell[data-camera]')]
    .filter(cell => cell.offsetWidth && cell.dataset.camera !== '0')
    .map(cell => [cell.dataset.camera, [cell.dataset.state, cell.dataset.condition || '',
        cell.querySelector('.cw-tile-word').textContent]]))"""
LOOK_SECONDS = 0.2


@dataclass
class Told:
    """What one tile said, each change with its moment (seconds since the fault, or since it was mended)."""

    changes: list[tuple[float, str, str]] = field(default_factory=list)

    def note(self, at: float, state: str, condition: str, words: str) -> None:
        said = " ".join(part for part in (state, condition) if part)
        if not self.changes or self.changes[-1][1] != said:
            self.changes.append((at, said, words))

    def text(self) -> str:
        """State, condition, second and words, one after the other."""
        if len(self.changes) == 1 and self.changes[0][1] == "live":
            return "live all the time"
        return " → ".join(f"{said} {at:.1f} s ({words})" for at, said, words in self.changes)

    def live_after(self) -> str:
        last = self.changes[-1] if self.changes else (0.0, "live", "")
        return f"{last[0]:.1f} s" if last[1] == "live" else f"not within the time ({last[1]})"


async def _watch(page: Page, seconds: float) -> dict[str, Told]:
    told: dict[str, Told] = {}
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        for number, (state, condition, words) in (await page.evaluate(PLATES)).items():
            told.setdefault(number, Told()).note(time.monotonic() - began, state, condition, words)
        await asyncio.sleep(LOOK_SECONDS)
    return told


async def _fakes(page: Page, cameras: Street, seconds: float) -> list[str]:
    for number, (fault, _) in enumerate(KINDS, 1):
        cameras.ask("become", cameras.url(number), fault)
    failing = await _watch(page, seconds)
    for number in range(1, len(KINDS) + 1):
        cameras.ask("become", cameras.url(number), Fault.OK)
    mended = await _watch(page, seconds)
    return [
        f"| {words} | {failing[str(number)].text()} | {mended[str(number)].live_after()} |"
        for number, (_, words) in enumerate(KINDS, 1)
    ]


async def _one(page: Page, name: str, number: int, acts: Mapping[str, Callable[[], object]], seconds: float) -> str:
    """One thing done to a server, and undone."""
    acts["break"]()
    failing = await _watch(page, seconds)
    acts["mend"]()
    mended = await _watch(page, seconds)
    return f"| {name} | {failing[str(number)].text()} | {mended[str(number)].live_after()} |"


async def _measure(hall: HallProcess, cameras: Street, server: GStreamer | None, seconds: float) -> list[str]:
    lines = ["| kind | what the tile said | live again after |", "|---|---|---|"]
    last = len(KINDS) + 1
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1920, "height": 1080})
        await sign_in(page, hall)
        shown = ",".join(str(number) for number in range(1, last + (server is not None)))
        await page.goto(f"{hall.base}/video?layout=9&cams={shown}")
        live = f"() => document.querySelectorAll('.video-cell[data-state=live]').length >= {shown.count(',') + 1}"
        await page.wait_for_function(live, timeout=60_000)
        lines += await _fakes(page, cameras, seconds)
        closing = {"break": lambda: cameras.ask("close"), "mend": lambda: cameras.ask("open")}
        lines.append(await _one(page, "server closed, port refused", 1, closing, seconds))
        if server is not None:
            freezing = {"break": server.freeze, "mend": server.thaw}
            lines.append(await _one(page, "GStreamer server stopped (SIGSTOP)", last, freezing, seconds))
            killing = {"break": server.kill, "mend": server.start}
            lines.append(await _one(page, "GStreamer server killed", last, killing, seconds))
        await browser.close()
    return lines


class GStreamer:
    """The demo's RTSP server as a process."""

    def __init__(self, films: Path) -> None:
        make_clips(films, progress=lambda done, total: None)
        self.port = free_port("127.0.0.1")
        self._command = rtsp_command(films, self.port)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stderr=subprocess.DEVNULL)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def _signal(self, sent: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(sent)


def main() -> None:
    given = arguments(__doc__).parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cameras = stack.enter_context(street(CIF))
        addresses = [(cameras.url(number), "") for number in range(1, len(KINDS) + 1)]
        server = None
        if rtsp_installed():
            server = GStreamer(folder / "films")
            stack.callback(server.kill)
            addresses.append((stream_url(f"rtsp://127.0.0.1:{server.port}", 1, "sub"), ""))
        hall = stack.enter_context(camera_hall(folder, addresses))
        lines = asyncio.run(_measure(hall, cameras, server, 8.0 if given.quick else 20.0))
    report("Failures of cameras", lines, save=given.save)


if __name__ == "__main__":
    main()
