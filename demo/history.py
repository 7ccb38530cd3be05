"""The demo city's past: some weeks of cases, decided step by step as the live day decides them, and stored in bulk."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from data_access.case_bulk import History
from data_access.cases import CaseStore
from demo.arrivals import Arrivals
from demo.story import Story
from demo.town import Town
from domain.action import Command, Refusal
from domain.case import Case
from domain.journal import Entry
from domain.policy import Policy
from domain.workflow import decide

DAYS = 35
"""Long enough for the 30-day figures to be whole."""
A_DAY = 255.0
"""Cases on a usual weekday: twice a small city's (domain sheet 10.18), and far below a metropolis."""

_TOLD_EVERY = 200
_LONGEST_STORY = 80
"""Entries after which a case would be no story but a mistake of ours."""


class StoryRefused(Exception):
    """The workflow refused what the demo's people do: story and rules have come apart. The message says where."""


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
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Past:
    """Write the past that ends at `now` into an empty store. The same seed and `now` give the same past.

    All of it is stored or nothing: half a past would be taken for the whole one. `progress` is told how many cases of
    how many have been lived through.

    Raises:
        StoryRefused: a mistake of ours.
        StoreError: the database cannot be written.
    """
    arrivals = Arrivals(town, policy.mode, a_day)
    begins = list(arrivals.moments(random.Random(town.seed), now - timedelta(days=days), now))
    whole: list[History] = []
    for history in histories(town, policy, arrivals, begins, store.numbers(begins), now):
        whole.append(history)
        if len(whole) % _TOLD_EVERY == 0 or len(whole) == len(begins):
            progress(len(whole), len(begins))
    with store.bulk() as writer:
        writer.append(whole)
    return Past(len(whole), sum(len(entries) for _, entries in whole))


def histories(
    town: Town, policy: Policy, arrivals: Arrivals, begins: Sequence[datetime], numbers: Sequence[str], now: datetime
) -> Iterator[History]:
    """One case after the other, each from its report to where it stands at `now`."""
    rng = random.Random(town.seed + 1)
    story = Story(town, policy)
    for at, case_no in zip(begins, numbers, strict=True):
        yield _lived(story, policy, arrivals.command(rng, at), case_no, now)


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
