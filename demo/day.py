"""The demo city's day: cases arrive and people act on them, by the same commands as anybody else, while it runs.

It keeps no state of its own. What it needs to know stands in the case store, so a restarted demo goes on where it
stopped, and cases that operators begin or touch are looked after like all others, once those have let them be.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import random
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from data_access.cases import CaseStore, Done
from data_access.errors import StoreError
from data_access.keep_trying import keep_trying
from data_access.redis_client import LINE_ERRORS
from demo.arrivals import REPEATED_SHARE, repeatable
from demo.desks import Desks, Leases
from demo.history import LIVE_DAY, live_arrivals
from demo.scene import Planned
from demo.stocks import Stocks
from demo.story import HOLDING, Story, story_time
from demo.town import Town
from demo.visitors import Visitors
from demo.weather import Storm
from domain.action import Command, Refusal, RefusalCode
from domain.case import Case
from domain.case_query import CaseQuery, Count
from domain.facts import CaseFacts
from domain.journal import Entry
from domain.period import Period
from domain.policy import Policy
from domain.roles import Role
from domain.worktime import utc
from runtime.clock import Clock

log = logging.getLogger(__name__)

LOOK_AROUND_SECONDS = 60.0
"""How often cases that somebody else began or touched are taken up."""
LEAST_PAUSE_SECONDS = 0.02
"""Between two commands: after a long sleep the backlog must not crowd people out."""
_MOST_REFUSALS = 5
"""Times in a row a case's next step may be refused before the demo lets it be."""
_SEEN_BY_OTHERS = frozenset(
    {RefusalCode.STALE_VERSION, RefusalCode.NOT_IN_THIS_STATE, RefusalCode.CLAIMED, RefusalCode.CLAIM_LOST}
)
_LEFT_LYING = (60.0, 240.0)
_LOOKED_AT_FIRST = (5.0, 20.0)
"""Seconds until a desk looks again at a queue that holds no more than its stock; sooner for what has lain long."""
_LONG = timedelta(hours=1)
_WAITS = timedelta(seconds=20)
"""Until somebody looks again at a case that another desk holds."""
_RECENT = 40
"""Reports that somebody else may still tell of."""
_ENDED_CASES = 3_000


class Pictures(Protocol):
    """Takes the photos that commands bring. Blocking."""

    def taken(self, command: Command, case: Case | None) -> Command: ...


@dataclass(order=True, slots=True)
class _Due:
    """Something to do at a moment: a step of a case, or (without one) the next arrival, or one that a storm brings."""

    at: datetime
    serial: int
    case_no: str = field(compare=False, default="")
    version: int = field(compare=False, default=0)
    planned: Planned | None = field(compare=False, default=None)
    storm: Storm | None = field(compare=False, default=None)


@dataclass(slots=True)
class _Followed:
    """A case as the demo knows it. `last_at`: when its story last went on, or a later step that was refused."""

    case: Case
    last_at: datetime
    touched_at: datetime | None = None
    refusals: int = 0


class Day:
    """Runs the day at `speed` times real time: waits shrink, deadlines do not, so a fast city is a punctual one.

    With `leases` its desks claim what they work on. `visitors` are the real people it makes way for. A storm comes
    `storm_after` the beginning. With `pictures`, the photos it brings are real ones.
    """

    def __init__(
        self,
        store: CaseStore,
        town: Town,
        policy: Policy,
        *,
        clock: Clock,
        rng: random.Random,
        speed: float = 1.0,
        a_day: float = LIVE_DAY,
        leases: Leases | None = None,
        visitors: Visitors | None = None,
        storm_after: timedelta | None = None,
        pictures: Pictures | None = None,
    ) -> None:
        self._store = store
        self._town = town
        self._twins: dict[str, str] = {}
        self._story = Story(town, policy, self._twins.get)
        self._arrivals = live_arrivals(town, policy.mode, a_day)
        self._recent: deque[tuple[str, Command]] = deque(maxlen=_RECENT)
        self._clock = clock
        self._rng = rng
        self._speed = speed
        self._stocks = Stocks(a_day)
        self._desks = Desks(town.roster, town.seed, leases, clock, speed)
        self._visitors = visitors or Visitors()
        self._storm = None if storm_after is None else Storm(town, self._now() + storm_after, a_day / LIVE_DAY)
        self._pictures = pictures
        self._agenda: list[_Due] = []
        self._followed: dict[str, _Followed] = {}
        self._serial = 0
        self._look_around_at = clock.monotonic()

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop. A store that is away is asked again after growing pauses."""
        expected: tuple[type[Exception], ...] = (StoreError, *LINE_ERRORS)
        await keep_trying(self._go_on, stop, expected=expected, failed=self._say, clock=self._clock)

    async def _say(self, error: Exception) -> None:
        log.warning("the demo's day stands still", extra={"facts": {"error": str(error)}})

    async def _go_on(self) -> None:
        for kept in (self._agenda, self._followed, self._stocks, self._desks):
            kept.clear()
        self._look_around_at = self._clock.monotonic()
        self._put(_Due(self._next_arrival(self._clock.now()), 0))
        self._expect_storm()
        await self._take_up_ended()
        while True:
            await self.run_once()

    async def run_once(self) -> None:
        """Do what is due, or wait for it: one command at most.

        Raises:
            StoreError: the store is away.
            RedisError, OSError: Redis does not answer.
        """
        await self._desks.heartbeat(self._now())
        if self._clock.monotonic() >= self._look_around_at:
            await self._look_around()
        wait = (self._agenda[0].at - self._clock.now()).total_seconds() if self._agenda else LOOK_AROUND_SECONDS
        if wait > 0:
            next_look = max(0.0, self._look_around_at - self._clock.monotonic()) + 0.01
            await self._clock.sleep(min(wait, next_look, self._desks.next_heartbeat_seconds))
            return
        await self._do(heapq.heappop(self._agenda))
        await self._clock.sleep(LEAST_PAUSE_SECONDS)

    async def _look_around(self) -> None:
        """Take up every open case that is new or was moved by somebody else; forget those that are over."""
        self._look_around_at = self._clock.monotonic() + LOOK_AROUND_SECONDS
        await self._visitors.look()
        facts = await asyncio.to_thread(self._store.open_facts)
        open_now = {found.case_no for found in facts}
        ended = {case_no for case_no, followed in self._followed.items() if followed.case.is_final}
        for case_no in self._followed.keys() - open_now - ended:
            await self._read(case_no)
        for case_no in self._not_as_known(facts):
            await self._read(case_no)

    def _not_as_known(self, facts: Iterable[CaseFacts]) -> list[str]:
        known = {case_no: followed.case.version for case_no, followed in self._followed.items()}
        return [found.case_no for found in facts if known.get(found.case_no) != found.version]

    async def _take_up_ended(self) -> None:
        """Cases closed in the last days: some have their bill, or an appeal, still to come."""
        closed = CaseQuery(count=Count.CLOSED, period=Period.DAYS_7)
        for case in await asyncio.to_thread(self._store.find, closed, self._now(), limit=_ENDED_CASES):
            ended = _Followed(case, case.closed_at or case.state_since)
            if case.current_request or case.emergency:
                await self._read(case.case_no)
            elif self._story.next_step(case, ended.last_at) is not None:
                self._follow(ended)

    async def _read(self, case_no: str) -> None:
        case = await asyncio.to_thread(self._store.get, case_no)
        history = await asyncio.to_thread(self._store.history, case_no)
        if case is not None:
            self._follow(_Followed(case, story_time(history), self._visitors.touched(history)), history[-1])

    async def _do(self, due: _Due) -> None:
        if due.planned is None:
            await self._arrive(due.storm)
            return
        followed = self._followed.get(due.case_no)
        if followed is None or followed.case.version != due.version:
            return  # somebody else moved it meanwhile, and it was planned anew
        later = self._rather_later(followed, due.planned)
        step = None if later else self._desks.turn(followed.case, due.planned)
        if step is None:
            self._put(replace(due, at=later or self._now() + _WAITS / self._speed))
        else:
            await self._act(followed, step)

    def _rather_later(self, followed: _Followed, planned: Planned) -> datetime | None:
        """When to look again at what is better left alone now: a real person's case, a queue that would be empty."""
        now = self._now()
        free_at = self._visitors.free_at(followed.case, followed.touched_at, now)
        if free_at > now:
            return free_at
        if self._stocks.leaves_lying(followed.case, planned.action):
            long = now - followed.case.state_since > _LONG / self._speed
            seconds = self._rng.uniform(*(_LOOKED_AT_FIRST if long else _LEFT_LYING))
            return now + timedelta(seconds=seconds / self._speed)
        return None

    async def _act(self, followed: _Followed, step: Planned) -> None:
        case = followed.case
        command = step.command(case, self._now())
        if case.claimed_by == step.actor.name:
            command = replace(command, claim_token=case.claim_token)
        answer = await self._execute(command, case)
        if isinstance(answer, Done):
            await self._done(followed, answer)
        elif answer.code in _SEEN_BY_OTHERS:
            await self._read(case.case_no)
        else:
            self._refused(followed, step, answer)

    async def _done(self, followed: _Followed, done: Done) -> None:
        case, entry = done.case, done.entry
        await self._desks.note(case, entry.at)
        on_hold = entry.action in HOLDING
        self._follow(_Followed(case, followed.last_at if on_hold else entry.at, followed.touched_at), entry)

    def _refused(self, followed: _Followed, planned: Planned, refusal: Refusal) -> None:
        """What was refused is not asked again: the story goes on as if its time had passed."""
        facts = {"case": followed.case.case_no, "action": planned.action.value, "refusal": refusal.text}
        log.warning("a step of the demo was refused", extra={"facts": facts})
        if followed.refusals < _MOST_REFUSALS:
            later = max(followed.last_at, planned.at)
            self._follow(replace(followed, last_at=later, refusals=followed.refusals + 1))

    async def _arrive(self, storm: Storm | None) -> None:
        at = self._now()
        told = self._told_again(at) if storm is None else None
        if told is not None:
            command = self._arrivals.again(self._rng, at, told[1])
        elif storm is not None:
            command = storm.command(self._arrivals, self._rng, at)
        else:
            command = self._arrivals.command(self._rng, at)
        answer = await self._execute(command, None)
        if isinstance(answer, Done):
            self._note_arrival(answer, command, told)
        else:
            log.warning("a report of the demo was refused", extra={"facts": {"refusal": answer.text}})
        if storm is None:
            self._put(_Due(self._next_arrival(at), 0))

    def _told_again(self, at: datetime) -> tuple[str, Command] | None:
        if self._rng.random() > REPEATED_SHARE:
            return None
        fitting = [told for told in self._recent if repeatable(told[1], at)]
        return self._rng.choice(fitting) if fitting else None

    def _note_arrival(self, done: Done, command: Command, told: tuple[str, Command] | None) -> None:
        if told is None:
            self._recent.append((done.case.case_no, command))
        else:
            self._twins[done.case.case_no] = told[0]
        self._follow(_Followed(done.case, done.entry.at), done.entry)

    async def _execute(self, command: Command, case: Case | None) -> Done | Refusal:
        if self._pictures is not None:
            command = await asyncio.to_thread(self._pictures.taken, command, case)
        return await asyncio.to_thread(self._store.execute, command)

    def _follow(self, followed: _Followed, entry: Entry | None = None) -> None:
        """Plan the case's next step. `entry` is its newest one, where it is known."""
        case = followed.case
        self._followed[case.case_no] = followed
        self._stocks.note(case)
        planned = self._desks.still_to_release(case, entry) or self._story.next_step(case, followed.last_at)
        if planned is None:
            self._forget(case)
        elif planned.actor.role is not Role.SYSTEM:  # the hall's clerk does that
            due = followed.last_at + (planned.at - followed.last_at) / self._speed
            due = self._desks.free_at(case, due, entry)
            self._put(_Due(due, 0, case.case_no, case.version, planned))

    def _forget(self, case: Case) -> None:
        self._followed.pop(case.case_no, None)
        self._stocks.forget(case.case_no)
        self._twins.pop(case.case_no, None)

    def _put(self, due: _Due) -> None:
        self._serial += 1
        heapq.heappush(self._agenda, replace(due, serial=self._serial))

    def _expect_storm(self) -> None:
        if self._storm is None:
            return
        for at in self._storm.moments(random.Random(self._town.seed)):  # the same ones again after a broken line
            if at > self._now():
                self._put(_Due(at, 0, storm=self._storm))

    def _next_arrival(self, after: datetime) -> datetime:
        return self._arrivals.next_after(self._rng, after, speed=self._speed)

    def _now(self) -> datetime:
        return utc(self._clock.now())
