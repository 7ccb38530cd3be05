"""How the hall talks to Redis or Valkey: no silent second attempts, so that every break of the line is noticed.

Who lost the line may have lost messages; each part decides itself how to begin anew (`keep_trying`).
"""

from __future__ import annotations

import redis
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry as SyncRetry

LINE_ERRORS: tuple[type[Exception], ...] = (RedisError, OSError)
"""What a lost, refused or misbehaving line raises."""

ANSWER_WITHIN_SECONDS = 5.0
CALL_WITHIN_SECONDS = 0.5


def open_redis(url: str) -> Redis:
    """A client for ``unix://…``, ``redis://…`` or ``rediss://…``; nothing is opened until it is used."""
    return Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=ANSWER_WITHIN_SECONDS,
        socket_connect_timeout=ANSWER_WITHIN_SECONDS,
    )


def open_sync_redis(url: str) -> redis.Redis:
    """The same for threads that only call out and must not be held up: half a second at most."""
    return redis.Redis.from_url(
        url,
        retry=SyncRetry(NoBackoff(), 0),
        socket_timeout=CALL_WITHIN_SECONDS,
        socket_connect_timeout=CALL_WITHIN_SECONDS,
    )
