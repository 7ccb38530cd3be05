"""Walls mirror desks: their own account's, else the one that was moved last, and never one that nobody sits at."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from data_access.desk_view import FRESH_FOR, DeskView, DeskViews
from data_access.keys import DESK_VIEWS

NOW = datetime(2026, 11, 28, 6, tzinfo=UTC)


def view(account: str, *, at: datetime = NOW, case_no: str | None = "QD1") -> DeskView:
    return DeskView(account=account, name=account.upper(), tab="mine", case_no=case_no, at=at)


async def test_a_wall_shows_its_own_accounts_desk_before_one_that_moved_later(valkey: Redis) -> None:
    views = DeskViews(valkey)
    own, later = view("wang"), view("zhang", at=NOW + timedelta(minutes=1), case_no=None)
    await views.put(own)
    await views.put(later)
    assert await views.shown("wang", later.at) == own
    assert await views.shown("lobby", later.at) == later
    moved = view("wang", at=NOW + timedelta(minutes=2), case_no="QD2")
    await views.put(moved)
    assert await views.shown("lobby", moved.at) == moved


async def test_a_desk_of_an_earlier_shift_is_nobodys(valkey: Redis) -> None:
    views = DeskViews(valkey)
    assert await views.shown("lobby", NOW) is None
    await views.put(view("wang"))
    assert await views.shown("wang", NOW + FRESH_FOR) is None
    assert 0 < await valkey.ttl(DESK_VIEWS) <= FRESH_FOR.total_seconds()


async def test_an_unreadable_desk_is_told_and_does_not_hide_the_others(
    valkey: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    views = DeskViews(valkey)
    await views.put(view("wang"))
    await valkey.hset(DESK_VIEWS, "zhang", "{")
    with caplog.at_level(logging.ERROR):
        assert await views.shown("zhang", NOW) == view("wang")
    assert "zhang" in caplog.text
