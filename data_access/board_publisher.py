"""Publishing the board: snapshot, open cases and message in one MULTI, and only while the lease is ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import WatchError

from data_access import keys
from data_access.lease import Lease, LeaseLost
from domain.board import Board, fetch_message, message, row_to_wire, to_wire


class BoardPublisher:
    """The one writer of the board's keys. Make a new one for every tally that begins."""

    def __init__(self, redis: Redis, lease: Lease) -> None:
        self._redis = redis
        self._lease = lease
        self.published: Board | None = None

    async def publish(self, board: Board) -> None:
        """Make a board the newest one; readers are told what changed, or to fetch when it is the first.

        Raises:
            LeaseLost: another worker may be publishing; nothing was written.
        """
        old = self.published
        step = message(old, board) if old else fetch_message(board)
        put = step["put"] if old else [row_to_wire(row) for row in board.cases.values()]
        async with self._redis.pipeline(transaction=True) as pipe:
            await self._fence(pipe)
            if old is None:
                pipe.delete(keys.BOARD_CASES)
            _write(pipe, board, step, {row["case_no"]: orjson.dumps(row) for row in put})
            pipe.pexpire(self._lease.key, self._lease.ttl_ms)
            try:
                await pipe.execute()
            except WatchError as error:
                raise LeaseLost(self._lease.key) from error
        self._lease.was_renewed()
        self.published = board

    async def _fence(self, pipe: Pipeline) -> None:
        """From here on nothing is written if the lease changes hands: a worker that was asleep cannot overwrite."""
        await pipe.watch(self._lease.key)
        if await pipe.get(self._lease.key) != self._lease.token:
            raise LeaseLost(self._lease.key)
        pipe.multi()  # type: ignore[no-untyped-call]


def _write(pipe: Pipeline, board: Board, step: Mapping[str, Any], put: dict[Any, Any]) -> None:
    pipe.set(keys.BOARD, orjson.dumps(to_wire(board)))
    if put:
        pipe.hset(keys.BOARD_CASES, mapping=put)
    if step["drop"]:
        pipe.hdel(keys.BOARD_CASES, *step["drop"])
    pipe.publish(keys.BOARD_CHANGES, orjson.dumps(step))


async def stored_version(redis: Redis) -> int:
    """The version of the board that stands in Redis; 0 without any."""
    found = await redis.get(keys.BOARD)
    return int(orjson.loads(found).get("version", 0)) if found else 0
