"""How cameras fared: spells from words, and the share of known time with a picture."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.camera import CameraCondition, CameraError, CameraState
from domain.camera_health import (
    FARES,
    VOUCHED,
    Mark,
    Spell,
    SpellBook,
    Uptime,
    Word,
    bar,
    from_totals,
    together,
    uptime,
)

START = datetime(2026, 8, 6, tzinfo=UTC)
LIVE, OFFLINE, IDLE = CameraState.LIVE, CameraState.OFFLINE, CameraState.IDLE


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def word(seconds: float, state: CameraState = LIVE, *, since: float | None = None, **more: object) -> Word:
    said = {"error": None, "conditions": ()} | more
    return Word(camera_id="QD-001", state=state, since=at(seconds if since is None else since), at=at(seconds), **said)  # type: ignore[arg-type]


def spell(since: float, until: float, state: CameraState = LIVE, **more: object) -> Spell:
    said = {"error": None, "conditions": ()} | more
    return Spell(camera_id="QD-001", state=state, since=at(since), until=at(until), **said)  # type: ignore[arg-type]


def kept(*words: Word, book: SpellBook | None = None) -> list[Spell]:
    """What a store holds after these words: spells by their beginning, the newest form of each."""
    book = book or SpellBook()
    stored = {changed.since: changed for said in words for changed in book.hear(said)}
    return sorted(stored.values(), key=lambda one: one.since)


def test_repeated_words_stretch_one_spell() -> None:
    assert kept(*(word(second, since=0) for second in range(0, 60, 5))) == [spell(0, 55)]


def test_a_change_ends_one_spell_where_the_next_begins() -> None:
    stored = kept(word(0), word(5, since=0), word(8, OFFLINE, error=CameraError.TIMEOUT), word(13, OFFLINE, since=8))
    assert [(one.state, one.since, one.until) for one in stored[:2]] == [(LIVE, at(0), at(8)), (OFFLINE, at(8), at(13))]


@pytest.mark.parametrize(
    "other",
    [{"error": CameraError.DAMAGED}, {"conditions": (CameraCondition.BLACK,)}],
)
def test_another_cause_or_condition_is_another_spell(other: dict[str, object]) -> None:
    assert len(kept(word(0), word(5, since=0, **other))) == 2


def test_hearing_everything_twice_changes_nothing() -> None:
    words = [word(0), word(5, since=0), word(9, OFFLINE), word(14, OFFLINE, since=9)]
    doubled = [said for said in words for _ in range(2)]
    assert kept(*doubled) == kept(*words)


def test_time_without_a_word_belongs_to_no_spell() -> None:
    stored = kept(word(0), word(5, since=0), word(600, OFFLINE, since=590))
    assert [(one.since, one.until) for one in stored] == [(at(0), at(5)), (at(590), at(600))]


def test_the_capture_process_vouches_for_the_time_nobody_listened() -> None:
    assert kept(word(0), word(5, since=0), word(600, since=0)) == [spell(0, 600)]


def test_a_restarted_recorder_goes_on_where_the_store_ends() -> None:
    book = SpellBook([spell(0, 100)])
    assert kept(word(110, since=0), book=book) == [spell(0, 110)]


def test_words_from_before_are_not_heard() -> None:
    assert kept(word(50), word(40, OFFLINE)) == [spell(50, 50)]


words = st.lists(
    st.tuples(st.integers(1, 90), st.sampled_from(CameraState)),
    min_size=1,
    max_size=30,
)


@given(words)
def test_spells_never_overlap_and_are_never_longer_than_the_words_vouch_for(
    steps: list[tuple[int, CameraState]],
) -> None:
    second, said = 0, []
    for pause, state in steps:
        second += pause
        said.append(word(second, state))
    stored = kept(*said)
    assert all(one.until <= later.since for one, later in pairwise(stored))
    assert sum((one.until - one.since for one in stored), timedelta()) <= at(second) - said[0].at
    assert all(pause > VOUCHED.total_seconds() for pause in _gaps(stored))


def _gaps(stored: list[Spell]) -> list[float]:
    pairs = pairwise(stored)
    return [gap for one, later in pairs if (gap := (later.since - one.until).total_seconds()) > 0]


spells = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 200), st.sampled_from(CameraState)), max_size=25)


def _laid_out(parts: list[tuple[int, int, CameraState]]) -> list[Spell]:
    laid, second = [], 0
    for gap, length, state in parts:
        laid.append(spell(second + gap, second + gap + length, state))
        second += gap + length
    return laid


@given(spells, st.integers(0, 2000), st.integers(1, 2000))
def test_the_parts_add_up_to_the_window(parts: list[tuple[int, int, CameraState]], start: int, length: int) -> None:
    found = uptime(_laid_out(parts), at(start), at(start + length))
    assert found.up_ms + found.down_ms + found.idle_ms + found.unknown_ms == length * 1000
    assert min(found.up_ms, found.down_ms, found.idle_ms, found.unknown_ms) >= 0
    assert found.share is None or 0 <= found.share <= 1


@given(spells, st.integers(0, 2000), st.integers(1, 1000), st.integers(1, 1000))
def test_two_halves_make_the_whole(parts: list[tuple[int, int, CameraState]], start: int, one: int, two: int) -> None:
    laid = _laid_out(parts)
    halves = uptime(laid, at(start), at(start + one)), uptime(laid, at(start + one), at(start + one + two))
    assert together(halves) == uptime(laid, at(start), at(start + one + two))


@given(st.lists(st.builds(Uptime, *[st.integers(0, 10_000)] * 4), max_size=8))
def test_a_platform_is_the_time_of_all_its_cameras(each: list[Uptime]) -> None:
    whole = together(each)
    assert whole.up_ms == sum(one.up_ms for one in each)
    assert whole.known_ms == sum(one.known_ms for one in each)
    assert whole == together(reversed(each))


def test_idle_by_policy_is_no_downtime_and_no_uptime() -> None:
    found = uptime([spell(0, 600, IDLE), spell(600, 900), spell(900, 1000, OFFLINE)], at(0), at(1000))
    assert found.share == 0.75
    assert found.idle_ms == 600_000


def test_delayed_is_up_and_frozen_is_down() -> None:
    found = uptime([spell(0, 50, CameraState.DELAYED), spell(50, 100, CameraState.FROZEN)], at(0), at(100))
    assert found.share == 0.5


def test_where_nothing_is_known_there_is_no_figure() -> None:
    assert uptime([], at(0), at(100)).share is None
    assert uptime([], at(0), at(100)).covered == 0.0
    assert Uptime().covered == 0.0


def test_every_state_counts_as_something() -> None:
    assert FARES.keys() == set(CameraState)
    assert from_totals(dict.fromkeys(CameraState, 10), 60).unknown_ms == 10


def test_a_bar_shows_the_gravest_thing_of_each_piece() -> None:
    day = [
        spell(0, 95),
        spell(95, 99, OFFLINE),
        spell(99, 200, conditions=(CameraCondition.BLACK,)),
        spell(250, 299, IDLE),
    ]
    assert bar(day, at(0), at(400), 4) == Mark.OFFLINE + Mark.FLAWED + Mark.FLAWED + Mark.UNKNOWN


@given(spells, st.integers(1, 200))
def test_a_bar_has_as_many_pieces_as_asked_for(parts: list[tuple[int, int, CameraState]], pieces: int) -> None:
    drawn = bar(_laid_out(parts), at(0), at(1000), pieces)
    assert len(drawn) == pieces
    assert set(drawn) <= {mark.value for mark in Mark}
