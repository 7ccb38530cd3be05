"""The supervisor with its lamps: one for every role, so that the wall says which is away and which attempt this is."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data_access.keep_trying import keep_trying
from data_access.redis_client import LINE_ERRORS, open_redis
from data_access.sources import REPORT_EVERY_SECONDS, Sources, SourceState
from runtime.clock import Clock, SystemClock
from runtime.console import say
from runtime.supervision import Role, RoleState, RoleStatus, Supervisor, stop_on_signals

log = logging.getLogger(__name__)

TRUST_SECONDS = 3.0
"""A role that crashed is believed to be back after that long: a lamp that flickers for half a second tells nobody."""
PREFIX = "role "
"""Before a role's name: `live` the program and `board` what it makes are two lamps."""


@dataclass(frozen=True, slots=True)
class _Word:
    """What the supervisor last said of a role. `believed_at` (monotonic seconds): until then it counts as away."""

    running: bool
    failures: int
    believed_at: float

    def lamp(self, now: float) -> tuple[SourceState, str]:
        if self.running and now >= self.believed_at:
            return SourceState.LIVE, ""
        return SourceState.DOWN, f"restart {self.failures}" if self.failures else "starting"


class RoleLamps:
    """Notes what the supervisor says of its roles, and keeps their lamps burning or out."""

    def __init__(self, sources: Sources, clock: Clock) -> None:
        self._sources = sources
        self._clock = clock
        self._roles: dict[str, _Word] = {}
        self._news = asyncio.Event()

    def note(self, role: str, running: bool, failures: int) -> None:
        """Take what was said; never blocks."""
        trusted = self._clock.monotonic() + (TRUST_SECONDS if failures else 0.0)
        self._roles[role] = _Word(running, failures, trusted)
        self._news.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Report until told to stop."""
        await keep_trying(self._report, stop, expected=LINE_ERRORS, failed=self._lost, clock=self._clock)

    async def _report(self) -> None:
        while True:
            self._news.clear()
            now = self._clock.monotonic()
            for role, word in list(self._roles.items()):
                await self._sources.report(PREFIX + role, *word.lamp(now))
            await self._next_turn(now)

    async def _next_turn(self, now: float) -> None:
        """The next word of the supervisor, the moment a role is believed again, or some seconds: lamps go stale."""
        trusted = [word.believed_at - now for word in self._roles.values() if word.believed_at > now]
        try:
            async with asyncio.timeout(min([REPORT_EVERY_SECONDS, *trusted])):
                await self._news.wait()
        except TimeoutError:
            log.debug("roles unchanged")

    async def _lost(self, error: Exception) -> None:
        log.info("role lamps cannot be set", extra={"facts": {"error": type(error).__name__}})


async def supervise(roles: Sequence[Role], redis_url: str, *, welcome: Mapping[str, str]) -> None:
    """Run the roles until Ctrl-C or SIGTERM. `welcome` holds what to say when a role first serves, by its name."""
    stop = asyncio.Event()
    stop_on_signals(stop)
    redis = open_redis(redis_url)
    lamps = RoleLamps(Sources(redis), SystemClock())
    unsaid = dict(welcome)

    def told(status: RoleStatus) -> None:
        running = status.state is RoleState.RUNNING
        lamps.note(status.name, running, status.failures)
        if running and status.name in unsaid:
            say(unsaid.pop(status.name))

    supervisor = Supervisor(roles, clock=SystemClock(), rng=random.SystemRandom(), on_status=told)
    async with asyncio.TaskGroup() as group:
        group.create_task(lamps.run(stop))
        group.create_task(supervisor.run(stop))
    await redis.aclose()
