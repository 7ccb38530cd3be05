"""What every open page is told, made once per board version however many pages are open.

A tab that lags is given the frames it missed if they are still in the ring, else it is told to fetch the whole state
again: nothing is kept per tab, so a stalled tab costs no memory (`home-assistant/core#94726` is the lesson).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from domain.board import Board, message, row_to_wire
from domain.journal import milliseconds

if TYPE_CHECKING:
    from data_access.live_board import LiveBoard

RING = 64
"""Frames kept for tabs that lag: 16 s at four frames a second."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What one step did to one open case: whose it was, whose it is, and its new row (None: it is open no more)."""

    case_no: str
    was_of: str | None
    is_of: str | None
    row: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Frame:
    """One step of the board as pages get it: `cases` holds what changed on the map since `before`."""

    before: int | None
    version: int
    wall: str
    cases: str
    moved: tuple[Moved, ...] = ()

    def own_cases(self, department: str) -> str:
        """The same step for a department's seat: its own cases only, and no word of anybody else's."""
        put = [moved.row for moved in self.moved if moved.is_of == department]
        drop = [moved.case_no for moved in self.moved if moved.was_of == department and moved.is_of != department]
        return _text({"from": self.before, "to": self.version, "put": put, "drop": drop, "grids": {}})


class Feed:
    """Turns the live board into frames for pages."""

    def __init__(self, live: LiveBoard, view: Callable[[Board], dict[str, Any]]) -> None:
        self._live = live
        self._view = view
        self._frames: deque[Frame] = deque(maxlen=RING)
        self._board: Board | None = None
        self._fresh = asyncio.Condition()

    @property
    def connected(self) -> bool:
        """Whether the board's own source is being heard."""
        return self._live.connected

    @property
    def newest(self) -> Frame | None:
        return self._frames[-1] if self._frames else None

    @property
    def as_of(self) -> int | None:
        """When the board was last confirmed by the live worker, epoch ms: also while nothing changes."""
        return None if self._live.current is None else milliseconds(self._live.current.as_of)

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the live board until told to stop."""
        while not stop.is_set():
            version = self._board.version if self._board else -1
            board = await self._live.newer(version, timeout=1.0)
            if board is not None and board is not self._board:
                await self._step(board)

    async def _step(self, board: Board) -> None:
        frame = self._frame(board)
        async with self._fresh:
            self._board = board
            self._frames.append(frame)
            self._fresh.notify_all()

    def _frame(self, board: Board) -> Frame:
        step = message(self._board, board)
        drawn = {name: step[name] for name in ("from", "to", "put", "drop")}
        drawn["grids"] = {code: load or (0, 0) for code, load in step["board"].get("grids", {}).items()}
        moved = tuple(self._moves(step["put"], step["drop"]))
        return Frame(step["from"], board.version, _text(self._view(board)), _text(drawn), moved)

    def _moves(self, put: Iterable[Mapping[str, Any]], drop: Iterable[str]) -> Iterator[Moved]:
        known = self._board.cases if self._board else {}
        for row in put:
            before = known.get(row["case_no"])
            yield Moved(row["case_no"], before.department if before else None, row["department"], row)
        for case_no in drop:
            before = known.get(case_no)
            yield Moved(case_no, before.department if before else None, None, None)

    async def wake(self) -> None:
        """Let everybody who waits for a frame look whether what they wait for besides is there."""
        async with self._fresh:
            self._fresh.notify_all()

    async def newer(self, version: int, within: float, besides: Callable[[], bool] = lambda: False) -> bool:
        """Wait up to `within` seconds until a frame newer than `version` is there, or `besides` holds (see `wake`)."""
        async with self._fresh:
            try:
                await asyncio.wait_for(self._fresh.wait_for(lambda: self._is_newer(version) or besides()), within)
            except TimeoutError:
                return False
        return True

    def _is_newer(self, version: int) -> bool:
        return bool(self._frames) and self._frames[-1].version != version

    def since(self, version: int) -> list[Frame] | None:
        """The frames that lead from `version` to now; None when the chain is broken and the tab must fetch anew."""
        frames = list(self._frames)
        for index, frame in enumerate(frames):
            if frame.before == version:
                return frames[index:]
        return [] if frames and frames[-1].version == version else None

    def snapshot(self) -> bytes:
        """The whole state as `newest` left it, for a page that begins (`/api/v1/board`)."""
        if self._board is None:
            raise LookupError("no board has arrived yet")
        cases = [row_to_wire(row) for row in self._board.cases.values()]
        body = {"version": self._board.version, "cases": cases, "grids": dict(self._board.grids)}
        return orjson.dumps(body)[:-1] + b',"wall":' + self._frames[-1].wall.encode() + b"}"

    def own_snapshot(self, department: str) -> bytes:
        """The open cases of one department, as `newest` left them, for its seat's page."""
        if self._board is None:
            raise LookupError("no board has arrived yet")
        cases = [row_to_wire(row) for row in self._board.cases.values() if row.department == department]
        return orjson.dumps({"version": self._board.version, "cases": cases, "grids": {}})


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
