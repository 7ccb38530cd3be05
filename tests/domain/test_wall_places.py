from __future__ import annotations

from dataclasses import replace

from domain.camera import Camera
from domain.wall_places import PlaceChange, WallChoice, changes, chosen_cameras, shown_cameras

ONE = Camera(
    camera_id="QD-1",
    number=1,
    name="镜头 1",
    district_code="370202",
    lon=120.38,
    lat=36.07,
    bearing=None,
    fov=None,
    owner_unit="指挥中心",
    shared=False,
    ptz=False,
)
CITY = [replace(ONE, camera_id=f"QD-{number}", number=number) for number in range(1, 13)]


def shown(*sent: int, cameras: list[Camera] = CITY) -> list[int]:
    return [camera.number if camera else 0 for camera in shown_cameras(cameras, WallChoice(cameras=sent))]


def test_a_wall_nobody_sent_anything_to_shows_its_own() -> None:
    assert shown(0, 0, 0, 0) == [camera.number for camera in chosen_cameras(CITY)] == [1, 2, 3, 4]


def test_a_camera_sent_takes_its_place_and_the_others_stay() -> None:
    assert shown(0, 9, 0, 0) == [1, 9, 3, 4]


def test_a_place_taken_down_returns_to_its_own() -> None:
    assert shown(0, 0, 0, 0) == [1, 2, 3, 4]


def test_no_camera_stands_twice_where_there_are_others() -> None:
    assert shown(0, 1, 0, 0) == [5, 1, 3, 4]
    assert shown(4, 3, 0, 0) == [4, 3, 5, 6]
    assert shown(2, 0, 0, 0, cameras=CITY[:2]) == [2, 0, 0, 0]


def test_a_camera_that_left_the_city_leaves_its_place() -> None:
    assert shown(99, 0, 0, 0) == [1, 2, 3, 4]


def test_a_small_city_leaves_places_empty() -> None:
    assert shown(0, 0, 0, 0, cameras=CITY[:2]) == [1, 2, 0, 0]
    assert shown(0, 0, 0, 0, cameras=[]) == [0, 0, 0, 0]


def test_a_change_is_told_place_by_place() -> None:
    before, after = WallChoice(cameras=(0, 9, 3, 0)), WallChoice(cameras=(7, 9, 0, 5))
    assert changes(before, after) == [PlaceChange(1, 0, 7), PlaceChange(3, 3, 0), PlaceChange(4, 0, 5)]
