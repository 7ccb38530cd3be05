"""The store of photos: bytes as they came, sealed by their hash, never changed, never removed. Blocking.

Whoever brings the same bytes again gets the photo that is there: its first uploader and time stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Engine, Executable, Row, insert, select, union
from sqlalchemy.dialects import postgresql, sqlite

from data_access.engine import is_sqlite, reading, writing
from data_access.errors import StoreError
from data_access.photo_files import PhotoFile, read_photo
from data_access.photos_schema import BANDS, photo_uses, photos
from domain.action import Action
from domain.evidence import digest
from domain.journal import Entry, milliseconds, moment
from domain.photo import PICTURE_HASH_BITS, Photo, PhotoUse, added, differing_bits, is_sealed, split

_FACTS = [photos.c[field.name] for field in fields(Photo)]
"""Everything but the media: a list of photos never reads pictures."""

_BAND_BITS = PICTURE_HASH_BITS // BANDS
FOUND_BITS = 2 * BANDS - 1
"""Pictures differing by this many bits or fewer share a band but for one bit, and so are found for certain."""

MOST_ALIKE = 200
"""Candidates looked at in one search: a picture with more twins than this is not helped by the next one."""


class PhotoDamaged(StoreError):
    """The stored photo is not the one that was sealed."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Another stored photo whose picture is nearly the same, and by how many bits it differs."""

    photo: Photo
    bits: int


class PhotoStore:
    """Photos in the hall's database, and so in its backups. Thread-safe: every call takes a connection of its own.

    `zone` is the city's: cameras that write no zone mean local time.
    """

    def __init__(self, engine: Engine, zone: tzinfo) -> None:
        self._engine = engine
        self._zone = zone

    def keep(self, media: bytes, *, kind: str, by: str, at: datetime) -> Photo:
        """Store a photo as it came; the one that is there already where the very bytes are.

        Raises:
            PhotoWrong: it is no photo we can keep; the text says why and what to do.
            StoreError: the database cannot be written.
        """
        sha256 = digest(media)
        if (known := self.get(sha256)) is not None:
            return known
        read = read_photo(media, self._zone)
        values = _values(read, sha256=sha256, kind=kind, by=by, at=at) | {"size": len(media), "media": media}
        with writing(self._engine) as connection:
            connection.execute(_insert_new(connection), values)
        return self._must(sha256)

    def get(self, sha256: str) -> Photo | None:
        """What is known of a photo, without its media."""
        return next(iter(self.some([sha256]).values()), None)

    def some(self, marks: Iterable[str]) -> dict[str, Photo]:
        """What is known of these photos by their hash; unknown ones are left out."""
        asked = select(*_FACTS).where(photos.c.sha256.in_(sorted(set(marks))))
        with reading(self._engine) as connection:
            return {row.sha256: _photo(row) for row in connection.execute(asked)}

    def media(self, sha256: str) -> bytes | None:
        """The photo itself, held against its seal; None: there is no such photo.

        Raises:
            PhotoDamaged: it is not what was sealed.
        """
        asked = select(photos.c.media).where(photos.c.sha256 == sha256)
        with reading(self._engine) as connection:
            row = connection.execute(asked).first()
        if row is None:
            return None
        media = bytes(row.media)
        if (found := digest(media)) != sha256:
            raise PhotoDamaged(
                f"Photo {sha256} was changed behind the hall's back: its bytes are {found}. "
                "Keep the database as it is and take the photo from a backup."
            )
        return media

    def thumb(self, sha256: str) -> bytes | None:
        """Its small JPEG."""
        asked = select(photos.c.thumb).where(photos.c.sha256 == sha256)
        with reading(self._engine) as connection:
            row = connection.execute(asked).first()
        return None if row is None else bytes(row.thumb)

    def uses(self, marks: Iterable[str]) -> dict[str, list[PhotoUse]]:
        """Which entries brought these photos to which cases, oldest first."""
        asked = select(photo_uses).where(photo_uses.c.sha256.in_(sorted(set(marks)))).order_by(photo_uses.c.at)
        found: dict[str, list[PhotoUse]] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(asked):
                found.setdefault(row.sha256, []).append(_use(row))
        return found

    def alike(self, photo: Photo) -> list[Alike]:
        """Other photos whose picture is nearly this one, most alike first: all within `FOUND_BITS`, by index."""
        if photo.picture_hash is None:
            return []
        near = [
            select(photos.c.sha256).where(photos.c[f"band{number}"].in_(_neighbours(band))).limit(MOST_ALIKE)
            for number, band in enumerate(_bands(photo.picture_hash))
        ]
        asked = select(*_FACTS).where(photos.c.sha256.in_(union(*(select(one.subquery()) for one in near))))
        with reading(self._engine) as connection:
            others = [_photo(row) for row in connection.execute(asked)]
        found = [
            Alike(other, differing_bits(photo.picture_hash, other.picture_hash))
            for other in others
            if other.picture_hash is not None and other.sha256 != photo.sha256
        ]
        return sorted((one for one in found if one.bits <= FOUND_BITS), key=lambda one: (one.bits, one.photo.sha256))

    def _must(self, sha256: str) -> Photo:
        found = self.get(sha256)
        if found is None:
            raise StoreError(f"photo {sha256} was stored and is not there")
        return found


def note_photos(connection: Connection, entry: Entry, before: Sequence[str]) -> None:
    """Remember which sealed photos an entry brought, in its own transaction. `before`: those the case had."""
    if rows := use_rows(entry, before):
        connection.execute(insert(photo_uses), rows)


def use_rows(entry: Entry, before: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of an entry's new photos; marks of other systems are no photos of ours."""
    now = entry.changes.get("photos")
    if not now:
        return []
    brought = {split(reference) for reference in added(before, now)}
    return [
        {
            "sha256": mark,
            "case_no": entry.case_no,
            "version": entry.version,
            "kind": kind,
            "action": entry.action.value,
            "actor": entry.actor,
            "at": milliseconds(entry.at),
        }
        for kind, mark in sorted(brought)
        if is_sealed(mark)
    ]


def _bands(picture_hash: int) -> list[int]:
    mask = (1 << _BAND_BITS) - 1
    return [picture_hash >> (_BAND_BITS * number) & mask for number in range(BANDS)]


def _neighbours(band: int) -> list[int]:
    """The band itself and every band one bit away: of four bands, one differs that little while seven bits do."""
    return [band, *(band ^ 1 << bit for bit in range(_BAND_BITS))]


def _insert_new(connection: Connection) -> Executable:
    """Two who bring the same bytes at once: the second finds them there."""
    if is_sqlite(connection):
        return sqlite.insert(photos).on_conflict_do_nothing()
    return postgresql.insert(photos).on_conflict_do_nothing()


def _values(read: PhotoFile, *, sha256: str, kind: str, by: str, at: datetime) -> dict[str, Any]:
    whole = read.picture_hash
    bands = [None] * BANDS if whole is None else _bands(whole)
    return {
        "sha256": sha256,
        "media_type": read.media_type,
        "width": read.width,
        "height": read.height,
        "taken_at": None if read.taken_at is None else milliseconds(read.taken_at),
        "lon": read.lon,
        "lat": read.lat,
        "picture_hash": None if whole is None else f"{whole:016x}",
        "software": read.software,
        "kind": kind,
        "uploaded_by": by,
        "uploaded_at": milliseconds(at),
        "thumb": read.thumb,
    } | {f"band{number}": band for number, band in enumerate(bands)}


def _photo(row: Row[*tuple[Any, ...]]) -> Photo:
    values = dict(row._mapping)
    times = {name: None if values[name] is None else moment(values[name]) for name in ("taken_at", "uploaded_at")}
    whole = values["picture_hash"]
    return Photo(**(values | times | {"picture_hash": None if whole is None else int(whole, 16)}))


def _use(row: Row[*tuple[Any, ...]]) -> PhotoUse:
    values = dict(row._mapping)
    return PhotoUse(**(values | {"action": Action(values["action"]), "at": moment(values["at"])}))
