"""The demo's streets: drawn the same every time, moving, with the true second in the picture."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from demo import clips
from demo.clips import BLACK, CIF, COVERED, FROZEN, MAIN, RATE, STREAMS, SUB, clip_name, make_clips, make_film
from demo.street import paint, traffic, walkers
from demo.street.film import Film
from demo.street.scenes import AVENUE, SCENES, SEAFRONT, Scene
from demo.street.stage import FAR
from demo.street.view import View, ground

SMALL = View(320, 180)


def test_what_is_farther_away_is_higher_in_the_picture_and_smaller() -> None:
    near, far = SMALL.project(ground([(-1, 10), (1, 10), (-1, 60), (1, 60)]))[0].reshape(2, 2, 2)
    assert near[0, 1] > far[0, 1] > SMALL.horizon
    assert near[1, 0] - near[0, 0] > far[1, 0] - far[0, 0]


def test_the_row_of_a_ground_point_knows_its_distance() -> None:
    pixels, _ = SMALL.project(ground([(0, 40)]))
    assert SMALL.row_depth(float(pixels[0, 1])) == pytest.approx(40, rel=0.05)
    assert SMALL.row_depth(SMALL.horizon - 1) == float("inf")


def test_a_street_is_painted_the_same_every_time() -> None:
    one, other = paint.painted(AVENUE), paint.painted(AVENUE)
    assert np.array_equal(one[0], other[0])
    assert np.array_equal(one[1], other[1])


def test_trees_and_houses_hide_what_passes_behind_them_and_the_ground_does_not() -> None:
    _, depth = paint.painted(SEAFRONT)
    assert 0.02 < (depth < FAR).mean() < 0.7
    assert depth[-1].min() > 5


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_every_street_moves_and_its_minute_has_no_seam(scene: Scene) -> None:
    for lane in scene.lanes:
        assert 60 % lane.period_seconds == 0
    for path in scene.paths:
        assert 60 % path.period_seconds == 0
    fleet, people = traffic.vehicles(scene), walkers.walkers(scene)
    assert len(people) >= 9
    assert fleet == traffic.vehicles(scene)
    begin, end = (traffic.sprites(at, fleet, scene.light, scene.view) for at in (0.0, 60.0))
    assert [round(sprite.depth, 3) for sprite in begin] == [round(sprite.depth, 3) for sprite in end]
    later = traffic.sprites(2.0, fleet, scene.light, scene.view)
    assert [sprite.depth for sprite in later] != [sprite.depth for sprite in begin]


def test_the_picture_says_its_second() -> None:
    film = Film(AVENUE)
    caption = (slice(10, 70), slice(0, 640))
    seven, seven_and_a_half, eight = (film.at(second)[caption] for second in (7.0, 7.9, 8.0))
    changed = np.abs(seven.astype(int) - eight).max(axis=2) > 100
    kept = np.abs(seven.astype(int) - seven_and_a_half).max(axis=2) > 100
    assert changed.sum() > 50 > kept.sum()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One short film in all its sizes."""
    made = tmp_path_factory.mktemp("films")
    make_film(made, AVENUE.name, seconds=3)
    return made


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_a_film_is_what_a_camera_sends(folder: Path, stream: clips.Stream) -> None:
    with av.open(str(folder / clip_name(AVENUE.name, stream.name))) as container:
        video = container.streams.video[0]
        packets = [packet for packet in container.demux(video) if packet.size]
        assert (video.width, video.height, video.codec_context.name) == (stream.width, stream.height, "h264")
        assert float(video.average_rate) == RATE
    assert len(packets) == 3 * RATE
    assert [index for index, packet in enumerate(packets) if packet.is_keyframe] == [0, 20]


def test_a_film_that_breaks_leaves_no_half_under_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_name: str, _seconds: int) -> object:
        yield np.zeros((720, 1280, 3), np.uint8)
        raise OSError("no space left")

    monkeypatch.setattr(clips, "_pictures", broken)
    with pytest.raises(OSError, match="no space"):
        make_film(tmp_path, AVENUE.name)
    assert list(tmp_path.iterdir()) == []


def test_films_that_are_there_are_kept_and_old_ones_go(tmp_path: Path) -> None:
    for name in (*(scene.name for scene in SCENES), FROZEN, BLACK, COVERED):
        for stream in STREAMS:
            (tmp_path / clip_name(name, stream.name)).write_bytes(b"film")
    for old in ("avenue-sub.v0.mp4", "avenue-sub.v2.part"):
        (tmp_path / old).touch()
    said: list[tuple[int, int]] = []
    make_clips(tmp_path, progress=lambda done, total: said.append((done, total)))
    assert said == [(9, 9)]
    assert len(list(tmp_path.iterdir())) == 27


def test_the_frozen_camera_repeats_one_key_frame(tmp_path: Path) -> None:
    make_film(tmp_path, FROZEN)
    for stream in (MAIN, SUB, CIF):
        with av.open(str(tmp_path / clip_name(FROZEN, stream.name))) as container:
            keys = [packet.is_keyframe for packet in container.demux(video=0) if packet.size]
        assert sum(keys) == 1
        assert len(keys) == 20


@pytest.mark.parametrize(("name", "brightness"), [(BLACK, 8), (COVERED, 96)])
def test_a_blind_camera_goes_on_sending_new_pictures_of_nothing(tmp_path: Path, name: str, brightness: int) -> None:
    make_film(tmp_path, name)
    with av.open(str(tmp_path / clip_name(name, CIF.name))) as container:
        pictures = [frame.to_ndarray(format="gray").astype(int) for frame in container.decode(video=0)]
    assert len(pictures) == 10 * RATE
    assert abs(pictures[0].mean() - brightness) < 12
    assert pictures[0].std() < 4
    assert abs(pictures[0] - pictures[-1]).mean() > 0.2
