"""Risks put together: the live role's keeper, and the process of its own that a training is."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from redis.asyncio import Redis

from data_access.hall import Hall
from data_access.live_board import LiveBoard
from data_access.risk_keeper import RiskKeeper, TrainingFailed
from runtime.children import end_child, start_child
from runtime.clock import SystemClock
from runtime.settings import Settings

APP = Path(__file__).resolve().parents[1] / "app.py"
MOST_SECONDS = 900.0
"""A training that takes longer is ended: the old model stays."""
END_WITHIN_SECONDS = 5.0


async def train_apart() -> None:
    """One training as a child process.

    Raises:
        TrainingFailed: it ended badly, or took too long.
    """
    child = await start_child([sys.executable, str(APP), "train-risk"], environment={})
    try:
        async with asyncio.timeout(MOST_SECONDS):
            code = await child.wait()
    except TimeoutError:
        raise TrainingFailed(f"took over {MOST_SECONDS:.0f} s") from None
    finally:
        if child.returncode is None:
            await end_child(child, within_seconds=END_WITHIN_SECONDS)
    if code:
        raise TrainingFailed(f"ended with {code}")


def risk_keeper(redis: Redis, hall: Hall, board: LiveBoard, settings: Settings) -> RiskKeeper:
    """The live role's keeper."""
    return RiskKeeper(
        redis,
        hall.engine,
        board,
        hall.policy.calendar,
        data_dir=settings.data_dir,
        capacity=settings.risk_capacity,
        train=train_apart,
        clock=SystemClock(),
    )
