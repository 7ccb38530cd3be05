"""Real JPEGs with what a phone's camera writes into them, made by the picture library for tests."""

from __future__ import annotations

import io
from datetime import datetime

import numpy as np
from PIL import ExifTags, Image, ImageFilter

BAY = (120.3826, 36.0671)
"""A place by the sea; longitude first."""


def scene(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A picture of its own for each seed, with light, shade and edges like a street's."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)
    grain = Image.fromarray(rng.integers(0, 256, (60, 80, 3), dtype=np.uint8)).resize(size)
    return Image.blend(coarse, grain, 0.15).filter(ImageFilter.GaussianBlur(1))


def exif(
    taken_at: datetime | None = None,
    place: tuple[float, float] | None = None,
    *,
    offset: str | None = None,
    software: str = "",
    orientation: int = 0,
    datum: str = "",
) -> Image.Exif:
    """A camera's notes. `taken_at` is written as it stands, with `offset` (like "+08:00") beside it if given."""
    made = Image.Exif()
    made[ExifTags.Base.Make] = "a phone"
    if software:
        made[ExifTags.Base.Software] = software
    if orientation:
        made[ExifTags.Base.Orientation] = orientation
    taking = made.get_ifd(ExifTags.IFD.Exif)
    if taken_at is not None:
        taking[ExifTags.Base.DateTimeOriginal] = f"{taken_at:%Y:%m:%d %H:%M:%S}"
    if offset is not None:
        taking[ExifTags.Base.OffsetTimeOriginal] = offset
    if place is not None:
        made.get_ifd(ExifTags.IFD.GPSInfo).update(_gps(place, datum))
    return made


def _gps(place: tuple[float, float], datum: str) -> dict[int, object]:
    lon, lat = place
    told = {
        ExifTags.GPS.GPSLatitudeRef: "N" if lat >= 0 else "S",
        ExifTags.GPS.GPSLatitude: _parts(abs(lat)),
        ExifTags.GPS.GPSLongitudeRef: "E" if lon >= 0 else "W",
        ExifTags.GPS.GPSLongitude: _parts(abs(lon)),
    }
    return told | ({ExifTags.GPS.GPSMapDatum: datum} if datum else {})


def _parts(degrees: float) -> tuple[float, float, float]:
    minutes = degrees % 1 * 60
    return (float(int(degrees)), float(int(minutes)), round(minutes % 1 * 60, 4))


def jpeg(image: Image.Image, notes: Image.Exif | None = None, *, quality: int = 88, form: str = "JPEG") -> bytes:
    """The file as a phone sends it."""
    out = io.BytesIO()
    image.save(out, form, quality=quality, exif=Image.Exif() if notes is None else notes)
    return out.getvalue()


def photo(
    seed: int = 1, taken_at: datetime | None = None, place: tuple[float, float] | None = BAY, **more: object
) -> bytes:
    """A photo of scene `seed`, at the bay unless said otherwise."""
    return jpeg(scene(seed), exif(taken_at, place, **more))
