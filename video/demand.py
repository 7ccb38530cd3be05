"""What web processes want to see: the union over them is what capture decodes. It runs out unless renewed."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from redis.asyncio import Redis

from video import keys
from video.ladder import BY_NAME, TileSize, allowed_rate

RENEW_SECONDS = 3.0

Demand = Mapping[int, Mapping[TileSize, float]]
"""Camera number → size → tiles a second."""


async def renew(redis: Redis, web: str, demand: Demand, *, changed: bool) -> None:
    """State what one web process wants, for the next `DEMAND_TTL_SECONDS`; a change wakes capture at once."""
    async with redis.pipeline(transaction=True) as pipe:
        pipe.set(keys.demand(web), encode(demand), ex=keys.DEMAND_TTL_SECONDS)
        pipe.sadd(keys.DEMANDERS, web)
        if changed:
            pipe.publish(keys.DEMAND_WAKE, b"")
        await pipe.execute()


async def read(redis: Redis) -> dict[int, dict[TileSize, float]]:
    """The union of all demands that have not run out: highest rate per camera and size."""
    webs = sorted(_text(web) for web in await redis.smembers(keys.DEMANDERS))
    if not webs:
        return {}
    found = await redis.mget([keys.demand(web) for web in webs])
    gone = [web for web, data in zip(webs, found, strict=True) if data is None]
    if gone:
        await redis.srem(keys.DEMANDERS, *gone)
    return union([decode(data) for data in found if data is not None])


def union(demands: list[Demand]) -> dict[int, dict[TileSize, float]]:
    """Everything anybody wants, each at the highest rate asked."""
    wanted: dict[int, dict[TileSize, float]] = {}
    for demand in demands:
        for number, sizes in demand.items():
            mine = wanted.setdefault(number, {})
            for size, rate in sizes.items():
                mine[size] = max(rate, mine.get(size, 0.0))
    return wanted


def encode(demand: Demand) -> bytes:
    """JSON `{number: {size: rate}}`."""
    return orjson.dumps(
        {str(number): {str(size): rate for size, rate in sizes.items()} for number, sizes in demand.items()}
    )


def decode(data: bytes | str) -> dict[int, dict[TileSize, float]]:
    """Demand of one web process; sizes this version does not know are left out."""
    return {
        int(number): {BY_NAME[name]: allowed_rate(rate) for name, rate in sizes.items() if name in BY_NAME}
        for number, sizes in orjson.loads(data).items()
    }


def _text(name: bytes | str) -> str:
    return name if isinstance(name, str) else name.decode()
