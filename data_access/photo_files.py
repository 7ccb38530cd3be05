"""Reading a photo's file: is it a whole picture, when and where was it taken, what does it look like. Blocking, pure.

The bytes come from anybody's phone, so nothing about them is believed: only three formats are opened, the size is
looked at before anything is decoded, and a file that breaks the decoder is refused in words.
"""

from __future__ import annotations

import io
import math
import struct
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

import imagehash
from PIL import ExifTags, Image, ImageOps, ImageStat

from domain.geo import gcj02_to_wgs84
from domain.words import text

LARGEST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 52_000_000
"""A phone's 50-megapixel mode; decoded for its hash and thumbnail at an eighth where the format can."""

THUMB_PX = 320
_LOOKED_AT_PX = 1024
_THUMB_QUALITY = 80
_LEAST_CONTRAST = 4.0
"""Standard deviation of grey levels below which there is nothing to see: lens covered, one colour."""

MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError, struct.error)
"""What Pillow raises on files that are not what they say."""


class PhotoWrong(ValueError):
    """Bytes that are no photo we can keep; the message (a text to translate) says what to do, with `values` in it."""

    def __init__(self, message: str, **values: str) -> None:
        super().__init__(message.format(**values))
        self.text, self.values = message, values


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFile:
    """What a file says and looks like. `picture_hash` is None for a picture without content."""

    media_type: str
    width: int
    height: int
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    software: str
    picture_hash: int | None
    thumb: bytes


def read_photo(media: bytes, zone: tzinfo) -> PhotoFile:
    """Everything a photo's file tells; times without a zone are the city's.

    Raises:
        PhotoWrong: it cannot be kept; the text says why and what to do.
    """
    if len(media) > LARGEST_BYTES:
        raise too_large()
    if not media:
        raise PhotoWrong(text("没有收到照片内容：请重新拍照上传。"))
    image = _opened(media)
    try:
        size = _upright_size(image)
        told = _told(image)
        looked_at = _decoded(image)
    except _BOMBS:
        raise _too_many_pixels() from None
    except (*_BROKEN, MemoryError):
        raise PhotoWrong(text("照片文件已损坏或不完整：请重新拍照上传，不要中途断开。")) from None
    lon, lat = _position(told.gps)
    return PhotoFile(
        media_type=MEDIA_TYPES[str(image.format)],
        width=size[0],
        height=size[1],
        taken_at=_taken_at(told, zone),
        lon=lon,
        lat=lat,
        software=_words(told.main.get(ExifTags.Base.Software)) or _words(told.main.get(_PROCESSING)),
        picture_hash=_picture_hash(looked_at),
        thumb=_thumb(looked_at),
    )


def _opened(media: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(media), formats=tuple(MEDIA_TYPES))
    except _BOMBS:
        raise _too_many_pixels() from None
    except _BROKEN:
        raise PhotoWrong(text("这不是 JPEG、PNG 或 WebP 照片：请用相机直接拍照，或另存为 JPEG。")) from None
    if image.width * image.height > MOST_PIXELS:
        raise _too_many_pixels()
    return image


def too_large() -> PhotoWrong:
    """The refusal of a file of more than `LARGEST_BYTES`."""
    most = str(LARGEST_BYTES // 1024 // 1024)
    return PhotoWrong(text("照片超过 {most} MB：请调低相机分辨率后重拍。"), most=most)


def _too_many_pixels() -> PhotoWrong:
    most = str(MOST_PIXELS // 1_000_000)
    return PhotoWrong(text("照片超过 {most} 百万像素：请调低相机分辨率后重拍。"), most=most)


def _decoded(image: Image.Image) -> Image.Image:
    """The picture upright and small. The whole file is read, so that a broken one is found here."""
    image.draft("RGB", (_LOOKED_AT_PX, _LOOKED_AT_PX))  # JPEG: decoded at a fraction, a tenth of the time and memory
    image.load()
    small = image.convert("RGB")
    small.thumbnail((_LOOKED_AT_PX, _LOOKED_AT_PX))
    return ImageOps.exif_transpose(small)


def _thumb(image: Image.Image) -> bytes:
    small = image.copy()
    small.thumbnail((THUMB_PX, THUMB_PX))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=_THUMB_QUALITY)  # written anew: without the file's own notes
    return out.getvalue()


def _picture_hash(image: Image.Image) -> int | None:
    """A perceptual hash of 64 bits: the same for a picture made smaller or saved again, give or take a few."""
    if ImageStat.Stat(image.convert("L")).stddev[0] < _LEAST_CONTRAST:
        return None
    return int(str(imagehash.phash(image)), 16)


# ── what the camera wrote ────────────────────────────────────────────────────────────────────────

_PROCESSING = 11
_SIDEWAYS = frozenset({5, 6, 7, 8})
_GCJ = "GCJ"


@dataclass(frozen=True, slots=True)
class _Told:
    """The file's EXIF tags: of the picture, of the taking, of the place."""

    main: Mapping[int, Any]
    taking: Mapping[int, Any]
    gps: Mapping[int, Any]


def _told(image: Image.Image) -> _Told:
    """Tags that cannot be read say nothing; the picture itself may be whole all the same."""
    try:
        exif = image.getexif()
        return _Told(dict(exif), exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo))
    except _BROKEN:
        return _Told({}, {}, {})


def _upright_size(image: Image.Image) -> tuple[int, int]:
    sideways = _told(image).main.get(ExifTags.Base.Orientation) in _SIDEWAYS
    return (image.height, image.width) if sideways else (image.width, image.height)


def _words(value: Any) -> str:
    """A tag's text; other kinds of value, and what no database takes, are left out."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "ignore")
    return "".join(sign for sign in value if sign.isprintable()).strip()[:120] if isinstance(value, str) else ""


def _taken_at(told: _Told, zone: tzinfo) -> datetime | None:
    """When it was taken by the camera's clock, else by the satellites', else unknown."""
    base = ExifTags.Base
    taking = told.taking
    for when, offset in (
        (base.DateTimeOriginal, base.OffsetTimeOriginal),
        (base.DateTimeDigitized, base.OffsetTimeDigitized),
    ):
        if (found := _moment(_words(taking.get(when)), _offset(_words(taking.get(offset))) or zone)) is not None:
            return found
    return _satellite_time(told.gps)


def _moment(words: str, zone: tzinfo) -> datetime | None:
    try:
        return datetime.strptime(words[:19], "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _offset(words: str) -> tzinfo | None:
    try:
        sign, hours, minutes = words[0], int(words[1:3]), int(words[4:6])
        span = timedelta(hours=hours, minutes=minutes)
        return timezone(-span if sign == "-" else span) if sign in "+-" else None
    except (ValueError, IndexError):
        return None


def _satellite_time(gps: Mapping[int, Any]) -> datetime | None:
    day, clock = _words(gps.get(ExifTags.GPS.GPSDateStamp)), gps.get(ExifTags.GPS.GPSTimeStamp)
    try:
        hour, minute, second = (int(_number(part)) for part in clock or ())
    except (ValueError, TypeError, OverflowError):
        return None
    return _moment(f"{day} {hour:02d}:{minute:02d}:{second:02d}", UTC)


def _position(gps: Mapping[int, Any]) -> tuple[float | None, float | None]:
    """Longitude and latitude in WGS-84; nothing where the file says nothing, nonsense, or exactly nought and nought."""
    tags = ExifTags.GPS
    lat = _degrees(gps.get(tags.GPSLatitude), _words(gps.get(tags.GPSLatitudeRef)), "S", 90)
    lon = _degrees(gps.get(tags.GPSLongitude), _words(gps.get(tags.GPSLongitudeRef)), "W", 180)
    if lon is None or lat is None or (lon == 0 and lat == 0):
        return None, None
    if (
        _GCJ in _words(gps.get(tags.GPSMapDatum)).upper()
    ):  # some phones' own cameras write the shifted system, and say so
        shifted_lon, shifted_lat = gcj02_to_wgs84(lon, lat)
        return float(shifted_lon), float(shifted_lat)
    return lon, lat


def _degrees(parts: Any, side: str, negative: str, most: float) -> float | None:
    try:
        degrees, minutes, seconds = (_number(part) for part in parts)
    except (ValueError, TypeError, OverflowError):
        return None
    found = (degrees + minutes / 60 + seconds / 3600) * (-1 if side.upper().startswith(negative) else 1)
    return found if abs(found) <= most else None


def _number(part: Any) -> float:
    """A rational as Pillow gives it. Zero denominators are no number.

    Raises:
        ValueError: it is none.
    """
    number = float(part)
    if not math.isfinite(number) or number < 0:
        raise ValueError("no number")
    return number
