"""A click at a desk: how long until the journal has it, and until the other screens show it.

A hall of its own with 100,000 cases stored (5,000 of them open) runs as always. Dispatchers' browsers are HTTP clients
that claim a case and then dispatch it, 50 commands a second together; other desks are socket clients that speak Dash's
protocol. Click: just before the request leaves. Journal: the answer is back (it is sent after the commit). Screens: the
message with that version of the case has arrived in every tab.
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
from typing import Any

import httpx
from live_tabs import Tab, open_tab, wall_cookies
from measured import ROOT, arguments, percentiles, report
from synthetic import fill, open_store

from data_access.cases import CaseStore, Done
from domain.action import Action, Command
from domain.roles import Identity, Role

sys.path.insert(0, str(ROOT))

from tests.hall_process import PASSWORD, HallProcess, command, running_hall
from tests.waiting import eventually_async

STORED, OPEN = 100_000, 5_000
RATE = 50.0
TABS = 20
CLIENTS = 8
_FILED = {"filing_condition": "散落", "closing_condition": "清理干净", "limit_value": 4, "limit_unit": "work_hour"}
_LEADER = Identity("bench-shift", "bench", Role.SHIFT_LEADER)
_COLLECTOR = Identity("bench-collector", "bench", Role.COLLECTOR)


def _waiting(store: CaseStore, count: int) -> list[str]:
    """Cases that wait for their dispatch, made by commands."""
    now = datetime.now(UTC).replace(microsecond=0)
    facts = {"class_code": "X0101", "lon": 120.38, "lat": 36.07, "grid": "370202001001001", "photos": ["near:0"]}
    numbers = []
    for _ in range(count):
        reported = store.execute(Command(action=Action.REPORT, actor=_COLLECTOR, at=now, facts=facts))
        if not isinstance(reported, Done):
            raise RuntimeError(reported.text)
        number = reported.case.case_no
        store.execute(Command(action=Action.FILE, actor=_LEADER, at=now, case_no=number, facts=_FILED))
        numbers.append(number)
    return numbers


async def _act(client: httpx.AsyncClient, number: str, action: str, version: int, **more: Any) -> tuple[float, float]:
    """Click (epoch ms) and how long until the journal had it (ms)."""
    body = {"action": action, "expected_version": version, **more}
    at = time.time() * 1000
    answer = await client.post(f"/api/v1/cases/{number}/actions", json=body)
    if answer.status_code != 200:
        raise RuntimeError(answer.text)
    return at, time.time() * 1000 - at


async def _clicks(
    clients: Sequence[httpx.AsyncClient], numbers: Sequence[str]
) -> tuple[dict[tuple[str, int], float], list[float]]:
    """Claim and dispatch each case, `RATE` commands a second in all: click by (case, version), and journal times."""
    clicks: dict[tuple[str, int], float] = {}
    journal: list[float] = []
    start = time.monotonic()

    async def both(index: int, number: str) -> None:
        client = clients[index % len(clients)]
        await asyncio.sleep(max(0.0, start + 2 * index / RATE - time.monotonic()))
        at, took = await _act(client, number, "claim", 2)
        clicks[number, 3] = at
        await asyncio.sleep(max(0.0, start + (2 * index + 1) / RATE - time.monotonic()))
        again, longer = await _act(client, number, "dispatch", 3, facts={"department": "D001"})
        clicks[number, 4] = again
        journal.extend((took, longer))

    await asyncio.gather(*(both(index, number) for index, number in enumerate(numbers)))
    return clicks, journal


async def _run(hall: HallProcess, token: str, numbers: Sequence[str]) -> list[str]:
    with hall.signed_in("bench") as session:
        cookies = dict(session.cookies)
    device, push = wall_cookies(hall, token)
    tabs = [await open_tab(hall, device, push, number) for number in range(TABS)]
    listening = [asyncio.create_task(tab.listen()) for tab in tabs]
    await asyncio.sleep(2.0)
    headers = {"Origin": hall.base}
    clients = [httpx.AsyncClient(base_url=hall.base, cookies=cookies, headers=headers) for _ in range(CLIENTS)]
    began = time.monotonic()
    clicks, journal = await _clicks(clients, numbers)
    seconds = time.monotonic() - began
    told = await _told(tabs, clicks)
    for client in clients:
        await client.aclose()
    for task, tab in zip(listening, tabs, strict=True):
        task.cancel()
        await tab.socket.close()
    figures = [" / ".join(f"{value:.0f}" for value in percentiles(values)) for values in (journal, told)]
    return [
        f"- {STORED:,} cases stored, {OPEN:,} open; {len(clicks):,} commands at {len(clicks) / seconds:.0f} a second, "
        f"{TABS} other screens",
        f"- click → journal: {figures[0]} ms (p50 / p95 / p99)",
        f"- click → other screens: {figures[1]} ms",
    ]


async def _told(tabs: Sequence[Tab], clicks: dict[tuple[str, int], float]) -> list[float]:
    """From each click to each tab; a version that a board skipped is shown with the one after it."""

    async def all_told() -> bool:
        return all((number, 4) in tab.versions for tab in tabs for number, _ in clicks)

    await eventually_async(all_told, within=60)
    return [
        min(at for (case, seen), at in tab.versions.items() if case == number and seen >= version) - click
        for tab in tabs[:4]
        for (number, version), click in clicks.items()
    ]


def main() -> None:
    given = arguments(__doc__).parse_args()
    count = 50 if given.quick else 600
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "hall"
        data_dir.mkdir()
        _, store = open_store(data_dir / "citywall.sqlite3")
        fill(store, STORED, still_open=OPEN, now=datetime.now(UTC))
        numbers = _waiting(store, count)
        settings = {"CITYWALL_DEMO": "false"}
        made = command(
            "user", "add", "bench", "--role", "dispatcher", data_dir=data_dir, text=PASSWORD + "\n", **settings
        )
        said = command("device", "add", "wall", data_dir=data_dir, **settings).stdout
        token = re.search(r"/device/(\S+)", said)
        if made.returncode or token is None:
            raise RuntimeError(made.stderr + said)
        with running_hall(data_dir, **settings) as hall:
            lines = asyncio.run(_run(hall, token.group(1), numbers))
    report("Commands at the desk", lines, save=given.save)


if __name__ == "__main__":
    main()
