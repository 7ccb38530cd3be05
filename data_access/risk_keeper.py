"""Keeps the risks of running cases: scores on change and every minute, and has a new model trained every night.

One keeper works at a time, any number stand by. Training happens in a process of its own that is handed in, so neither
its libraries nor its seconds ever reach the live role.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from pathlib import Path

import orjson
from redis.asyncio import Redis
from sqlalchemy import Engine

from data_access import keys
from data_access.errors import StoreError
from data_access.keep_trying import keep_trying
from data_access.lease import Lease, LeaseLost
from data_access.live_board import LiveBoard
from data_access.redis_client import LINE_ERRORS
from data_access.risk_scoring import load_model, score
from data_access.sources import OwnLamp, Sources
from domain.risk import ModelKind, RiskModel, prior_model
from domain.risk_wire import RiskBoard, board_to_wire
from domain.worktime import WorkCalendar
from runtime.clock import Clock

log = logging.getLogger(__name__)

SOURCE = "risk"
EVERY_SECONDS = 60.0
LEAST_GAP_SECONDS = 10.0
GAP_PER_COST = 20.0
"""However many cases run, scoring takes a twentieth of one core at most."""
BEGIN_AFTER_SECONDS = 90.0
"""A hall that starts has other things to do than to train."""
NIGHT = time(3)
"""After which hour of the city's night a new model is trained."""
AGAIN_AFTER = timedelta(hours=1)
"""After a failed training, or while there is too little history."""


class TrainingFailed(Exception):
    """The training process ended badly; its own log says why."""


class RiskKeeper:
    """`train` runs one training to its end and leaves the model's file in `data_dir`, or raises `TrainingFailed`."""

    def __init__(
        self,
        redis: Redis,
        engine: Engine,
        board: LiveBoard,
        calendar: WorkCalendar,
        *,
        data_dir: Path,
        capacity: int,
        train: Callable[[], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._redis, self._engine, self._board, self._calendar = redis, engine, board, calendar
        self._data_dir, self._capacity, self._train, self._clock = data_dir, capacity, train, clock
        self._lease = Lease(redis, keys.RISK_LEASE, clock)
        self._lamp = OwnLamp(Sources(redis, clock), SOURCE, clock)
        self._model: RiskModel | None = None
        self._tried_at: datetime | None = None
        self._scored: tuple[float, int | None] = (float("-inf"), None)
        self._cost = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; whatever breaks is tried again, after pauses."""
        expected = (*LINE_ERRORS, StoreError, LeaseLost, OSError, ValueError)
        await keep_trying(self.run_once, stop, expected=expected, failed=self._lamp.down, clock=self._clock)

    async def run_once(self) -> None:
        """Wait for the lease, then score and train until something fails.

        Raises:
            RedisError, OSError, StoreError, LeaseLost, ValueError: what failed.
        """
        async with self._lease.held():
            begun = self._clock.monotonic()
            self._model = await asyncio.to_thread(load_model, self._data_dir)
            training: asyncio.Task[None] | None = None
            try:
                while True:
                    training = await self._round(training, rested=self._clock.monotonic() - begun)
                    await self._clock.sleep(1.0)
            finally:
                if training is not None:
                    training.cancel()
                    await asyncio.wait({training})

    async def _round(self, training: asyncio.Task[None] | None, *, rested: float) -> asyncio.Task[None] | None:
        """What one second asks for; the training that goes on after it."""
        await self._lease.renew()
        if training is not None and training.done():
            training.result()
            training = None
        if training is None and rested >= BEGIN_AFTER_SECONDS and self.training_due(self._clock.now()):
            training = asyncio.create_task(self._trained())
        if self._scoring_due():
            await self._lease.renewing(self.score_now())
        await self._lamp.live(self._word())
        return training

    def training_due(self, now: datetime) -> bool:
        """Whether the night has come since the model was trained; sooner where there is none yet."""
        if self._tried_at is not None and now - self._tried_at < AGAIN_AFTER:
            return False
        if self._model is None or self._model.kind is ModelKind.PRIOR:
            return True
        zone = self._calendar.zone
        trained = self._model.trained_at.astimezone(zone)
        night = datetime.combine(trained.date(), NIGHT, zone)
        return now >= (night if night > trained else night + timedelta(days=1))

    async def _trained(self) -> None:
        self._tried_at = self._clock.now()
        began = self._clock.monotonic()
        try:
            await self._train()
            self._model = await asyncio.to_thread(load_model, self._data_dir)
        except TrainingFailed as failure:
            log.warning("no new risk model; the old one stays", extra={"facts": {"why": str(failure)}})
            return
        facts = {"model": self._word(), "seconds": round(self._clock.monotonic() - began, 1)}
        log.info("risk model trained", extra={"facts": facts})
        self._scored = (float("-inf"), None)

    def _scoring_due(self) -> bool:
        at, version = self._scored
        since = self._clock.monotonic() - at
        changed = self._board.current is not None and self._board.current.version != version
        return since >= EVERY_SECONDS or (changed and since >= max(LEAST_GAP_SECONDS, GAP_PER_COST * self._cost))

    async def score_now(self) -> RiskBoard:
        """Score every running case, and publish it.

        Raises:
            RedisError, OSError, StoreError: it cannot be read or published.
        """
        began, seen = self._clock.monotonic(), self._board.current
        model = self._model or prior_model(self._clock.now(), 0, self._capacity)
        board = await asyncio.to_thread(score, self._engine, model, self._calendar, self._clock.now())
        wire = await asyncio.to_thread(lambda: orjson.dumps(board_to_wire(board)))
        await self._redis.set(keys.RISKS, wire, ex=keys.RISKS_TTL_SECONDS)
        self._scored = (began, seen.version if seen else None)
        self._cost = self._clock.monotonic() - began
        return board

    def _word(self) -> str:
        return "prior" if self._model is None else f"{self._model.kind.value} {self._model.version}"
