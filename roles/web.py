"""The web role: HTTP for machines, pages for people, the live feed and the tiles, behind one guard."""

from __future__ import annotations

import asyncio
import gzip
import inspect
from argparse import Namespace
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import uvicorn
from dash import Dash, page_registry
from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from api import dash_guard
from api.accounts_routes import Door
from api.assembly import ApiParts, build_api, guarded_app
from api.board import PreparedBoard
from api.camera_catalogue import camera_catalogue_router
from api.city_map import city_map_routers
from api.csrf import Csrf
from api.health import hall_checks
from api.identity import current_identity
from api.login_page import DemoHint
from api.metrics import Metrics, Readings
from api.origin import from_our_page
from api.ptz import TurnLog, preset_caller, ptz_router
from api.replay import ReplayParts, replay_router
from api.secret_key import SecretKeyError, load_secret_key
from api.sessions import Sessions
from api.video_scenes import video_scenes_router
from api.view_log import ViewLog
from data_access.accounts import AccountStore
from data_access.audit import AuditLog
from data_access.camera_catalogue import CameraCatalogue
from data_access.errors import StoreError
from data_access.figures import FigureService
from data_access.hall import Hall, database_url, open_hall, open_history, redis_url
from data_access.lamp_watch import LampWatch
from data_access.live_alarms import LiveAlarms
from data_access.live_board import LiveBoard
from data_access.login_throttle import LoginThrottle
from data_access.past_wall import PastReader
from data_access.redis_client import open_redis
from data_access.relay import waker
from data_access.sources import Sources
from data_access.video_scenes import VideoScenes
from domain.camera import Camera
from domain.evaluation.scheme import SchemeError
from domain.roles import Permission
from domain.wall_view import wall_view
from domain.worktime import CalendarError
from pages import _live
from pages._feed import Feed
from pages._services import Services
from pages._shell import INDEX, shell
from roles.alarms import alarm_routers, called
from roles.camera_health import health_router
from roles.camera_list import CameraList
from roles.camera_trials import CameraTrials
from roles.case_desk import case_desk_routers
from roles.case_video import CaseVideo
from roles.evaluation import evaluation_routers
from runtime import i18n
from runtime.clock import SystemClock
from runtime.settings import Settings
from video.hub import TileHub
from video.ptz import PtzDesk
from video.tiles_socket import Access, tiles_router

HOUSE = Path(__file__).resolve().parents[1]
TROUBLE = (StoreError, SecretKeyError, CalendarError, SchemeError)


def run(settings: Settings, _arguments: Namespace) -> int:
    """Serve until told to stop; the server itself hears SIGTERM."""
    hall = open_hall(database_url(settings), on_commit=waker(redis_url(settings)))
    config = uvicorn.Config(
        Web(settings, hall).app(),
        host=settings.host,
        port=settings.port,
        log_config=None,
        ws_per_message_deflate=False,  # pictures gain nothing from it, and figures are small
        access_log=False,  # it would write down the tokens of device links
        timeout_graceful_shutdown=2,
        server_header=False,
    )
    uvicorn.Server(config).run()
    return 0


class Web:
    """One web process: HTTP for machines, pages for people, the live feed and the tiles, behind one guard."""

    def __init__(self, settings: Settings, hall: Hall) -> None:
        self.settings, self.hall, self.clock = settings, hall, SystemClock()
        url = redis_url(settings)
        self.redis = open_redis(url)
        self.history = open_history(settings, hall.engine)
        self.figures = FigureService(hall.cases, self.history)
        self.camera_list = CameraList(hall)
        self.live = LiveBoard(self.redis, clock=self.clock)
        self.lamps = LampWatch(Sources(self.redis, self.clock), self.clock)
        self.names = hall.names()
        self.feed = Feed(self.live, lambda board: wall_view(board, self.names))
        self.alarms = LiveAlarms(self.redis, called(self.names), self.clock, told=self.feed.wake)
        self.prepared: PreparedBoard | None = None
        self.hub = TileHub(url, self.camera_list.numbers, clock=self.clock)
        self.door = self._door()
        self.views = ViewLog(self.door.audit, now=self.clock.now)
        desk = PtzDesk(self.redis, now=self.clock.now)
        self.turning = (desk, lambda: self.cameras, TurnLog(self.views, self.clock.now))
        self.case_video = CaseVideo(
            hall=hall,
            redis=self.redis,
            live=self.live,
            views=self.views,
            audit=self.door.audit,
            clock=self.clock,
            cameras=lambda: self.cameras,
            statuses=self._statuses,
            turn=preset_caller(*self.turning),
            preset=desk.view,
        )
        self.parts = self._parts()

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """All of the city, as they are now."""
        return self.camera_list.current

    def app(self) -> ASGIApp:
        """The guarded application."""
        api = build_api(self.parts, version=version("citywall"), lifespan=self._lifespan)
        api.state.services = self._services()
        self.dash = build_dash(api, self.settings.allowed_origins)
        return guarded_app(
            api,
            self.parts,
            monotonic=self.clock.monotonic,
            allowed_origins=self.settings.allowed_origins,
            inline_scripts=self.dash.csp_hashes,
        )

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        stop = asyncio.Event()
        for prepare in self.dash.backend._before_request_funcs:  # else the first page comes without its router's script
            await prepare() if inspect.iscoroutinefunction(prepare) else prepare()
        async with asyncio.TaskGroup() as group:
            for part in (
                *(self.lamps, self.live, self.feed, self.alarms, self.hub, self.views),
                *(self.case_video.choices, self.camera_list),
            ):
                group.create_task(part.run(stop))
            yield
            stop.set()
        await self.redis.aclose()

    def _door(self) -> Door:
        key = load_secret_key(self.settings.data_dir)
        accounts = AccountStore(self.hall.engine, now=self.clock.now)
        hours, monotonic = self.settings.session_hours, self.clock.monotonic
        return Door(
            accounts=accounts,
            sessions=Sessions(key, accounts, session_hours=hours, now=self.clock.now, monotonic=monotonic),
            throttle=LoginThrottle(self.redis),
            audit=AuditLog(self.hall.engine, now=self.clock.now),
            csrf=Csrf(key, now=self.clock.now),
            demo=DemoHint([(a.name, a.role) for a in accounts.all()]) if self.settings.demo else None,
        )

    def _parts(self) -> ApiParts:
        return ApiParts(
            now=self.clock.now,
            zone=self.hall.city.zone,
            door=self.door,
            redis=self.redis,
            figures=self.figures,
            cases=self.hall.cases,
            names=self.hall.called,
            prepared_board=self._prepared_board,
            own_board=self._own_board,
            cameras=lambda: self.cameras,
            camera_statuses=self._statuses,
            checks=hall_checks(self.redis, self.hall.cases.last_entry_id, lambda: self.live.current),
            metrics=Metrics(),
            readings=self._readings,
            routers=(
                tiles_router(self.hub, self.camera_list.by_number, self._access(), clock=self.clock),
                video_scenes_router(VideoScenes(self.hall.engine, now=self.clock.now)),
                *self.case_video.routers(),
                *self._alarm_routers(),
                *self._evaluation_routers(),
                *case_desk_routers(self.hall, self.redis, self.clock, lambda: self.live.current),
                camera_catalogue_router(CameraCatalogue(self.hall.engine), CameraTrials().look, self.views),
                ptz_router(*self.turning),
                replay_router(self._replay()),
                health_router(
                    self.hall,
                    self.redis,
                    cameras=lambda: self.cameras,
                    statuses=self.hub.statuses,
                    clock=self.clock,
                ),
                *city_map_routers(self.hall.engine, self.settings.data_dir, monotonic=self.clock.monotonic),
            ),
        )

    def _evaluation_routers(self) -> tuple[APIRouter, ...]:
        return evaluation_routers(
            self.hall,
            self.figures,
            self.history,
            self.clock,
            audit=self.door.audit,
            fonts=HOUSE / "assets" / "fonts",
            demo=self.settings.demo,
        )

    def _alarm_routers(self) -> tuple[APIRouter, ...]:
        return alarm_routers(
            hall=self.hall,
            redis=self.redis,
            door=self.door,
            live=self.alarms,
            board=self.live,
            names=self.names,
            lamps=self.lamps.lamps,
            clock=self.clock,
        )

    def _replay(self) -> ReplayParts:
        reader = PastReader(self.hall.engine, self.hall.city.zone)
        return ReplayParts(reader=reader, view=lambda board: wall_view(board, self.names), clock=self.clock)

    def _access(self) -> Access:
        return Access(
            identify=lambda _connection: current_identity(),
            origin_allowed=lambda asked: from_our_page(asked.headers, frozenset(self.settings.allowed_origins)),
            may_see=lambda identity, _camera: identity.may(Permission.SEE_VIDEO),
            opened=self.views.note,
            valid=self.door.sessions.valid,
        )

    def _services(self) -> Services:
        return Services(
            t=i18n.t,
            language=i18n.language.get,
            now=self.clock.now,
            identity=current_identity,
            valid=self.door.sessions.valid,
            feed=self.feed,
            alarms=self.alarms,
            store=self.hall.cases,
            city=self.hall.city,
            district_names=self.names.districts,
            department_names=self.names.departments,
            class_names=self.names.classes,
            cameras=lambda: self.cameras,
            camera_statuses=self.hub.statuses,
            cameras_for_case=self.case_video.cameras_for_case,
            wall_places=self.case_video.wall_places,
            sources=self.lamps.lamps,
            wall_distance_mm=self.settings.wall_distance_mm,
            wall_pitch_mm=self.settings.wall_pitch_mm,
            demo=self.settings.demo,
        )

    def _prepared_board(self) -> PreparedBoard | None:
        """One version's body, made when the first page asks for it."""
        newest = self.feed.newest
        if newest is not None and (self.prepared is None or self.prepared.version != newest.version):
            body = self.feed.snapshot()
            self.prepared = PreparedBoard(newest.version, body, gzip.compress(body, compresslevel=1))
        return self.prepared

    def _own_board(self, department: str) -> PreparedBoard | None:
        newest = self.feed.newest
        if newest is None:
            return None
        return PreparedBoard(newest.version, self.feed.own_snapshot(department), department=department)

    async def _statuses(self) -> Mapping[str, Any]:
        return self.hub.statuses()

    async def _readings(self) -> Readings:
        board = self.live.current
        states = [status.state.value for status in self.hub.statuses().values()]
        return Readings(
            board_age_seconds=(self.clock.now() - board.as_of).total_seconds() if board else None,
            cases_open=board.open_total if board else None,
            cases_overdue=board.overdue if board else None,
            cameras={state: states.count(state) for state in set(states)},
            sources={lamp.name: lamp.state for lamp in self.lamps.lamps()},
        )


def build_dash(server: FastAPI, allowed_origins: Sequence[str]) -> Dash:
    """The pages, on our server, each page and callback behind its rule."""
    dash = Dash(
        "citywall",
        server=server,
        backend="fastapi",
        use_pages=True,
        pages_folder=str(HOUSE / "pages"),
        assets_folder=str(HOUSE / "assets"),
        assets_ignore=r".*worker.*",
        title="城墙 CityWall",
        update_title=None,
        index_string=INDEX,
        suppress_callback_exceptions=True,
        websocket_batch_delay=0,
        websocket_inactivity_timeout=0,
        websocket_allowed_origins=list(allowed_origins),
        on_error=dash_guard.log_broken_callback,
    )
    _live.register()
    dash.layout = shell
    dash_guard.guard_pages(page_registry)
    dash._setup_server()  # merges the callbacks registered so far into the map that is guarded next
    dash_guard.guard_callbacks(dash.callback_map)
    return dash
