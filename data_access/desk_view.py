"""What each officer's dispatch desk shows, so that a wall can show the same (product sheet 3.8, directing from it).

One hash in Redis, a field an account. It is a courtesy between screens, not a fact about any case: nothing is kept
beyond a shift, and a Redis that starts anew simply has no desk to mirror until somebody moves.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import orjson
from redis.asyncio import Redis

from data_access.keys import DESK_VIEWS
from domain.journal import milliseconds, moment

FRESH_FOR = timedelta(hours=12)
"""A desk that nobody touched for a shift is nobody's any more."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskView:
    """What stands on one desk: the queue's view, and the chosen case if any. `name` is how the officer is called."""

    account: str
    name: str
    tab: str
    case_no: str | None
    at: datetime


class DeskViews:
    """The desks of the hall."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def put(self, view: DeskView) -> None:
        """This is what the desk shows now.

        Raises:
            RedisError: Redis does not answer; walls keep showing the view before.
        """
        told = {"name": view.name, "tab": view.tab, "case_no": view.case_no, "at": milliseconds(view.at)}
        async with self._redis.pipeline(transaction=True) as commands:
            commands.hset(DESK_VIEWS, view.account, orjson.dumps(told))
            commands.expire(DESK_VIEWS, FRESH_FOR)
            await cast("Awaitable[object]", commands.execute())

    async def shown(self, account: str, now: datetime) -> DeskView | None:
        """What a wall opened by `account` mirrors: that account's own desk, else the one that was moved last."""
        stored = await cast("Awaitable[dict[bytes, bytes]]", self._redis.hgetall(DESK_VIEWS))
        read = (_decoded(_text(name), value) for name, value in stored.items())
        views = [view for view in read if view is not None and now - view.at < FRESH_FOR]
        return max(views, key=lambda view: (view.account == account, view.at), default=None)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _decoded(account: str, stored: bytes | str) -> DeskView | None:
    """One desk as stored; something unreadable is told and left out: the next move of that desk replaces it."""
    try:
        told = orjson.loads(stored)
        chosen = told["case_no"] and str(told["case_no"])
        return DeskView(
            account=account, name=str(told["name"]), tab=str(told["tab"]), case_no=chosen, at=moment(told["at"])
        )
    except (ValueError, KeyError, TypeError) as error:
        log.error("%s holds no desk for %s (%s)", DESK_VIEWS, account, error)
        return None
