"""Board, cameras, health, metrics, heartbeat and documentation."""

from __future__ import annotations

import asyncio
import gzip

import pytest
import redis.asyncio

from api.board import PreparedBoard
from api.health import CHECK_SECONDS
from data_access.keys import wall_heartbeat
from domain.journal import milliseconds
from domain.roles import Role
from tests.api.hall import Hall, make_hall, offline


async def test_before_the_first_board_the_answer_is_ask_again(hall: Hall) -> None:
    async with hall.client(Role.WALL_DEVICE) as client:
        answer = await client.get("/api/v1/board")
    assert (answer.status_code, answer.json()["error"], answer.headers["retry-after"]) == (503, "no_board", "1")


async def test_the_board_is_sent_as_it_was_prepared(hall: Hall) -> None:
    hall.board.append(PreparedBoard(7, b'{"version":7}'))
    async with hall.client(Role.WALL_DEVICE) as client:
        answer = await client.get("/api/v1/board")
    assert (answer.json(), answer.headers["content-type"]) == ({"version": 7}, "application/json")


async def test_a_board_somebody_has_already_is_not_sent_again(hall: Hall) -> None:
    hall.board.append(PreparedBoard(7, b'{"version":7}'))
    async with hall.client(Role.WALL_DEVICE) as client:
        etag = (await client.get("/api/v1/board")).headers["etag"]
        assert (await client.get("/api/v1/board", headers={"if-none-match": etag})).status_code == 304
        hall.board.append(PreparedBoard(8, b'{"version":8}'))
        assert (await client.get("/api/v1/board", headers={"if-none-match": etag})).json() == {"version": 8}


async def test_a_compressed_board_is_sent_to_who_can_read_it(hall: Hall) -> None:
    hall.board.append(PreparedBoard(7, b'{"version":7}', gzip.compress(b'{"version":7}')))
    async with hall.client(Role.WALL_DEVICE) as client:
        small = await client.get("/api/v1/board", headers={"accept-encoding": "gzip"})
        plain = await client.get("/api/v1/board", headers={"accept-encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert small.json() == plain.json() == {"version": 7}


async def test_a_camera_says_its_state_since_when_and_why(hall: Hall) -> None:
    hall.statuses["QD-001"] = offline(hall.clock)
    async with hall.client(Role.SUPERVISOR) as client:
        answer = (await client.get("/api/v1/cameras")).json()
    (camera,) = answer["cameras"]
    assert (camera["state"], camera["error"], camera["since"]) == (
        "offline",
        "timeout",
        milliseconds(hall.clock.now()),
    )
    assert (answer["total"], answer["by_state"]["offline"], answer["by_state"]["live"]) == (1, 1, 0)


async def test_a_camera_nobody_reports_on_is_not_called_live(hall: Hall) -> None:
    async with hall.client(Role.SUPERVISOR) as client:
        answer = (await client.get("/api/v1/cameras")).json()
    assert answer["cameras"][0]["state"] is None
    assert sum(answer["by_state"].values()) == 0


async def test_no_camera_address_is_ever_told(hall: Hall) -> None:
    async with hall.client(Role.ADMIN) as client:
        assert "url" not in (await client.get("/api/v1/cameras")).text


async def test_alive_is_alive(hall: Hall) -> None:
    async with hall.client() as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_ready_names_every_part(hall: Hall) -> None:
    async def well() -> None:
        return None

    hall.checks["store"] = well
    async with hall.client() as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "parts": {"store": "ok"}})


async def test_not_ready_says_which_part_and_why_but_no_secret(hall: Hall) -> None:
    async def away() -> str:
        return "no board since 14:02"

    async def broken() -> None:
        raise ConnectionError("redis://user:password@10.0.0.9")

    hall.checks.update(board=away, redis=broken)
    async with hall.client() as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {"board": "no board since 14:02", "redis": "failed: ConnectionError"}


async def test_a_part_that_never_answers_does_not_hold_the_others_up(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("api.health.CHECK_SECONDS", CHECK_SECONDS / 100)
    hall.checks["database"] = hangs
    async with hall.client() as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, "no answer" in answer.json()["parts"]["database"]) == (503, True)


async def test_metrics_tell_board_cases_and_cameras(hall: Hall) -> None:
    async with hall.client(Role.ADMIN) as client:
        await client.get("/cases")
        text = (await client.get("/metrics")).text
    assert "citywall_board_age_seconds 0.4" in text
    assert "citywall_cases_open 12.0" in text
    assert 'citywall_cameras{state="offline"} 11.0' in text
    assert 'citywall_source{name="live",state="ok"} 1.0' in text
    assert 'citywall_requests_total{method="GET",route="/cases",status="200"} 1.0' in text


async def test_what_is_not_known_is_not_zero(hall: Hall) -> None:
    async with hall.client(Role.ADMIN) as client:
        assert "citywall_cases_overdue NaN" in (await client.get("/metrics")).text


async def test_addresses_cannot_multiply_the_labels(hall: Hall) -> None:
    async with hall.client(Role.LEADER) as client:
        for number in range(5):
            await client.get(f"/api/v1/cases/QD{number}")
    async with hall.client(Role.ADMIN) as client:
        text = (await client.get("/metrics")).text
    assert 'route="/api/v1/cases/{case_no}",status="404"} 5.0' in text
    assert "QD1" not in text


async def test_a_walls_heartbeat_lies_in_redis_for_a_minute(hall: Hall) -> None:
    async with hall.client(Role.WALL_DEVICE) as client:
        answer = await client.post("/api/v1/wall/heartbeat", json={"scene": "video", "dropped_frames": 3})
    kept = await hall.redis.hgetall(wall_heartbeat("device:lobby"))
    assert answer.status_code == 204
    assert (kept[b"scene"], kept[b"dropped_frames"]) == (b"video", b"3")
    assert int(kept[b"at"]) == milliseconds(hall.clock.now())
    assert 0 < await hall.redis.ttl(wall_heartbeat("device:lobby")) <= 60


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{}x", ""),
        (b'{"scene": 5}', "scene"),
        (b'{"memory_mb": -1}', "memory_mb"),
        (b'{"password": "x"}', "password"),
        (b'{"scene": "' + b"x" * 100 + b'"}', "scene"),
    ],
)
async def test_a_wrong_heartbeat_is_refused_with_its_field(hall: Hall, body: bytes, field: str) -> None:
    async with hall.client(Role.WALL_DEVICE, **{"content-type": "application/json"}) as client:
        answer = await client.post("/api/v1/wall/heartbeat", content=body)
    assert answer.status_code == 422
    assert field in answer.json()["field"]


async def test_a_heartbeat_without_redis_says_so(hall: Hall) -> None:
    nowhere = redis.asyncio.Redis.from_url("unix:///nowhere/valkey.sock")
    away = make_hall(hall.engine, nowhere)
    async with away.client(Role.WALL_DEVICE) as client:
        answer = await client.post("/api/v1/wall/heartbeat", json={})
    await nowhere.aclose()
    assert answer.status_code == 503


async def test_the_documentation_lists_every_machine_route_without_a_script(hall: Hall) -> None:
    async with hall.client(Role.LEADER) as client:
        page = await client.get("/api/docs")
        described = (await client.get("/openapi.json")).json()["paths"]
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "//" not in page.text.replace("<!DOCTYPE html>", "")
    for path in ("/api/v1/kpi", "/api/v1/cases", "/api/v1/cameras", "/api/v1/board", "/healthz", "/metrics"):
        assert path in page.text
        assert path in described
    assert "/login" not in described
