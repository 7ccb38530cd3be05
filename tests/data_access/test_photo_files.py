"""What a photo's file says, and what is refused: real files, made by the picture library."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from data_access import photo_files
from data_access.photo_files import LARGEST_BYTES, PhotoWrong, read_photo
from domain.geo import distance_m, wgs84_to_gcj02
from domain.photo import differing_bits
from tests.made_photos import BAY, exif, jpeg, photo, scene

CITY = ZoneInfo("Asia/Shanghai")
HALF_PAST_TWO = datetime(2026, 8, 6, 14, 30, 5, tzinfo=CITY)


def test_time_and_position_come_from_the_file() -> None:
    read = read_photo(photo(1, HALF_PAST_TWO), CITY)
    assert read.taken_at == datetime(2026, 8, 6, 6, 30, 5, tzinfo=UTC)
    assert distance_m(read.lon or 0, read.lat or 0, *BAY) < 1
    assert (read.media_type, read.width, read.height) == ("image/jpeg", 640, 480)


def test_a_zone_in_the_file_is_believed_before_the_citys() -> None:
    read = read_photo(photo(1, HALF_PAST_TWO, offset="-03:30"), CITY)
    assert read.taken_at == datetime(2026, 8, 6, 18, 0, 5, tzinfo=UTC)


def test_the_southern_and_western_halves_are_negative() -> None:
    read = read_photo(photo(1, place=(-43.2096, -22.9035)), CITY)
    assert (read.lon, read.lat) == (pytest.approx(-43.2096, abs=1e-5), pytest.approx(-22.9035, abs=1e-5))


def test_a_position_in_the_shifted_system_is_brought_back() -> None:
    shifted = tuple(float(part) for part in wgs84_to_gcj02(*BAY))
    read = read_photo(photo(1, place=(shifted[0], shifted[1]), datum="GCJ-02"), CITY)
    assert distance_m(read.lon or 0, read.lat or 0, *BAY) < 1


def test_nought_and_nought_is_no_position() -> None:
    read = read_photo(photo(1, place=(0.0, 0.0)), CITY)
    assert (read.lon, read.lat) == (None, None)


def test_a_file_without_notes_says_nothing() -> None:
    read = read_photo(jpeg(scene(1)), CITY)
    assert (read.taken_at, read.lon, read.lat, read.software) == (None, None, None, "")


@pytest.mark.parametrize("wrong", ["yesterday", "2026:13:45 99:00:00", ""])
def test_a_time_that_is_none_is_left_out(wrong: str) -> None:
    notes = exif()
    notes.get_ifd(0x8769)[0x9003] = wrong
    assert read_photo(jpeg(scene(1), notes), CITY).taken_at is None


def test_a_turned_photo_is_measured_and_shown_upright() -> None:
    read = read_photo(jpeg(scene(1), exif(orientation=6)), CITY)
    assert (read.width, read.height) == (480, 640)
    thumb = Image.open(io.BytesIO(read.thumb))
    assert thumb.size == (240, 320)


def test_a_thumbnail_carries_none_of_the_cameras_notes() -> None:
    thumb = Image.open(io.BytesIO(read_photo(photo(1, HALF_PAST_TWO), CITY).thumb))
    assert max(thumb.size) == 320
    assert dict(thumb.getexif()) == {}


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_png_and_webp_are_photos_too(form: str) -> None:
    read = read_photo(jpeg(scene(1), exif(HALF_PAST_TWO, BAY), form=form), CITY)
    assert read.media_type == f"image/{form.lower()}"
    assert read.taken_at == datetime(2026, 8, 6, 6, 30, 5, tzinfo=UTC)


def test_a_picture_saved_again_smaller_is_nearly_the_same_and_others_are_far() -> None:
    first = read_photo(photo(1), CITY).picture_hash
    again = read_photo(jpeg(scene(1).resize((400, 300)), quality=45), CITY).picture_hash
    other = read_photo(photo(2), CITY).picture_hash
    assert differing_bits(first or 0, again or 0) <= 4
    assert differing_bits(first or 0, other or 0) >= 16


def test_a_covered_lens_has_no_picture() -> None:
    assert read_photo(jpeg(Image.new("RGB", (640, 480), (9, 9, 9))), CITY).picture_hash is None


@pytest.mark.parametrize(
    ("media", "words"),
    [
        (b"", "没有收到"),
        (b"GIF89a" + bytes(60), "不是 JPEG"),
        (b"<html>no photo</html>", "不是 JPEG"),
        (photo(1)[:4000], "不完整"),
        (photo(1)[:300] + b"\x00" * 500, ""),
        (b"\xff\xd8" + bytes(LARGEST_BYTES), "超过 12 MB"),
    ],
    ids=["nothing", "gif", "page", "cut off", "garbled", "large"],
)
def test_what_is_no_whole_photo_is_refused_with_the_fix(media: bytes, words: str) -> None:
    with pytest.raises(PhotoWrong) as refused:
        read_photo(media, CITY)
    assert words in str(refused.value)


def test_a_tiny_file_that_would_unfold_into_a_giant_is_refused_before_it_does() -> None:
    bomb = io.BytesIO()
    Image.new("1", (8_000, 8_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 100_000
    with pytest.raises(PhotoWrong, match="百万像素"):
        read_photo(bomb.getvalue(), CITY)


def test_more_pixels_than_allowed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_files, "MOST_PIXELS", 640 * 480 - 1)
    with pytest.raises(PhotoWrong, match="百万像素"):
        read_photo(photo(1), CITY)
