"""Risks are scored and published by the live role, and models trained apart, on a real store and a real Valkey."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis.asyncio

from data_access.live_board import LiveBoard
from data_access.live_risks import LiveRisks
from data_access.risk_keeper import BEGIN_AFTER_SECONDS, RiskKeeper, TrainingFailed
from data_access.risk_scoring import load_model, save_model
from data_access.risk_training import train
from domain.action import Action
from domain.risk import ModelKind
from tests.data_access.live_parts import Office, now, running
from tests.domain.loop import CALENDAR
from tests.fakes.clock import ManualClock
from tests.risk_cases import UNTIL, runs
from tests.waiting import eventually_async


class Training:
    """Stands in for the process of its own: what it does is handed in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.begun = 0
        self.fails = False

    async def __call__(self) -> None:
        self.begun += 1
        if self.fails:
            raise TrainingFailed("ended with 1")
        save_model(train(list(runs(200)), CALENDAR, until=UNTIL, capacity=2), self.folder)


@pytest.fixture
def office(sqlite_template: Path, tmp_path: Path) -> Office:
    file = tmp_path / "office.db"
    file.write_bytes(sqlite_template.read_bytes())
    return Office(file)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(now())


@pytest.fixture
def training(tmp_path: Path) -> Training:
    return Training(tmp_path)


@pytest.fixture
def keeper(valkey: redis.asyncio.Redis, office: Office, clock: ManualClock, training: Training) -> RiskKeeper:
    return RiskKeeper(
        valkey,
        office.engine,
        LiveBoard(valkey, clock=clock),
        CALENDAR,
        data_dir=training.folder,
        capacity=30,
        train=training,
        clock=clock,
    )


def dispatched(office: Office) -> str:
    case_no = office.act(Action.REPORT)
    for action in (Action.FILE, Action.DISPATCH):
        office.act(action, case_no)
    return case_no


async def test_a_running_case_is_judged_without_any_history(
    valkey: redis.asyncio.Redis, office: Office, keeper: RiskKeeper, clock: ManualClock
) -> None:
    case_no = dispatched(office)
    await keeper.score_now()
    board = await LiveRisks(valkey, clock).newest()
    assert board is not None
    assert [one.case_no for one in board.cases] == [case_no]
    assert board.model.kind is ModelKind.PRIOR
    assert board.cases[0].probability > 0


async def test_a_model_is_trained_once_the_hall_has_come_to_rest_and_used_at_once(
    valkey: redis.asyncio.Redis, office: Office, keeper: RiskKeeper, training: Training, clock: ManualClock
) -> None:
    dispatched(office)
    reader = LiveRisks(valkey, clock)

    async def trained() -> bool:
        clock.forward(seconds=BEGIN_AFTER_SECONDS)
        board = await reader.newest()
        return board is not None and board.model.version == f"{UNTIL:%Y%m%d-%H%M}"

    async with running(keeper.run):
        await eventually_async(trained)
    assert training.begun >= 1


async def test_a_training_that_fails_leaves_the_old_model(
    keeper: RiskKeeper, training: Training, clock: ManualClock
) -> None:
    await training()
    kept = load_model(training.folder)
    assert kept is not None
    training.fails = True

    async def tried() -> bool:
        clock.forward(seconds=BEGIN_AFTER_SECONDS)
        return training.begun > 1

    async with running(keeper.run):
        await eventually_async(tried)
    after = load_model(training.folder)
    assert after is not None
    assert after.version == kept.version


def test_training_is_due_after_the_citys_night_and_not_before(keeper: RiskKeeper) -> None:
    assert keeper.training_due(datetime(2026, 6, 1, tzinfo=UTC)), "there is no model yet"
    keeper._model = train(list(runs(200)), CALENDAR, until=UNTIL, capacity=2)
    trained = keeper._model.trained_at.astimezone(CALENDAR.zone)
    night = (trained + timedelta(days=1)).replace(hour=3, minute=0)
    assert not keeper.training_due(night - timedelta(minutes=1))
    assert keeper.training_due(night)
