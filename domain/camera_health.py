"""How a camera fared over time: spells in one state, and what share of the known time it gave a picture.

A spell is known from `since` to `until`, the last moment somebody vouched for it. Between spells nothing is known: time
without a word is neither up nor down, and is shown as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.camera import CameraCondition, CameraError, CameraState

VOUCHED = timedelta(seconds=30)
"""Words that come closer together than this vouch for the time between them (statuses are repeated every 5 s)."""


class Fare(StrEnum):
    """What a moment counts as. `IDLE` is policy (nobody asked for the camera) and is not held against anybody."""

    UP = "up"
    DOWN = "down"
    IDLE = "idle"
    UNKNOWN = "unknown"


FARES: dict[CameraState, Fare] = {
    CameraState.LIVE: Fare.UP,
    CameraState.DELAYED: Fare.UP,
    CameraState.FROZEN: Fare.DOWN,
    CameraState.OFFLINE: Fare.DOWN,
    CameraState.IDLE: Fare.IDLE,
    CameraState.CONNECTING: Fare.UNKNOWN,
}
"""A first attempt that still runs has neither succeeded nor failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What the capture process said of a camera at `at`; it has been in `state` since `since`."""

    camera_id: str
    state: CameraState
    error: CameraError | None
    conditions: tuple[CameraCondition, ...]
    since: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A stretch of time in which nothing about the camera changed; camera and `since` identify it."""

    camera_id: str
    state: CameraState
    error: CameraError | None
    conditions: tuple[CameraCondition, ...]
    since: datetime
    until: datetime

    def says(self, word: Word) -> bool:
        """Whether the word only says the same again."""
        return (self.state, self.error, self.conditions) == (word.state, word.error, word.conditions)


class SpellBook:
    """The newest spell of every camera. `hear` says what is to be stored; hearing a word twice changes nothing."""

    def __init__(self, newest: Iterable[Spell] = ()) -> None:
        self._newest = {spell.camera_id: spell for spell in newest}

    def hear(self, word: Word) -> tuple[Spell, ...]:
        """The spells that are new or reach further because of this word."""
        former = self._newest.get(word.camera_id)
        if former is not None and (word.at < former.until or (former.says(word) and word.at == former.until)):
            return ()
        if former is not None and former.says(word) and word.at - former.until <= VOUCHED:
            changed: tuple[Spell, ...] = (replace(former, until=word.at),)
        elif former is not None and word.at - former.until <= VOUCHED:
            changed = (replace(former, until=word.at), _begun(word, word.at))
        elif former is not None and former.says(word) and word.since <= former.until:
            changed = (replace(former, until=word.at),)  # nobody listened meanwhile; the capture process knew
        else:
            earliest = former.until if former is not None else word.since
            changed = (_begun(word, max(earliest, min(word.since, word.at))),)
        self._newest[word.camera_id] = changed[-1]
        return changed


def _begun(word: Word, since: datetime) -> Spell:
    return Spell(
        camera_id=word.camera_id,
        state=word.state,
        error=word.error,
        conditions=word.conditions,
        since=since,
        until=word.at,
    )


@dataclass(frozen=True, slots=True)
class Uptime:
    """How long (milliseconds) a camera or a platform was what, within one window."""

    up_ms: int = 0
    down_ms: int = 0
    idle_ms: int = 0
    unknown_ms: int = 0

    @property
    def known_ms(self) -> int:
        """The time that counts: a picture was expected, and it is known whether there was one."""
        return self.up_ms + self.down_ms

    @property
    def share(self) -> float | None:
        """Up ÷ known (0–1); None where nothing is known: no figure is better than a wrong one."""
        return self.up_ms / self.known_ms if self.known_ms else None

    @property
    def covered(self) -> float:
        """Share of the window about which anything is known, idle included (0–1)."""
        whole = self.known_ms + self.idle_ms + self.unknown_ms
        return 1 - self.unknown_ms / whole if whole else 0.0

    def __add__(self, other: Uptime) -> Uptime:
        return Uptime(
            self.up_ms + other.up_ms,
            self.down_ms + other.down_ms,
            self.idle_ms + other.idle_ms,
            self.unknown_ms + other.unknown_ms,
        )


def together(uptimes: Iterable[Uptime]) -> Uptime:
    """Of several cameras: the time of all of them, so that each counts by what is known of it."""
    return sum(uptimes, Uptime())


def from_totals(totals: dict[CameraState, int], window_ms: int) -> Uptime:
    """From milliseconds per state within a window of `window_ms`; what no state accounts for is unknown."""
    by_fare = dict.fromkeys(Fare, 0)
    for state, spent in totals.items():
        by_fare[FARES[state]] += spent
    known = by_fare[Fare.UP] + by_fare[Fare.DOWN] + by_fare[Fare.IDLE]
    return Uptime(by_fare[Fare.UP], by_fare[Fare.DOWN], by_fare[Fare.IDLE], max(0, window_ms - known))


def uptime(spells: Iterable[Spell], start: datetime, end: datetime) -> Uptime:
    """Of one camera's spells (they do not overlap) between two moments."""
    totals = dict.fromkeys(CameraState, 0)
    for spell in spells:
        inside = min(spell.until, end) - max(spell.since, start)
        totals[spell.state] += max(0, _ms(inside))
    return from_totals(totals, _ms(end - start))


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


class Mark(StrEnum):
    """One piece of the history bar, as a letter: 144 of them make a day. Later members are graver."""

    UNKNOWN = "."
    IDLE = "i"
    UP = "u"
    DELAYED = "d"
    FLAWED = "c"
    FROZEN = "f"
    OFFLINE = "o"


_GRAVITY = {mark: rank for rank, mark in enumerate(Mark)}
_MARKS = {
    CameraState.IDLE: Mark.IDLE,
    CameraState.CONNECTING: Mark.UNKNOWN,
    CameraState.LIVE: Mark.UP,
    CameraState.DELAYED: Mark.DELAYED,
    CameraState.FROZEN: Mark.FROZEN,
    CameraState.OFFLINE: Mark.OFFLINE,
}


def mark(spell: Spell) -> Mark:
    """What the spell is drawn as: a picture that comes but is black, covered or blurred is no good picture."""
    plain = _MARKS[spell.state]
    return Mark.FLAWED if spell.conditions and plain in (Mark.UP, Mark.DELAYED) else plain


def bar(spells: Sequence[Spell], start: datetime, end: datetime, pieces: int) -> str:
    """A camera's spells as `pieces` letters; each piece shows the gravest thing in it, so that nothing hides."""
    marks = [Mark.UNKNOWN] * pieces
    length = (end - start) / pieces
    for spell in spells:
        if spell.until <= start or spell.since >= end:
            continue
        first = int((max(spell.since, start) - start) / length)
        last = min(pieces - 1, int((min(spell.until, end) - start) / length))
        for index in range(first, last + 1):
            marks[index] = max(marks[index], mark(spell), key=_GRAVITY.__getitem__)
    return "".join(marks)
