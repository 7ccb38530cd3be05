"""The picture checks on real films of streets, squares and car parks: what must be told, and what must never be."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from domain.camera import CameraCondition
from tests.shared_data import shared
from tests.video.watched import (
    Fault,
    Luma,
    Watched,
    black,
    blur,
    covered,
    filmed,
    haze,
    night,
    pushed,
    small,
    turned_away,
)
from video.checks.view import USEFUL_NORMAL

pytestmark = pytest.mark.shared_data

FIXED = ("vtest.avi", "city-intersection.mp4", "residential-street.mp4", "one-by-one-person-detection.mp4")
LOW_CONTRAST = ("car-detection.mp4", "overhead-road.avi")


@cache
def scene(name: str) -> list[Luma]:
    return filmed(shared(f"data/video/{name}"))


@pytest.mark.parametrize("name", [*FIXED, *LOW_CONTRAST, "highway-cctv-overlay.avi", "bikes-scene-cuts.mp4"])
@pytest.mark.parametrize("change", [lambda picture: picture, night, haze], ids=["day", "night", "haze"])
def test_a_good_camera_is_never_accused(name: str, change: Fault) -> None:
    watched, seen = Watched(small(scene(name))), small(scene(name), change)
    accused = {watched.show(seen, 2.0 * len(seen)) for _ in range(12)}
    assert accused == {()}


@pytest.mark.parametrize("name", FIXED + LOW_CONTRAST)
@pytest.mark.parametrize(
    ("fault", "told", "within"),
    [
        (black, CameraCondition.BLACK, 12),
        (covered, CameraCondition.COVERED, 24),
        (blur(3), CameraCondition.BLURRED, 80),
        (blur(6), CameraCondition.BLURRED, 64),
        (pushed, CameraCondition.MOVED, 90),
    ],
    ids=["black", "covered", "blur 3", "blur 6", "moved"],
)
def test_each_fault_is_told_by_its_name_and_taken_back(
    name: str, fault: Fault, told: CameraCondition, within: float
) -> None:
    watched = Watched(small(scene(name)))
    assert watched.show(small(scene(name), fault), within) == (told,)
    assert watched.show(small(scene(name)), 90) == ()


@pytest.mark.parametrize("name", FIXED)
def test_another_view_altogether_is_told(name: str) -> None:
    watched = Watched(small(scene(name)))
    assert watched.show(small(scene(name), turned_away), 240) == (CameraCondition.MOVED,)


@pytest.mark.parametrize("name", FIXED)
def test_another_street_altogether_is_told(name: str) -> None:
    watched = Watched(small(scene(name)))
    assert CameraCondition.MOVED in watched.show(small(scene("bikes-scene-cuts.mp4")), 240)


def test_a_camera_that_moves_all_the_time_is_not_judged_by_its_view() -> None:
    watched = Watched(small(scene("bikes-scene-cuts.mp4")))
    assert watched.checks.view is not None
    assert watched.checks.view.normal is not None
    assert watched.checks.view.normal < USEFUL_NORMAL
    assert watched.show(small(scene("vtest.avi")), 240) == ()


@pytest.mark.parametrize("name", FIXED)
def test_paint_over_half_the_lens_is_told(name: str) -> None:
    def paint(picture: Luma) -> Luma:
        painted = picture.copy()
        half = picture.shape[1] // 2
        painted[:, :half] = covered(np.zeros_like(painted))[:, :half]
        return painted

    watched = Watched(small(scene(name)))
    assert watched.show(small(scene(name), paint), 80) == (CameraCondition.COVERED,)
