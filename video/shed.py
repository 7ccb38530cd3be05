"""Which cameras give less than is asked because their capture process is short of time (`video.load`)."""

from __future__ import annotations

from collections.abc import Sequence

from redis.asyncio import Redis

from video import fleet, keys


async def shed_cameras(redis: Redis, numbers: Sequence[int]) -> frozenset[int]:
    """Those of `numbers` that a capture process holds which has said that it gives less."""
    short = {worker.worker_id for worker in await fleet.alive(redis) if worker.shed}
    if not short or not numbers:
        return frozenset()
    leases = await redis.mget([keys.lease(number) for number in numbers])
    return frozenset(
        number for number, lease in zip(numbers, leases, strict=True) if lease is not None and _holder(lease) in short
    )


def _holder(lease: bytes | str) -> str:
    text = lease if isinstance(lease, str) else lease.decode()
    return text.rpartition(" ")[0]
