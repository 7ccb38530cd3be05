"""The web side of turning cameras: who holds which, kept in Redis, and commands sent to whoever speaks with it.

A hold is a lease: every command renews it, and it ends by itself `HOLD_SECONDS` after the last one. Taking, giving
way and refusing happen in one step on the server, so that any number of web processes agree.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, cast

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.camera import Camera, Preset
from domain.roles import Identity, Role
from domain.turning import (
    HOLD_SECONDS,
    PRIORITY,
    Act,
    Holder,
    TurnCommand,
    Turned,
    TurnRefusal,
    TurnRefused,
    refusal_of,
)
from video import keys
from video.requests import NoAnswer, ask

log = logging.getLogger(__name__)

ANSWER_SECONDS = 8.0
"""Longest wait for a device: its own limit and two short ways."""
LIST_SECONDS = 3.0

_TAKING = frozenset({Act.HOLD, Act.MOVE, Act.GOTO, Act.SET, Act.DELETE})
"""Acts that take a free camera; the others are for its holder alone."""
_TAKE = """
local held = redis.call('HMGET', KEYS[1], 'name', 'priority')
local mine = held[1] == ARGV[1]
if held[1] and not mine and tonumber(held[2]) >= tonumber(ARGV[2]) then return {0, ''} end
if not mine then
  redis.call('HSET', KEYS[1], 'name', ARGV[1], 'priority', ARGV[2], 'display_name', ARGV[3], 'role', ARGV[4],
    'since_ms', ARGV[5], 'taken_from', held[1] or '')
end
redis.call('HSET', KEYS[1], 'until_ms', ARGV[5] + ARGV[6])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return {mine and 1 or 2, mine and '' or held[1] or ''}
"""
_KEEP = """
if redis.call('HGET', KEYS[1], 'name') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'until_ms', ARGV[2] + ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
_RELEASE = "if redis.call('HGET', KEYS[1], 'name') == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
_REFUSED = 0
_MINE_BEFORE = 1
_HOLD_MS = round(HOLD_SECONDS * 1000)

_CODES: Mapping[str, TurnRefusal] = {code.value: code for code in TurnRefusal} | {
    "nobody": TurnRefusal.AWAY,
}


class PtzDesk:
    """One a web process. Every method raises `TurnRefused`; Redis being away is `AWAY` like a dead video process."""

    def __init__(self, redis: Redis, *, now: Callable[[], datetime]) -> None:
        self._redis = redis
        self._now = now

    async def command(self, camera: Camera, identity: Identity, command: TurnCommand) -> Turned:
        """Carry out one act of somebody who has the right to turn cameras.

        Raises:
            TurnRefused: the camera is not ours to turn, somebody else holds it, or it did not do it.
        """
        code = refusal_of(camera)
        if code is not None:
            raise TurnRefused(code)
        try:
            return await self._carry_out(camera, identity, command)
        except (RedisError, OSError):
            raise TurnRefused(TurnRefusal.AWAY) from None

    async def holder(self, number: int) -> Holder | None:
        """Who holds a camera now.

        Raises:
            TurnRefused: it cannot be known.
        """
        try:
            return _holder(await self._stored(number))
        except (RedisError, OSError):
            raise TurnRefused(TurnRefusal.AWAY) from None

    async def presets(self, camera: Camera) -> tuple[Preset, ...]:
        """What the camera itself remembers, with the bearings the catalogue knows.

        Raises:
            TurnRefused: it is not ours to turn, or does not tell.
        """
        code = refusal_of(camera)
        if code is not None:
            raise TurnRefused(code)
        try:
            told = await self._asked(camera, {"act": "presets"}, LIST_SECONDS)
        except (RedisError, OSError):
            raise TurnRefused(TurnRefusal.AWAY) from None
        known = {preset.token: preset for preset in camera.presets}
        return tuple(
            Preset(token=token, name=name, bearing=known[token].bearing, fov=known[token].fov)
            if token in known
            else Preset(token=token, name=name)
            for token, name in told["presets"]
        )

    async def _carry_out(self, camera: Camera, identity: Identity, command: TurnCommand) -> Turned:
        if command.act is Act.RELEASE:
            return await self._release(camera, identity)
        new, taken_from = await self._hold(camera.number, identity, take=command.act in _TAKING)
        if taken_from:
            await self._tell(camera, {"act": Act.STOP})
        token = "" if command.act is Act.HOLD else await self._do(camera, command)
        holder = _holder(await self._stored(camera.number))
        return Turned(holder=holder, new=new, taken_from=taken_from, token=token)

    async def _do(self, camera: Camera, command: TurnCommand) -> str:
        """The device's part; the token of a preset that was set."""
        if command.act is Act.KEEP:
            await self._tell(camera, {"act": Act.KEEP})
            return ""
        motion = command.motion
        facts = {
            "act": command.act,
            "motion": [motion.pan, motion.tilt, motion.zoom],
            "token": command.token,
            "name": command.name,
        }
        token = str((await self._asked(camera, facts, ANSWER_SECONDS)).get("token", ""))
        await self._remember_view(camera, command)
        return token

    async def _remember_view(self, camera: Camera, command: TurnCommand) -> None:
        """What evidence says of the view: the preset the camera was turned to, until somebody moves it on."""
        if command.act is Act.GOTO:
            await self._redis.set(keys.at_preset(camera.number), command.token)
        elif command.act is Act.MOVE:
            await self._redis.delete(keys.at_preset(camera.number))

    async def view(self, camera: Camera) -> str:
        """The name of the preset the camera was last turned to and not moved on from; "" where nobody knows."""
        try:
            stored = await self._redis.get(keys.at_preset(camera.number))
        except (RedisError, OSError):
            log.warning("%s: the preset it was turned to cannot be read", camera.camera_id)
            return ""
        token = _text(stored or b"")
        return next((preset.name for preset in camera.presets if preset.token == token), token)

    async def _hold(self, number: int, identity: Identity, *, take: bool) -> tuple[bool, str]:
        """Whether it is newly ours, and from whom it was taken.

        Raises:
            TurnRefused: somebody else holds it.
        """
        now_ms = round(self._now().timestamp() * 1000)
        if not take:
            if await self._run(_KEEP, number, identity.name, now_ms, _HOLD_MS):
                return False, ""
            raise await self._refusal(number, identity)
        priority = PRIORITY.get(identity.role, 0)
        facts = (identity.name, priority, identity.display_name, identity.role.value, now_ms, _HOLD_MS)
        code, taken_from = await self._run(_TAKE, number, *facts)
        if code == _REFUSED:
            raise await self._refusal(number, identity)
        return code != _MINE_BEFORE, _text(taken_from)

    async def _refusal(self, number: int, identity: Identity) -> TurnRefused:
        stored = await self._stored(number)
        taken = stored.get("taken_from") == identity.name
        return TurnRefused(TurnRefusal.TAKEN if taken else TurnRefusal.HELD, _holder(stored))

    async def _release(self, camera: Camera, identity: Identity) -> Turned:
        if await self._run(_RELEASE, camera.number, identity.name):
            await self._tell(camera, {"act": Act.STOP})
        return Turned(holder=_holder(await self._stored(camera.number)))

    async def _asked(self, camera: Camera, facts: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        try:
            answer = await ask(self._redis, {**_of(camera), **facts}, seconds, on=keys.TURN_REQUESTS)
        except NoAnswer as refused:
            raise TurnRefused(_CODES.get(refused.code, TurnRefusal.BROKEN_ANSWER)) from None
        return cast("dict[str, Any]", orjson.loads(answer))

    async def _tell(self, camera: Camera, facts: Mapping[str, Any]) -> None:
        """Nobody waits for an answer."""
        await self._redis.publish(keys.TURN_REQUESTS, orjson.dumps({**_of(camera), **facts}))

    async def _run(self, script: str, number: int, *arguments: str | int) -> Any:
        given = [str(argument) for argument in arguments]
        return await self._redis.eval(script, 1, keys.holder(number), *given)

    async def _stored(self, number: int) -> dict[str, str]:
        found = await cast("Awaitable[dict[Any, Any]]", self._redis.hgetall(keys.holder(number)))
        return {_text(name): _text(value) for name, value in found.items()}


def _of(camera: Camera) -> dict[str, Any]:
    return {"camera": camera.number, "camera_id": camera.camera_id}


def _holder(stored: Mapping[str, str]) -> Holder | None:
    if not stored:
        return None
    return Holder(
        name=stored["name"],
        display_name=stored["display_name"],
        role=Role(stored["role"]),
        since_ms=int(stored["since_ms"]),
        until_ms=int(stored["until_ms"]),
    )


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode()
