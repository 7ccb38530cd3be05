"""The supervisor with its lamps: one for every role, so that the wall says which is away and which attempt this is."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping, Sequence

from data_access.keep_trying import keep_trying
from data_access.redis_client import LINE_ERRORS, open_redis
from data_access.sources import REPORT_EVERY_SECONDS, Sources, SourceState
from runtime.clock import Clock, SystemClock
from runtime.console import say
from runtime.supervision import Role, RoleState, RoleStatus, Supervisor, stop_on_signals

log = logging.getLogger(__name__)

PREFIX = "role "
"""Before a role's name: `live` the program and `board` what it makes are two lamps."""


class RoleLamps:
    """Notes what the supervisor says of its roles, and keeps their lamps burning or out."""

    def __init__(self, sources: Sources, clock: Clock) -> None:
        self._sources = sources
        self._clock = clock
        self._roles: dict[str, tuple[SourceState, str]] = {}
        self._news = asyncio.Event()

    def note(self, role: str, running: bool, failures: int) -> None:
        """Take what was said; never blocks."""
        state = SourceState.LIVE if running else SourceState.DOWN
        self._roles[role] = (state, "" if running else f"restart {failures}" if failures else "starting")
        self._news.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Report until told to stop."""
        await keep_trying(self._report, stop, expected=LINE_ERRORS, failed=self._lost, clock=self._clock)

    async def _report(self) -> None:
        while True:
            self._news.clear()
            for role, (state, detail) in list(self._roles.items()):
                await self._sources.report(PREFIX + role, state, detail)
            await self._next_turn()

    async def _next_turn(self) -> None:
        """The next word of the supervisor, or some seconds: lamps must not go stale while nothing happens."""
        try:
            async with asyncio.timeout(REPORT_EVERY_SECONDS):
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
