"""What a web process asks of whoever holds a camera: one picture in full size, or the last minute as a film."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from video import keys
from video.tile import Tile

PICTURE_SECONDS = 2.0
CLIP_SECONDS = 10.0
_SPAN = struct.Struct(">QQ")


class NoAnswer(Exception):
    """Nobody gave what was asked. `code`: `timeout`, `nobody` (no capture process runs), or the holder's own word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Clip:
    """A film as the camera encoded it; `from_ms` and `to_ms` are the capture times of its first and last picture."""

    from_ms: int
    to_ms: int
    mp4: bytes


async def picture(redis: Redis, number: int, *, seconds: float = PICTURE_SECONDS) -> Tile:
    """The newest picture of a camera in full size.

    Raises:
        NoAnswer: nobody holds the camera, it has no picture, or the answer takes longer than `seconds`.
        RedisError, OSError: Redis is away.
    """
    answer = await ask(redis, {"camera": number, "what": "picture"}, seconds)
    try:
        return Tile.unpack(answer)
    except ValueError as error:
        raise NoAnswer("damaged") from error


async def clip(redis: Redis, number: int, from_ms: int, to_ms: int, *, seconds: float = CLIP_SECONDS) -> Clip:
    """What a camera sent between two moments (epoch milliseconds), from the key frame before the first one on.

    Raises:
        NoAnswer: as for `picture`; packets are kept for a minute and of watched cameras only.
        RedisError, OSError: Redis is away.
    """
    facts = {"camera": number, "what": "clip", "from_ms": from_ms, "to_ms": to_ms}
    answer = await ask(redis, facts, seconds)
    if len(answer) <= _SPAN.size:
        raise NoAnswer("damaged")
    first_ms, last_ms = _SPAN.unpack_from(answer)
    return Clip(first_ms, last_ms, answer[_SPAN.size :])


async def ask(redis: Redis, facts: Mapping[str, Any], seconds: float, *, on: str = keys.REQUESTS) -> bytes:
    """Listen for the answer first, then ask on a channel; the answer is taken away, nobody else wants it.

    Raises:
        NoAnswer: `nobody` listens, none came within `seconds`, or it was a no.
        RedisError, OSError: Redis is away.
    """
    request = uuid4().hex
    name = keys.answer(request)
    try:
        async with asyncio.timeout(seconds), redis.pubsub() as channel:
            await channel.subscribe(name)
            await _next(channel, "subscribe")
            if not await redis.publish(on, orjson.dumps({"id": request, **facts})):
                raise NoAnswer("nobody")
            await _next(channel, "message")
            answer = await redis.getdel(name)
    except TimeoutError as error:
        raise NoAnswer("timeout") from error
    return _accepted(answer)


async def _next(channel: PubSub, kind: str) -> None:
    while True:
        message = await channel.get_message(timeout=1.0)
        if message is not None and message["type"] == kind:
            return


def _accepted(answer: bytes | str | None) -> bytes:
    """The answer, unless it is the holder's no: `{"refused": code}`."""
    if not isinstance(answer, bytes):  # it ran out before we came for it
        raise NoAnswer("timeout")
    if answer.startswith(b'{"refused"'):
        raise NoAnswer(str(orjson.loads(answer)["refused"]))
    return answer
