"""The same loop where the city alone supervises (一级监督、两级指挥): by HTTP, through the doors the pages use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from pydantic import SecretStr

from data_access.hall import open_hall
from domain.rights import Mode
from roles.web import Web
from runtime.settings import Settings
from tests.hall_process import PASSWORD
from tests.small_hall import DEPARTMENT, SPOT, make_small_hall

HERE = "http://hall"


@pytest.fixture
def web(tmp_path: Path, valkey_url: str) -> Iterator[Web]:
    """The web role's parts on a small city of mode one_two."""
    folder = tmp_path / "hall"
    make_small_hall(folder, Mode.ONE_TWO)
    made = Web(
        Settings(data_dir=folder, demo=False, redis_url=SecretStr(valkey_url)),
        open_hall(f"sqlite:///{folder / 'citywall.sqlite3'}"),
    )
    yield made
    made.hall.engine.dispose()


class People:
    """Everybody with a session of their own, on one case."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._known: dict[str, httpx.AsyncClient] = {}
        self.case_no = ""

    async def client(self, name: str) -> httpx.AsyncClient:
        if name not in self._known:
            transport = httpx.ASGITransport(self._app)
            client = httpx.AsyncClient(
                transport=transport, base_url=HERE, headers={"Origin": HERE}, follow_redirects=False
            )
            form = dict(re.findall(r'name="(form|next)" value="([^"]*)"', (await client.get("/login")).text))
            answer = await client.post("/login", data=form | {"name": name, "password": PASSWORD})
            assert answer.status_code == 303, answer.text[:200]
            self._known[name] = client
        return self._known[name]

    async def photo(self, name: str, kind: str) -> str:
        picture = np.random.default_rng(len(kind)).integers(0, 255, (60, 80, 3), np.uint8)
        body = cv2.imencode(".jpg", picture)[1].tobytes()
        client = await self.client(name)
        answer = await client.post(f"/api/v1/photos?kind={kind}", content=body, headers={"Content-Type": "image/jpeg"})
        return f"{kind}:{answer.json()['sha256']}"

    async def act(self, name: str, action: str, reason: str = "", **facts: Any) -> httpx.Response:
        client = await self.client(name)
        at = f"/api/v1/cases/{self.case_no}"
        case = (await (await self.client("shift")).get(at)).json()["case"]
        told = {"action": action, "expected_version": case["version"], "reason": reason, "facts": facts}
        return await client.post(f"{at}/actions", json=told)

    async def state(self) -> str:
        told = await (await self.client("shift")).get(f"/api/v1/cases/{self.case_no}")
        return str(told.json()["case"]["state"])


async def test_the_citys_people_lead_a_case_through_and_a_districts_collector_may_not_check(web: Web) -> None:
    people = People(web.app())
    lon, lat = SPOT
    facts = {"class_code": "E0102", "lon": lon, "lat": lat, "photos": [await people.photo("collector", "near")]}
    begun = await (await people.client("collector")).post("/api/v1/cases", json={"action": "report", "facts": facts})
    people.case_no = begun.json()["case"]["case_no"]
    assert begun.json()["case"]["grid"].startswith("370202")
    steps: list[tuple[str, str, dict[str, Any], str]] = [
        ("shift", "file", {"filing_condition": "暴露垃圾"}, "pending_dispatch"),
        ("dispatcher", "dispatch", {"department": DEPARTMENT}, "pending_disposal"),
        ("seat", "receive", {}, "disposing"),
        ("seat", "feed_back", {"photos": [await people.photo("seat", "after")]}, "pending_feedback_review"),
        ("acceptor", "send_check", {}, "pending_check"),
    ]
    for name, action, told, state in steps:
        answer = await people.act(name, action, **told)
        assert answer.status_code == 200, (action, answer.text)
        assert await people.state() == state
    far = [await people.photo("collector", "far")]
    assert (await (await people.client("local")).get("/api/v1/tasks")).json()["tasks"] == []
    refused = await people.act("local", "pass_check", photos=far)
    assert (refused.status_code, refused.json()["error"]) == (403, "no_right")
    tasks = (await (await people.client("collector")).get("/api/v1/tasks")).json()["tasks"]
    assert [task["case_no"] for task in tasks] == [people.case_no]
    assert (await people.act("collector", "pass_check", photos=far)).status_code == 200
    assert (await people.act("shift", "close")).status_code == 200
    assert await people.state() == "closed"
