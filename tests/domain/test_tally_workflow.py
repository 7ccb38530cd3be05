"""The tally fed by what the workflow really decides: random people doing random things to a few cases."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.action import Action, Refusal
from domain.case import Case
from domain.facts import Change, facts_of
from domain.indicators import counts
from domain.period import Period, window
from domain.tally import Tally
from domain.transitions import TRANSITIONS
from domain.workflow import decide
from tests.domain.loop import POLICY, START, ZONE, command
from tests.domain.tallies import seed_of

CASES = 4
BEGINNINGS = [Action.REPORT] * 4 + [Action.REGISTER, Action.SELF_DISPOSE]
RARE = frozenset({Action.FORCE_CLOSE, Action.TRANSFER, Action.REFUSE_FILING, Action.APPROVE_VOID, Action.URGE})


@given(st.randoms(use_true_random=False), st.integers(20, 150))
@settings(deadline=None, max_examples=40)
def test_after_any_walk_through_the_loop_tally_and_reference_agree(random: Random, attempts: int) -> None:
    tally = Tally(ZONE, seed_of([], START), first_version=1)
    cases: dict[str, Case] = {}
    at, entry_id = START, 0
    for _ in range(attempts):
        at += timedelta(minutes=random.choice([1, 20, 300, 3000]))
        change = _something_happens(random, cases, at, entry_id + 1)
        if change is not None:
            entry_id += 1
            tally.apply(change)
    now = at + timedelta(seconds=1)
    board, facts = tally.board(now), [facts_of(case) for case in cases.values()]
    for period in Period:
        assert board.counts(period) == counts(facts, window(period, now, ZONE))
    assert set(board.cases) == {case.case_no for case in cases.values() if not case.is_final}


def _open_to(case: Case) -> list[Action]:
    """What the table allows in the case's state, the usual far oftener than the rare."""
    allowed = [action for action, row in TRANSITIONS.items() if case.state in row.sources]
    return [action for action in allowed for _ in range(1 if action in RARE else 12)] or [Action.APPEAL]


def _something_happens(random: Random, cases: dict[str, Case], at, entry_id: int) -> Change | None:  # type: ignore[no-untyped-def]
    case_no = f"CW{random.randrange(CASES)}"
    before = cases.get(case_no)
    action = random.choice(_open_to(before) if before else BEGINNINGS)
    answer = decide(before, command(action, at, case_no=before and case_no), POLICY, case_no=case_no)
    if isinstance(answer, Refusal):
        return None
    cases[case_no] = answer.case
    return Change(
        entry_id=entry_id,
        action=action.value,
        at=at,
        before=facts_of(before) if before else None,
        after=facts_of(answer.case),
    )
