"""What web processes want to see: the union over them is what capture makes. It runs out unless renewed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from redis.asyncio import Redis

from video import keys
from video.ladder import BY_NAME, TileSize, allowed_rate

RENEW_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of one camera. `sizes` are tiles a second per size; `focus` asks for its main stream's packets.

    `first`: on a leaders' screen, looked at closely or for a case; it loses quality last when time is short.
    """

    sizes: Mapping[TileSize, float] = field(default_factory=dict)
    focus: bool = False
    first: bool = False

    def joined(self, other: Wish) -> Wish:
        """What serves both: every size at the higher rate."""
        sizes = dict(self.sizes)
        for size, rate in other.sizes.items():
            sizes[size] = max(rate, sizes.get(size, 0.0))
        return Wish(sizes, self.focus or other.focus, self.first or other.first)


Demand = Mapping[int, Wish]
"""By camera number."""


async def renew(redis: Redis, web: str, demand: Demand, *, changed: bool) -> None:
    """State what one web process wants, for the next `DEMAND_TTL_SECONDS`; a change wakes capture at once."""
    async with redis.pipeline(transaction=True) as pipe:
        pipe.set(keys.demand(web), encode(demand), ex=keys.DEMAND_TTL_SECONDS)
        pipe.sadd(keys.DEMANDERS, web)
        if changed:
            pipe.publish(keys.DEMAND_WAKE, b"")
        await pipe.execute()


async def read(redis: Redis) -> dict[int, Wish]:
    """The union of all demands that have not run out."""
    webs = sorted(_text(web) for web in await redis.smembers(keys.DEMANDERS))
    if not webs:
        return {}
    found = await redis.mget([keys.demand(web) for web in webs])
    gone = [web for web, data in zip(webs, found, strict=True) if data is None]
    if gone:
        await redis.srem(keys.DEMANDERS, *gone)
    return union([decode(data) for data in found if data is not None])


def union(demands: Sequence[Demand]) -> dict[int, Wish]:
    """Everything anybody wants of each camera."""
    wanted: dict[int, Wish] = {}
    for demand in demands:
        for number, wish in demand.items():
            wanted[number] = wanted[number].joined(wish) if number in wanted else wish
    return wanted


def encode(demand: Demand) -> bytes:
    """JSON `{number: {"sizes": {size: rate}, "focus": …, "first": …}}`."""
    return orjson.dumps({str(number): _plain(wish) for number, wish in demand.items()})


def decode(data: bytes | str) -> dict[int, Wish]:
    """Demand of one web process; sizes this version does not know are left out."""
    return {int(number): _wish(plain) for number, plain in orjson.loads(data).items()}


def _plain(wish: Wish) -> dict[str, Any]:
    sizes = {str(size): rate for size, rate in wish.sizes.items()}
    return {"sizes": sizes, "focus": wish.focus, "first": wish.first}


def _wish(plain: Mapping[str, Any]) -> Wish:
    sizes = {BY_NAME[name]: allowed_rate(rate) for name, rate in plain["sizes"].items() if name in BY_NAME}
    return Wish(sizes, plain["focus"], plain["first"])


def _text(name: bytes | str) -> str:
    return name if isinstance(name, str) else name.decode()
