"""What a change of the case map costs the browser's main thread, at 3840 × 2160 with software rendering.

The real wall with about 4,900 grids and 5,000 open cases stands in headless Chromium. Each round applies a step of
the feed (ten cases change, with their grids) and waits until the next frame has been made; an idle pair of frames is
measured beside it. Far away only grids change; near by the cases themselves are symbols. Goal: 60 ms.
"""

from __future__ import annotations

import sys
from pathlib import Path

from measured import arguments, percentiles, report
from playwright.sync_api import Page, sync_playwright

sys.path.append(str(Path(__file__).resolve().parents[1]))

from tests.chromium import CHROMIUM, FLAGS
from tests.fakes.wall_server import WallServer, wall_server

CASES = 18_500
"""Of the last thirty days; about 5,000 of them are open."""
CHANGES = 10
ROUNDS = 60
VIEWS = {"far (whole city)": None, "near (zoom 14.5, all cases in view)": 14.5}

READY = """() => { const root = document.querySelector('.cw-wall'), part = root && citywall.map.part(root);
  return part && part.version && part.layers.grids.size; }"""

MEASURE = """async ([changes, rounds]) => {
  const part = citywall.map.part(document.querySelector('.cw-wall'));
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const times = { script: [], frame: [], idle: [] };
  for (let round = 0; round < rounds; round++) {
    const { step } = await (await fetch(`/harness/step?changes=${changes}&seconds=0.1`)).json();
    await frame();
    let from = performance.now();
    await frame();
    times.idle.push(performance.now() - from);
    from = performance.now();
    part.follow([step]);
    times.script.push(performance.now() - from);
    await frame();
    times.frame.push(performance.now() - from);
  }
  return times;
}"""


def look_at(page: Page, zoom: float | None) -> int:
    """Set the view; answers how many cases are symbols in it."""
    part = "citywall.map.part(document.querySelector('.cw-wall'))"
    page.evaluate(f"(zoom) => {{ zoom ? {part}.map.setZoom(zoom, {{ animate: false }}) : {part}.fit(); }}", zoom)
    shown: int = page.evaluate(f"() => [...{part}.layers.cases.values()].filter((known) => known.layer).length")
    return shown


def measure(page: Page, server: WallServer, rounds: int) -> list[str]:
    lines = [f"{len(server.hall.day.grids['features'])} grids, {len(server.hall.board.cases)} open cases"]
    for name, zoom in VIEWS.items():
        shown = look_at(page, zoom)
        times = page.evaluate(MEASURE, [CHANGES, rounds])
        p50, p95, _ = percentiles(times["frame"])
        idle = percentiles(times["idle"])[0]
        script = percentiles(times["script"])[0]
        lines.append(
            f"- {name}, {shown} symbols: p50 {p50:.0f} ms, p95 {p95:.0f} ms until the frame is made "
            f"(script {script:.1f} ms; an idle frame pair {idle:.0f} ms)"
        )
    return lines


def main() -> None:
    options = arguments(__doc__).parse_args()
    rounds, cases = (5, 1_000) if options.quick else (ROUNDS, CASES)
    with wall_server(cases=cases) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 3840, "height": 2160})
        page.goto(server.address)
        page.wait_for_function(READY, timeout=60_000)
        lines = measure(page, server, rounds)
        browser.close()
    report(f"A change of {CHANGES} cases on the map", lines, save=options.save)


if __name__ == "__main__":
    main()
