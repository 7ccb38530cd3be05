"""What a tile may say of a picture, by its age."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.camera import CameraState
from domain.tile_state import graver, removed, tile_state, wire_table

ages = st.floats(0, 1000, allow_nan=False)
judged = st.sampled_from([CameraState.LIVE, CameraState.DELAYED, CameraState.FROZEN, CameraState.OFFLINE])


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (0.0, CameraState.LIVE),
        (2.0, CameraState.LIVE),
        (2.01, CameraState.DELAYED),
        (5.0, CameraState.DELAYED),
        (5.01, CameraState.FROZEN),
        (15.0, CameraState.FROZEN),
        (15.01, CameraState.OFFLINE),
        (None, CameraState.OFFLINE),
    ],
)
def test_age_decides_the_state(age: float | None, state: CameraState) -> None:
    assert tile_state(age) is state


@pytest.mark.parametrize(("age", "gone"), [(0.0, False), (60.0, False), (60.01, True), (None, True)])
def test_an_old_picture_is_taken_away_after_a_minute(age: float | None, gone: bool) -> None:
    assert removed(age) is gone


@given(ages, ages)
def test_an_older_picture_is_never_said_to_be_better(one: float, other: float) -> None:
    young, old = sorted((one, other))
    assert graver(tile_state(young), tile_state(old)) is tile_state(old)


@given(judged, judged)
def test_the_graver_of_two_states_is_one_of_them_whatever_the_order(one: CameraState, other: CameraState) -> None:
    assert graver(one, other) is graver(other, one)
    assert graver(one, other) in (one, other)


@pytest.mark.parametrize("silent", [CameraState.IDLE, CameraState.CONNECTING])
def test_a_state_without_a_picture_yields_to_one_with(silent: CameraState) -> None:
    assert graver(silent, CameraState.LIVE) is CameraState.LIVE
    assert graver(CameraState.FROZEN, silent) is CameraState.FROZEN


@given(ages)
def test_the_browsers_table_says_the_same_as_the_server(age: float) -> None:
    table = wire_table()
    steps = table["steps"]
    assert isinstance(steps, list)
    said = next((state for limit, state in steps if age <= limit), table["after"])
    assert said == tile_state(age)
