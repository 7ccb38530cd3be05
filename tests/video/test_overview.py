"""All cameras in one picture: each in its place, old ones grey, made at most once a second."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tests.fakes.clock import ManualClock
from tests.video.made import camera
from video.cv import cv2
from video.overview import Overview, mosaic
from video.tile import Tile

NOW_MS = 1_000_000
CELL_WIDTH, CELL_HEIGHT = 160, 90
ORANGE = (40, 120, 230)


def thumbnail(age_ms: int = 0, *, jpeg: bytes | None = None) -> Tile:
    pixels = np.full((180, 320, 3), ORANGE, np.uint8)
    return Tile(NOW_MS - age_ms, cv2.imencode(".jpg", pixels)[1].tobytes() if jpeg is None else jpeg)


def cell(jpeg: bytes, row: int, column: int) -> npt.NDArray[np.float64]:
    """Mean colour in the middle of a cell."""
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    top, left = row * CELL_HEIGHT, column * CELL_WIDTH
    return picture[top + 30 : top + 60, left + 40 : left + 120].mean(axis=(0, 1))


def test_every_camera_has_its_place_and_a_missing_one_stays_dark() -> None:
    cameras = [camera(number) for number in range(1, 6)]
    jpeg = mosaic(cameras, [thumbnail(), None, thumbnail(), thumbnail(jpeg=b"no picture"), thumbnail()], NOW_MS)
    assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).shape == (2 * 90, 3 * 160, 3)
    assert np.allclose(cell(jpeg, 0, 0), ORANGE, atol=12)
    assert cell(jpeg, 0, 1).max() < 40
    assert cell(jpeg, 1, 0).max() < 40
    assert np.allclose(cell(jpeg, 1, 1), ORANGE, atol=12)


def test_a_picture_that_stopped_coming_is_grey() -> None:
    mean = cell(mosaic([camera(1)], [thumbnail(20_000)], NOW_MS), 0, 0)
    assert np.ptp(mean) < 6


def test_nobody_to_show_is_a_picture_too() -> None:
    assert mosaic([], [], NOW_MS).startswith(b"\xff\xd8")


async def test_it_is_made_once_a_second_and_for_each_set_of_rights() -> None:
    clock, asked = ManualClock(), list[list[int]]()

    async def thumbnails(numbers: list[int]) -> list[Tile | None]:
        asked.append(numbers)
        return [thumbnail() for _ in numbers]

    overview = Overview(thumbnails, monotonic=clock.monotonic)
    both, one = [camera(2), camera(1)], [camera(1)]
    first = await overview.picture(both, NOW_MS)
    assert await overview.picture(both, NOW_MS) is first
    assert await overview.picture(one, NOW_MS) != first
    assert asked == [[1, 2], [1]]
    clock.forward(seconds=1.1)
    await overview.picture(both, NOW_MS)
    assert asked == [[1, 2], [1], [1, 2]]
