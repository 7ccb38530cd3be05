"""The enlarged picture without a server decode: what does a viewer cost, and how old is it on the screen?

A whole hall, fake cameras of 1920 × 1080 at 25 pictures a second. The page shows one of them enlarged, through Media
Source; then as tiles, as it does when a browser cannot play the stream. Further viewers are sockets that ask for the
same stream and acknowledge it. Latency: picture leaves the camera → picture in the <video> or canvas.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench_camera_wall import sign_in
from camera_hall import HD, LENGTH, camera_hall, share, spent, street
from measured import arguments, percentiles, report
from playwright.async_api import Page, async_playwright
from websockets.asyncio.client import ClientConnection, connect

from tests.chromium import CHROMIUM, FLAGS
from tests.fakes.film import BITS, GOP
from tests.fakes.rtsp_camera import phase_of
from tests.hall_process import HallProcess

SAMPLER = """([selector, bits, length, fps, phase]) => {
  const canvas = new OffscreenCanvas(bits, 1), context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingEnabled = false;
  const ages = [];
  let last = -1, done = false;
  window.benchStop = () => { done = true; return ages; };
  const look = () => {
    const shown = document.querySelector(selector);
    if (shown) {
      const [width, height] = [shown.videoWidth || shown.width, shown.videoHeight || shown.height];
      context.drawImage(shown, 0, height / 2, width, 1, 0, 0, bits, 1);
      const now = (performance.timeOrigin + performance.now()) / 1000;
      const data = context.getImageData(0, 0, bits, 1).data;
      let number = 0;
      for (let bit = 0; bit < bits; bit++) if (data[bit * 4] > 127) number |= 1 << bit;
      if (number !== last) {
        const index = Math.floor((now - phase) * fps), behind = (((index - number) % length) + length) % length;
        if (last >= 0) ages.push((now - phase - (index - behind) / fps) * 1000);
        last = number;
      }
    }
    if (!done) requestAnimationFrame(look);
  };
  look();
}"""
PLAYS = "() => document.querySelector('.video-cell[data-playing=focus] video')?.currentTime > 0"


async def _ages(page: Page, selector: str, seconds: float) -> list[float]:
    await page.evaluate(SAMPLER, [selector, BITS, LENGTH, HD[2], phase_of(1) * GOP / HD[2]])
    await asyncio.sleep(seconds)
    return await page.evaluate("() => window.benchStop()")


def _line(name: str, cost: float, ages: list[float], seconds: float) -> str:
    half, high, _ = percentiles(ages)
    return f"| {name} | {cost:.1f} | {len(ages) / seconds:.1f} | {half:.0f} | {high:.0f} |"


async def _cost(hall: HallProcess, seconds: float) -> float:
    roles = hall.roles()
    before, began = spent(roles.values()), time.monotonic()
    await asyncio.sleep(seconds)
    return share(before, spent(roles.values()), time.monotonic() - began)


async def _viewer(hall: HallProcess, cookies: str) -> asyncio.Task[None]:
    address = hall.base.replace("http", "ws") + "/ws/video"
    socket = await connect(address, additional_headers={"Cookie": cookies}, origin=hall.base, max_size=None)
    await socket.send(json.dumps({"sub": [{"cam": 1, "size": "320x180", "fps": 0.5, "focus": True}]}))
    return asyncio.create_task(_acknowledge(socket))


async def _acknowledge(socket: ClientConnection) -> None:
    batches = 0
    async for message in socket:
        if isinstance(message, bytes):
            batches += 1
            await socket.send(json.dumps({"ack": batches}))


async def _first_picture(page: Page, hall: HallProcess) -> tuple[float, float]:
    """Milliseconds from asking for the enlarged picture to the first tile, and to the playing stream."""
    began = time.monotonic()
    await page.goto(f"{hall.base}/video?layout=1&cams=1")
    await page.wait_for_function("() => document.querySelector('.video-cell[data-state=live]')")
    tile = time.monotonic() - began
    await page.wait_for_function(PLAYS, timeout=30_000)
    return tile * 1000, (time.monotonic() - began) * 1000


async def _measure(hall: HallProcess, seconds: float) -> list[str]:
    lines = ["| shown as | server % | pictures a second | latency ms p50 | p95 |", "|---|---|---|---|---|"]
    idle = await _cost(hall, seconds)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1920, "height": 1080})
        await sign_in(page, hall)
        tile, focus = await _first_picture(page, hall)
        await asyncio.sleep(25)  # what the first tile needed has run out by now
        costs = [await _cost(hall, seconds)]
        played = await _ages(page, ".video-cell[data-playing=focus] video", seconds)
        lines.append(_line("enlarged, Media Source", costs[0], played, seconds))
        cookies = "; ".join(f"{one['name']}={one['value']}" for one in await page.context.cookies())
        viewers = [await _viewer(hall, cookies) for _ in range(4)]
        await asyncio.sleep(3)
        costs.append(await _cost(hall, seconds))
        for viewer in viewers:
            viewer.cancel()
        page_cannot = await browser.new_page(viewport={"width": 1920, "height": 1080})
        await page_cannot.add_init_script("window.MediaSource = window.ManagedMediaSource = undefined;")
        await page.close()
        await sign_in(page_cannot, hall)
        await page_cannot.goto(f"{hall.base}/video?layout=1&cams=1")
        await page_cannot.wait_for_function(
            "() => document.querySelector('.video-cell[data-playing=tiles][data-state=live]')"
        )
        await asyncio.sleep(25)
        cost = await _cost(hall, seconds)
        ages = await _ages(page_cannot, ".video-cell .cw-tile-canvas", seconds)
        lines.append(_line("enlarged, as tiles (no Media Source)", cost, ages, seconds))
        await browser.close()
    return [
        *lines,
        "",
        f"- nobody watching: {idle:.1f} % of a core; a further viewer of the enlarged picture: "
        f"{(costs[1] - costs[0]) / 4:.2f} %",
        f"- page asked for → first tile {tile:.0f} ms, → playing {focus:.0f} ms (page load included)",
    ]


def main() -> None:
    given = arguments(__doc__).parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        cameras = stack.enter_context(street(HD))
        hall = stack.enter_context(camera_hall(Path(folder), [(cameras.url(1), "")]))
        lines = asyncio.run(_measure(hall, 5.0 if given.quick else 20.0))
    report("Enlarged picture", lines, save=given.save)


if __name__ == "__main__":
    main()
