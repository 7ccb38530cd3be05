"""Work that the demo's desks leave lying, so that every queue has something in it for whoever comes to look.

A desk acts on its queue while there is more in it than its stock; danger never waits for that. The past ends with the
same stocks: the newest cases of each queue have not been acted on yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from data_access.case_bulk import History
from domain.action import Action
from domain.case import Case, CaseState, Severity
from domain.journal import Entry, rebuild
from domain.transition import Request

A = Action
USUAL_DAY = 460.0
"""Arrivals a day for which the stocks are meant; with fewer they are smaller."""
_OLDEST = timedelta(days=5)
"""What was decided longer ago is not taken back for a stock."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Cases that wait for one kind of act, how many are left lying, and the acts that take them out."""

    name: str
    stock: int
    holds: Callable[[Case], bool]
    leaves: frozenset[Action]


def _in(state: CaseState) -> Callable[[Case], bool]:
    return lambda case: case.state is state and not case.current_request


def _frozen(case: Case) -> bool:
    return case.state is CaseState.PENDING_DISPATCH and case.send_back_count > 1 and case.owner_department is None


def _asked(*requests: Request) -> Callable[[Case], bool]:
    return lambda case: case.current_request in requests


_DECIDED = frozenset(
    {
        *(A.APPROVE_SEND_BACK, A.REFUSE_SEND_BACK, A.APPROVE_EXTENSION, A.REFUSE_EXTENSION),
        *(A.APPROVE_SUSPENSION, A.REFUSE_SUSPENSION),
    }
)
QUEUES: Sequence[Queue] = (
    Queue("frozen", 3, _frozen, frozenset({A.DECIDE_OWNERSHIP})),
    Queue(
        "emergency",
        0,
        _asked(Request.EMERGENCY),
        frozenset({A.APPROVE_EMERGENCY, A.REFUSE_EMERGENCY}),
    ),
    Queue(
        "requests",
        10,
        _asked(Request.SEND_BACK, Request.EXTENSION, Request.SUSPENSION),
        _DECIDED,
    ),
    Queue("voids", 2, _asked(Request.VOID), frozenset({A.APPROVE_VOID, A.REFUSE_VOID})),
    Queue(
        "appeals",
        4,
        _asked(Request.APPEAL, Request.APPEAL_SECOND),
        frozenset({A.APPROVE_APPEAL, A.REFUSE_APPEAL}),
    ),
    Queue("orders", 3, lambda case: case.order_open and not case.is_final, frozenset({A.ANSWER_ORDER})),
    Queue(
        "acceptance",
        6,
        _in(CaseState.PENDING_ACCEPTANCE),
        frozenset({A.SEND_VERIFY, A.REFUSE_ACCEPTANCE, A.TRANSFER}),
    ),
    Queue("verify", 12, _in(CaseState.PENDING_VERIFY), frozenset({A.ANSWER_VERIFY})),
    Queue("filing", 10, _in(CaseState.PENDING_FILING), frozenset({A.FILE, A.REFUSE_FILING})),
    Queue(
        "dispatch",
        22,
        lambda case: _in(CaseState.PENDING_DISPATCH)(case) and not _frozen(case),
        frozenset({A.DISPATCH, A.ASK_VOID}),
    ),
)


class Stocks:
    """How full the queues are."""

    def __init__(self, a_day: float) -> None:
        self._share = min(1.0, a_day / USUAL_DAY)
        self._counts: Counter[str] = Counter()
        self._in: dict[str, tuple[str, ...]] = {}

    def note(self, case: Case) -> None:
        """The case as it stands now."""
        self.forget(case.case_no)
        names = tuple(queue.name for queue in QUEUES if queue.holds(case))
        if names:
            self._in[case.case_no] = names
            self._counts.update(names)

    def forget(self, case_no: str) -> None:
        self._counts.subtract(self._in.pop(case_no, ()))

    def clear(self) -> None:
        self._counts.clear()
        self._in.clear()

    def leaves_lying(self, case: Case, action: Action) -> bool:
        """Whether the act would take a case out of a queue that has no more than its stock."""
        if case.severity is Severity.L1 and action not in (A.APPROVE_EMERGENCY, A.REFUSE_EMERGENCY):
            return False
        return any(
            action in queue.leaves and queue.holds(case) and self._counts[queue.name] <= queue.stock * self._share
            for queue in QUEUES
        )


def with_stocks(histories: Iterable[History], now: datetime, a_day: float) -> list[History]:
    """The same histories, but the newest cases of each queue stand in it: what took them out has not happened yet."""
    found = list(histories)
    share, taken = min(1.0, a_day / USUAL_DAY), set[int]()
    for queue in QUEUES:
        missing = round(queue.stock * share) - sum(queue.holds(case) for case, _ in found)
        for index, held in islice(_held_back(found, queue, now, taken), max(0, missing)):
            taken.add(index)
            found[index] = held
    return found


def _held_back(found: Sequence[History], queue: Queue, now: datetime, taken: set[int]) -> Iterator[tuple[int, History]]:
    """Stories as they stood before the case left the queue, the newest such moment first."""
    leavings = [
        (found[index][1][length].at, index, length)
        for index in range(len(found))
        if index not in taken and (length := _leaving(found[index][1], queue, now - _OLDEST))
    ]
    for _, index, length in sorted(leavings, reverse=True):
        entries = found[index][1][:length]
        case = rebuild(entries)
        if case is not None and queue.holds(case) and (case.severity is not Severity.L1 or case.emergency):
            yield index, (case, entries)


def _leaving(entries: Sequence[Entry], queue: Queue, since: datetime) -> int:
    """How much of a story there was when its case last left the queue; 0: it did not since then."""
    for length in range(len(entries) - 1, 0, -1):
        if entries[length].at <= since:
            return 0
        if entries[length].action in queue.leaves:
            return length
    return 0
