"""The replay's door: who may, how many at once, what an order must say, and what the day's curve answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.types import Receive, Scope, Send

from api.identity import Visitor, visitor
from api.problems import add_problem_handlers
from api.replay import CLOSE_FULL, CLOSE_NONSENSE, CLOSE_REPLACED, MOST_REPLAYS, ReplayParts, replay_router
from api.rules import line_for
from data_access.cases import CaseStore
from data_access.past_wall import PastReader
from domain.journal import milliseconds
from domain.roles import Identity, Role
from tests.api.sockets import HandSocket
from tests.data_access.histories import CITY_ZONE, at_step, history
from tests.data_access.policies import PLAIN_POLICY
from tests.hand_clock import HandClock

App = Callable[[str], Any]


@pytest.fixture
def app(engine: Engine) -> App:
    """The routes as somebody of this name reaches them."""
    store = CaseStore(engine, PLAIN_POLICY, number_prefix="QD", zone=CITY_ZONE)
    with store.bulk() as writer:
        writer.append([history(f"A{number}", (at_step(number), {"district": "370202"})) for number in range(6)])
    inner = FastAPI()
    add_problem_handlers(inner)
    parts = ReplayParts(
        reader=PastReader(engine, CITY_ZONE), view=lambda board: {"open": board.open_total}, clock=HandClock()
    )
    inner.include_router(replay_router(parts))

    def named(name: str) -> Any:
        async def asked(scope: Scope, receive: Receive, send: Send) -> None:
            holder = visitor.set(Visitor(identity=Identity(name, name, Role.LEADER)))
            try:
                await inner(scope, receive, send)
            finally:
                visitor.reset(holder)

        return asked

    return named


def order(step: float, speed: int = 60) -> str:
    at = at_step(0) + timedelta(hours=8 * step)
    return orjson.dumps({"at": milliseconds(at), "speed": speed, "playing": False}).decode()


async def board(socket: HandSocket, after: int) -> dict[str, Any]:
    """The first whole board among the messages from number `after` on."""
    for number in range(after, after + 50):
        told: dict[str, Any] = orjson.loads((await socket.message(number))["text"])
        if told["kind"] == "board":
            return told
    raise AssertionError("no board came")


async def test_a_jump_answers_with_the_whole_wall_of_then(app: App) -> None:
    async with HandSocket(app("wang"), "/ws/replay", {}) as socket:
        socket.say(order(3.5))
        told = await board(socket, 2)
        assert (told["wall"], len(told["cases"]), told["playing"]) == ({"open": 4}, 4, False)
        socket.say(order(1.5))
        assert (await board(socket, len(socket.sent) + 1))["wall"] == {"open": 2}


@pytest.mark.parametrize("text", ["no", "[]", '{"speed": 60}', '{"at": 1, "speed": 7, "playing": false}'])
async def test_an_impossible_order_ends_the_replay(app: App, text: str) -> None:
    async with HandSocket(app("wang"), "/ws/replay", {}) as socket:
        socket.say(text)
        assert (await socket.message(2))["code"] == CLOSE_NONSENSE


async def test_when_all_seats_are_taken_the_next_is_told_so(app: App) -> None:
    sockets = [HandSocket(app(f"p{number}"), "/ws/replay", {}) for number in range(MOST_REPLAYS)]
    for socket in sockets:
        await socket.__aenter__()
    async with HandSocket(app("late"), "/ws/replay", {}) as late:
        assert orjson.loads((await late.message(2))["text"])["error"] == "full"
        assert (await late.message(3))["code"] == CLOSE_FULL
    await asyncio.gather(*(socket.__aexit__() for socket in sockets))
    async with HandSocket(app("late"), "/ws/replay", {}) as late:
        late.say(order(2))
        assert await board(late, 2)


async def test_a_second_one_of_the_same_viewer_takes_the_seat(app: App) -> None:
    async with HandSocket(app("wang"), "/ws/replay", {}) as first, HandSocket(app("wang"), "/ws/replay", {}):
        assert orjson.loads((await first.message(2))["text"])["error"] == "replaced"
        assert (await first.message(3))["code"] == CLOSE_REPLACED


@pytest.mark.parametrize(("day", "status"), [("2026-03-10", 200), ("", 200), ("tomorrow", 422), ("2999-01-01", 422)])
async def test_the_curve_of_a_day_names_what_is_wrong_with_another(app: App, day: str, status: int) -> None:
    transport = httpx.ASGITransport(app("wang"))
    async with httpx.AsyncClient(transport=transport, base_url="http://hall") as client:
        answer = await client.get("/api/v1/replay/day", params={"date": day})
    assert answer.status_code == status
    if status == 200:
        assert len(answer.json()["open"]) == len(answer.json()["points"])


@pytest.mark.parametrize("path", ["/replay", "/api/v1/replay/day", "/ws/replay"])
def test_people_who_see_figures_may_and_screens_in_the_hall_may_not(path: str) -> None:
    line = line_for(path, "WS" if path.startswith("/ws") else "GET")
    assert line is not None
    may = {role for role in Role if line.rule.lets_in(Identity("x", "x", role))}
    assert Role.LEADER in may
    assert may.isdisjoint({Role.WALL_DEVICE, Role.DEPARTMENT, Role.COLLECTOR})
