"""Random people doing random things to many cases, by the hall's own rules; and the board's figures the slow way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from domain.action import Action, Command, Refusal
from domain.board import BOARD_DIMENSIONS, Board
from domain.case import Case
from domain.case_query import Count
from domain.facts import CaseFacts, Change, facts_of
from domain.figure_book import DAYS, keys_of
from domain.indicators import COUNT_FIELDS, Counts, Dimension, counted, is_open
from domain.period import Period, day_start, window
from domain.transitions import TRANSITIONS
from domain.workflow import decide
from tests.domain.loop import POLICY, ZONE, command

BEGINNINGS = [Action.REPORT] * 4 + [Action.REGISTER, Action.SELF_DISPOSE]
RARE = frozenset({Action.FORCE_CLOSE, Action.TRANSFER, Action.REFUSE_FILING, Action.APPROVE_VOID, Action.URGE})
DISTRICTS = ("370202", "370203", "370205", "370213")
CLASSES = tuple(f"E01{number:02}" for number in range(1, 13))
DEPARTMENTS = tuple(f"D{number:02}" for number in range(1, 21))

Figures = dict[tuple[Period, Dimension, str], Counts]


def random_command(random: Random, before: Case | None, at: datetime) -> Command:
    """Something the table allows in the case's state, the usual far oftener than the rare."""
    more: dict[str, str] = {}
    if before is None:
        action = random.choice(BEGINNINGS)
        more = {"class_code": random.choice(CLASSES), "district": random.choice(DISTRICTS)}
    else:
        allowed = [action for action, row in TRANSITIONS.items() if before.state in row.sources]
        action = random.choice([one for one in allowed for _ in range(1 if one in RARE else 12)] or [Action.APPEAL])
        if action in (Action.DISPATCH, Action.SECOND_DISPATCH):
            more = {"department": random.choice(DEPARTMENTS)}
    return command(action, at, case_no=before and before.case_no, more=more)


class BusyHall:
    """Some `wanted` open cases, and those over that the last thirty days still count; everything else is forgotten."""

    def __init__(self, random: Random, wanted: int) -> None:
        self.random = random
        self.facts: dict[str, CaseFacts] = {}
        self.changes = 0
        self.begun = 0
        self._wanted = wanted
        self._cases: dict[str, Case] = {}
        self._order: list[str] = []

    def change(self, at: datetime) -> Change | None:
        """What happens next; None where the rules refused it."""
        before = self._one_of_them()
        asked = random_command(self.random, before, at)
        answer = decide(before, asked, POLICY, case_no=f"CW{self.begun + 1:09}")
        if isinstance(answer, Refusal):
            return None
        case = answer.case
        if before is None:
            self.begun += 1
            self._order.append(case.case_no)
        old = self.facts.get(case.case_no)
        self._cases[case.case_no], self.facts[case.case_no] = case, facts_of(case)
        self.changes += 1
        facts = self.facts[case.case_no]
        return Change(entry_id=self.changes, action=asked.action.value, at=at, before=old, after=facts)

    def _one_of_them(self) -> Case | None:
        if len(self._order) < self._wanted and self.random.random() < 0.3:
            return None
        for _ in range(4):
            if not self._order:
                return None
            place = self.random.randrange(len(self._order))
            case = self._cases[self._order[place]]
            if not case.is_final or self.random.random() < 0.02:
                return case
            self._order[place] = self._order[-1]
            self._order.pop()
        return None

    def forget(self, now: datetime) -> None:
        """Drop cases that are over and that no figure of the last thirty days can count any more."""
        before = day_start(now, ZONE, days_back=DAYS + 1)
        chosen = set(self._order)
        old = [
            no
            for no, facts in self.facts.items()
            if not is_open(facts) and facts.state_since < before and no not in chosen
        ]
        for case_no in old:
            del self.facts[case_no], self._cases[case_no]


def figures_of(facts: Iterable[CaseFacts], now: datetime) -> Figures:
    """The board's figures straight from the definition: every case asked for every count."""
    kept = list(facts)
    found: Figures = {}
    for period in Period:
        asked = window(period, now, ZONE)
        numbers: Counter[tuple[Dimension, str, str]] = Counter()
        for case in kept:
            of_case = [name for name in COUNT_FIELDS if counted(case, Count(name), asked)]
            numbers.update((unit, key, name) for unit, key in keys_of(case) for name in of_case)
        units = {(unit, key) for unit, key, _ in numbers}
        for unit, key in units:
            found[period, unit, key] = Counts(**{name: numbers[unit, key, name] for name in COUNT_FIELDS})
    return found


def board_figures(board: Board) -> Figures:
    """The same as the board has them."""
    return {
        (period, unit, key): number
        for period in Period
        for unit in BOARD_DIMENSIONS
        for key, number in board.figures[period][unit].items()
        if number != Counts()
    }


def step(random: Random, changes_a_day: float) -> timedelta:
    """How long until the next change: now and then nothing for hours."""
    return timedelta(days=random.expovariate(changes_a_day), hours=5 if random.random() < 0.0001 else 0)
