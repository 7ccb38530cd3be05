"""Photos of the demo's people: of the place, at the time, and a few of them not honest."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from data_access.photos import PhotoStore
from demo.arrivals import Arrivals, arrived
from demo.history import histories
from demo.pictures import Pictures
from demo.snapshots import snapshot, subject_of
from domain.action import Action, Command
from domain.geo import distance_m
from domain.journal import rebuild
from domain.photo import Photo
from domain.photo_flags import FAR_METRES, NEAR_BITS, ON_THE_SPOT
from domain.rights import Mode
from tests.demo.towns import NOW, SMALL, ZONE, policy, small_town


@pytest.fixture
def photos(demo_engine: Engine) -> Iterator[PhotoStore]:
    return PhotoStore(demo_engine, ZONE)


def reports(number: int) -> list[Command]:
    arrivals, rng = Arrivals(small_town(), Mode.TWO_TWO, 200.0), random.Random(5)
    found = (arrivals.command(rng, NOW + timedelta(minutes=n)) for n in range(10 * number))
    return [command for command in found if command.action is Action.REPORT][:number]


def kept(photos: PhotoStore, number: int) -> list[tuple[Command, Photo]]:
    pictures = Pictures(photos, small_town())
    taken = [pictures.taken(command, None) for command in reports(number)]
    marks = [str(command.facts["photos"][0]).partition(":")[2] for command in taken]
    known = photos.some(marks)
    return [(command, known[mark]) for command, mark in zip(taken, marks, strict=True)]


def test_a_photo_is_kept_with_the_time_and_place_of_the_case(photos: PhotoStore) -> None:
    command, photo = kept(photos, 1)[0]
    assert photo.taken_at is not None
    assert timedelta() < command.at - photo.taken_at < timedelta(minutes=10)
    assert photo.lon is not None
    assert (
        distance_m(photo.lon, photo.lat or 0, float(str(command.facts["lon"])), float(str(command.facts["lat"]))) < 15
    )
    assert 4_000 < photo.size < 25_000


def test_a_small_share_is_taken_elsewhere_long_before_or_used_twice(photos: PhotoStore) -> None:
    found, seen = Counter[str](), Counter[str]()
    for command, photo in kept(photos, 120):
        seen[photo.sha256] += 1
        metres = distance_m(photo.lon or 0, photo.lat or 0, command.facts["lon"], command.facts["lat"])
        found["far"] += metres > FAR_METRES and seen[photo.sha256] == 1
        found["old"] += command.at - (photo.taken_at or command.at) > ON_THE_SPOT
    assert 0 < found["far"] < 12
    assert 0 < found["old"] < 12
    assert 0 < sum(times > 1 for times in seen.values()) < 15


def test_what_needs_no_photo_stays_as_it_is(photos: PhotoStore) -> None:
    command = Command(action=Action.URGE, actor=reports(1)[0].actor, at=NOW, facts={})
    assert Pictures(photos, small_town()).taken(command, None) is command


def test_the_newest_open_cases_of_the_past_have_real_photos(photos: PhotoStore) -> None:
    town = small_town()
    arrivals = Arrivals(town, Mode.TWO_TWO, SMALL)
    begun = arrived(arrivals, random.Random(2), list(arrivals.moments(random.Random(1), NOW - timedelta(days=2), NOW)))
    numbers = [f"QD{n:013d}" for n in range(len(begun))]
    past = Pictures(photos, town).of_the_newest(list(histories(town, policy(), begun, numbers, NOW)))
    with_photos = [case for case, _ in past if not case.is_final and case.photos]
    assert len(with_photos) > 5
    for case, entries in past:
        assert rebuild(entries) == case
    for case in with_photos:
        marks = {mark.partition(":")[2] for mark in case.photos}
        assert photos.some(marks).keys() == marks


def test_two_places_look_different_and_one_place_looks_like_itself(photos: PhotoStore) -> None:
    hashes = [photo.picture_hash for _, photo in kept(photos, 25)]
    different = {found for found in hashes if found is not None}
    near = sum((a ^ b).bit_count() <= NEAR_BITS for a in different for b in different if a < b)
    assert near == 0
    before, after = (snapshot("here", "heap", wrong=wrong, look=look) for wrong, look in ((True, 1), (False, 2)))
    elsewhere = snapshot("there", "heap", wrong=False, look=2)
    assert abs(before.astype(int) - after).mean() < abs(elsewhere.astype(int) - after).mean()


@pytest.mark.parametrize(
    ("name", "subject"),
    [("上水井盖", "hole"), ("道路积水", "water"), ("行道树", "tree"), ("占道经营", "stall"), ("暴露垃圾", "heap")],
)
def test_what_is_seen_is_what_the_case_is_about(name: str, subject: str) -> None:
    assert subject_of(name) == subject
