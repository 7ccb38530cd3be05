"""When a camera's connection is open, by its policy."""

from __future__ import annotations

import random

from domain.camera import CameraPolicy
from video.opening import GLIMPSE_EVERY_SECONDS, GLIMPSE_LIMIT_SECONDS, LINGER_SECONDS, Opening


def opening(policy: CameraPolicy) -> Opening:
    return Opening(policy, random.Random(1))


def test_a_camera_that_is_always_pulled_never_closes() -> None:
    one = opening(CameraPolicy.ALWAYS)
    assert one.due(0.0, wanted=False, picture_at=None)
    assert one.looked_at


def test_one_on_demand_opens_when_wanted_and_lingers() -> None:
    one = opening(CameraPolicy.ON_DEMAND)
    assert not one.due(0.0, wanted=False, picture_at=None)
    assert one.due(1.0, wanted=True, picture_at=None)
    assert one.due(1.0 + LINGER_SECONDS - 0.1, wanted=False, picture_at=None)
    assert not one.due(1.0 + LINGER_SECONDS + 0.1, wanted=False, picture_at=None)
    assert not one.looked_at


def test_a_glimpse_ends_with_the_first_picture_and_comes_again_in_a_minute() -> None:
    one = opening(CameraPolicy.SNAPSHOT)
    assert one.due(10.0, wanted=False, picture_at=None)
    assert not one.looked_at
    assert one.due(11.0, wanted=False, picture_at=9.0)  # that was the one before
    assert not one.due(12.0, wanted=False, picture_at=11.5)
    assert not one.due(12.0 + GLIMPSE_EVERY_SECONDS * 0.7, wanted=False, picture_at=11.5)
    assert one.due(12.0 + GLIMPSE_EVERY_SECONDS * 1.3, wanted=False, picture_at=11.5)
    assert not one.missed


def test_a_glimpse_that_shows_nothing_ends_too_and_is_known_to_have_failed() -> None:
    one = opening(CameraPolicy.SNAPSHOT)
    one.due(10.0, wanted=False, picture_at=None)
    assert not one.due(10.0 + GLIMPSE_LIMIT_SECONDS + 1, wanted=False, picture_at=None)
    assert one.missed


def test_a_look_takes_a_glimpse_over_and_is_followed_by_a_pause() -> None:
    one = opening(CameraPolicy.SNAPSHOT)
    one.due(10.0, wanted=False, picture_at=None)
    assert one.due(11.0, wanted=True, picture_at=None)
    assert one.looked_at
    later = 11.0 + LINGER_SECONDS + 0.1
    assert not one.due(later, wanted=False, picture_at=20.0)
    assert one.due(later + GLIMPSE_EVERY_SECONDS, wanted=False, picture_at=20.0)
