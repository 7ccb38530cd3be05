"""From a committed change to the screens: how long until every open page has been told, and until one has drawn it.

A hall of its own runs as always (Valkey, live, web). One real Chromium shows the wall and draws; the other tabs are
socket clients that speak Dash's protocol and count as tabs. Changes are reports of new cases, committed here through
the case store as any other process would, at one a second (after quiet), then at 50 and at 500 a second. Latency: from
just before the commit until the message with that case is received (tabs), or two animation frames after it (Chromium).
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from live_tabs import Tab, open_tab, wall_cookies
from measured import ROOT, arguments, percentiles, report
from playwright.async_api import Page, async_playwright

from data_access.cases import Done
from data_access.hall import Hall, open_hall
from data_access.relay import waker
from domain.action import Action, Command
from domain.roles import Identity, Role
from runtime.embedded_valkey import embedded_valkey

sys.path.insert(0, str(ROOT))

from tests.chromium import CHROMIUM, FLAGS
from tests.hall_process import HallProcess, command, running_hall
from tests.waiting import eventually_async

COLLECTOR = Identity("bench", "bench", Role.COLLECTOR)
WATCH = """() => { window.cwSeen = {}; window.citywall.live.on('cases', (told) => {
    const rows = (told.steps || []).flatMap((step) => step.put);
    requestAnimationFrame(() => requestAnimationFrame(() => {
        for (const row of rows) window.cwSeen[row.case_no] ??= performance.timeOrigin + performance.now();
    }));
}); }"""


async def _commit_at(store: Hall, rate: float, number: int) -> dict[str, float]:
    """Report `number` cases, `rate` a second: case number → epoch ms just before its commit."""
    begun = {}
    start = time.monotonic()
    for index in range(number):
        await asyncio.sleep(max(0.0, start + index / rate - time.monotonic()))
        at = time.time() * 1000
        done = await asyncio.to_thread(store.cases.execute, _report(index))
        if not isinstance(done, Done):
            raise RuntimeError(done.text)
        begun[done.case.case_no] = at
    return begun


def _report(index: int) -> Command:
    now = datetime.now(UTC)
    facts = {
        "class_code": "E0101",
        "address": f"香港中路{index}号",
        "lon": 120.38 + index % 100 / 5000,
        "lat": 36.07,
        "photos": ("far:0",),
    }
    return Command(action=Action.REPORT, actor=COLLECTOR, at=now.replace(microsecond=0), facts=facts)


async def _measured(
    store: Hall, tabs: Sequence[Tab], page: Page, *, rate: float, number: int
) -> tuple[list[float], list[float], float]:
    begun = await _commit_at(store, rate, number)
    took = (max(begun.values()) - min(begun.values())) / 1000

    async def all_told() -> bool:
        return all(case in tab.seen for tab in tabs for case in begun)

    await eventually_async(all_told, within=60)
    drawn = await page.evaluate("() => window.cwSeen")
    told = [tab.seen[case] - at for tab in tabs for case, at in begun.items()]
    return told, [drawn[case] - at for case, at in begun.items() if case in drawn], number / max(took, 0.001)


async def _run(hall: HallProcess, token: str, tab_numbers: Sequence[int], quick: bool) -> list[str]:
    url = embedded_valkey(hall.data_dir).url
    store = open_hall(f"sqlite:///{hall.data_dir / 'citywall.sqlite3'}", on_commit=waker(url))
    cookies, push = wall_cookies(hall, token)
    loads = ((1.0, 6), (50.0, 100)) if quick else ((1.0, 30), (50.0, 1000), (500.0, 5000))
    lines = [
        "| tabs | asked a second | reached | told ms p50 | p95 | p99 | drawn ms p50 | p95 | p99 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1920, "height": 1080})
        await page.goto(f"{hall.base}/device/{token}")
        await page.wait_for_function("() => window.citywall?.live.newest('wall')")
        await page.evaluate(WATCH)
        for tab_number in tab_numbers:
            tabs = [await open_tab(hall, cookies, push, number) for number in range(tab_number)]
            listening = [asyncio.create_task(tab.listen()) for tab in tabs]
            await asyncio.sleep(2.0)
            for rate, number in loads:
                told, drawn, reached = await _measured(store, tabs, page, rate=rate, number=number)
                cells = [f"{value:.0f}" for value in (*percentiles(told), *percentiles(drawn))]
                lines.append(f"| {tab_number} | {rate:.0f} | {reached:.0f} | {' | '.join(cells)} |")
            for task, tab in zip(listening, tabs, strict=True):
                task.cancel()
                await tab.socket.close()
        await browser.close()
    return lines


def main() -> None:
    """Measure 1 and 50 tabs beside the one that draws."""
    given = arguments(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "hall"
        with running_hall(data_dir, CITYWALL_DEMO="false") as hall:
            said = command("device", "add", "bench", data_dir=data_dir).stdout
            token = re.search(r"/device/(\S+)", said)
            if token is None:
                raise RuntimeError(said)
            lines = asyncio.run(_run(hall, token.group(1), (1, 50), given.quick))
    report("Event to page", lines, save=given.save)


if __name__ == "__main__":
    main()
