"""Carries out what desks ask of turning cameras: the part of the video role that speaks with their devices.

Addresses and passwords of cameras stay in the video role (decision 0009). Every video process listens; the first to
hear of a camera speaks with it for as long as commands come. What moves is stopped when the key is up, when the page
falls silent, and in the end by the camera itself.
"""

from __future__ import annotations

import asyncio
import logging
import random
import uuid
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import orjson
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.turning import TurnRefusal
from runtime.backoff import pauses
from runtime.clock import Clock, SystemClock
from video import keys
from video.tasks import end, first_of

if TYPE_CHECKING:
    from video.onvif.turner import CameraTurner, Reply

CLAIM_MS = 5_000
"""A process that died speaking with a camera is replaced after this."""
MOST_CAMERAS = 64
"""Devices spoken with at one time."""
END_SECONDS = 4.0
_REDIS_PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0)

AddressOf = Callable[[str], SecretStr | None]
"""Reads where the camera of an id takes commands, or raises `OnvifFailed`; called in a thread: it asks the database.
"""

_TURNER = "video.onvif.turner"
"""Loaded when the first camera is turned: the kept library takes a second and 40 MB that most processes never need."""

_CLAIM = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""

log = logging.getLogger(__name__)


class TurnExecutor:
    """One a video process."""

    def __init__(self, redis: Redis, address_of: AddressOf, *, clock: Clock | None = None) -> None:
        self._redis = redis
        self._address_of = address_of
        self._clock = clock or SystemClock()
        self._rng = random.SystemRandom()
        self._id = uuid.uuid4().hex
        self._turners: dict[int, CameraTurner] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; what moves then is stopped. While Redis is away nobody hears a desk, and all stand still."""
        waits = pauses(_REDIS_PAUSES_SECONDS, jitter=0.2, rng=self._rng)
        while not stop.is_set():
            try:
                await first_of(self._listen(), _until(stop))
            except (RedisError, OSError) as error:
                log.warning("desks cannot turn cameras, Redis is away: %s", type(error).__name__)
                await first_of(self._clock.sleep(next(waits)), _until(stop))
            finally:
                await self._end()

    async def _listen(self) -> None:
        async with self._redis.pubsub() as channel:
            await channel.subscribe(keys.TURN_REQUESTS)
            while True:
                message = await channel.get_message(ignore_subscribe_messages=True, timeout=5.0)
                if message is not None:
                    await self._hear(message["data"])

    async def _hear(self, data: bytes) -> None:
        try:
            request = orjson.loads(data)
            number, camera_id, act = int(request["camera"]), str(request["camera_id"]), str(request["act"])
        except (ValueError, KeyError, TypeError):
            log.warning("a command for a camera cannot be read")
            return
        claimed = self._redis.eval(_CLAIM, 1, keys.turner(number), self._id, str(CLAIM_MS))
        if not await cast("Awaitable[int]", claimed):
            return
        turner = await self._turner(number, camera_id)
        if turner is None:
            await self._reply(request, {"refused": TurnRefusal.BUSY})
        elif act == "keep":
            turner.keep()
        elif not turner.put(request, self._reply):
            await self._reply(request, {"refused": TurnRefusal.BUSY})

    async def _turner(self, number: int, camera_id: str) -> CameraTurner | None:
        """Whoever speaks with the camera; a new one if nobody does. None: too many cameras are spoken with."""
        known = self._turners.get(number)
        if known is not None and not known.over:
            return known
        if len(self._turners) >= MOST_CAMERAS:
            return None
        made = (await asyncio.to_thread(import_module, _TURNER)).CameraTurner
        turner: CameraTurner = made(lambda: self._address_of(camera_id), lambda: self._turned(number), self._clock)
        self._turners[number] = turner
        task = asyncio.create_task(self._keep_turner(number, turner))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return turner

    async def _keep_turner(self, number: int, turner: CameraTurner) -> None:
        try:
            await turner.run()
        finally:
            if self._turners.get(number) is turner:
                del self._turners[number]

    async def _reply(self, request: dict[str, Any], answer: Reply) -> None:
        """Leave the answer where the asker looks; whoever only tells waits for none."""
        if "id" not in request:
            return
        name = keys.answer(str(request["id"]))
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(name, orjson.dumps(answer), px=keys.ANSWER_TTL_MS)
                pipe.publish(name, b"")
                await pipe.execute()
        except (RedisError, OSError) as error:
            log.warning("an answer to a desk did not get through: %s", type(error).__name__)

    async def _turned(self, number: int) -> None:
        """Whoever judges the picture should know that the view changes on purpose."""
        try:
            await self._redis.publish(keys.TURNED, str(number))
        except (RedisError, OSError) as error:
            log.warning("nobody hears that camera %d turns: %s", number, type(error).__name__)

    async def _end(self) -> None:
        """Every conversation ends after the command it is at; one that takes too long is cut off."""
        for turner in self._turners.values():
            turner.end()
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=END_SECONDS)
            await end(late)


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()
