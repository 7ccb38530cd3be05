"""Speaks with one turning camera: one command after the other, and a hand on the brake while it moves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import SecretStr

from domain.turning import KEEP_SECONDS, Act, Motion, TurnRefusal
from runtime.clock import Clock
from video.onvif.device import MOVE_SECONDS, OnvifDevice
from video.onvif.failure import OnvifFailed

LINGER_SECONDS = 60.0
"""How long the conversation stays open after the last command: the next one then takes one question, not five."""
SILENT_SECONDS = 2.4 * KEEP_SECONDS
"""A page that has not said for so long that the key is down is gone: two words of it may get lost."""
REPEAT_SECONDS = MOVE_SECONDS / 2
"""How often a motion is asked for anew while the key is down, well before the device would end it by itself."""
MOST_WAITING = 4

Reply = dict[str, Any]
Send = Callable[[dict[str, Any], Reply], Awaitable[None]]

log = logging.getLogger(__name__)


class CameraTurner:
    """One camera's device. `put` and `keep` come from the executor's loop, `run` serves them."""

    def __init__(
        self, address_of: Callable[[], SecretStr | None], turned: Callable[[], Awaitable[None]], clock: Clock
    ) -> None:
        """`address_of` asks the database, in a thread; `turned` tells that the view changes."""
        self._address_of = address_of
        self._turned = turned
        self._clock = clock
        self._waiting: asyncio.Queue[tuple[dict[str, Any], Send] | None] = asyncio.Queue(MOST_WAITING)
        self._ending = False
        self._device: OnvifDevice | None = None
        self._motion: Motion | None = None
        self._kept_at = self._asked_at = 0.0
        self.over = False
        """Nobody serves what is put here any more."""

    def put(self, request: dict[str, Any], send: Send) -> bool:
        """Serve this next; False when too much waits already."""
        if self._ending or self._waiting.full():
            return False
        self._waiting.put_nowait((request, send))
        return True

    def keep(self) -> None:
        """The key is still down."""
        self._kept_at = self._clock.monotonic()

    def end(self) -> None:
        """Leave after the command it is at; what waits is dropped, its asker is told by the silence."""
        self._ending = True
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait(None)

    async def run(self) -> None:
        """Until told to end, or nothing was asked for `LINGER_SECONDS`; nothing is left moving."""
        try:
            while (found := await self._next()) is not None:
                request, send = found
                await send(request, await self._answer(request))
        finally:
            self.over = True
            await self._leave()

    async def _next(self) -> tuple[dict[str, Any], Send] | None:
        """What is to be done next; while the camera moves, the brake is looked after in between."""
        while self._motion is not None and not self._ending:
            due = min(self._kept_at + SILENT_SECONDS, self._asked_at + REPEAT_SECONDS)
            found = await self._wait(due - self._clock.monotonic())
            if found is not None or self._ending:
                return found
            await self._look_after(self._motion)
        return None if self._ending else await self._wait(LINGER_SECONDS)

    async def _wait(self, seconds: float) -> tuple[dict[str, Any], Send] | None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                return await self._waiting.get()
        except TimeoutError:
            return None

    async def _look_after(self, motion: Motion) -> None:
        """Stop a camera whose page fell silent; ask the others' motion anew before the device ends it."""
        silent = self._clock.monotonic() - self._kept_at >= SILENT_SECONDS
        try:
            if silent:
                log.info("a page fell silent while it moved a camera: stopped")
                await self._stop()
            else:
                await self._move(motion)
        except OnvifFailed as failed:
            self._motion = None  # it ends by itself, after `MOVE_SECONDS`
            log.warning("a moving camera does not answer (%s): it stops by itself", failed.code)

    async def _answer(self, request: dict[str, Any]) -> Reply:
        try:
            return await self._do(str(request["act"]), request)
        except OnvifFailed as failed:
            await self._hang_up()
            return {"refused": failed.code}
        except (KeyError, TypeError, ValueError) as error:
            log.warning("a command for a camera cannot be carried out: %s", type(error).__name__)
            return {"refused": TurnRefusal.BROKEN_ANSWER}

    async def _do(self, act: str, request: dict[str, Any]) -> Reply:
        device = await self._spoken_with()
        if act == "presets":
            return {"presets": [[preset.token, preset.name] for preset in await device.presets()]}
        if act == Act.MOVE:
            await self._move(Motion(*(float(part) for part in request["motion"])))
            self.keep()  # only now: the first command to a device may take longer than a page may be silent
        elif act == Act.STOP:
            await self._stand_still(asked="id" in request)
        elif act == Act.GOTO:
            await device.goto(str(request["token"]))
            self._motion = None
            await self._turned()
        elif act == Act.SET:
            return {"token": await device.set_preset(str(request["name"]), str(request["token"]) or None)}
        elif act == Act.DELETE:
            await device.delete_preset(str(request["token"]))
        return {}

    async def _move(self, motion: Motion) -> None:
        device = await self._spoken_with()
        await device.move(motion)
        self._motion, self._asked_at = motion, self._clock.monotonic()
        await self._turned()

    async def _stand_still(self, *, asked: bool) -> None:
        """A person's stop is always passed on; that of a changed hand only where something moves."""
        if asked or self._motion is not None:
            await self._stop()

    async def _stop(self) -> None:
        device = await self._spoken_with()
        await device.stop()
        self._motion = None
        await self._turned()

    async def _spoken_with(self) -> OnvifDevice:
        """The conversation, begun if there is none.

        Raises:
            OnvifFailed: the catalogue has no address for it.
        """
        if self._device is None:
            address = await asyncio.to_thread(self._address_of)
            if address is None:
                raise OnvifFailed(TurnRefusal.NO_ADDRESS)
            self._device = OnvifDevice(address, clock=self._clock)
        return self._device

    async def _hang_up(self) -> None:
        """After a failure begin anew: the address may have changed, or its services' addresses."""
        self._motion = None
        device, self._device = self._device, None
        if device is not None:
            await device.close()

    async def _leave(self) -> None:
        if self._motion is not None:
            try:
                await self._stop()
            except OnvifFailed as failed:
                log.warning("a moving camera was left (%s): it stops by itself", failed.code)
        await self._hang_up()
