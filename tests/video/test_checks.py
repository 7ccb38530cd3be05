"""The picture checks on drawn scenes: what is told, after how long, and what keeps them silent."""

from __future__ import annotations

import numpy as np
import pytest

from domain.camera import CameraCondition
from tests.video.watched import (
    EVERY_SECONDS,
    Fault,
    Watched,
    black,
    blur,
    covered,
    haze,
    night,
    noisy,
    pushed,
    small,
    sprayed,
    street,
    turned_away,
)
from video.checks.baseline import decode_baseline
from video.checks.held import Held
from video.checks.light import CALM_SECONDS
from video.checks.look import looked
from video.checks.picture import BLIND_SECONDS, PictureChecks

STREET = street()
GOOD = small(STREET)


@pytest.mark.parametrize("change", [night, haze, lambda picture: noisy(picture, 6)], ids=["night", "haze", "noise"])
def test_night_haze_and_noise_are_no_faults(change: Fault) -> None:
    watched = Watched(GOOD)
    assert {watched.show(small(STREET, change), 20) for _ in range(20)} == {()}


@pytest.mark.parametrize(
    ("fault", "told", "not_before", "within"),
    [
        (black, CameraCondition.BLACK, 8, 14),
        (covered, CameraCondition.COVERED, 18, 26),
        (sprayed, CameraCondition.COVERED, 56, 66),
        (blur(6), CameraCondition.BLURRED, 56, 66),
        (pushed, CameraCondition.MOVED, 56, 66),
        (turned_away, CameraCondition.MOVED, 56, 180),
    ],
    ids=["black", "covered", "sprayed", "blurred", "pushed", "turned away"],
)
def test_a_fault_is_told_after_its_time_and_not_before(
    fault: Fault, told: CameraCondition, not_before: float, within: float
) -> None:
    watched = Watched(GOOD)
    assert watched.show(small(STREET, fault), not_before) == ()
    assert watched.show(small(STREET, fault), within - not_before) == (told,)


@pytest.mark.parametrize("fault", [black, covered, sprayed, blur(6), pushed])
def test_a_mended_camera_is_believed_again_soon_but_not_at_once(fault: Fault) -> None:
    watched = Watched(GOOD)
    watched.show(small(STREET, fault), 120)
    assert watched.show(GOOD, 4) != ()
    assert watched.show(GOOD, 40) == ()


def test_a_lorry_before_the_lens_for_half_a_minute_is_nothing() -> None:
    watched = Watched(GOOD)
    assert watched.show(small(STREET, sprayed), 40) == ()
    assert watched.show(GOOD, 60) == ()


def test_a_camera_that_starts_covered_is_told_without_having_learned_anything() -> None:
    checks = PictureChecks()
    for index in range(15):
        checks.see(small([covered(STREET[0])])[0], index * EVERY_SECONDS)
    assert checks.conditions(30) == (CameraCondition.COVERED,)


def test_the_switch_to_night_vision_with_its_other_sharpness_is_not_judged_for_a_minute() -> None:
    watched = Watched(GOOD)
    watched.show(small(STREET, lambda picture: blur(6)((picture * 0.5).astype(np.uint8))), CALM_SECONDS)
    assert watched.told == ()
    assert watched.show(small(STREET, lambda picture: blur(6)((picture * 0.5).astype(np.uint8))), 70) == (
        CameraCondition.BLURRED,
    )


def test_a_ptz_camera_is_never_called_moved() -> None:
    watched = Watched(GOOD, PictureChecks(ptz=True))
    assert watched.show(small(STREET, turned_away), 300) == ()


def test_a_turned_ptz_camera_is_not_called_blurred_at_once() -> None:
    watched = Watched(GOOD, PictureChecks(ptz=True))
    elsewhere = small(street(8), blur(6))
    assert watched.show(elsewhere, CALM_SECONDS) == ()
    assert watched.show(elsewhere, 70) == (CameraCondition.BLURRED,)


def test_a_told_turn_counts_like_a_seen_one() -> None:
    watched = Watched(GOOD)
    watched.checks.view_changed(watched.at)
    assert watched.show(small(STREET, pushed), CALM_SECONDS) == ()


@pytest.mark.parametrize("fault", [black, covered, blur(6), pushed])
def test_a_check_that_is_switched_off_says_nothing(fault: Fault) -> None:
    watched = Watched(GOOD, PictureChecks(switched_off=tuple(CameraCondition)))
    assert watched.show(small(STREET, fault), 120) == ()


def test_a_repeated_picture_is_told_as_such_and_teaches_nothing() -> None:
    watched = Watched(GOOD)
    before = watched.checks.baseline()
    assert watched.show([GOOD[0]], 400) == ()
    assert watched.checks.repeating
    assert watched.checks.baseline().sharpness == pytest.approx(before.sharpness, rel=0.05)


def test_what_nobody_has_seen_for_minutes_is_not_told() -> None:
    watched = Watched(GOOD)
    watched.show(small(STREET, black), 20)
    assert watched.checks.conditions(watched.at) == (CameraCondition.BLACK,)
    assert watched.checks.conditions(watched.at + BLIND_SECONDS) == ()


def test_a_reconnected_camera_remembers_what_is_normal() -> None:
    watched = Watched(GOOD)
    watched.checks.forget()
    assert watched.show(small(STREET, pushed), 70) == (CameraCondition.MOVED,)


def test_another_process_goes_on_from_the_kept_baseline() -> None:
    kept = decode_baseline(Watched(GOOD).checks.baseline().encode())
    checks = PictureChecks()
    checks.restore(kept)
    for index, picture in enumerate(small(STREET, pushed) * 3):
        checks.see(picture, index * EVERY_SECONDS)
    assert checks.conditions(72) == (CameraCondition.MOVED,)


def test_a_new_view_that_was_meant_is_learned_when_asked() -> None:
    watched = Watched(GOOD)
    watched.show(small(STREET, pushed), 120)
    watched.checks.relearn()
    assert watched.show(small(STREET, pushed), 300) == ()
    assert watched.show(GOOD, 80) == (CameraCondition.MOVED,)


def test_a_snapshot_a_minute_is_enough_for_a_black_picture() -> None:
    checks = PictureChecks()
    for minute in range(3):
        checks.forget()
        checks.see(small([black(STREET[0])])[0], 60.0 * minute)
    assert checks.conditions(121) == (CameraCondition.BLACK,)


def test_one_odd_look_neither_raises_nor_hides_anything() -> None:
    held = Held(10, 5)
    for at, bad in enumerate([True] * 8 + [False] + [True] * 6):
        held.see(bad=bad, good=not bad, at=float(at))
    assert held.told


def test_night_leaves_sharpness_where_it_was() -> None:
    by_day, by_night = looked(GOOD[0]), looked(small(STREET, lambda p: (p * 0.25).astype(np.uint8))[0])
    assert by_night.sharpness == pytest.approx(by_day.sharpness, rel=0.15)
    assert by_night.mean == pytest.approx(by_day.mean / 4, abs=1.5)


@pytest.mark.parametrize("data", [b"{}", b"[]", b"nonsense", b'{"form": 2}', b'{"form":1,"blocks":[1]}'])
def test_a_baseline_that_cannot_be_read_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        decode_baseline(data)
