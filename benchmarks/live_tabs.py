"""Tabs for benchmarks: clients that speak Dash's socket protocol, count as open pages, and note when they were told."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
from measured import ROOT
from websockets.asyncio.client import ClientConnection, connect

sys.path.insert(0, str(ROOT))

from tests.hall_process import HallProcess


@dataclass
class Tab:
    """One open page, as far as its socket is concerned: when (epoch ms) each case, and each version, was first told."""

    socket: ClientConnection
    seen: dict[str, float] = field(default_factory=dict)
    versions: dict[tuple[str, int], float] = field(default_factory=dict)

    async def listen(self) -> None:
        async for text in self.socket:
            at = time.time() * 1000
            for row in _told(text if isinstance(text, str) else text.decode()):
                self.seen.setdefault(row["case_no"], at)
                self.versions.setdefault((row["case_no"], row["version"]), at)


def _told(text: str) -> list[dict[str, Any]]:
    if '"cw-cases"' not in text:
        return []
    messages = json.loads(text)
    found = []
    for message in messages if isinstance(messages, list) else [messages]:
        payload = message.get("payload", {})
        if payload.get("componentId") == "cw-cases":
            steps = json.loads(payload["props"]["data"])["steps"] or []
            found += [row for step in steps for row in step["put"]]
    return found


def wall_cookies(hall: HallProcess, token: str) -> tuple[str, str]:
    """The wall device's cookies, and the id of the push among Dash's callbacks."""
    with httpx.Client(base_url=hall.base, follow_redirects=True, timeout=30) as client:
        client.get(f"/device/{token}")
        callbacks = client.get("/_dash-dependencies").json()
        push = next(found["output"] for found in callbacks if found.get("websocket"))
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items()), push


async def open_tab(hall: HallProcess, cookies: str, push: str, number: int) -> Tab:
    address = hall.base.replace("http", "ws") + "/_dash-ws-callback"
    socket = await connect(address, additional_headers={"Cookie": cookies}, origin=hall.base, max_size=None)
    payload = {"output": push, "outputs": [], "inputs": [], "changedPropIds": [], "state": []}
    asked = {"type": "callback_request", "rendererId": f"tab{number}", "requestId": str(number), "payload": payload}
    await socket.send(json.dumps(asked))
    return Tab(socket)
