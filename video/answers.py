"""Answers what web processes ask of the cameras held here: a picture in full size, a film of the last minute."""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Callable, Sequence
from typing import Any

import av
import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from video import clip, keys
from video.packet_ring import PacketRing
from video.unit import CameraUnit

AT_ONCE = 4
"""Answers being made side by side; who asks while all are busy is told so and may ask again."""
DETAIL_SECONDS = 1.2
"""How long a picture waits for the larger stream before the smaller one has to do."""
_POLL_SECONDS = 0.05
_SPAN = struct.Struct(">QQ")

log = logging.getLogger(__name__)


class Refused(Exception):
    """`code` for the asker: `busy`, `nothing_kept` (no packets of that time), `unknown` (no such request)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RequestDesk:
    """One a worker. `unit` finds a camera held here; requests for others are somebody else's."""

    def __init__(self, unit: Callable[[int], CameraUnit | None]) -> None:
        self._unit = unit
        self._answering: set[asyncio.Task[None]] = set()

    async def run(self, redis: Redis) -> None:
        """Until cancelled, or until Redis is away (which it raises)."""
        async with redis.pubsub() as channel:
            await channel.subscribe(keys.REQUESTS)
            while True:
                message = await channel.get_message(ignore_subscribe_messages=True, timeout=5.0)
                if message is not None:
                    self._take(redis, message["data"])

    def _take(self, redis: Redis, data: bytes) -> None:
        try:
            request = orjson.loads(data)
            name, unit = keys.answer(request["id"]), self._unit(request["camera"])
        except (ValueError, KeyError, TypeError):
            log.warning("a request for a picture or film cannot be read")
            return
        if unit is None:
            return
        work = self._answered(unit, request) if len(self._answering) < AT_ONCE else _busy()
        task = asyncio.create_task(_send(redis, name, work))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answered(self, unit: CameraUnit, request: dict[str, Any]) -> bytes:
        """The bytes asked for.

        Raises:
            Refused: with the reason.
        """
        try:
            if request.get("what") == "picture":
                return await _picture(unit)
            if request.get("what") == "clip":
                return await _film(unit.rings(), int(request["from_ms"]), int(request["to_ms"]))
        except clip.NothingKept as error:
            raise Refused("nothing_kept") from error
        except (KeyError, TypeError, ValueError, av.FFmpegError) as error:
            log.warning("a request cannot be answered: %s", type(error).__name__)
            raise Refused("damaged") from error
        raise Refused("unknown")


async def _picture(unit: CameraUnit) -> bytes:
    """From the larger stream if it comes soon: whoever keeps a picture wants to read a number plate in it."""
    unit.look_closely()
    try:
        async with asyncio.timeout(DETAIL_SECONDS):
            while not unit.rings()[0].since_key:  # noqa: ASYNC110 (filled by another thread, which rings no bell)
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        log.debug("%s: the larger stream does not come, the smaller one has to do", unit.camera.camera_id)
    return (await asyncio.to_thread(clip.picture, unit.rings())).pack()


async def _film(rings: Sequence[PacketRing], from_ms: int, to_ms: int) -> bytes:
    film = await asyncio.to_thread(clip.film, rings, from_ms, to_ms)
    return _SPAN.pack(film.from_ms, film.to_ms) + film.mp4


async def _busy() -> bytes:
    raise Refused("busy")


async def _send(redis: Redis, name: str, work: Any) -> None:
    try:
        answer = await work
    except Refused as refused:
        answer = orjson.dumps({"refused": refused.code})
    try:
        async with redis.pipeline(transaction=True) as pipe:
            pipe.set(name, answer, px=keys.ANSWER_TTL_MS)
            pipe.publish(name, b"")
            await pipe.execute()
    except (RedisError, OSError) as error:
        log.warning("an answer did not get through: %s", type(error).__name__)
