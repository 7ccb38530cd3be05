"""The clerk: what the hall does by itself. Claims lapse, suspensions end, a missing calendar is told.

It acts by commands like everybody else, as the role `system`. One works at a time, any number stand by.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from typing import Protocol

from redis.asyncio import Redis

from data_access import keys
from data_access.cases import Done
from data_access.claims import Claim, ClaimLeases
from data_access.errors import StoreError
from data_access.keep_trying import keep_trying
from data_access.lease import Lease, LeaseLost
from data_access.redis_client import LINE_ERRORS
from data_access.sources import OwnLamp, Sources, SourceState
from domain.action import Action, Command, Refusal
from domain.calendars import missing_year
from domain.case import Case
from domain.roles import Identity, Role
from domain.worktime import WorkCalendar, utc
from runtime.clock import Clock, SystemClock

log = logging.getLogger(__name__)

SOURCE = "clerk"
CALENDAR_SOURCE = "calendar"
EVERY_SECONDS = 1.0
LOOK_ROUND_TICKS = 10
"""Every how many rounds the stored cases are asked; leases are looked at in every round."""

SYSTEM = Identity(name="system", display_name="系统", role=Role.SYSTEM)


class Cases(Protocol):
    """What the clerk needs of the case store. Blocking."""

    def get(self, case_no: str) -> Case | None: ...

    def execute(self, command: Command) -> Done | Refusal: ...

    def suspended_until(self, now: datetime) -> list[Case]: ...

    def claimed(self) -> list[Case]: ...


class Clerk:
    """One clerk of possibly several."""

    def __init__(self, redis: Redis, cases: Cases, calendar: WorkCalendar, *, clock: Clock | None = None) -> None:
        self._cases = cases
        self._calendar = calendar
        self._clock = clock or SystemClock()
        self._leases = ClaimLeases(redis)
        self._lease = Lease(redis, keys.CLERK_LEASE, self._clock)
        self._sources = Sources(redis, self._clock)
        self._lamp = OwnLamp(self._sources, SOURCE, self._clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; a lost line or a busy database is tried again, after pauses."""
        expected = (*LINE_ERRORS, StoreError, LeaseLost)
        await keep_trying(self.run_once, stop, expected=expected, failed=self._lamp.down, clock=self._clock)

    async def run_once(self) -> None:
        """Wait for the lease, then work until something fails.

        Raises:
            RedisError, OSError, StoreError, LeaseLost: what failed; what was due is still due.
        """
        async with self._lease.held():
            rounds = 0
            while True:
                await self._lease.renew()
                if rounds % LOOK_ROUND_TICKS == 0:
                    await self.look_round()
                await self.lapse_claims()
                await self._lamp.live()
                rounds += 1
                await self._clock.sleep(EVERY_SECONDS)

    async def look_round(self) -> None:
        """End the suspensions that are over, give forgotten claims a lease, say whether the calendar is whole."""
        now = self._now()
        for case in await asyncio.to_thread(self._cases.suspended_until, now):
            await self._do(Action.RESUME, case)
        standing = await asyncio.to_thread(self._cases.claimed)
        await self._leases.begin_unknown([Claim(case.case_no, case.claim_token) for case in standing], now)
        await self._tell_calendar(now)

    async def lapse_claims(self) -> None:
        """Write down the end of every claim whose browser has been silent for too long."""
        over = await self._leases.run_out(self._now())
        for claim in over:
            case = await asyncio.to_thread(self._cases.get, claim.case_no)
            if case is not None and case.claimed_by is not None and case.claim_token == claim.token:
                await self._do(Action.LAPSE_CLAIM, case)
        await self._leases.end(over)

    async def _do(self, action: Action, case: Case) -> None:
        command = Command(
            action=action, actor=SYSTEM, at=self._now(), case_no=case.case_no, expected_version=case.version
        )
        answer = await asyncio.to_thread(self._cases.execute, command)
        if isinstance(answer, Refusal):  # somebody was faster; the next round sees what is left
            facts = {"case": case.case_no, "action": action.value, "refusal": answer.text}
            log.info("the clerk came too late", extra={"facts": facts})

    async def _tell_calendar(self, now: datetime) -> None:
        year = missing_year(self._calendar, now)
        state = SourceState.LIVE if year is None else SourceState.DOWN
        detail = "" if year is None else f"{year} 年节假日表缺失"
        await self._sources.report(CALENDAR_SOURCE, state, detail, ttl_seconds=LOOK_ROUND_TICKS * EVERY_SECONDS * 5)

    def _now(self) -> datetime:
        return utc(self._clock.now())
