"""What the hall tells Prometheus: requests, refusals, sockets, and the state of board, cases and cameras."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BUCKETS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What is measured when Prometheus asks. None: not known, shown as NaN, never as 0."""

    board_age_seconds: float | None = None
    cases_open: int | None = None
    cases_overdue: int | None = None
    cameras: Mapping[str, int] = field(default_factory=dict)
    """Cameras by state."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """The wall's source lamps: name → state."""


class Metrics:
    """The process's counters, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = own = CollectorRegistry()
        request = ("route", "method", "status")
        self.requests = Counter("citywall_requests", "Answered HTTP requests.", request, registry=own)
        self.seconds = Histogram(
            "citywall_request_seconds", "Time to the end of an answer.", ("route",), buckets=_BUCKETS, registry=own
        )
        self.refused = Counter("citywall_refusals", "Requests and sockets turned away.", ("code",), registry=own)
        self.sockets = Gauge("citywall_sockets", "Open sockets.", ("route",), registry=own)
        self._board_age = Gauge("citywall_board_age_seconds", "Age of the newest board.", registry=own)
        self._open = Gauge("citywall_cases_open", "Cases in work, by the newest board.", registry=own)
        self._overdue = Gauge("citywall_cases_overdue", "Overdue cases, by the newest board.", registry=own)
        self._cameras = Gauge("citywall_cameras", "Cameras by state.", ("state",), registry=own)
        self._sources = Gauge("citywall_source", "1 for the state a source is in.", ("name", "state"), registry=own)

    def count_refusal(self, code: str) -> None:
        self.refused.labels(code).inc()

    def text(self, readings: Readings) -> bytes:
        """Everything in Prometheus' text form."""
        self._board_age.set(_number(readings.board_age_seconds))
        self._open.set(_number(readings.cases_open))
        self._overdue.set(_number(readings.cases_overdue))
        self._cameras.clear()
        for state, count in readings.cameras.items():
            self._cameras.labels(state).set(count)
        self._sources.clear()
        for name, state in readings.sources.items():
            self._sources.labels(name, state).set(1)
        return generate_latest(self.registry)


class Metered:
    """ASGI layer just inside the guard: counts by the rule's pattern, so that addresses cannot multiply the labels."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = scope.get("citywall.rule", "")
        if scope["type"] == "http":
            await self._request(route, scope, receive, send)
        elif scope["type"] == "websocket":
            with self._metrics.sockets.labels(route).track_inprogress():
                await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _request(self, route: str, scope: Scope, receive: Receive, send: Send) -> None:
        status = "500"
        began = time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self._metrics.requests.labels(route, scope["method"], status).inc()
            self._metrics.seconds.labels(route).observe(time.perf_counter() - began)


def metrics_router(metrics: Metrics, readings: Callable[[], Awaitable[Readings]]) -> APIRouter:
    """`/metrics`."""
    router = APIRouter(tags=["health"])

    @router.get("/metrics", summary="Measurements in Prometheus' text form")
    async def show() -> Response:
        return Response(metrics.text(await readings()), media_type=CONTENT_TYPE_LATEST)

    return router


def _number(value: float | None) -> float:
    return math.nan if value is None else value
