"""Which cameras see a place. Laws on random cities, then the cases people argue about."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.camera import Camera, Preset
from domain.geo import metres_per_degree
from domain.sight import (
    BEST,
    WITHIN_M,
    Sight,
    View,
    bearing_between,
    best_cameras,
    case_sight,
    covers,
    nearest_beyond,
    turn_between,
    view_of,
)

PLACE = (120.38, 36.07)
law = settings(max_examples=120, deadline=None)


def at(number: int, metres: float, direction: float, **parts: object) -> Camera:
    """A camera that many metres from `PLACE`, in that direction seen from it."""
    east_m, north_m = metres_per_degree(PLACE[1])
    radians = math.radians(direction)
    camera = Camera(
        camera_id=f"QD-{number:03d}",
        number=number,
        name=f"镜头 {number}",
        district_code="370202",
        lon=PLACE[0] + metres * math.sin(radians) / east_m,
        lat=PLACE[1] + metres * math.cos(radians) / north_m,
        bearing=None,
        fov=None,
        owner_unit="指挥中心",
        shared=False,
        ptz=False,
    )
    return replace(camera, **parts)  # type: ignore[arg-type]


def towards(direction: float) -> float:
    """The bearing under which a camera that stands in `direction` from the place looks at it."""
    return (direction + 180.0) % 360.0


directions = st.floats(0, 359.99)
presets = st.builds(Preset, token=st.just("1"), name=st.just("路口"), bearing=st.none() | directions, fov=st.none())


@st.composite
def cities(draw: st.DrawFn) -> list[Camera]:
    """A handful of cameras around the place, fixed and turning, own and shared, some of unknown direction."""
    return [
        at(
            number,
            draw(st.floats(5, 900)),
            draw(directions),
            bearing=draw(st.none() | directions),
            fov=draw(st.none() | st.floats(10, 360)),
            ptz=draw(st.booleans()),
            shared=draw(st.booleans()),
            presets=tuple(draw(st.lists(presets, max_size=3))),
        )
        for number in range(1, draw(st.integers(0, 9)) + 1)
    ]


dead_ones = st.frozensets(st.integers(1, 9).map(lambda number: f"QD-{number:03d}"))


@law
@given(cities(), dead_ones)
def test_the_best_are_near_few_and_in_order(cameras: list[Camera], dead: frozenset[str]) -> None:
    found = best_cameras(PLACE, cameras, dead=dead)
    assert len(found) <= BEST
    assert all(view.distance_m <= WITHIN_M for view in found)
    for better, worse in pairwise(found):
        assert better.live >= worse.live
        if better.live is worse.live and better.in_view is worse.in_view:
            assert better.distance_m <= worse.distance_m


@law
@given(cities(), dead_ones)
def test_nobody_better_is_left_out(cameras: list[Camera], dead: frozenset[str]) -> None:
    found = best_cameras(PLACE, cameras, dead=dead)
    every = best_cameras(PLACE, cameras, dead=dead, limit=99)
    assert every[: len(found)] == found
    assert len(every) == sum(view_of(camera, PLACE).distance_m <= WITHIN_M for camera in cameras)


@law
@given(cities(), st.randoms())
def test_the_order_in_which_cameras_are_stored_does_not_matter(cameras: list[Camera], random: object) -> None:
    shuffled = list(cameras)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert best_cameras(PLACE, shuffled) == best_cameras(PLACE, cameras)


@law
@given(cities())
def test_the_nearest_beyond_is_never_among_the_best(cameras: list[Camera]) -> None:
    beyond = nearest_beyond(PLACE, cameras)
    assert beyond is None or beyond.distance_m > WITHIN_M
    assert beyond not in best_cameras(PLACE, cameras, limit=99)


@law
@given(st.floats(5, 1500), directions)
def test_distance_and_direction_come_back(metres: float, direction: float) -> None:
    view = view_of(at(1, metres, direction), PLACE)
    assert view.distance_m == pytest.approx(metres, rel=0.005)
    assert turn_between(view.bearing_to, towards(direction)) < 0.5


@law
@given(directions, directions, st.floats(1, 360))
def test_a_view_covers_as_much_left_as_right(bearing: float, turn: float, fov: float) -> None:
    assert covers(bearing, fov, bearing)
    if abs(turn_between(turn, 0) - fov / 2) > 1e-6:
        assert covers(bearing, fov, bearing + turn) is covers(bearing, fov, bearing - turn)


def first(*cameras: Camera, dead: frozenset[str] = frozenset()) -> View:
    return best_cameras(PLACE, cameras, dead=dead)[0]


def test_a_camera_that_looks_at_the_place_beats_a_nearer_one_that_looks_away() -> None:
    nearer = at(1, 20, 90, bearing=90.0, fov=60.0)
    farther = at(2, 200, 0, bearing=180.0, fov=60.0)
    assert [view.camera.number for view in best_cameras(PLACE, [nearer, farther])] == [2, 1]
    assert view_of(nearer, PLACE).in_view is False


def test_a_camera_of_unknown_direction_is_perhaps_and_stands_between() -> None:
    away, unknown, sees = at(1, 10, 0, bearing=0.0, fov=60.0), at(2, 50, 0), at(3, 100, 0, bearing=180.0, fov=60.0)
    found = best_cameras(PLACE, [away, unknown, sees])
    assert [(view.camera.number, view.in_view) for view in found] == [(3, True), (2, None), (1, False)]


def test_a_turning_camera_with_a_preset_that_covers_the_place_counts_as_seeing_it() -> None:
    inside, beside = Preset(token="2", name="路口", bearing=185.0), Preset(token="1", name="广场", bearing=205.0)
    found = first(at(1, 80, 0, bearing=0.0, fov=60.0, ptz=True, presets=(beside, inside)))
    assert (found.sight, found.in_view, found.preset) == (Sight.PRESET, True, inside)


def test_a_shared_camera_is_turned_by_nobody_here() -> None:
    preset = Preset(token="1", name="路口", bearing=180.0)
    assert first(at(1, 80, 0, bearing=0.0, fov=60.0, ptz=True, shared=True, presets=(preset,))).sight is Sight.AWAY


def test_a_turning_camera_without_such_a_preset_can_be_turned_by_hand() -> None:
    elsewhere = Preset(token="1", name="海边", bearing=0.0)
    found = first(at(1, 80, 0, bearing=0.0, fov=60.0, ptz=True, presets=(elsewhere, Preset(token="2", name="?"))))
    assert (found.sight, found.in_view, found.preset) == (Sight.BY_HAND, None, None)


def test_a_dead_camera_comes_after_every_living_one() -> None:
    dead, looks_away = at(1, 50, 0, bearing=180.0, fov=60.0), at(2, 90, 0, bearing=0.0, fov=60.0)
    assert first(dead, looks_away).camera.number == 1
    assert first(dead, looks_away, dead=frozenset({"QD-001"})).camera.number == 2


def test_a_bearing_without_a_field_of_view_is_taken_for_a_usual_one() -> None:
    assert first(at(1, 80, 0, bearing=205.0)).in_view is True
    assert first(at(1, 80, 0, bearing=215.0)).in_view is False


def test_directions_meet_across_north() -> None:
    assert covers(350.0, 40.0, 5.0)
    assert not covers(350.0, 20.0, 5.0)


def test_right_under_the_camera_the_direction_says_nothing() -> None:
    assert first(at(1, 0, 0, bearing=0.0, fov=60.0)).in_view is None


def test_a_place_without_cameras_near_has_the_nearest_farther_off() -> None:
    far, farther = at(1, 450, 0), at(2, 800, 0)
    assert best_cameras(PLACE, [farther, far]) == ()
    assert nearest_beyond(PLACE, [farther, far]).camera.number == 1  # type: ignore[union-attr]
    beyond = nearest_beyond(PLACE, [farther, far], dead=frozenset({"QD-001"}))
    assert beyond is not None
    assert beyond.camera.number == 2, "one that gives a picture first"
    assert nearest_beyond(PLACE, []) is None


def test_a_case_without_a_place_has_no_cameras() -> None:
    assert case_sight("QD1", None, [at(1, 10, 0)]).views == ()
    assert case_sight("QD1", PLACE, [at(1, 10, 0), at(2, 900, 0)]).beyond is not None


def test_bearings_are_those_of_a_compass() -> None:
    assert [round(bearing_between(PLACE, (PLACE[0] + x, PLACE[1] + y))) for x, y in ((0, 1), (1, 0), (0, -1))] == [
        0,
        90,
        180,
    ]
    assert round(bearing_between(PLACE, (PLACE[0] - 0.001, PLACE[1]))) == 270
