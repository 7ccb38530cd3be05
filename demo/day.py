"""The demo city's day: cases arrive and people act on them, by the same commands as anybody else, while it runs.

It keeps no state of its own. What it needs to know stands in the case store, so a restarted demo goes on where it
stopped, and cases that operators begin or touch are looked after like all others.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from data_access.cases import CaseStore, Done
from data_access.errors import StoreError
from data_access.keep_trying import keep_trying
from demo.arrivals import Arrivals
from demo.history import A_DAY
from demo.story import Planned, Story
from demo.town import Town
from domain.action import Command, Refusal, RefusalCode
from domain.case import Case
from domain.facts import CaseFacts
from domain.policy import Policy
from domain.worktime import utc
from runtime.clock import Clock

log = logging.getLogger(__name__)

LOOK_AROUND_SECONDS = 60.0
"""How often cases that somebody else began or touched are taken up."""
LEAST_PAUSE_SECONDS = 0.02
"""Between two commands: after a long sleep the backlog must not crowd people out."""
_MOST_REFUSALS = 5
"""Times in a row a case's next step may be refused before the demo lets it be."""
_SEEN_BY_OTHERS = frozenset({RefusalCode.STALE_VERSION, RefusalCode.NOT_IN_THIS_STATE})


@dataclass(order=True, slots=True)
class _Due:
    """Something to do at a moment: a step of a case, or (without one) the next arrival."""

    at: datetime
    serial: int
    case_no: str = field(compare=False, default="")
    version: int = field(compare=False, default=0)
    planned: Planned | None = field(compare=False, default=None)


@dataclass(slots=True)
class _Followed:
    """A case as the demo knows it. `last_at` is its newest entry, or a later step that was refused."""

    case: Case
    last_at: datetime
    refusals: int = 0


class Day:
    """Runs the day at `speed` times real time: waits shrink, deadlines do not, so a fast city is a punctual one."""

    def __init__(
        self,
        store: CaseStore,
        town: Town,
        policy: Policy,
        *,
        clock: Clock,
        rng: random.Random,
        speed: float = 1.0,
        a_day: float = A_DAY,
    ) -> None:
        self._store = store
        self._story = Story(town, policy)
        self._arrivals = Arrivals(town, policy.mode, a_day)
        self._clock = clock
        self._rng = rng
        self._speed = speed
        self._agenda: list[_Due] = []
        self._followed: dict[str, _Followed] = {}
        self._serial = 0
        self._look_around_at = clock.monotonic()

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop. A store that is away is asked again after growing pauses."""
        await keep_trying(self._go_on, stop, expected=(StoreError,), failed=self._say, clock=self._clock)

    async def _say(self, error: Exception) -> None:
        log.warning("the demo's day stands still", extra={"facts": {"error": str(error)}})

    async def _go_on(self) -> None:
        self._agenda.clear()
        self._followed.clear()
        self._put(self._next_arrival(self._clock.now()))
        while True:
            await self.run_once()

    async def run_once(self) -> None:
        """Do what is due, or wait for it: one command at most.

        Raises:
            StoreError: the store is away.
        """
        if self._clock.monotonic() >= self._look_around_at:
            await self._look_around()
        wait = (self._agenda[0].at - self._clock.now()).total_seconds() if self._agenda else LOOK_AROUND_SECONDS
        if wait > 0:
            await self._clock.sleep(min(wait, max(0.0, self._look_around_at - self._clock.monotonic()) + 0.01))
            return
        await self._do(heapq.heappop(self._agenda))
        await self._clock.sleep(LEAST_PAUSE_SECONDS)

    async def _look_around(self) -> None:
        """Take up every open case that is new or was moved by somebody else; forget those that are over."""
        self._look_around_at = self._clock.monotonic() + LOOK_AROUND_SECONDS
        facts = await asyncio.to_thread(self._store.open_facts)
        open_now = {found.case_no for found in facts}
        for case_no in self._followed.keys() - open_now:
            del self._followed[case_no]
        for case_no in self._not_as_known(facts):
            await self._read(case_no)

    def _not_as_known(self, facts: Iterable[CaseFacts]) -> list[str]:
        known = {case_no: followed.case.version for case_no, followed in self._followed.items()}
        return [found.case_no for found in facts if known.get(found.case_no) != found.version]

    async def _read(self, case_no: str) -> None:
        case = await asyncio.to_thread(self._store.get, case_no)
        history = await asyncio.to_thread(self._store.history, case_no)
        if case is not None:
            self._follow(_Followed(case, history[-1].at))

    async def _do(self, due: _Due) -> None:
        if due.planned is None:
            await self._arrive()
            return
        followed = self._followed.get(due.case_no)
        if followed is None or followed.case.version != due.version:
            return  # somebody else moved it meanwhile, and it was planned anew
        answer = await self._execute(due.planned.command(followed.case, self._now()))
        if isinstance(answer, Done):
            self._follow(_Followed(answer.case, answer.entry.at))
        elif answer.code in _SEEN_BY_OTHERS:
            await self._read(due.case_no)
        else:
            self._refused(followed, due.planned, answer)

    def _refused(self, followed: _Followed, planned: Planned, refusal: Refusal) -> None:
        """What was refused is not asked again: the story goes on as if its time had passed."""
        facts = {"case": followed.case.case_no, "action": planned.action.value, "refusal": refusal.text}
        log.warning("a step of the demo was refused", extra={"facts": facts})
        if followed.refusals < _MOST_REFUSALS:
            later = max(followed.last_at, planned.at)
            self._follow(_Followed(followed.case, later, followed.refusals + 1))

    async def _arrive(self) -> None:
        at = self._now()
        answer = await self._execute(self._arrivals.command(self._rng, at))
        if isinstance(answer, Done):
            self._follow(_Followed(answer.case, answer.entry.at))
        else:
            log.warning("a report of the demo was refused", extra={"facts": {"refusal": answer.text}})
        self._put(self._next_arrival(at))

    async def _execute(self, command: Command) -> Done | Refusal:
        return await asyncio.to_thread(self._store.execute, command)

    def _follow(self, followed: _Followed) -> None:
        self._followed[followed.case.case_no] = followed
        planned = self._story.next_step(followed.case, followed.last_at)
        if planned is not None:
            due = followed.last_at + (planned.at - followed.last_at) / self._speed
            self._put(due, followed.case, planned)

    def _put(self, at: datetime, case: Case | None = None, planned: Planned | None = None) -> None:
        self._serial += 1
        due = _Due(at, self._serial, case.case_no if case else "", case.version if case else 0, planned)
        heapq.heappush(self._agenda, due)

    def _next_arrival(self, after: datetime) -> datetime:
        return self._arrivals.next_after(self._rng, after, speed=self._speed)

    def _now(self) -> datetime:
        return utc(self._clock.now())
