"""The live day of the small town, on a clock that leaps over every wait."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Protocol, TypeVar

import pytest
from sqlalchemy import Engine

from data_access.cases import CaseStore, Done
from data_access.claims import Claim
from data_access.errors import StoreBusy
from demo.day import LOOK_AROUND_SECONDS, Day
from demo.history import LIVE_DAY, make_past
from demo.visitors import LET_BE, Visitors
from demo.weather import LASTS, REPORTS
from domain.action import Action, Command, Refusal, RefusalCode
from domain.case import CaseState
from domain.case_query import CaseQuery
from domain.roles import Identity, Role
from tests.demo.towns import NOW, SMALL, ZONE, policy, small_town
from tests.fakes.clock import ManualClock
from tests.waiting import eventually_async

Kind = TypeVar("Kind", bound=CaseStore)


class Made(Protocol):
    """Makes a store of a kind on the test's database."""

    def __call__(self, kind: type[Kind]) -> Kind: ...


DISPATCHER = Identity("wang", "王磊", Role.DISPATCHER)


def day(store: CaseStore, clock: ManualClock, *, speed: float = 1.0, a_day: float = SMALL, **more: Any) -> Day:
    return Day(store, small_town(), policy(), clock=clock, rng=random.Random(3), speed=speed, a_day=a_day, **more)


async def lived(day: Day, clock: ManualClock, until: datetime) -> None:
    """Live until a moment of the clock."""

    async def reached() -> bool:
        return clock.now() >= until

    stop = asyncio.Event()
    task = asyncio.create_task(day.run(stop))
    await eventually_async(reached, within=60)
    stop.set()
    await task


@pytest.fixture
def made(demo_engine: Engine) -> Made:
    """Makes a store that behaves in its own way."""
    return lambda kind: kind(demo_engine, policy(), number_prefix="QD", zone=ZONE)


def entries_since(store: CaseStore, since: datetime) -> list[tuple[str, Action, datetime]]:
    cases = store.find(CaseQuery(), NOW + timedelta(days=3), limit=10_000)
    found = [(e.case_no, e.action, e.at) for case in cases for e in store.history(case.case_no)]
    return [entry for entry in found if entry[2] > since]


async def test_cases_arrive_and_people_act_on_them(demo_store: CaseStore) -> None:
    clock = ManualClock(NOW)
    make_past(demo_store, small_town(), policy(), NOW, days=6, a_day=SMALL)
    await lived(day(demo_store, clock, speed=6), clock, NOW + timedelta(hours=2))
    happened = {action for _, action, _ in entries_since(demo_store, NOW)}
    assert happened & {Action.REPORT, Action.REGISTER}
    assert happened >= {Action.FILE, Action.DISPATCH, Action.FEED_BACK, Action.CLOSE}


async def test_an_empty_store_fills_by_itself_and_cases_come_to_their_end(demo_store: CaseStore) -> None:
    clock = ManualClock(NOW)
    await lived(day(demo_store, clock, speed=12), clock, NOW + timedelta(hours=4))
    states = {case.state for case in demo_store.find(CaseQuery(), clock.now(), limit=1000)}
    assert CaseState.CLOSED in states
    assert len(states) > 3


async def test_nothing_is_done_before_its_time_or_in_the_past(demo_store: CaseStore) -> None:
    clock = ManualClock(NOW)
    make_past(demo_store, small_town(), policy(), NOW, days=4, a_day=SMALL)
    await lived(day(demo_store, clock), clock, NOW + timedelta(hours=3))
    since = entries_since(demo_store, NOW)
    assert since
    assert all(NOW < at <= clock.now() for _, _, at in since)


async def test_a_faster_day_brings_as_much_more(demo_store: CaseStore) -> None:
    clock = ManualClock(NOW)
    await lived(day(demo_store, clock, speed=20), clock, NOW + timedelta(hours=1))
    arrived = demo_store.count(CaseQuery(), clock.now())
    assert arrived == pytest.approx(20 * SMALL / 24 * 1.7, rel=0.5)


async def test_a_restarted_day_goes_on_where_it_stopped(demo_store: CaseStore) -> None:
    clock = ManualClock(NOW)
    make_past(demo_store, small_town(), policy(), NOW, days=4, a_day=SMALL)
    standing = {found.case_no: found.version for found in demo_store.open_facts()}
    await lived(day(demo_store, clock, a_day=0.01, speed=12), clock, NOW + timedelta(minutes=20))
    await lived(day(demo_store, clock, a_day=0.01, speed=12), clock, NOW + timedelta(hours=4))
    now = {found.case_no: found.version for found in demo_store.open_facts()}
    moved = [case_no for case_no, version in standing.items() if now.get(case_no) != version]
    assert len(moved) > len(standing) / 2


async def test_a_case_an_operator_began_is_looked_after_like_any_other(demo_store: CaseStore) -> None:
    clock = ManualClock(NOW)
    running = day(demo_store, clock, a_day=0.01)
    stop = asyncio.Event()
    task = asyncio.create_task(running.run(stop))
    facts = {"class_code": "E0110", "lon": 120.3, "lat": 36.1, "district": "370202", "grid": "370202001001001"}
    collector = Identity("zhou", "周敏", Role.COLLECTOR, district="370202")
    begun = demo_store.execute(Command(action=Action.REPORT, actor=collector, at=NOW, facts=facts))
    assert isinstance(begun, Done)

    async def moved() -> bool:
        return begun.case.case_no in {f.case_no for f in demo_store.facts() if f.version > 3}

    await eventually_async(moved)
    stop.set()
    await task
    assert clock.now() >= NOW + timedelta(seconds=LOOK_AROUND_SECONDS)


class Meddling(CaseStore):
    """Before the demo's first dispatch, an operator dispatches the case: the demo then sees an old version."""

    meddled: str | None = None

    def execute(self, command: Command) -> Done | Refusal:
        if command.action is Action.DISPATCH and self.meddled is None:
            self.meddled = str(command.case_no)
            by_hand = Command(
                action=Action.DISPATCH,
                actor=DISPATCHER,
                at=command.at,
                case_no=command.case_no,
                facts={"department": "370213-works"},
            )
            assert isinstance(super().execute(by_hand), Done)
        return super().execute(command)


async def test_an_operator_who_is_faster_wins_and_the_day_goes_on_from_there(made: Made) -> None:
    clock = ManualClock(NOW)
    store = made(Meddling)
    await lived(day(store, clock, speed=8), clock, NOW + timedelta(hours=4))
    assert store.meddled is not None
    dispatched = [e for e in store.history(store.meddled) if e.action is Action.DISPATCH]
    assert dispatched[0].actor == DISPATCHER.name
    assert len(store.history(store.meddled)) > 4


class Refusing(CaseStore):
    """Refuses to let anybody receive work."""

    asked = 0

    def execute(self, command: Command) -> Done | Refusal:
        if command.action is Action.RECEIVE:
            self.asked += 1
            return Refusal(code=RefusalCode.NO_RIGHT, text="不行")
        return super().execute(command)


async def test_what_is_refused_again_and_again_is_let_be_and_logged(
    made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock(NOW)
    store = made(Refusing)
    with caplog.at_level(logging.WARNING):
        await lived(day(store, clock, a_day=12, speed=12), clock, NOW + timedelta(hours=4))
    at_departments = sum(found.state is CaseState.PENDING_DISPOSAL for found in store.open_facts())
    assert 0 < store.asked <= 6 * at_departments
    assert "a step of the demo was refused" in caplog.text


class Away(CaseStore):
    """Another program holds the database for the first few commands."""

    left = 3

    def execute(self, command: Command) -> Done | Refusal:
        if self.left:
            self.left -= 1
            raise StoreBusy("another program is writing")
        return super().execute(command)


async def test_a_store_that_is_away_is_tried_again_and_said(made: Made, caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock(NOW)
    store = made(Away)
    with caplog.at_level(logging.WARNING):
        await lived(day(store, clock, speed=8), clock, NOW + timedelta(hours=4))
    assert caplog.text.count("the demo's day stands still") == 3
    assert store.count(CaseQuery(), clock.now()) > 5


class HandLeases:
    """Leases that remember what they were told."""

    def __init__(self) -> None:
        self.begun: list[Claim] = []
        self.renewed: list[Claim] = []
        self.ended: list[Claim] = []

    async def begin(self, claim: Claim, now: datetime) -> None:
        self.begun.append(claim)

    async def renew(self, claims: Sequence[Claim], now: datetime) -> list[Claim]:
        self.renewed += claims
        return list(claims)

    async def end(self, claims: Sequence[Claim]) -> None:
        self.ended += claims


async def test_desks_claim_a_case_before_they_act_and_say_that_they_are_there(demo_store: CaseStore) -> None:
    clock, leases = ManualClock(NOW), HandLeases()
    await lived(day(demo_store, clock, a_day=150, leases=leases), clock, NOW + timedelta(hours=2))
    since = entries_since(demo_store, NOW)
    claims = [entry for entry in since if entry[1] in (Action.CLAIM, Action.TAKE_OVER)]
    assert len(claims) == len(leases.begun) > 10
    assert leases.renewed
    assert leases.ended
    for case in demo_store.find(CaseQuery(), clock.now(), limit=1000):
        history = demo_store.history(case.case_no)
        for before, entry in pairwise(history):
            if entry.action in (Action.FILE, Action.DISPATCH):
                assert before.action in (Action.CLAIM, Action.TAKE_OVER)
                assert before.actor == entry.actor
                assert entry.at > before.at


async def test_some_claims_lead_to_nothing(demo_store: CaseStore) -> None:
    clock = ManualClock(NOW)
    await lived(day(demo_store, clock, a_day=400, leases=HandLeases(), speed=4), clock, NOW + timedelta(minutes=30))
    happened = {action for _, action, _ in entries_since(demo_store, NOW)}
    assert {Action.CLAIM, Action.RELEASE} <= happened


def report(store: CaseStore, actor: Identity, at: datetime = NOW) -> str:
    facts = {"class_code": "E0110", "lon": 120.3, "lat": 36.1, "district": "370202", "grid": "370202001001001"}
    begun = store.execute(Command(action=Action.REPORT, actor=actor, at=at, facts=facts))
    assert isinstance(begun, Done)
    return begun.case.case_no


async def test_what_a_real_person_works_on_is_left_alone_for_ten_minutes(demo_store: CaseStore) -> None:
    clock = ManualClock(NOW)
    real = Identity("collector", "演示采集员", Role.COLLECTOR, district="370202")
    theirs = report(demo_store, real)
    nobodys = report(demo_store, Identity("zhou", "周敏", Role.COLLECTOR, district="370202"))
    running = day(demo_store, clock, a_day=0.01, visitors=Visitors(lambda: ["collector"]))
    await lived(running, clock, NOW + timedelta(minutes=90))
    first = {case_no: demo_store.history(case_no)[1].at for case_no in (theirs, nobodys)}
    assert first[theirs] >= NOW + LET_BE
    assert first[nobodys] > NOW


async def test_a_case_that_a_real_person_has_claimed_waits_for_them(demo_store: CaseStore) -> None:
    clock = ManualClock(NOW)
    case_no = report(demo_store, Identity("zhou", "周敏", Role.COLLECTOR, district="370202"))
    shift = Identity("shift", "演示值班长", Role.SHIFT_LEADER)
    claimed = demo_store.execute(Command(action=Action.CLAIM, actor=shift, at=NOW, case_no=case_no))
    assert isinstance(claimed, Done)
    running = day(demo_store, clock, a_day=0.01, visitors=Visitors(lambda: ["shift"]), leases=HandLeases())
    await lived(running, clock, NOW + timedelta(hours=8))
    assert len(demo_store.history(case_no)) == 2


async def test_a_storm_comes_when_it_was_asked_for(demo_store: CaseStore) -> None:
    clock = ManualClock(NOW)
    after = timedelta(minutes=20)
    running = day(demo_store, clock, a_day=LIVE_DAY / 5, storm_after=after)
    await lived(running, clock, NOW + timedelta(minutes=70))
    arrived = [case.reported_at for case in demo_store.find(CaseQuery(), clock.now(), limit=1000)]
    stormy = sum(NOW + after <= at <= NOW + after + LASTS for at in arrived)
    assert stormy >= REPORTS / 5
    assert sum(at < NOW + after for at in arrived) < stormy / 2


async def test_desks_leave_some_work_lying_and_no_more(demo_store: CaseStore) -> None:
    clock = ManualClock(NOW)
    await lived(day(demo_store, clock, a_day=LIVE_DAY, speed=3), clock, NOW + timedelta(hours=2))
    waiting = sum(found.state is CaseState.PENDING_DISPATCH for found in demo_store.open_facts())
    dispatched = sum(action is Action.DISPATCH for _, action, _ in entries_since(demo_store, NOW))
    assert 20 <= waiting <= 60
    assert dispatched > 20


async def test_appeals_of_the_past_are_looked_at(demo_store: CaseStore) -> None:
    clock = ManualClock(NOW)
    make_past(demo_store, small_town(), policy(), NOW, days=10, a_day=SMALL * 2)
    await lived(day(demo_store, clock, a_day=0.01, speed=20), clock, NOW + timedelta(minutes=45))
    assert Action.APPEAL in {action for _, action, _ in entries_since(demo_store, NOW)}
    assert {Action.APPROVE_APPEAL, Action.REFUSE_APPEAL} & {a for _, a, _ in entries_since(demo_store, NOW)}
