"""What makes a photo doubtful; "staged evidence" of product sheet 6: reused, two kilometres away, a day old."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.action import Action
from domain.case import Case
from domain.command_facts import PHOTO_KINDS
from domain.geo import metres_per_degree
from domain.journal import Entry
from domain.photo import PHOTO_WORDS, Photo, PhotoUse, added, differing_bits
from domain.photo_flags import (
    APART_METRES,
    CLOCK_SLACK,
    DETAIL_WORDS,
    FAR_METRES,
    FLAG_WORDS,
    NEAR_BITS,
    SAME_SPOT_BITS,
    Like,
    PhotoFlag,
    Step,
    doubts,
)
from domain.photo_steps import brought, first_step, next_step
from domain.roles import Role
from tests.hand_clock import HandClock

NOON = HandClock().now()
LON, LAT = 120.3826, 36.0671
EAST, NORTH = metres_per_degree(LAT)
MARK = "5e" * 32
GOOD = Photo(
    sha256=MARK,
    media_type="image/jpeg",
    size=2_400_000,
    width=4000,
    height=3000,
    taken_at=NOON - timedelta(minutes=10),
    lon=LON,
    lat=LAT,
    picture_hash=0x0F0F_3C3C_5A5A_9696,
    software="HarmonyOS 4.2.0",
    kind="after",
    uploaded_by="dept.a01",
    uploaded_at=NOON - timedelta(minutes=5),
)
FEEDBACK = Step(
    action=Action.FEED_BACK,
    at=NOON,
    case_no="QD1",
    version=7,
    lon=LON,
    lat=LAT,
    since=NOON - timedelta(hours=3),
    earlier=((LON, LAT),),
)
CHECK = replace(FEEDBACK, action=Action.PASS_CHECK)


def used(case_no: str = "QD1", version: int = 7, sha256: str = MARK) -> PhotoUse:
    return PhotoUse(
        sha256=sha256, case_no=case_no, version=version, kind="after", action=Action.FEED_BACK, actor="x", at=NOON
    )


def north(metres: float) -> float:
    return LAT + metres / NORTH


def flags(photo: Photo, step: Step = FEEDBACK, uses: tuple = (used(),), likes: tuple = ()) -> list[PhotoFlag]:
    return [doubt.flag for doubt in doubts(photo, step, uses, likes)]


def test_an_honest_photo_has_no_flag() -> None:
    assert flags(GOOD) == []


def test_staged_evidence_is_flagged_all_three_ways() -> None:
    staged = replace(GOOD, lat=north(2000), taken_at=NOON - timedelta(days=1))
    found = doubts(staged, FEEDBACK, (used("QD0", 4), used()), ())
    assert [doubt.flag for doubt in found][:3] == [PhotoFlag.REUSED, PhotoFlag.TOO_FAR, PhotoFlag.TOO_OLD]
    assert found[0].values == {"case_no": "QD0"}
    assert found[1].values["metres"] == "2000"
    assert found[2].values["hours"] == "24"


def test_the_same_photo_at_another_step_of_its_own_case_is_reused() -> None:
    assert flags(GOOD, uses=(used(version=1), used())) == [PhotoFlag.REUSED]


def test_a_photo_named_twice_by_one_step_is_no_reuse() -> None:
    assert flags(GOOD, uses=(used(), replace(used(), kind="near"))) == []


@pytest.mark.parametrize(
    ("case_no", "bits", "flagged"),
    [
        ("QD9", NEAR_BITS, True),
        ("QD9", NEAR_BITS + 1, False),
        ("QD1", SAME_SPOT_BITS, True),
        ("QD1", SAME_SPOT_BITS + 1, False),
    ],
)
def test_a_picture_saved_again_is_found_and_before_and_after_may_look_alike(
    case_no: str, bits: int, flagged: bool
) -> None:
    likes = (Like(used(case_no, 3, "ab" * 32), bits),)
    assert flags(GOOD, likes=likes) == ([PhotoFlag.ALIKE] if flagged else [])


@given(st.floats(min_value=0, max_value=5000))
def test_far_is_beyond_the_limit_and_only_there(metres: float) -> None:
    photo = replace(GOOD, lat=north(metres))
    found = flags(photo, replace(FEEDBACK, earlier=()))
    if abs(metres - FAR_METRES) > 0.5:
        assert (PhotoFlag.TOO_FAR in found) == (metres > FAR_METRES)


def test_before_and_after_must_be_the_same_spot() -> None:
    beside = replace(FEEDBACK, earlier=((LON, north(APART_METRES + 15)),))
    assert flags(GOOD, beside) == [PhotoFlag.NOT_SAME_PLACE]
    one_of_two = replace(FEEDBACK, earlier=((LON, north(APART_METRES + 15)), (LON, LAT)))
    assert flags(GOOD, one_of_two) == []


@pytest.mark.parametrize(
    ("step", "old", "flagged"),
    [
        (FEEDBACK, timedelta(hours=2), []),
        (CHECK, timedelta(hours=2, minutes=59), []),
        (replace(CHECK, since=None), timedelta(hours=5), [PhotoFlag.TOO_OLD]),
        (replace(FEEDBACK, since=None), timedelta(hours=11), []),
        (replace(FEEDBACK, since=None), timedelta(hours=13), [PhotoFlag.TOO_OLD]),
        (replace(FEEDBACK, action=Action.REGISTER, since=None), timedelta(days=2), []),
        (FEEDBACK, timedelta(hours=3) + CLOCK_SLACK * 2, [PhotoFlag.BEFORE_TASK]),
        (FEEDBACK, timedelta(hours=3) + CLOCK_SLACK / 2, []),
    ],
)
def test_how_old_a_photo_may_be_depends_on_its_step(step: Step, old: timedelta, flagged: list[PhotoFlag]) -> None:
    assert flags(replace(GOOD, taken_at=NOON - old), step) == flagged


def test_a_camera_from_tomorrow_is_flagged() -> None:
    assert flags(replace(GOOD, taken_at=NOON + timedelta(hours=9))) == [PhotoFlag.AHEAD]


def test_a_bare_file_says_what_is_missing() -> None:
    bare = replace(GOOD, taken_at=None, lon=None, lat=None)
    assert flags(bare) == [PhotoFlag.NO_TIME, PhotoFlag.NO_POSITION]


def test_a_case_without_a_place_flags_nothing_as_far() -> None:
    assert flags(replace(GOOD, lat=north(900)), replace(FEEDBACK, lon=None, lat=None, earlier=())) == []


@pytest.mark.parametrize(
    ("software", "edited"), [("Adobe Photoshop 26.1", True), ("美图秀秀 10", True), ("17.5.1", False)]
)
def test_an_editors_signature_is_flagged_and_a_phones_is_not(software: str, edited: bool) -> None:
    assert flags(replace(GOOD, software=software)) == ([PhotoFlag.EDITED] if edited else [])


def test_a_covered_lens_is_flagged() -> None:
    assert flags(replace(GOOD, picture_hash=None)) == [PhotoFlag.BLANK]


def test_every_flag_has_its_words_and_every_kind_its_name() -> None:
    assert set(FLAG_WORDS) == set(DETAIL_WORDS) == set(PhotoFlag)
    assert set(PHOTO_WORDS) == set(PHOTO_KINDS)


@given(st.integers(0, 2**64 - 1), st.sets(st.integers(0, 63), max_size=9))
def test_differing_bits_counts_what_was_flipped(whole: int, flipped: set[int]) -> None:
    other = whole
    for bit in flipped:
        other ^= 1 << bit
    assert differing_bits(whole, other) == len(flipped)


# ── which step a photo belongs to ────────────────────────────────────────────────────────────────


def entry(version: int, action: Action, hours_ago: float, photos: list[str] | None = None) -> Entry:
    changes = {} if photos is None else {"photos": photos}
    at = NOON - timedelta(hours=hours_ago)
    return Entry(
        case_no="QD1", version=version, action=action, at=at, actor="x", role="collector", seat=None, changes=changes
    )


BEFORE, AFTER, AGAIN = "aa" * 32, "bb" * 32, "cc" * 32
CASE = Case(
    case_no="QD1", reported_at=NOON, state_since=NOON, lon=LON, lat=LAT, photos=(f"near:{BEFORE}", f"after:{AFTER}")
)
HISTORY = (
    entry(1, Action.REPORT, 9, [f"near:{BEFORE}"]),
    entry(2, Action.FILE, 8.5),
    entry(3, Action.DISPATCH, 8),
    entry(4, Action.RECEIVE, 7),
    entry(5, Action.FEED_BACK, 2, [f"near:{BEFORE}", f"after:{AFTER}"]),
    entry(6, Action.SEND_CHECK, 1),
    entry(7, Action.PASS_CHECK, 0, [f"near:{BEFORE}", f"after:{AFTER}", f"after:{AGAIN}"]),
)
STORED = {mark: replace(GOOD, sha256=mark) for mark in (BEFORE, AFTER, AGAIN)}


def since(step: Step) -> datetime | None:
    return step.since


def test_each_photo_is_held_against_the_step_it_came_with_and_the_task_before_it() -> None:
    found = brought(CASE, HISTORY, STORED)
    assert [(one.mark, one.entry.version, one.step.action) for one in found] == [
        (BEFORE, 1, Action.REPORT),
        (AFTER, 5, Action.FEED_BACK),
        (AGAIN, 7, Action.PASS_CHECK),
    ]
    assert [since(one.step) for one in found] == [None, HISTORY[2].at, HISTORY[4].at]
    assert [len(one.step.earlier) for one in found] == [0, 1, 2]


def test_a_rework_counts_from_the_failed_check() -> None:
    history = (
        *HISTORY[:6],
        entry(7, Action.FAIL_CHECK, 0.9),
        entry(8, Action.FEED_BACK, 0.1, [f"near:{BEFORE}", f"after:{AFTER}", f"after:{AGAIN}"]),
    )
    assert brought(CASE, history, STORED)[-1].step.since == history[6].at


def test_self_disposal_compares_its_own_before_and_after() -> None:
    alone = (entry(1, Action.SELF_DISPOSE, 0, [f"after:{AFTER}", f"before:{BEFORE}"]),)
    found = {one.kind: one.step.earlier for one in brought(CASE, alone, STORED)}
    assert found == {"before": [], "after": [(LON, LAT)]}


def test_a_wide_view_may_be_taken_from_elsewhere() -> None:
    wide = (
        entry(1, Action.REPORT, 9, [f"far:{BEFORE}"]),
        entry(2, Action.PASS_CHECK, 0, [f"far:{BEFORE}", f"after:{AFTER}"]),
    )
    assert [one.step.earlier for one in brought(CASE, wide, STORED)] == [[], []]


def test_an_uploaded_photo_is_held_against_what_its_bringer_will_do() -> None:
    step = next_step(CASE, HISTORY[:4], STORED, role=Role.DEPARTMENT, kind="after", at=NOON)
    assert (step.action, step.since, step.version) == (Action.FEED_BACK, HISTORY[2].at, 0)
    assert first_step(Role.COLLECTOR, NOON).action is None


def test_only_new_references_are_new() -> None:
    assert added(["a"], ["a", "b", "b"]) == ["b", "b"]
    assert added(["a"], ["c"]) == ["c"]
