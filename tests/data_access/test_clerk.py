"""What the hall does by itself when its time has come, on a real store and a real Valkey."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import redis.asyncio

from data_access.claims import LEASE, Claim, ClaimLeases
from data_access.clerk import CALENDAR_SOURCE, Clerk
from data_access.sources import Sources, SourceState
from domain.action import Action
from domain.case import Case, CaseState
from domain.journal import milliseconds
from domain.worktime import WorkCalendar
from tests.data_access.live_parts import Office, now
from tests.domain.loop import CALENDAR, POLICY
from tests.fakes.clock import ManualClock
from tests.waiting import eventually_async


@dataclass
class Hall:
    office: Office
    clerk: Clerk
    leases: ClaimLeases
    clock: ManualClock
    redis: redis.asyncio.Redis

    def case(self, case_no: str) -> Case:
        found = self.office.store.get(case_no)
        assert found is not None
        return found

    def claimed(self) -> Claim:
        """A case that a dispatcher has claimed."""
        case_no = self.office.act(Action.REPORT)
        self.office.act(Action.FILE, case_no)
        self.office.act(Action.CLAIM, case_no)
        return Claim(case_no, self.case(case_no).claim_token)


@pytest.fixture
def hall(valkey: redis.asyncio.Redis, sqlite_template: Path, tmp_path: Path) -> Hall:
    file = tmp_path / "office.db"
    file.write_bytes(sqlite_template.read_bytes())
    office, clock = Office(file), ManualClock(now())
    clerk = Clerk(valkey, office.store, CALENDAR, clock=clock)
    return Hall(office, clerk, ClaimLeases(valkey), clock, valkey)


async def test_a_claim_whose_browser_is_gone_lapses_in_the_journal(hall: Hall) -> None:
    claim = hall.claimed()
    await hall.leases.begin(claim, hall.clock.now())
    hall.clock.forward(seconds=LEASE.total_seconds() - 1)
    await hall.clerk.lapse_claims()
    assert hall.case(claim.case_no).claimed_by == "dispatcher"
    hall.clock.forward(seconds=2)
    await hall.clerk.lapse_claims()
    newest = hall.office.store.history(claim.case_no)[-1]
    assert (newest.action, newest.actor) == (Action.LAPSE_CLAIM, "system")
    assert hall.case(claim.case_no).claimed_by is None


async def test_a_heartbeat_keeps_the_claim(hall: Hall) -> None:
    claim = hall.claimed()
    await hall.leases.begin(claim, hall.clock.now())
    for _ in range(4):
        hall.clock.forward(seconds=30)
        assert await hall.leases.renew([claim], hall.clock.now()) == [claim]
        await hall.clerk.lapse_claims()
    assert hall.case(claim.case_no).claimed_by == "dispatcher"


async def test_the_heartbeat_of_a_claim_that_was_taken_over_is_told_that_it_is_lost(hall: Hall) -> None:
    old = hall.claimed()
    await hall.leases.begin(old, hall.clock.now())
    await hall.leases.end([old])
    await hall.leases.begin(Claim(old.case_no, old.token + 1), hall.clock.now())
    assert await hall.leases.renew([old], hall.clock.now()) == []


async def test_the_end_of_an_old_lease_does_not_end_the_newer_claim(hall: Hall) -> None:
    old = hall.claimed()
    await hall.leases.begin(old, hall.clock.now())
    hall.office.act(Action.RELEASE, old.case_no)
    hall.office.act(Action.CLAIM, old.case_no)
    hall.clock.forward(seconds=LEASE.total_seconds() + 1)
    await hall.clerk.lapse_claims()
    assert hall.case(old.case_no).claim_token == old.token + 1
    assert hall.case(old.case_no).claimed_by == "dispatcher"


async def test_claims_that_redis_forgot_get_a_whole_lease_and_then_lapse(hall: Hall) -> None:
    claim = hall.claimed()
    await hall.clerk.look_round()
    hall.clock.forward(seconds=LEASE.total_seconds() - 1)
    await hall.clerk.look_round()
    await hall.clerk.lapse_claims()
    assert hall.case(claim.case_no).claimed_by == "dispatcher"
    hall.clock.forward(seconds=2)
    await hall.clerk.lapse_claims()
    assert hall.case(claim.case_no).claimed_by is None


async def test_a_suspension_ends_by_itself_at_its_date(hall: Hall) -> None:
    case_no = hall.office.act(Action.REPORT)
    for action in (Action.FILE, Action.DISPATCH):
        hall.office.act(action, case_no)
    until = milliseconds(hall.clock.now() + timedelta(days=3))
    hall.office.act(Action.ASK_SUSPENSION, case_no, until=until)
    hall.office.act(Action.APPROVE_SUSPENSION, case_no)
    await hall.clerk.look_round()
    assert hall.case(case_no).state is CaseState.SUSPENDED
    hall.clock.forward(days=3, seconds=1)
    await hall.clerk.look_round()
    case = hall.case(case_no)
    assert (case.state, case.suspended_until) == (CaseState.PENDING_DISPOSAL, None)
    assert hall.office.store.history(case_no)[-1].role == "system"


@pytest.mark.parametrize(("month", "state"), [(11, SourceState.LIVE), (12, SourceState.DOWN)])
async def test_a_missing_holiday_table_lights_a_lamp_from_december_on(
    hall: Hall, valkey: redis.asyncio.Redis, month: int, state: SourceState
) -> None:
    known = WorkCalendar(
        version="t", zone=CALENDAR.zone, hours=CALENDAR.hours, holidays=frozenset({now().date().replace(2026, 1, 1)})
    )
    clock = ManualClock(now().replace(year=2026, month=month, day=15))
    await Clerk(valkey, hall.office.store, known, clock=clock).look_round()
    lamps = {lamp.name: lamp for lamp in await Sources(valkey, clock).all()}
    assert lamps[CALENDAR_SOURCE].state is state
    assert ("2027" in lamps[CALENDAR_SOURCE].detail) is (state is SourceState.DOWN)


async def test_of_two_clerks_one_works(hall: Hall, valkey: redis.asyncio.Redis) -> None:
    claim = hall.claimed()
    await hall.leases.begin(claim, hall.clock.now() - 2 * LEASE)
    other = Clerk(valkey, hall.office.store, POLICY.calendar, clock=hall.clock)
    stop = asyncio.Event()
    tasks = [asyncio.ensure_future(clerk.run(stop)) for clerk in (hall.clerk, other)]

    async def lapsed() -> bool:
        return hall.case(claim.case_no).claimed_by is None

    await eventually_async(lapsed, within=30)
    stop.set()
    await asyncio.gather(*tasks)
    lapses = [entry for entry in hall.office.store.history(claim.case_no) if entry.action is Action.LAPSE_CLAIM]
    assert len(lapses) == 1
