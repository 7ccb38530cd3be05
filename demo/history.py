"""The demo city's past: some weeks of cases, decided step by step as the live day decides them, and stored in bulk."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from data_access.case_bulk import History
from data_access.cases import CaseStore
from demo.arrivals import Arrivals, Arrived, arrived
from demo.eve import with_eve
from demo.stocks import with_stocks
from demo.story import Story
from demo.town import Town
from demo.weather import Storm, past_storm
from domain.action import Command, Refusal
from domain.case import Case
from domain.journal import Entry
from domain.policy import Policy
from domain.rights import Mode
from domain.workflow import decide

DAYS = 35
"""Long enough for the 30-day figures to be whole."""
A_DAY = 255.0
"""Cases on a usual weekday: twice a small city's (domain sheet 10.18), and far below a metropolis."""
LIVE_DAY = 460.0
"""While somebody looks: a busy day, so that something happens every few seconds."""
LIVE_LEAST = 60.0
"""How quiet a live night may get, the busiest hour being 100."""
EVE = timedelta(hours=8)
"""The past ends as the live day will go on."""

_TOLD_EVERY = 200
_LONGEST_STORY = 80
"""Entries after which a case would be no story but a mistake of ours."""


class StoryRefused(Exception):
    """The workflow refused what the demo's people do: story and rules have come apart. The message says where."""


class Pictures(Protocol):
    """Takes the photos of cases that are told in hindsight."""

    def of_the_newest(self, histories: Sequence[History]) -> list[History]: ...


def live_arrivals(town: Town, mode: Mode, a_day: float = LIVE_DAY) -> Arrivals:
    """What comes while somebody looks."""
    return Arrivals(town, mode, a_day, LIVE_LEAST)


@dataclass(frozen=True, slots=True)
class Past:
    """What was made."""

    cases: int
    entries: int


def make_past(
    store: CaseStore,
    town: Town,
    policy: Policy,
    now: datetime,
    *,
    days: int = DAYS,
    a_day: float = A_DAY,
    pictures: Pictures | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Past:
    """Write the past that ends at `now` into an empty store. The same seed and `now` give the same past.

    All of it is stored or nothing: half a past would be taken for the whole one. With `pictures`, the newest open cases
    have real photos. `progress` is told how many cases of how many have been lived through.

    Raises:
        StoryRefused: a mistake of ours.
        StoreError: the database cannot be written.
    """
    begun = beginnings(town, policy.mode, now, days=days, a_day=a_day)
    whole: list[History] = []
    for history in histories(town, policy, begun, store.numbers([one.command.at for one in begun]), now):
        whole.append(history)
        if len(whole) % _TOLD_EVERY == 0 or len(whole) == len(begun):
            progress(len(whole), len(begun))
    whole = with_stocks(whole, now, a_day * LIVE_DAY / A_DAY)
    whole = with_eve(whole, town, policy, now, a_day / A_DAY)
    if pictures is not None:
        whole = pictures.of_the_newest(whole)
    with store.bulk() as writer:
        writer.append(whole)
    return Past(len(whole), sum(len(entries) for _, entries in whole))


def beginnings(town: Town, mode: Mode, now: datetime, *, days: int, a_day: float) -> list[Arrived]:
    """How the cases of the past began: some weeks at the usual rate, one storm, and hours as busy as the live day."""
    evening = now - EVE
    usual, eve = Arrivals(town, mode, a_day), live_arrivals(town, mode, a_day * LIVE_DAY / A_DAY)
    rng, what = random.Random(town.seed), random.Random(town.seed + 1)
    begun = arrived(usual, what, list(usual.moments(rng, now - timedelta(days=days), evening)))
    begun += _later(arrived(eve, what, list(eve.moments(rng, max(evening, now - timedelta(days=days)), now))), begun)
    storm = past_storm(town, now, a_day / A_DAY)
    if storm.begins > now - timedelta(days=days):
        begun = _with_storm(begun, storm, usual, random.Random(town.seed + 2))
    return begun


def _later(more: Sequence[Arrived], after: Sequence[Arrived]) -> list[Arrived]:
    """The same arrivals, at the end of a list."""
    return [Arrived(one.command, None if one.same_as is None else one.same_as + len(after)) for one in more]


def _with_storm(begun: Sequence[Arrived], storm: Storm, arrivals: Arrivals, rng: random.Random) -> list[Arrived]:
    """A storm's reports among the others, each at its time."""
    storm_reports = [Arrived(storm.command(arrivals, rng, at)) for at in storm.moments(rng)]
    order = sorted([*enumerate(begun), *((-1, one) for one in storm_reports)], key=lambda pair: pair[1].command.at)
    place = {old: new for new, (old, _) in enumerate(order)}
    return [Arrived(one.command, None if one.same_as is None else place[one.same_as]) for _, one in order]


def histories(
    town: Town, policy: Policy, begun: Sequence[Arrived], numbers: Sequence[str], now: datetime
) -> Iterator[History]:
    """One case after the other, each from its report to where it stands at `now`."""
    twins = {no: numbers[one.same_as] for no, one in zip(numbers, begun, strict=True) if one.same_as is not None}
    story = Story(town, policy, twins.get)
    for case_no, one in zip(numbers, begun, strict=True):
        yield _lived(story, policy, one.command, case_no, now)


def _lived(story: Story, policy: Policy, first: Command, case_no: str, now: datetime) -> History:
    case, entry = _decided(None, first, policy, case_no)
    entries = [entry]
    while len(entries) < _LONGEST_STORY:
        step = story.next_step(case, entry.at)
        if step is None or step.at > now:
            return case, entries
        case, entry = _decided(case, step.command(case, step.at), policy, case_no)
        entries.append(entry)
    raise StoryRefused(f"{case_no} is still {case.state} after {len(entries)} entries")


def _decided(case: Case | None, command: Command, policy: Policy, case_no: str) -> tuple[Case, Entry]:
    answer = decide(case, command, policy, case_no=case_no)
    if isinstance(answer, Refusal):
        state = case.state if case else "new"
        raise StoryRefused(f"{case_no} ({state}): {command.action} by {command.actor.name}: {answer.text}")
    return answer.case, answer.entry
