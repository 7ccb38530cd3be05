"""A camera that repeats one picture, and one that only looks as if it did."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from video.health import REPEAT_SECONDS, RepeatWatch

RNG = np.random.default_rng(5)


def street() -> npt.NDArray[np.uint8]:
    return RNG.integers(0, 255, (90, 160), np.uint8)


def seen(pictures: list[npt.NDArray[np.uint8]], every_seconds: float = 2.0) -> RepeatWatch:
    watch = RepeatWatch()
    for index, picture in enumerate(pictures):
        watch.see(picture, 100 + index * every_seconds)
    return watch


def test_one_picture_for_ten_seconds_is_frozen() -> None:
    picture = street()
    assert not seen([picture] * 5).repeating
    assert seen([picture] * 6).repeating


def test_a_still_street_at_night_is_not_frozen() -> None:
    dark = np.full((90, 160), 24.0)
    noisy = [np.clip(dark + RNG.normal(0, 1.5, dark.shape), 0, 255).astype(np.uint8) for _ in range(20)]
    assert not seen(noisy).repeating


def test_a_clock_that_runs_over_a_dead_picture_does_not_hide_it() -> None:
    pictures = [street()] * 8
    for second, picture in enumerate(pictures := [picture.copy() for picture in pictures]):
        picture[:12] = second * 20
        picture[-12:] = second * 10
    assert seen(pictures).repeating


def test_a_new_picture_ends_it() -> None:
    picture = street()
    watch = seen([picture] * 10)
    watch.see(street(), 200)
    assert not watch.repeating


def test_a_camera_without_key_frames_is_not_judged() -> None:
    watch = seen([street()])
    assert not watch.repeating  # however long ago that was


def test_a_gap_in_the_stream_begins_anew() -> None:
    picture = street()
    watch = seen([picture] * 6)
    watch.forget()
    watch.see(picture, 500)
    watch.see(picture, 500 + REPEAT_SECONDS - 1)
    assert not watch.repeating
