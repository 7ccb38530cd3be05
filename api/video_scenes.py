"""`/api/v1/video/scenes`: the camera wall's named scenes, shared by all supervisors and never overwritten unseen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.identity import current_identity
from data_access.video_scenes import NameTaken, SceneChanged, SceneUnknown, arrangement_to_json
from domain.journal import milliseconds
from domain.video_scene import (
    DWELL_SECONDS,
    LONGEST_DWELL_SECONDS,
    MOST_PLACES,
    MOST_STOPS,
    SHORTEST_DWELL_SECONDS,
    Arrangement,
    Layout,
    Tour,
    TourStop,
    VideoScene,
)
from runtime.i18n import t

Place = Annotated[int, Field(ge=1, le=MOST_PLACES)]
Number = Annotated[int, Field(ge=0, le=65_535, description="A camera's wire number; 0 is none.")]
Token = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Scenes(Protocol):
    """What answers: `data_access.video_scenes.VideoScenes`. Blocking."""

    def all(self) -> list[VideoScene]: ...

    def add(self, name: str, arrangement: Arrangement, *, by: str) -> VideoScene: ...

    def save(self, scene_id: int, name: str, arrangement: Arrangement, *, revision: int, by: str) -> VideoScene: ...

    def delete(self, scene_id: int, *, revision: int, by: str) -> VideoScene: ...


class StopBody(BaseModel):
    """One stop of a tour."""

    model_config = ConfigDict(extra="forbid")

    camera: Annotated[int, Field(ge=1, le=65_535)]
    preset: Token | None = None


class TourBody(BaseModel):
    """A tour of one place, or of all places (`place` null)."""

    model_config = ConfigDict(extra="forbid")

    place: Place | None = None
    stops: Annotated[list[StopBody], Field(min_length=1, max_length=MOST_STOPS)]
    dwell_seconds: Annotated[int, Field(ge=SHORTEST_DWELL_SECONDS, le=LONGEST_DWELL_SECONDS)] = DWELL_SECONDS
    shuffled: bool = False


class SceneBody(BaseModel):
    """What is saved. `revision`: the one it was made from; absent for a new scene."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    layout: Layout
    cameras: Annotated[list[Number], Field(max_length=MOST_PLACES)]
    presets: dict[Place, Token] = {}
    tours: Annotated[list[TourBody], Field(max_length=MOST_PLACES + 1)] = []
    revision: Annotated[int, Field(ge=1)] | None = None

    def arrangement(self) -> Arrangement:
        tours = tuple(
            Tour(
                place=tour.place,
                stops=tuple(TourStop(stop.camera, stop.preset) for stop in tour.stops),
                dwell_seconds=tour.dwell_seconds,
                shuffled=tour.shuffled,
            )
            for tour in self.tours
        )
        return Arrangement(layout=self.layout, cameras=tuple(self.cameras), presets=self.presets, tours=tours)


def video_scenes_router(scenes: Scenes) -> APIRouter:
    """The routes. Their endpoints are plain functions: the framework runs them in threads."""
    router = APIRouter(tags=["video"], prefix="/api/v1/video/scenes")

    @router.get("", summary="All named scenes of the camera wall")
    def show() -> dict[str, Any]:
        return {"scenes": [scene_json(scene) for scene in scenes.all()]}

    @router.post("", status_code=201, summary="Save what is on screen as a new scene")
    def add(body: SceneBody) -> Any:
        return _answer(lambda: scenes.add(body.name, body.arrangement(), by=_who()))

    @router.put("/{scene_id}", summary="Save a scene anew, rename it, or bring back a deleted one")
    def save(scene_id: int, body: SceneBody) -> Any:
        revision = body.revision or 0
        return _answer(lambda: scenes.save(scene_id, body.name, body.arrangement(), revision=revision, by=_who()))

    @router.delete("/{scene_id}", summary="Delete a scene; saving it again within a day brings it back")
    def delete(scene_id: int, revision: Annotated[int, Query(ge=1)]) -> Any:
        return _answer(lambda: scenes.delete(scene_id, revision=revision, by=_who()))

    return router


def scene_json(scene: VideoScene) -> dict[str, Any]:
    """One scene, its arrangement spread out."""
    return {
        "id": scene.id,
        "name": scene.name,
        "revision": scene.revision,
        "saved_by": scene.saved_by,
        "saved_at": milliseconds(scene.saved_at),
        **arrangement_to_json(scene.arrangement),
    }


def _who() -> str:
    identity = current_identity()
    if identity is None:
        raise HTTPException(401, "no session")
    return identity.display_name


def _answer(act: Callable[[], VideoScene]) -> Any:
    """The scene as it is now; or who was first, so that the page can say so."""
    try:
        return scene_json(act())
    except SceneUnknown as error:
        raise HTTPException(404, "no such scene") from error
    except SceneChanged as error:
        return _conflict("stale_revision", t("预案已被他人保存，请先看过再覆盖。"), error.scene)
    except NameTaken as error:
        return _conflict("name_taken", t("已有同名预案，请换一个名称。"), error.scene)


def _conflict(code: str, message: str, scene: VideoScene) -> JSONResponse:
    return JSONResponse({"error": code, "message": message, "scene": scene_json(scene)}, 409)
