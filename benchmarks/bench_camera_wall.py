"""What do 1, 9, 16 and 36 tiles cost on both sides, and how old are the pictures on the screen?

A whole hall pulls fake cameras (352 × 288 at 15 and 704 × 576 at 25 pictures a second) and shows them on /video in a
real Chromium without a graphics card. The pictures carry a number that tells when they left the camera: it is read back
in the page's worker as each comes into its canvas. Beside it, in the same run: `ffmpeg` doing the same decoding,
scaling and JPEG for the same cameras, and Debian's `motion` serving them to as many readers, where these are installed.
Latency: picture leaves the camera → picture in the canvas. Processor time: percent of one core.
"""

from __future__ import annotations

import asyncio
import json
import math
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from camera_hall import CIF, D1, LENGTH, Street, camera_hall, share, spent, street, tree
from measured import arguments, percentiles, report
from playwright.async_api import Browser, Page, async_playwright
from websockets.asyncio.client import ClientConnection, connect

from tests.chromium import CHROMIUM, FLAGS
from tests.fakes.film import BITS, GOP
from tests.fakes.rtsp_camera import phase_of
from tests.hall_process import PASSWORD, HallProcess
from video.wire import entries

RATE = 10
WATCHED = """
(() => {
  const canvas = new OffscreenCanvas(BITS, 1), context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingEnabled = false;
  const tiles = new Map(), cameras = new Map(), line = new BroadcastChannel("bench");  // canvas → id → camera
  self.addEventListener("message", ({ data }) => data.forEach(({ type, id, canvas: place, camera }) => {
    if (type === "attach") tiles.set(place, id);
    if (type === "want") cameras.set(id, camera);
  }));
  const shows = ImageBitmapRenderingContext.prototype.transferFromImageBitmap;
  ImageBitmapRenderingContext.prototype.transferFromImageBitmap = function (bitmap) {
    if (bitmap) context.drawImage(bitmap, 0, bitmap.height / 2, bitmap.width, 1, 0, 0, BITS, 1);
    shows.call(this, bitmap);
    if (!bitmap) return;
    const at = (performance.timeOrigin + performance.now()) / 1000, { data } = context.getImageData(0, 0, BITS, 1);
    let number = 0;
    for (let bit = 0; bit < BITS; bit++) if (data[bit * 4] > 127) number |= 1 << bit;
    line.postMessage([cameras.get(tiles.get(this.canvas)), number, at]);
  };
})();
"""
"""Stands before the page's own worker: tells of each picture, when it has come into its canvas, which one it is."""
BESIDE = """(watched) => {
  window.Worker = class extends Worker {
    constructor(url, ...more) {
      const whole = new URL(url, location.href).href, ours = `${watched} importScripts(${JSON.stringify(whole)});`;
      super(/tiles-worker/.test(whole) ? URL.createObjectURL(new Blob([ours])) : url, ...more);
    }
  };
}"""
COLLECT = """() => {
  window.benchSeen = [];
  new BroadcastChannel("bench").onmessage = ({ data }) => window.benchSeen.push(data);
}"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    shape: str
    tiles: int
    server: float
    browser: float
    rate: float
    worst: float
    half: float
    high: float

    def text(self) -> str:
        return (
            f"| {self.shape} | {self.tiles} | {self.server:.1f} | {self.browser:.0f} | {self.rate:.1f} / "
            f"{self.worst:.1f} | {self.half:.0f} | {self.high:.0f} |"
        )


async def sign_in(browser_page: Page, hall: HallProcess) -> None:
    """Log in as the bench's supervisor."""
    await browser_page.goto(f"{hall.base}/login")
    await browser_page.fill("#name", "bench")
    await browser_page.fill("#password", PASSWORD)
    await browser_page.press("#password", "Enter")
    await browser_page.wait_for_url(lambda url: "/login" not in url)


async def _show(page: Page, hall: HallProcess, tiles: int) -> None:
    cameras = ",".join(str(number) for number in range(1, tiles + 1))
    layout = tiles if tiles > 1 else 4  # alone, a picture would be the main stream: `bench_focus.py`
    await page.goto(f"{hall.base}/video?layout={layout}&cams={cameras}{',0,0,0' if tiles == 1 else ''}")
    live = f"() => document.querySelectorAll('.video-cell[data-state=live]').length >= {tiles}"
    await page.wait_for_function(live, timeout=60_000)


async def _row(
    page: Page, hall: HallProcess, browser: psutil.Process, shape: tuple[int, int, int], tiles: int, seconds: float
) -> Row:
    await _show(page, hall, tiles)
    await asyncio.sleep(5)
    server, ours = list(hall.roles().values()), tree(browser)
    before, page_before = spent(server), spent(ours)
    await asyncio.sleep(seconds)
    cost, page_cost = share(before, spent(server), seconds), share(page_before, spent(ours), seconds)
    await page.evaluate(COLLECT)
    await asyncio.sleep(seconds)
    seen = await page.evaluate("() => window.benchSeen")
    half, high, _ = percentiles([_age(*one, fps=shape[2]) * 1000 for one in seen])
    rates = sorted(count / seconds for count in Counter(camera for camera, _, _ in seen).values())
    return Row(f"{shape[0]} × {shape[1]}", tiles, cost, page_cost, rates[len(rates) // 2], rates[0], half, high)


def _age(camera: int, number: int, at: float, *, fps: int) -> float:
    """Seconds since picture `number` of a camera left it, at `at` (epoch seconds): each has a moment of its own."""
    late = phase_of(camera) * GOP / fps
    index = math.floor((at - late) * fps)
    return at - late - (index - (index - number) % LENGTH) / fps


async def watched_page(browser: Browser) -> Page:
    """A page whose tiles' worker tells of the pictures it shows."""
    page = await browser.new_page(viewport={"width": 1920, "height": 1080}, bypass_csp=True)
    await page.add_init_script(f"({BESIDE})({json.dumps(WATCHED.replace('BITS', str(BITS)))})")
    return page


async def _viewer(hall: HallProcess, cookies: str, tiles: int) -> asyncio.Task[None]:
    """One more person with the same tiles, who reads and acknowledges."""
    address = hall.base.replace("http", "ws") + "/ws/video"
    socket = await connect(address, additional_headers={"Cookie": cookies}, origin=hall.base, max_size=None)
    wishes = [{"cam": number, "size": "320x180", "fps": RATE} for number in range(1, tiles + 1)]
    await socket.send(json.dumps({"sub": wishes}))
    return asyncio.create_task(_acknowledge(socket))


async def _acknowledge(socket: ClientConnection) -> None:
    batches = 0
    async for message in socket:
        if isinstance(message, bytes):
            entries(message)
            batches += 1
            await socket.send(json.dumps({"ack": batches}))


async def _more_viewers(page: Page, hall: HallProcess, tiles: int, seconds: float) -> list[str]:
    """What a second and a fifth viewer add to the server."""
    await _show(page, hall, tiles)
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in await page.context.cookies())
    lines, viewers, costs = [], [], []
    for more in (0, 1, 4):
        viewers += [await _viewer(hall, cookies, tiles) for _ in range(more - len(viewers))]
        await asyncio.sleep(3)
        roles = hall.roles()
        before, began = spent(roles.values()), time.monotonic()
        await asyncio.sleep(seconds)
        costs.append(share(before, spent(roles.values()), time.monotonic() - began))
        lines.append(f"- {tiles} tiles, {more + 1} viewers: {costs[-1]:.1f} % of a core on the server")
    for viewer in viewers:
        viewer.cancel()
    # The first viewer is the page, which asks for fewer tiles a second: what another one adds shows from the second on.
    lines.append(f"- a further viewer of the same tiles: {(costs[2] - costs[1]) / 3:.1f} % of a core (goal ≤ 6 %)")
    return lines


async def _ffmpeg(street_: Street, tiles: int, seconds: float) -> float | None:
    """Percent of a core for the same tiles made by one ffmpeg a camera."""
    if shutil.which("ffmpeg") is None:
        return None
    job = ["-vf", f"fps={RATE},scale=320:240:flags=fast_bilinear", "-c:v", "mjpeg", "-q:v", "6", "-f", "image2pipe"]
    workers = [
        await asyncio.create_subprocess_exec(
            *(
                "ffmpeg",
                "-v",
                "quiet",
                "-rtsp_transport",
                "tcp",
                "-threads",
                "1",
                "-i",
                street_.url(number),
                *job,
                "pipe:1",
            ),
            stdout=asyncio.subprocess.DEVNULL,
        )
        for number in range(1, tiles + 1)
    ]
    cost = await _cost([worker.pid for worker in workers], seconds)
    for worker in workers:
        worker.kill()
        await worker.wait()
    return cost


async def _cost(pids: Sequence[int], seconds: float) -> float:
    await asyncio.sleep(8)
    running = [psutil.Process(pid) for pid in pids]
    before = spent(running)
    await asyncio.sleep(seconds)
    return share(before, spent(running), seconds)


async def _motion(street_: Street, tiles: int, seconds: float) -> float | None:
    """Percent of a core for Debian's motion serving the same cameras to one reader each."""
    if shutil.which("motion") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        conf = _motion_files(Path(folder), street_, tiles)
        worker = await asyncio.create_subprocess_exec(
            *("motion", "-n", "-c", str(conf)), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        await asyncio.sleep(5)
        readers = [asyncio.create_task(_mjpeg(number)) for number in range(1, tiles + 1)]
        cost = await _cost([worker.pid], seconds)
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        worker.kill()
        await worker.wait()
    return cost


MOTION_PORT = 18091


def _motion_files(folder: Path, street_: Street, tiles: int) -> Path:
    common = [
        *("daemon off", "setup_mode off", "log_level 3", f"stream_port {MOTION_PORT}", "stream_localhost on"),
        *(f"stream_maxrate {RATE}", "stream_quality 65", "picture_output off", "movie_output off", "pause on"),
        *("webcontrol_port 0", "framerate 15", f"target_dir {folder}"),
    ]
    cameras = []
    for number in range(1, tiles + 1):
        file = folder / f"camera{number}.conf"
        file.write_text(f"camera_id {number}\nnetcam_url {street_.url(number)}\nwidth 352\nheight 288\n")
        cameras.append(f"camera {file}")
    conf = folder / "motion.conf"
    conf.write_text("\n".join([*common, *cameras]) + "\n")
    return conf


async def _mjpeg(number: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", MOTION_PORT)
    writer.write(f"GET /{number}/mjpg/stream HTTP/1.0\r\n\r\n".encode())
    while await reader.read(65536):
        pass
    writer.close()


async def _measure(shape: tuple[int, int, int], numbers: Sequence[int], seconds: float) -> list[str]:
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder, street(shape) as cameras:
        addresses = [(cameras.url(number), "") for number in range(1, max(numbers) + 1)]
        with camera_hall(Path(folder), addresses) as hall:
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                main = _browser_process()
                page = await watched_page(browser)
                await sign_in(page, hall)
                for tiles in numbers:
                    lines.append((await _row(page, hall, main, shape, tiles, seconds)).text())
                    print(lines[-1], flush=True)
                if shape == CIF:
                    more = await _more_viewers(page, hall, max(numbers), seconds)
                await browser.close()
        for name, rival in (("ffmpeg, one process a camera", _ffmpeg), ("motion, one process", _motion)):
            cost = await rival(cameras, max(numbers), seconds)
            said = "not installed" if cost is None else f"{cost:.1f} % of a core"
            lines.append(f"| {shape[0]} × {shape[1]}, {name} | {max(numbers)} | {said} | | | | |")
            print(lines[-1], flush=True)
    return lines + (["", *more] if shape == CIF else [])


def _browser_process() -> psutil.Process:
    """The browser's first process, among all that this one started."""
    below = psutil.Process().children(recursive=True)
    return next(one for one in below if "chromium" in one.name() and "--type=" not in " ".join(one.cmdline()))


def main() -> None:
    given = arguments(__doc__).parse_args()
    numbers, seconds = ((1, 9), 3.0) if given.quick else ((1, 9, 16, 36), 12.0)
    head = [
        "| pictures | tiles | server % | browser % | tiles a second each, median / worst | latency ms p50 | p95 |",
        "|---|---|---|---|---|---|---|",
    ]
    d1 = asyncio.run(_measure(D1, numbers, seconds))
    cif = asyncio.run(_measure(CIF, numbers, seconds))
    report("Camera wall", [*head, *d1, *cif], save=given.save)


if __name__ == "__main__":
    main()
