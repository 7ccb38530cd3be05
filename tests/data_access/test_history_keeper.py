"""The copy is kept by itself: made from the journal, its lamp lit, taken up again where another held it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from shutil import copy

import pytest
from redis.asyncio import Redis

from data_access.history.engine import Bounds
from data_access.history.folder import HistoryFolder
from data_access.history.keeper import SOURCE, HistoryKeeper
from data_access.history.writer import HistoryWriter
from data_access.sources import Sources, SourceState
from domain.action import Action
from tests.data_access.live_parts import Office, running
from tests.waiting import eventually_async


@pytest.fixture
def office(sqlite_template: Path, tmp_path: Path) -> Iterator[Office]:
    copy(sqlite_template, tmp_path / "cases.db")
    office = Office(tmp_path / "cases.db")
    yield office
    office.engine.dispose()


async def _lamp(valkey: Redis) -> SourceState | None:
    return next((lamp.state for lamp in await Sources(valkey).all() if lamp.name == SOURCE), None)


async def test_the_copy_is_made_and_the_lamp_burns(office: Office, valkey: Redis, tmp_path: Path) -> None:
    office.act(Action.REPORT)
    folder = HistoryFolder(tmp_path / "data")
    keeper = HistoryKeeper(valkey, HistoryWriter(folder, office.engine, Bounds(256, 1)))

    async def kept() -> bool:
        return folder.manifest().mark.entry_id == office.store.last_entry_id() and await _lamp(valkey) == "live"

    async with running(keeper.run):
        await eventually_async(kept, within=20)


async def test_while_another_process_writes_the_lamp_is_out_and_then_it_goes_on(
    office: Office, valkey: Redis, tmp_path: Path
) -> None:
    office.act(Action.REPORT)
    folder = HistoryFolder(tmp_path / "data")
    keeper = HistoryKeeper(valkey, HistoryWriter(folder, office.engine, Bounds(256, 1)))

    async def out() -> bool:
        return await _lamp(valkey) is SourceState.DOWN

    async def made() -> bool:
        return folder.manifest().mark.entry_id > 0

    with ExitStack() as another:
        another.enter_context(folder.writing())
        async with running(keeper.run):
            await eventually_async(out, within=20)
            another.close()
            await eventually_async(made, within=20)
