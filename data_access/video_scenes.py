"""Named scenes of the camera wall: shared, and never overwritten unseen.

All functions block (a database): async callers use `asyncio.to_thread`. Every change names the revision it was made
from; a scene that somebody else saved meanwhile is refused with that newer scene.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from data_access.engine import writing
from data_access.video_scenes_schema import video_scenes
from domain.journal import milliseconds, moment
from domain.video_scene import Arrangement, Layout, Tour, TourStop, VideoScene

DELETED_FOR = timedelta(days=1)
"""How long a deletion can be taken back."""


class SceneUnknown(LookupError):
    """There is no such scene."""


class SceneChanged(ValueError):
    """Somebody else saved the scene meanwhile; `scene` is theirs."""

    def __init__(self, scene: VideoScene) -> None:
        super().__init__(f"scene {scene.id} is at revision {scene.revision}")
        self.scene = scene


class NameTaken(ValueError):
    """Another scene bears the name; `scene` is that one."""

    def __init__(self, scene: VideoScene) -> None:
        super().__init__(f"scene {scene.id} bears the name already")
        self.scene = scene


class VideoScenes:
    """The scenes of one hall."""

    def __init__(self, engine: Engine, *, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def all(self) -> list[VideoScene]:
        """Every scene, by name."""
        asked = select(video_scenes).where(~video_scenes.c.deleted).order_by(video_scenes.c.name, video_scenes.c.id)
        with self._engine.connect() as connection:
            return [_scene(row) for row in connection.execute(asked)]

    def add(self, name: str, arrangement: Arrangement, *, by: str) -> VideoScene:
        """A new scene.

        Raises:
            NameTaken: another scene bears the name.
        """
        with writing(self._engine) as connection:
            self._check_name(connection, name, None)
            made = insert(video_scenes).values(**self._columns(name, arrangement, by), revision=1)
            key = connection.execute(made).inserted_primary_key
            return self._known(connection, key[0] if key else 0)

    def save(self, scene_id: int, name: str, arrangement: Arrangement, *, revision: int, by: str) -> VideoScene:
        """The scene with another content or name; saving a deleted one takes the deletion back.

        Raises:
            SceneUnknown: no such scene.
            SceneChanged: `revision` is no longer the newest.
            NameTaken: another scene bears the name.
        """
        with writing(self._engine) as connection:
            self._check_revision(connection, scene_id, revision)
            self._check_name(connection, name, scene_id)
            return self._change(connection, scene_id, revision, self._columns(name, arrangement, by))

    def delete(self, scene_id: int, *, revision: int, by: str) -> VideoScene:
        """Take the scene off the list; what was deleted a day ago is gone for good.

        Raises:
            SceneUnknown: no such scene.
            SceneChanged: `revision` is no longer the newest.
        """
        old = milliseconds(self._now() - DELETED_FOR)
        gone = delete(video_scenes).where(video_scenes.c.deleted, video_scenes.c.saved_at < old)
        with writing(self._engine) as connection:
            self._check_revision(connection, scene_id, revision)
            connection.execute(gone)
            marks = {"deleted": True, "saved_by": by, "saved_at": milliseconds(self._now())}
            return self._change(connection, scene_id, revision, marks)

    def _columns(self, name: str, arrangement: Arrangement, by: str) -> dict[str, Any]:
        return {
            "name": name,
            "arrangement": orjson.dumps(arrangement_to_json(arrangement)).decode(),
            "saved_by": by,
            "saved_at": milliseconds(self._now()),
            "deleted": False,
        }

    def _change(self, connection: Connection, scene_id: int, revision: int, values: dict[str, Any]) -> VideoScene:
        """The write itself; on a database with several writers the revision decides once more."""
        mine = (video_scenes.c.id == scene_id) & (video_scenes.c.revision == revision)
        done = connection.execute(update(video_scenes).where(mine).values(revision=revision + 1, **values))
        now = self._known(connection, scene_id)
        if not done.rowcount:
            raise SceneChanged(now)
        return now

    def _check_revision(self, connection: Connection, scene_id: int, revision: int) -> None:
        known = self._known(connection, scene_id)
        if known.revision != revision:
            raise SceneChanged(known)

    @staticmethod
    def _check_name(connection: Connection, name: str, own: int | None) -> None:
        """Two who save the same new name in the same instant on PostgreSQL both get it: each keeps its own scene."""
        same = select(video_scenes).where(video_scenes.c.name == name, ~video_scenes.c.deleted)
        for row in connection.execute(same):
            if row.id != own:
                raise NameTaken(_scene(row))

    @staticmethod
    def _known(connection: Connection, scene_id: int) -> VideoScene:
        row = connection.execute(select(video_scenes).where(video_scenes.c.id == scene_id)).first()
        if row is None:
            raise SceneUnknown(f"there is no scene {scene_id}")
        return _scene(row)


def _scene(row: Row[Any]) -> VideoScene:
    return VideoScene(
        id=row.id,
        name=row.name,
        arrangement=arrangement_from_json(orjson.loads(row.arrangement)),
        revision=row.revision,
        saved_by=row.saved_by,
        saved_at=moment(row.saved_at),
    )


def arrangement_to_json(arrangement: Arrangement) -> dict[str, Any]:
    """An arrangement as it is stored and as the API carries it."""
    return {
        "layout": arrangement.layout.value,
        "cameras": list(arrangement.cameras),
        "presets": {str(place): token for place, token in arrangement.presets.items()},
        "tours": [_tour_to_json(tour) for tour in arrangement.tours],
    }


def _tour_to_json(tour: Tour) -> dict[str, Any]:
    return {
        "place": tour.place,
        "stops": [{"camera": stop.camera, "preset": stop.preset} for stop in tour.stops],
        "dwell_seconds": tour.dwell_seconds,
        "shuffled": tour.shuffled,
    }


def arrangement_from_json(body: dict[str, Any]) -> Arrangement:
    """The arrangement that JSON of ours carried."""
    return Arrangement(
        layout=Layout(body["layout"]),
        cameras=tuple(body["cameras"]),
        presets={int(place): token for place, token in body["presets"].items()},
        tours=tuple(_tour_from_json(tour) for tour in body["tours"]),
    )


def _tour_from_json(tour: dict[str, Any]) -> Tour:
    return Tour(
        place=tour["place"],
        stops=tuple(TourStop(stop["camera"], stop["preset"]) for stop in tour["stops"]),
        dwell_seconds=tour["dwell_seconds"],
        shuffled=tour["shuffled"],
    )
