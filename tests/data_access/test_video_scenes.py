from __future__ import annotations

import pytest
from sqlalchemy import Engine

from data_access.video_scenes import NameTaken, SceneChanged, SceneUnknown, VideoScenes
from domain.video_scene import Arrangement, Layout, Tour, TourStop
from tests.hand_clock import HandClock

MORNING = Arrangement(
    layout=Layout.ONE_AND_SEVEN,
    cameras=(4, 0, 7, 9),
    presets={1: "gate"},
    tours=(Tour(place=2, stops=(TourStop(5), TourStop(6, "pier")), dwell_seconds=20, shuffled=True),),
)
EVENING = Arrangement(layout=Layout.FOUR, cameras=(1, 2), presets={})


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def scenes(engine: Engine, clock: HandClock) -> VideoScenes:
    return VideoScenes(engine, now=clock.now)


def test_a_scene_comes_back_as_it_was_saved(scenes: VideoScenes, clock: HandClock) -> None:
    made = scenes.add("早高峰", MORNING, by="赵敏")
    assert scenes.all() == [made]
    assert made.arrangement == MORNING
    assert (made.revision, made.saved_by, made.saved_at) == (1, "赵敏", clock.now())


def test_a_scene_somebody_saved_meanwhile_is_not_overwritten(scenes: VideoScenes, clock: HandClock) -> None:
    made = scenes.add("早高峰", MORNING, by="赵敏")
    clock.forward(minutes=3)
    theirs = scenes.save(made.id, "早高峰", EVENING, revision=made.revision, by="钱进")
    with pytest.raises(SceneChanged) as refused:
        scenes.save(made.id, "早高峰", MORNING, revision=made.revision, by="赵敏")
    assert refused.value.scene == theirs
    assert scenes.all() == [theirs]
    with pytest.raises(SceneChanged):
        scenes.delete(made.id, revision=made.revision, by="赵敏")


def test_two_scenes_never_bear_one_name(scenes: VideoScenes) -> None:
    first = scenes.add("早高峰", MORNING, by="赵敏")
    other = scenes.add("晚高峰", EVENING, by="赵敏")
    with pytest.raises(NameTaken) as refused:
        scenes.add("早高峰", EVENING, by="钱进")
    assert refused.value.scene == first
    with pytest.raises(NameTaken):
        scenes.save(other.id, "早高峰", EVENING, revision=1, by="赵敏")
    assert scenes.save(first.id, "早高峰", EVENING, revision=1, by="赵敏").revision == 2


def test_a_deletion_can_be_taken_back_for_a_day(scenes: VideoScenes, clock: HandClock) -> None:
    made = scenes.add("早高峰", MORNING, by="赵敏")
    gone = scenes.delete(made.id, revision=1, by="钱进")
    assert scenes.all() == []
    back = scenes.save(made.id, made.name, made.arrangement, revision=gone.revision, by="钱进")
    assert [scene.id for scene in scenes.all()] == [made.id]
    scenes.delete(made.id, revision=back.revision, by="钱进")
    other = scenes.add("晚高峰", EVENING, by="赵敏")
    clock.forward(days=2)
    scenes.delete(other.id, revision=1, by="赵敏")
    with pytest.raises(SceneUnknown):
        scenes.save(made.id, made.name, MORNING, revision=back.revision + 1, by="赵敏")


def test_a_deleted_scenes_name_is_free(scenes: VideoScenes) -> None:
    made = scenes.add("早高峰", MORNING, by="赵敏")
    scenes.delete(made.id, revision=1, by="赵敏")
    assert scenes.add("早高峰", EVENING, by="赵敏").id != made.id


def test_a_scene_nobody_made_is_unknown(scenes: VideoScenes) -> None:
    with pytest.raises(SceneUnknown):
        scenes.save(77, "无", EVENING, revision=1, by="赵敏")
    with pytest.raises(SceneUnknown):
        scenes.delete(77, revision=1, by="赵敏")
