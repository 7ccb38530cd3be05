"""报警质量: how many alarms an officer gets, of which levels, how fast they are seen; worked out from the log.

The aims are those usually given for control rooms (product sheet 3.5): they stand beside the figures wherever these are
shown, so that a hall that drowns its officers sees it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles

from domain.alarm import ACK_WITHIN, CHATTER_TIMES, CHATTER_WITHIN, Alarm
from domain.alarm_log import AlarmEntry, AlarmEvent
from domain.case import Severity

TEN_MINUTES = timedelta(minutes=10)
LONG = timedelta(hours=24)
ON_DUTY = frozenset({AlarmEvent.ACKED, AlarmEvent.SHELVED, AlarmEvent.SOUND_TESTED, AlarmEvent.HANDED_OVER})
"""Whoever did one of these was there."""

AIMS: Mapping[str, float] = {
    "per_ten_minutes": 1.0,
    "per_ten_minutes_most": 2.0,
    "peak_ten_minutes": 10.0,
    "flood_share": 0.01,
    "standing_long": 5.0,
    "chattering": 0.0,
    "share_low": 0.80,
    "share_medium": 0.15,
    "share_high": 0.05,
}


@dataclass(frozen=True, slots=True)
class AckTimes:
    """How fast alarms of one level were seen, in seconds. `in_time` of `raised`; None where no time is set.

    `raised` leaves out those that ended by themselves before anybody had to have seen them.
    """

    raised: int
    acked: int
    median_seconds: float | None
    p90_seconds: float | None
    in_time: int | None
    aim_seconds: float | None


@dataclass(frozen=True, slots=True)
class OfficerLoad:
    """What one officer saw to."""

    who: str
    name: str
    acked: int
    median_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRates:
    """Of a span of time. Shares are of `raised`; None where nothing was raised."""

    begins_at: datetime
    ends_at: datetime
    officers: int
    raised: int
    per_ten_minutes: float
    peak_ten_minutes: int
    shares: Mapping[Severity, float | None]
    flood_share: float
    escalated: int
    chattering: int
    standing_long: int
    acks: Mapping[Severity, AckTimes]
    by_officer: Sequence[OfficerLoad]


def alarm_rates(
    entries: Sequence[AlarmEntry], standing: Iterable[Alarm], begins_at: datetime, ends_at: datetime
) -> AlarmRates:
    """Rates from the log's lines of a span, in their order, and from what stands at its end."""
    raised = [entry for entry in entries if entry.event is AlarmEvent.RAISED]
    officers = len({entry.who for entry in entries if entry.event in ON_DUTY and entry.who}) or 1
    spells = max((ends_at - begins_at) / TEN_MINUTES, 1.0)
    levels = Counter(entry.level for entry in raised)
    return AlarmRates(
        begins_at=begins_at,
        ends_at=ends_at,
        officers=officers,
        raised=len(raised),
        per_ten_minutes=len(raised) / spells / officers,
        peak_ten_minutes=peak([entry.at for entry in raised]),
        shares={level: levels[level] / len(raised) if raised else None for level in Severity},
        flood_share=_flooded(entries, begins_at, ends_at) / (ends_at - begins_at) if ends_at > begins_at else 0.0,
        escalated=sum(entry.event is AlarmEvent.ESCALATED for entry in entries),
        chattering=sum(_chatters(times) for times in _by_source(raised).values()),
        standing_long=sum(ends_at - alarm.raised_at > LONG for alarm in standing),
        acks=dict(_acks(entries)),
        by_officer=_loads(entries),
    )


def peak(times: Sequence[datetime]) -> int:
    """The most that came within ten minutes; `times` in order."""
    first, most = 0, 0
    for last, at in enumerate(times):
        while at - times[first] >= TEN_MINUTES:
            first += 1
        most = max(most, last - first + 1)
    return most


def _flooded(entries: Sequence[AlarmEntry], begins_at: datetime, ends_at: datetime) -> timedelta:
    """How long the whole city's officers were in flood mode; one that began before shows by its end."""
    spent, since = timedelta(0), None
    turns = [e for e in entries if e.subject == "" and e.event in (AlarmEvent.FLOOD_BEGAN, AlarmEvent.FLOOD_ENDED)]
    if turns and turns[0].event is AlarmEvent.FLOOD_ENDED:
        since = begins_at
    for turn in turns:
        if turn.event is AlarmEvent.FLOOD_BEGAN:
            since = since or turn.at
        elif since is not None:
            spent, since = spent + (turn.at - since), None
    return spent if since is None else spent + (ends_at - since)


def _by_source(raised: Iterable[AlarmEntry]) -> Mapping[tuple[str, str], list[datetime]]:
    times: dict[tuple[str, str], list[datetime]] = {}
    for entry in raised:
        times.setdefault((str(entry.kind), entry.subject), []).append(entry.at)
    return times


def _chatters(times: Sequence[datetime]) -> bool:
    few = CHATTER_TIMES - 1
    return any(later - first < CHATTER_WITHIN for first, later in zip(times, times[few:], strict=False))


def _waits(entries: Sequence[AlarmEntry]) -> Iterator[tuple[AlarmEntry, AlarmEntry]]:
    """Every raise with its first acknowledgement, of alarms raised in the span."""
    raised = {entry.alarm_id: entry for entry in entries if entry.event is AlarmEvent.RAISED}
    for entry in entries:
        if entry.event is AlarmEvent.ACKED and (begun := raised.pop(entry.alarm_id, None)) is not None:
            yield begun, entry


def _acks(entries: Sequence[AlarmEntry]) -> Iterator[tuple[Severity, AckTimes]]:
    waits = list(_waits(entries))
    brief = _brief(entries, {begun.alarm_id for begun, _ in waits})
    raised = Counter(e.level for e in entries if e.event is AlarmEvent.RAISED and e.alarm_id not in brief)
    for level in Severity:
        seconds = [(seen.at - begun.at).total_seconds() for begun, seen in waits if begun.level is level]
        aim = ACK_WITHIN[level]
        in_time = None if aim is None else sum(one <= aim.total_seconds() for one in seconds)
        yield (
            level,
            AckTimes(
                raised=raised[level],
                acked=len(seconds),
                median_seconds=median(seconds) if seconds else None,
                p90_seconds=_p90(seconds),
                in_time=in_time,
                aim_seconds=None if aim is None else aim.total_seconds(),
            ),
        )


def _brief(entries: Sequence[AlarmEntry], seen: AbstractSet[str]) -> set[str]:
    """Alarms that nobody saw, and that were over before their time to be seen was."""
    begun = {entry.alarm_id: entry for entry in entries if entry.event is AlarmEvent.RAISED}
    ended = [e for e in entries if e.event is AlarmEvent.CLEARED and e.alarm_id in begun and e.alarm_id not in seen]
    aims = {entry.alarm_id: ACK_WITHIN[entry.level] for entry in ended if entry.level is not None}
    return {e.alarm_id for e in ended if (aim := aims.get(e.alarm_id)) and e.at - begun[e.alarm_id].at < aim}


def _loads(entries: Sequence[AlarmEntry]) -> list[OfficerLoad]:
    seconds: dict[str, list[float]] = {}
    names: dict[str, str] = {}
    for begun, seen in _waits(entries):
        seconds.setdefault(seen.who, []).append((seen.at - begun.at).total_seconds())
        names[seen.who] = seen.who_name
    loads = [OfficerLoad(who, names[who], len(took), median(took)) for who, took in seconds.items()]
    return sorted(loads, key=lambda load: (-load.acked, load.who))


def _p90(seconds: Sequence[float]) -> float | None:
    if not seconds:
        return None
    return seconds[0] if len(seconds) == 1 else quantiles(seconds, n=10, method="inclusive")[-1]
