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


def _writing(picture: npt.NDArray[np.uint8], second: int, *, width: int = 40) -> npt.NDArray[np.uint8]:
    """A clock burned in where nobody expects it."""
    written = picture.copy()
    written[40:48, 60 : 60 + width] = np.random.default_rng(second).integers(0, 255, (8, width))
    return written


def test_a_clock_in_the_middle_of_a_dead_picture_does_not_hide_it() -> None:
    picture = street()
    assert seen([_writing(picture, second) for second in range(8)]).repeating


def test_a_clock_over_a_living_street_is_no_reason_to_call_it_dead() -> None:
    living = [np.clip(street() + RNG.normal(0, 1, (90, 160)), 0, 255).astype(np.uint8) for _ in range(8)]
    assert not seen([_writing(picture, second) for second, picture in enumerate(living)]).repeating


def test_one_sign_that_blinks_in_the_dark_shows_that_the_camera_lives() -> None:
    dark = np.full((90, 160), 20, np.uint8)
    assert not seen([_writing(dark, second, width=8) for second in range(8)]).repeating


def test_a_car_that_crosses_an_otherwise_still_picture_shows_that_the_camera_lives() -> None:
    picture = np.full((90, 160), 120, np.uint8)
    driven = []
    for step in range(8):
        moment = picture.copy()
        moment[40:48, step * 18 : step * 18 + 16] = 200
        driven.append(moment)
    assert not seen(driven).repeating
