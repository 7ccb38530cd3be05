"""`/ws/replay` and `/api/v1/replay/day`: the whole wall at a past moment, and how full the hall was that day.

One socket is one replay. The page says what it wants (`{"at": epoch ms, "speed": n, "playing": bool}`, each time all of
it), the server answers with whole boards after a jump and with single steps while time goes on: at most four a second,
made when the last one was taken, so a slow viewer or a high speed skips and never queues.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect

from api.identity import asker, current_identity
from api.problems import FieldProblem
from data_access.errors import StoreError
from data_access.past_wall import Load, PastReader, PastWall
from domain.board import Board, message, row_to_wire
from domain.journal import milliseconds, moment
from domain.playback import SPEEDS, Playback, curve_points
from runtime.clock import Clock

MOST_REPLAYS = 4
"""Replays of one web process: each holds the open cases twice (some ten MB in a large city), and at the highest speed
takes a good part of one thread."""
FRAME_SECONDS = 0.25
QUIET_SECONDS = 1.0
"""How often a replay that stands still, or goes as slowly as life, says that it is there."""
LOADING_SECONDS = 0.2
DAYS_KEPT = 64
"""Curves of whole past days kept: a kilobyte each."""

CLOSE_FULL = 4429
CLOSE_REPLACED = 4409
CLOSE_NONSENSE = 4400
CLOSE_FORBIDDEN = 4403

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayParts:
    """What a replay is made from. `view` is what the wall is told of a board, as for the live one."""

    reader: PastReader
    view: Callable[[Board], dict[str, Any]]
    clock: Clock


class Seats:
    """The replays under way: one a viewer, and no more than the process can carry."""

    def __init__(self) -> None:
        self._taken: dict[str, asyncio.Event] = {}

    def take(self, name: str) -> asyncio.Event | None:
        """A seat, with the event that says somebody else of this name has taken it; None while all are taken."""
        if name in self._taken:
            self._taken[name].set()
        elif len(self._taken) >= MOST_REPLAYS:
            return None
        self._taken[name] = asyncio.Event()
        return self._taken[name]

    def leave(self, name: str, seat: asyncio.Event) -> None:
        if self._taken.get(name) is seat:
            del self._taken[name]


def replay_router(parts: ReplayParts) -> APIRouter:
    """The routes; `api.rules` lets in whoever may see figures. A wall in the hall may not: it shows what is."""
    router = APIRouter(tags=["figures"])
    seats = Seats()
    curves = _Curves(parts)

    @router.websocket("/ws/replay")
    async def replay_socket(socket: WebSocket) -> None:
        identity = current_identity()
        if identity is None:
            await socket.close(CLOSE_FORBIDDEN)
            return
        await socket.accept()
        seat = seats.take(identity.name)
        if seat is None:
            await _say(socket, {"kind": "error", "error": "full", "number": MOST_REPLAYS})
            await socket.close(CLOSE_FULL)
            return
        try:
            await _serve(socket, parts, seat)
        finally:
            seats.leave(identity.name, seat)

    @router.get("/api/v1/replay/day", summary="Open and overdue cases over one day of the city, by the quarter hour")
    def day(
        day: Annotated[str, Query(alias="date", description="2026-03-01, a day of the city")] = "",
    ) -> dict[str, Any]:
        asker()
        return curves.answer(day)

    return router


class _Curves:
    """The day curves; those of days that are over are kept."""

    def __init__(self, parts: ReplayParts) -> None:
        self._parts = parts
        self._kept: dict[date, list[Load]] = {}

    def answer(self, text: str) -> dict[str, Any]:
        now, zone = self._parts.clock.now(), self._parts.reader.zone
        day = _day_of(text, now, zone)
        loads = self._loads(day, now)
        first, points = self._parts.reader.first_at(), curve_points(day, zone)
        return {
            "date": day.isoformat(),
            "start": milliseconds(points[0]),
            "end": milliseconds(points[-1]),
            "first": None if first is None else milliseconds(first),
            "points": [milliseconds(load.at) for load in loads],
            "open": [load.open for load in loads],
            "overdue": [load.overdue for load in loads],
        }

    def _loads(self, day: date, now: datetime) -> list[Load]:
        kept = self._kept.get(day)
        if kept is None:
            kept = self._parts.reader.curve(day, now)
            if day < now.astimezone(self._parts.reader.zone).date():
                self._kept[day] = kept
                if len(self._kept) > DAYS_KEPT:
                    self._kept.pop(next(iter(self._kept)))
        return kept


def _day_of(text: str, now: datetime, zone: ZoneInfo) -> date:
    try:
        day = date.fromisoformat(text) if text else now.astimezone(zone).date()
    except ValueError:
        raise FieldProblem("date", f"{text!r} is no day; give 2026-03-01") from None
    if not datetime(1970, 1, 2, tzinfo=UTC).date() <= day <= now.astimezone(zone).date():
        raise FieldProblem("date", "must be a day from 1970 until today")
    return day


@dataclass(frozen=True, slots=True)
class Order:
    """What the page wants: the moment to go to (None: go on from where it is), the speed, and whether time passes."""

    at: datetime | None
    speed: int
    playing: bool


class OrderError(ValueError):
    """The page asked for something impossible; the text names the field and the fix."""


def parse_order(text: str) -> Order:
    """An order as the page sends it.

    Raises:
        OrderError: no JSON object, an unknown field, or an impossible value.
    """
    try:
        told = orjson.loads(text)
        at = told.get("at")
        order = Order(None if at is None else moment(int(at)), int(told["speed"]), bool(told["playing"]))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError) as error:
        raise OrderError("give at (epoch ms or null), speed and playing") from error
    if order.speed not in SPEEDS:
        raise OrderError(f"speed {order.speed} is not possible; possible are {', '.join(map(str, SPEEDS))}")
    return order


async def _serve(socket: WebSocket, parts: ReplayParts, seat: asyncio.Event) -> None:
    replay = _Replay(socket, parts)
    tasks = [asyncio.create_task(work) for work in (replay.listen(), replay.show(), seat.wait())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks[2] in done:
            await _say(socket, {"kind": "error", "error": "replaced"})
            await socket.close(CLOSE_REPLACED)
        for task in done:
            task.result()
    except (WebSocketDisconnect, RuntimeError) as error:
        log.debug("a replay's page has left: %s", type(error).__name__)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _say(socket: WebSocket, told: dict[str, Any]) -> None:
    await socket.send_text(orjson.dumps(told).decode())


class _Replay:
    """One viewer's replay: the newest order counts, and the next frame is made when the last one is sent."""

    def __init__(self, socket: WebSocket, parts: ReplayParts) -> None:
        self._socket = socket
        self._parts = parts
        self._wall = PastWall(parts.reader)
        self._play: Playback | None = None
        self._order: Order | None = None
        self._ordered = asyncio.Event()
        self._first: datetime | None = None
        self._sent: Board | None = None
        self._tallies = 0

    async def listen(self) -> None:
        """Take orders until the page leaves; one that is not taken yet gives way to the next."""
        while True:
            try:
                order = parse_order(await self._socket.receive_text())
            except OrderError as error:
                await self._socket.close(CLOSE_NONSENSE, str(error)[:120])
                return
            waiting = self._order.at if self._order else None
            self._order = replace(order, at=order.at or waiting)
            self._ordered.set()

    async def show(self) -> None:
        """Show what was ordered, and go on from there."""
        while True:
            await self._due()
            try:
                if await self._turn():
                    await self._frame()
            except StoreError as error:
                log.error("a replay cannot be read: %s", error)
                await _say(self._socket, {"kind": "error", "error": "store", "message": str(error)})
                self._play = None

    async def _due(self) -> None:
        """Until the next frame is due or something was ordered."""
        if self._play is None:
            await self._ordered.wait()
            return
        slow = not self._play.playing or self._play.speed == SPEEDS[0]
        try:
            async with asyncio.timeout(QUIET_SECONDS if slow else FRAME_SECONDS):
                await self._ordered.wait()
        except TimeoutError:
            return

    async def _turn(self) -> bool:
        """Take the newest order, if there is one; whether anything can be shown."""
        order, self._order = self._order, None
        self._ordered.clear()
        clock = self._parts.clock
        if order is not None:
            self._first = self._first or await asyncio.to_thread(self._parts.reader.first_at)
            last = clock.now()
            at = order.at or (self._play.shown(clock.monotonic()) if self._play else last)
            self._play = Playback(at=at, since=clock.monotonic(), speed=order.speed, playing=order.playing)
        if self._first is None:
            await _say(self._socket, {"kind": "error", "error": "empty"})
            self._play = None
        return self._play is not None

    async def _frame(self) -> None:
        clock = self._parts.clock
        if self._play is None or self._first is None:
            return
        asked = self._play.at
        self._play = self._play.within(self._first, clock.now(), clock.monotonic())
        early = asked < self._first
        at = self._play.shown(clock.monotonic())
        making = asyncio.create_task(asyncio.to_thread(self._made, at, clock.now()))
        waited = False
        while not (await asyncio.wait([making], timeout=LOADING_SECONDS))[0]:
            if self._wall.share < 1:
                waited = True
                await _say(self._socket, {"kind": "loading", "at": milliseconds(at), "share": self._wall.share})
        text = making.result()
        if waited:  # the time it took to read was not time that passed there
            self._play = replace(self._play, at=at, since=clock.monotonic())
        await self._socket.send_text(text[:-1] + self._tail(at, early=early))

    def _tail(self, at: datetime, *, early: bool) -> str:
        play = self._play
        told = {
            "at": milliseconds(at),
            "speed": play.speed if play else SPEEDS[0],
            "playing": bool(play and play.playing),
            "first": milliseconds(self._first) if self._first else None,
            "early": early,
        }
        return "," + orjson.dumps(told).decode()[1:]

    def _made(self, at: datetime, now: datetime) -> str:
        """The frame as JSON: a whole board where the last one sent does not lead to it, else the step. Blocking."""
        board = self._wall.board(at, now)
        if self._tallies != self._wall.tallies:
            told = self._whole(board)
        elif self._sent is not None and board.version == self._sent.version:
            told = {"kind": "tick"}
        else:
            told = self._step(board)
        self._tallies, self._sent = self._wall.tallies, board
        return orjson.dumps(told).decode()

    def _whole(self, board: Board) -> dict[str, Any]:
        cases = [row_to_wire(row) for row in board.cases.values()]
        return {
            "kind": "board",
            "version": board.version,
            "wall": self._parts.view(board),
            "cases": cases,
            "grids": dict(board.grids),
        }

    def _step(self, board: Board) -> dict[str, Any]:
        step = message(self._sent, board)
        drawn = {name: step[name] for name in ("from", "to", "put", "drop")}
        drawn["grids"] = {code: load or (0, 0) for code, load in step["board"].get("grids", {}).items()}
        return {"kind": "step", "version": board.version, "wall": self._parts.view(board), "step": drawn}
