"""Photos that the demo's people bring: of the place where the case is, at the time it is done. A few are not honest.

They go into the store of photos like everybody's, with the time and position a phone writes into them.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import cv2
from PIL import ExifTags, Image

from data_access.case_bulk import History
from data_access.photos import PhotoStore
from demo.luck import Luck
from demo.snapshots import snapshot, subject_of
from demo.town import Town
from domain.action import Action, Command
from domain.case import Case
from domain.geo import metres_per_degree
from domain.journal import Entry, milliseconds

NEWEST = 150
"""Open cases of the past that have real photos."""
_QUALITY = 62
_PHONE = ("demo", "demo phone")
_REMEMBERED = 60


class Flaw(StrEnum):
    """How a photo is not what it should be."""

    REUSED = "reused"
    FAR = "far"
    OLD = "old"


_FLAWS: Mapping[Flaw, float] = {Flaw.REUSED: 0.02, Flaw.FAR: 0.015, Flaw.OLD: 0.015}
"""Their shares: few enough to be looked into, enough to be found in a day."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One photo to be taken: which kind, where and when the case is, what is seen, by whom.

    `scene` names the street corner: the same one for all photos of a case.
    """

    mark: str
    scene: str
    kind: str
    lon: float
    lat: float
    class_code: str
    wrong: bool
    at: datetime
    by: str


class Pictures:
    """Takes and keeps the photos of the demo. Blocking."""

    def __init__(self, photos: PhotoStore, town: Town) -> None:
        self._photos = photos
        self._town = town
        self._kept: deque[tuple[str, str, str]] = deque(maxlen=_REMEMBERED)

    def taken(self, command: Command, case: Case | None) -> Command:
        """The same command with real photos in place of its made-up ones.

        Raises:
            StoreError: the database cannot be written.
        """
        marks = command.facts.get("photos")
        place = command.facts if case is None else {"lon": case.lon, "lat": case.lat, "class_code": case.class_code}
        if not isinstance(marks, list) or place.get("lon") is None:
            return command
        began = command.at if case is None else case.reported_at
        kept = [self._keep(_shot(mark, command, place, began)) for mark in marks]
        return replace(command, facts={**command.facts, "photos": kept})

    def of_the_newest(self, histories: Sequence[History]) -> list[History]:
        """The same histories, the newest open cases of them with real photos.

        Raises:
            StoreError: the database cannot be written.
        """
        found = list(histories)
        fitting = [n for n, (case, _) in enumerate(found) if not case.is_final and case.photos and case.lon]
        for index in sorted(fitting, key=lambda n: found[n][0].reported_at)[-NEWEST:]:
            found[index] = self._developed(*found[index])
        return found

    def _developed(self, case: Case, entries: Sequence[Entry]) -> History:
        real: dict[str, str] = {}
        after = []
        for entry in entries:
            marks = entry.changes.get("photos")
            if marks is not None:
                real |= {mark: self._keep(_shot_of(mark, case, entry)) for mark in marks if mark not in real}
                entry = replace(entry, changes={**entry.changes, "photos": [real[mark] for mark in marks]})
            after.append(entry)
        return replace(case, photos=tuple(real.get(mark, mark) for mark in case.photos)), after

    def _keep(self, shot: Shot) -> str:
        luck = Luck(self._town.seed, shot.mark)
        flaw = _flaw(luck.share("flaw"))
        others = [mark for kind, scene, mark in self._kept if kind == shot.kind and scene != shot.scene]
        if flaw is Flaw.REUSED and others:
            return luck.one_of("which", others)
        photo = self._photos.keep(self._jpeg(shot, luck, flaw), kind=shot.kind, by=shot.by, at=shot.at)
        mark = f"{shot.kind}:{photo.sha256}"
        self._kept.append((shot.kind, shot.scene, mark))
        return mark

    def _jpeg(self, shot: Shot, luck: Luck, flaw: Flaw | None) -> bytes:
        known = self._town.classes.get(shot.class_code)
        subject = subject_of(known.name_zh if known else "")
        look = int(luck.share("look") * 1_000_000)
        picture = snapshot(shot.scene, subject, wrong=shot.wrong, look=look)
        minutes = 26 * 60.0 if flaw is Flaw.OLD else luck.between("minutes", 1, 7)
        lon, lat = _stood(shot, luck, 2_000.0 if flaw is Flaw.FAR else luck.between("metres", 1, 9))
        image = Image.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
        out = io.BytesIO()
        told = _exif(shot.at - timedelta(minutes=minutes), self._town.zone, lon, lat)
        image.save(out, "JPEG", quality=_QUALITY, exif=told)
        return out.getvalue()


def _shot(mark: str, command: Command, place: Mapping[str, object], began: datetime) -> Shot:
    kind = mark.partition(":")[0]
    lon, lat = float(str(place["lon"])), float(str(place["lat"]))
    return Shot(
        mark=mark,
        scene=_scene(lon, lat, began),
        kind=kind,
        lon=lon,
        lat=lat,
        class_code=str(place.get("class_code") or ""),
        wrong=kind != "after" and command.facts.get("result") != "false",
        at=command.at,
        by=command.actor.name,
    )


def _scene(lon: float, lat: float, began: datetime) -> str:
    return f"{lon:.5f} {lat:.5f} {milliseconds(began)}"


def _shot_of(mark: str, case: Case, entry: Entry) -> Shot:
    kind = mark.partition(":")[0]
    return Shot(
        mark=mark,
        scene=_scene(case.lon or 0.0, case.lat or 0.0, case.reported_at),
        kind=kind,
        lon=case.lon or 0.0,
        lat=case.lat or 0.0,
        class_code=case.class_code,
        wrong=kind != "after" and entry.action is not Action.PASS_CHECK,
        at=entry.at,
        by=entry.actor,
    )


def _flaw(share: float) -> Flaw | None:
    for flaw, part in _FLAWS.items():
        if share < part:
            return flaw
        share -= part
    return None


def _stood(shot: Shot, luck: Luck, metres: float) -> tuple[float, float]:
    """Where the phone says it was."""
    east, north = metres_per_degree(shot.lat)
    along = luck.between("along", -1, 1)
    across = (1 - along * along) ** 0.5
    return shot.lon + metres * along / east, shot.lat + metres * across / north


def _exif(at: datetime, zone: ZoneInfo, lon: float, lat: float) -> Image.Exif:
    local = at.astimezone(zone)
    told = Image.Exif()
    told[ExifTags.Base.Make], told[ExifTags.Base.Model] = _PHONE
    taking = told.get_ifd(ExifTags.IFD.Exif)
    taking[ExifTags.Base.DateTimeOriginal] = f"{local:%Y:%m:%d %H:%M:%S}"
    taking[ExifTags.Base.OffsetTimeOriginal] = f"{local:%z}"[:3] + ":" + f"{local:%z}"[3:]
    place = told.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N" if lat >= 0 else "S", _dms(abs(lat))
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E" if lon >= 0 else "W", _dms(abs(lon))
    return told


def _dms(degrees: float) -> tuple[float, float, float]:
    whole = int(degrees)
    minutes = int((degrees - whole) * 60)
    return float(whole), float(minutes), round(((degrees - whole) * 60 - minutes) * 60, 3)
