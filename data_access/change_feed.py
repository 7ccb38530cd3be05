"""Reading the stream of changes from a noted position on, and noticing when some may have been lost."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from data_access import keys
from data_access.codec import decode_change
from domain.facts import Change

FIELD = b"c"
"""The stream entry's field that holds the payload (`data_access.codec`)."""

BATCH = 500


class FeedLost(Exception):
    """Changes may be missing: the server was replaced, or the stream was trimmed past the reader. Begin anew."""


class ChangeFeed:
    """One reader's place in the stream."""

    def __init__(self, redis: Redis, position: bytes, server: str) -> None:
        self._redis = redis
        self._position = position
        self._server = server

    @classmethod
    async def from_now(cls, redis: Redis) -> ChangeFeed:
        """Note where the stream ends now. Fetch the state after this, then read: nothing is missed."""
        newest: Any = await redis.xrevrange(keys.CHANGES_STREAM, count=1)
        return cls(redis, newest[0][0] if newest else b"0-0", await _server(redis))

    async def read(self, *, within_seconds: float) -> list[Change | None]:
        """The next changes, in order; none after `within_seconds`. None stands for the `rebuild` marker.

        Raises:
            FeedLost: the stream no longer holds what follows the position.
            CodecError: an entry this program cannot read.
        """
        block_ms = max(1, round(within_seconds * 1000))
        streams: Any = await self._redis.xread({keys.CHANGES_STREAM: self._position}, count=BATCH, block=block_ms)
        if not streams:
            return []
        entries = streams[0][1]
        if len(entries) == BATCH:
            await self._check_not_trimmed()
        self._position = entries[-1][0]
        return [decode_change(fields[FIELD]) for _, fields in entries]

    async def check_server(self) -> None:
        """Make sure the server is the one the position was noted on.

        Raises:
            FeedLost: another one answers; what was sent between the two is unknown.
        """
        if await _server(self._redis) != self._server:
            raise FeedLost("the Redis server was replaced")

    async def _check_not_trimmed(self) -> None:
        """A reader that lags may have been overtaken by the trimming: then the oldest entry is newer than its place."""
        oldest: Any = await self._redis.xrange(keys.CHANGES_STREAM, count=1)
        if self._position != b"0-0" and (not oldest or _order(oldest[0][0]) > _order(self._position)):
            raise FeedLost("the stream was trimmed past this reader")


def _order(entry_id: bytes) -> tuple[int, int]:
    ms, _, number = entry_id.partition(b"-")
    return int(ms), int(number)


async def _server(redis: Redis) -> str:
    facts = await redis.info("server")
    return str(facts["run_id"])
