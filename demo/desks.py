"""How the demo's desks hold cases: they claim one, look at it, and act or let go; sometimes somebody walks away.

The claims are real ones, with leases that the demo renews like a browser does (product sheet 3.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from data_access.claims import Claim
from demo import reasons
from demo.luck import Luck
from demo.people import Roster
from demo.scene import Planned
from demo.story import HOLDING
from domain.action import Action
from domain.case import Case
from domain.journal import Entry
from domain.roles import DESK_ROLES, Identity
from domain.transitions import TRANSITIONS
from runtime.clock import Clock

HEARTBEAT_SECONDS = 30.0
_LOOKS_SECONDS = (25.0, 140.0)
"""How long a desk looks at a case it has claimed."""
_LETS_GO, _TAKEN_OVER, _WALKS_AWAY = 0.06, 0.03, 0.03
"""Shares of claims that end without an act of the claimer."""
_PAUSE = timedelta(minutes=3)
"""After a claim that led to nothing, nobody takes the case up for so long."""


class Leases(Protocol):
    """The clock of claims (`data_access.claims.ClaimLeases`)."""

    async def begin(self, claim: Claim, now: datetime) -> None: ...

    async def renew(self, claims: Sequence[Claim], now: datetime) -> list[Claim]: ...

    async def end(self, claims: Sequence[Claim]) -> None: ...


class Desks:
    """The claims of the demo's people. Without `leases` nobody claims."""

    def __init__(self, roster: Roster, seed: int, leases: Leases | None, clock: Clock, speed: float) -> None:
        self._roster = roster
        self._seed = seed
        self._leases = leases
        self._clock = clock
        self._speed = speed
        self._held: dict[str, Claim] = {}
        self._heartbeat_at = clock.monotonic()

    @property
    def next_heartbeat_seconds(self) -> float:
        """How long one may sleep before the next word is due."""
        return max(0.0, self._heartbeat_at - self._clock.monotonic()) + 0.01 if self._held else HEARTBEAT_SECONDS

    def clear(self) -> None:
        self._held.clear()

    def turn(self, case: Case, planned: Planned) -> Planned | None:
        """What is done in place of a planned act: a claim first, then the act by whoever holds the case. None: wait."""
        if planned.action is Action.RELEASE:
            return planned
        if self._leases is None or planned.actor.role not in DESK_ROLES or TRANSITIONS[planned.action].past_claim:
            return planned
        if case.claimed_by is None:
            return replace(planned, action=Action.CLAIM, reason="", facts={})
        holder = self._roster.named(case.claimed_by)
        if holder is None or (holder.role, holder.district) != (planned.actor.role, planned.actor.district):
            return None
        return self._by_holder(case, holder, planned)

    def _by_holder(self, case: Case, holder: Identity, planned: Planned) -> Planned | None:
        if self._gone(case):
            return None
        mood = self._mood(case)
        if mood < _LETS_GO:
            return replace(planned, action=Action.RELEASE, actor=holder, reason="", facts={})
        others = [who for who in self._roster.colleagues(holder) if who.name != holder.name]
        if mood < _LETS_GO + _TAKEN_OVER and others:
            luck = Luck(self._seed, case.case_no)
            colleague, why = luck.one_of("takes over", others), luck.one_of("why over", reasons.TAKEN_OVER)
            return replace(planned, action=Action.TAKE_OVER, actor=colleague, reason=why, facts={})
        return replace(planned, actor=holder)

    def _mood(self, case: Case) -> float:
        return Luck(self._seed, case.case_no).share(f"claim {case.claim_token}")

    def _gone(self, case: Case) -> bool:
        """Whoever claimed it left without a word: only the clerk ends such a claim."""
        return self._mood(case) > 1 - _WALKS_AWAY

    def free_at(self, case: Case, due: datetime, entry: Entry | None) -> datetime:
        """When an act that was due comes at the earliest: a desk looks first at what it has claimed.

        `entry` is the case's newest one, where it is known: after a claim that led to nothing, nobody hurries.
        """
        if entry is not None and entry.action in (Action.RELEASE, Action.LAPSE_CLAIM):
            return max(due, entry.at + _PAUSE / self._speed)
        if self._leases is None or case.claimed_at is None or self._roster.named(str(case.claimed_by)) is None:
            return due
        seconds = Luck(self._seed, case.case_no).between(f"looks {case.claim_token}", *_LOOKS_SECONDS)
        return max(due, case.claimed_at + timedelta(seconds=seconds / self._speed))

    def still_to_release(self, case: Case, entry: Entry | None) -> Planned | None:
        """Who acted and still holds the case, since it did not move on, lets it go."""
        if self._leases is None or entry is None or entry.action in HOLDING or entry.actor != case.claimed_by:
            return None
        holder = self._roster.named(entry.actor)
        return None if holder is None else Planned(entry.at, Action.RELEASE, holder)

    async def note(self, case: Case, now: datetime) -> None:
        """A claim began or ended by what was just done.

        Raises:
            RedisError, OSError: Redis does not answer.
        """
        if self._leases is None:
            return
        held, claim = self._held.get(case.case_no), Claim(case.case_no, case.claim_token)
        if case.claimed_by is None or self._roster.named(case.claimed_by) is None:
            await self._let_go(case.case_no)
        elif held != claim:
            await self._leases.begin(claim, now)
            self._held[case.case_no] = claim
            if self._gone(case):
                del self._held[case.case_no]

    async def _let_go(self, case_no: str) -> None:
        claim = self._held.pop(case_no, None)
        if claim is not None and self._leases is not None:
            await self._leases.end([claim])

    async def heartbeat(self, now: datetime) -> None:
        """Word from the desks that still hold something, twice a minute.

        Raises:
            RedisError, OSError: Redis does not answer.
        """
        if self._leases is None or self._clock.monotonic() < self._heartbeat_at:
            return
        self._heartbeat_at = self._clock.monotonic() + HEARTBEAT_SECONDS
        held = await self._leases.renew(list(self._held.values()), now)
        self._held = {claim.case_no: claim for claim in held}
