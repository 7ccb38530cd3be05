"""Who pulls which camera: leases in Redis, so that several capture processes never pull one camera twice.

A lease runs out by itself when its worker dies. Each comes with a fencing number that only grows: whoever still
believes in an older lease is recognised by it, and its word on the camera is refused (`video.status`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from redis.asyncio import Redis

from video import keys

LEASE_MS = 7000
"""Renewed every second. With this a killed worker's cameras are free after 7 s at most and live elsewhere within 10."""

_ACQUIRE = """
local got, left = {}, tonumber(ARGV[3])
for i = 2, #KEYS do
  got[i - 1] = 0
  if left > 0 and redis.call('EXISTS', KEYS[i]) == 0 then
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    local fence = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0) + 1)
    local text = string.format('%.0f', fence)
    redis.call('SET', KEYS[1], text)
    redis.call('SET', KEYS[i], ARGV[1] .. ' ' .. text, 'NX', 'PX', ARGV[2])
    got[i - 1] = fence
    left = left - 1
  end
end
return got
"""
"""The number is at least the time in microseconds, so that it grows on even over a server that forgot everything."""

_RENEW = """
local held = {}
for i = 1, #KEYS do
  held[i] = 0
  if redis.call('GET', KEYS[i]) == ARGV[i + 1] then
    held[i] = redis.call('PEXPIRE', KEYS[i], ARGV[1])
  end
end
return held
"""

_RELEASE = """
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[i] then redis.call('DEL', KEYS[i]) end
end
"""


class LeaseBook:
    """The leases of one worker. Each method is one round trip and raises what Redis raises."""

    def __init__(self, redis: Redis, worker_id: str) -> None:
        self._worker_id = worker_id
        self._acquire = redis.register_script(_ACQUIRE)
        self._renew = redis.register_script(_RENEW)
        self._release = redis.register_script(_RELEASE)
        self.fences: dict[int, int] = {}
        """Camera number → fencing number of every lease held, as far as is known here."""

    async def acquire(self, numbers: Iterable[int], *, at_most: int) -> set[int]:
        """Take leases of those `numbers` that nobody holds, in the order given, until there are `at_most` more."""
        asked = list(numbers)
        if not asked or at_most <= 0:
            return set()
        leases = [keys.lease(number) for number in asked]
        fences = await self._acquire(keys=[keys.FENCE, *leases], args=[self._worker_id, LEASE_MS, at_most])
        got = {number: int(fence) for number, fence in zip(asked, fences, strict=True) if fence}
        self.fences |= got
        return set(got)

    async def renew(self) -> set[int]:
        """Prolong what is held; the numbers that are no longer ours, which are forgotten."""
        asked = list(self.fences)
        if not asked:
            return set()
        stamps = [self._stamp(number) for number in asked]
        held = await self._renew(keys=[keys.lease(number) for number in asked], args=[LEASE_MS, *stamps])
        lost = {number for number, still in zip(asked, held, strict=True) if not still}
        for number in lost:
            del self.fences[number]
        return lost

    async def release(self, numbers: Collection[int]) -> None:
        """Give leases back; others may take them at once."""
        asked = [number for number in numbers if number in self.fences]
        if not asked:
            return
        stamps = [self._stamp(number) for number in asked]
        await self._release(keys=[keys.lease(number) for number in asked], args=stamps)
        for number in asked:
            del self.fences[number]

    def _stamp(self, number: int) -> str:
        return f"{self._worker_id} {self.fences[number]}"


@dataclass(frozen=True, slots=True)
class Share:
    """What is to be done for a fair share: take `room` more of `others`; give away `surplus` and what is `gone`.

    `gone` are leases of cameras that are no longer the city's.
    """

    room: int
    others: tuple[int, ...]
    surplus: tuple[int, ...]
    gone: tuple[int, ...]


def fair_share(cameras: int, workers: int) -> int:
    """Cameras a worker may hold at most: an equal part, rounded up."""
    return -(-cameras // max(1, workers))


def share_out(cameras: Collection[int], mine: Collection[int], workers: int, wanted: Collection[int] = ()) -> Share:
    """What a worker that holds `mine` does among `workers` for `cameras`.

    Cameras nobody looks at (not in `wanted`) are given away first: a handover costs a second or two of picture.
    """
    share = fair_share(len(cameras), workers)
    kept = sorted((number for number in mine if number in cameras), key=lambda number: (number in wanted, -number))
    return Share(
        room=max(0, share - len(kept)),
        others=tuple(sorted(number for number in cameras if number not in mine)),
        surplus=tuple(kept[: max(0, len(kept) - share)]),
        gone=tuple(sorted(number for number in mine if number not in cameras)),
    )
