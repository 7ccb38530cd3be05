"""The part of the web role that ties cases, cameras and the wall together: its routers, and what pages ask of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import redis.asyncio
from fastapi import APIRouter

from api.case_cameras import CaseCameras, Turn, case_cameras_router
from api.evidence import EvidenceDesk, evidence_router
from api.footage import Film, Footage, NoFootage, Shot
from api.identity import current_identity
from api.view_log import ViewLog
from api.wall_cameras import wall_cameras_router
from data_access.audit import AuditLog
from data_access.evidence import EvidenceStore
from data_access.hall import Hall
from data_access.live_board import LiveBoard
from data_access.redis_client import LINE_ERRORS
from data_access.wall_choice import WallChoices
from domain.board import OpenRow
from domain.camera import Camera, CameraStatus
from domain.sight import CaseSight
from domain.wall_places import WallPlaces, wall_places
from runtime.clock import Clock
from video import requests


@dataclass(slots=True, kw_only=True)
class CaseVideo:
    """Made once a web process. `choices.run` follows what is sent to the wall."""

    hall: Hall
    redis: redis.asyncio.Redis
    live: LiveBoard
    views: ViewLog
    audit: AuditLog
    clock: Clock
    cameras: Callable[[], Sequence[Camera]]
    statuses: Callable[[], Awaitable[Mapping[str, CameraStatus]]]
    turn: Turn
    preset: Callable[[Camera], Awaitable[str]]
    choices: WallChoices = field(init=False)
    finder: CaseCameras = field(init=False)
    _places: tuple[Sequence[Camera], WallPlaces] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.choices = WallChoices(self.redis, self.clock)
        self.finder = CaseCameras(case=self.hall.cases.get, cameras=self.cameras, statuses=self.statuses)

    def routers(self) -> tuple[APIRouter, ...]:
        """The routes between cases, cameras and the wall."""
        return (
            case_cameras_router(self.finder, self._open_cases, self.turn),
            wall_cameras_router(self.choices, self.cameras, self.audit),
            evidence_router(self._desk()),
        )

    def _desk(self) -> EvidenceDesk:
        return EvidenceDesk(
            store=EvidenceStore(self.hall.engine),
            cases=self.hall.cases,
            cameras=self.cameras,
            footage=Footage(picture=self._picture, clip=self._clip, preset=self.preset),
            audit=self.audit,
            viewed=self.views.note,
            now=self.clock.now,
        )

    async def _picture(self, number: int) -> Shot:
        with _no_footage():
            return await requests.picture(self.redis, number)

    async def _clip(self, number: int, from_ms: int, to_ms: int) -> Film:
        with _no_footage():
            return await requests.clip(self.redis, number, from_ms, to_ms)

    async def cameras_for_case(self, case_no: str) -> CaseSight | None:
        """The case's cameras for whoever asks."""
        return await self.finder.of(case_no, current_identity())

    def wall_places(self) -> WallPlaces:
        """What stands on the wall; worked out once a change, however many tabs are told."""
        cameras, choice = self.cameras(), self.choices.current
        if self._places is None or self._places[0] is not cameras or self._places[1].choice != choice:
            self._places = (cameras, wall_places(cameras, choice))
        return self._places[1]

    def _open_cases(self) -> Iterable[OpenRow]:
        board = self.live.current
        return board.cases.values() if board else ()


@contextmanager
def _no_footage() -> Iterator[None]:
    """The video room's refusals and a lost Redis, as the routes know them."""
    try:
        yield
    except requests.NoAnswer as error:
        raise NoFootage(error.code) from error
    except LINE_ERRORS as error:
        raise NoFootage("redis") from error
