"""What a worker says of its cameras: changed statuses at once, all of them every few seconds, one lamp for everybody.

A word counts only with the newest fencing number: a worker that was thought dead, or is cut off, cannot overwrite
what the camera's new holder says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import datetime

from redis.asyncio import Redis

from domain.camera import CameraCondition, CameraError, CameraState, CameraStatus
from runtime.clock import Clock
from video import keys
from video.status import REWRITE_SECONDS, encode_status, read_statuses

Report = Callable[[str, str], Awaitable[None]]
"""Says how the cameras are as a source: state (`live` or `late`) and words for it."""

Gist = tuple[CameraState, CameraError | None, tuple[CameraCondition, ...]]
"""What about a status is news when it changes."""

_TELL = """
for i = 1, #ARGV, 4 do
  local camera, fence = ARGV[i], tonumber(ARGV[i + 1])
  if fence >= tonumber(redis.call('HGET', KEYS[2], camera) or 0) then
    redis.call('HSET', KEYS[2], camera, ARGV[i + 1])
    redis.call('HSET', KEYS[1], camera, ARGV[i + 2])
    if ARGV[i + 3] == '1' then redis.call('PUBLISH', KEYS[3], ARGV[i + 2]) end
  end
end
"""


class StatusTeller:
    """One a worker. `tell` it often; it decides what is worth saying."""

    def __init__(self, report: Report, clock: Clock) -> None:
        self._report = report
        self._clock = clock
        self._said: dict[str, Gist] = {}
        self._rewrite_at = float("-inf")

    def forget(self) -> None:
        """Redis may have lost what was said: say everything again."""
        self._said.clear()
        self._rewrite_at = float("-inf")

    async def tell(
        self, redis: Redis, statuses: Mapping[int, CameraStatus], fences: Mapping[int, int], city: Collection[str]
    ) -> None:
        """The statuses of the cameras held, by number, with their fencing numbers; `city` are the ids of all cameras.

        Raises:
            RedisError, OSError: the words did not get through.
        """
        now, monotonic = self._clock.now(), self._clock.monotonic()
        held = [(status, fences[number]) for number, status in statuses.items() if number in fences]
        changed = {status.camera_id for status, _ in held if self._said.get(status.camera_id) != _gist(status)}
        due = monotonic >= self._rewrite_at
        await _send(redis, [word for word in held if due or word[0].camera_id in changed], changed, now)
        self._said = {status.camera_id: _gist(status) for status, _ in held}
        if due:
            self._rewrite_at = monotonic + REWRITE_SECONDS
            everybody = (await read_statuses(redis, clock=self._clock)).values()
            await self._report(*summary([status for status in everybody if status.camera_id in city]))


def summary(statuses: Iterable[CameraStatus]) -> tuple[str, str]:
    """How the cameras are as a source: live while any is, and how many of how many; those not switched on apart."""
    states = Counter(status.state for status in statuses)
    good = states[CameraState.LIVE] + states[CameraState.DELAYED]
    idle = states[CameraState.IDLE]
    asked = states.total() - idle
    return ("live" if good or not asked else "late"), f"{good}/{asked}" + (f" ({idle} idle)" if idle else "")


def _gist(status: CameraStatus) -> Gist:
    return status.state, status.error, status.conditions


async def _send(redis: Redis, words: list[tuple[CameraStatus, int]], told: Collection[str], now: datetime) -> None:
    if not words:
        return
    arguments: list[str | bytes | int] = []
    for status, fence in words:
        camera = status.camera_id
        arguments += [camera, fence, encode_status(status, as_of=now), int(camera in told)]
    await redis.register_script(_TELL)(keys=[keys.STATUS, keys.FENCES, keys.EVENTS], args=arguments)
