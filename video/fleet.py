"""The capture processes that are alive: each says so every second, with what it carries; who falls silent is gone.

Judged by the Redis server's own clock, so that machines whose clocks differ agree about who lives.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import orjson
from redis.asyncio import Redis

from video import keys

SILENT_MS = 5000
"""A worker not heard for this long is dead. Shorter than a lease, so the living know their share when one runs out."""

_ROLL_CALL = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[1] ~= '' then
  redis.call('ZADD', KEYS[2], now, ARGV[1])
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[3])) do
  redis.call('ZREM', KEYS[2], gone)
  redis.call('HDEL', KEYS[1], gone)
end
return redis.call('HVALS', KEYS[1])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One capture process as of its last word. `cpu` in cores; `shed` is the step of `video.load`, 0 for all as asked.

    `cameras` it holds, `pulled` of them have an open connection; `rss_mb` megabytes of memory.
    """

    worker_id: str
    host: str
    cameras: int = 0
    pulled: int = 0
    cpu: float = 0.0
    rss_mb: int = 0
    shed: int = 0


async def beat(redis: Redis, worker: Worker) -> list[Worker]:
    """Say that `worker` lives; who else does, by id, itself among them."""
    return await _roll_call(redis, worker.worker_id, orjson.dumps(asdict(worker)))


async def alive(redis: Redis) -> list[Worker]:
    """Every living worker, by id."""
    return await _roll_call(redis, "", b"")


async def leave(redis: Redis, worker_id: str) -> None:
    """Say goodbye, so that the others need not wait for silence."""
    async with redis.pipeline(transaction=True) as pipe:
        pipe.zrem(keys.WORKERS_SEEN, worker_id)
        pipe.hdel(keys.WORKERS, worker_id)
        await pipe.execute()


async def _roll_call(redis: Redis, worker_id: str, wire: bytes) -> list[Worker]:
    script = redis.register_script(_ROLL_CALL)
    found: list[Any] = await script(keys=[keys.WORKERS, keys.WORKERS_SEEN], args=[worker_id, wire, SILENT_MS])
    return sorted((_worker(data) for data in found), key=lambda worker: worker.worker_id)


def _worker(data: bytes) -> Worker:
    """Fields of a newer version are left out."""
    return Worker(**{name: value for name, value in orjson.loads(data).items() if name in Worker.__slots__})
