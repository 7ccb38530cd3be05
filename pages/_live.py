"""The one push to every tab: a persistent socket callback that writes four stores, and the scripts that hear them.

Persistent callbacks are app-wide, so this one names only the shell's stores, never a page's parts (design 7). It sends
each frame of the board as it comes (the live worker bundles a flood); a tick once a second says that the line lives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from dash import ClientsideFunction, Input, callback, clientside_callback, ctx, set_props
from dash.exceptions import PreventUpdate

from domain.guarded import guarded
from domain.journal import milliseconds
from domain.roles import Permission
from pages import _ids as ids
from pages._services import Services, services

TICK_SECONDS = 1.0
GAP_SECONDS = 0.05
"""Least time between two frames of one tab. The board itself comes at most four times a second, but for a new 一级."""
BACKLOG = 8
"""Messages waiting in a tab's socket above which nothing more is queued: it skips to the newest frame instead."""
RECHECK_TICKS = 60
"""Ticks between two looks at whether the session still stands."""


@dataclass(slots=True)
class Tab:
    """What one tab was last sent."""

    version: int = -1
    alarms: int = 0
    ticks: int = 0


def register() -> None:
    """Register the push and the four listeners. Called once, by `app`."""
    callback(websocket=True, persistent=True)(guarded()(push))
    stores = (ids.TICK, ids.WALL, ids.CASES, ids.ALARMS)
    for store, function in zip(
        stores, ("publish_tick", "publish_wall", "publish_cases", "publish_alarms"), strict=True
    ):
        clientside_callback(ClientsideFunction("citywall", function), Input(store, "data"))


async def push() -> None:
    """Feed one tab until its socket goes or its session ends."""
    socket = ctx.websocket
    if socket is None:  # asked over HTTP, before the socket was up; Dash asks again over the socket
        raise PreventUpdate
    queue = socket._get_outbound_queue()
    await feed_tab(
        services(),
        send=lambda store, text: set_props(store, {"data": text}),
        waiting=lambda: queue.async_q.qsize() if queue else 0,
        gone=lambda: bool(socket.is_shutdown),
    )
    raise PreventUpdate  # a plain return would be taken for an answer with outputs, and there are none


async def feed_tab(
    hall: Services, *, send: Callable[[str, str], Any], waiting: Callable[[], int], gone: Callable[[], bool]
) -> None:
    """The push itself, without Dash: `send` queues a store's text, `waiting` counts what is queued and not yet sent."""
    loop = asyncio.get_running_loop()
    tab = Tab()
    next_tick = loop.time()
    while not gone():
        if loop.time() >= next_tick:
            next_tick = loop.time() + TICK_SECONDS
            if not await _still_welcome(hall, tab):
                return
            if waiting() < BACKLOG:
                send(ids.TICK, tick_text(hall, tab.version))
        left = max(0.0, next_tick - loop.time())
        newer = await hall.feed.newer(tab.version, within=left, besides=lambda: hall.alarms.version != tab.alarms)
        if newer and waiting() < BACKLOG:
            _send_alarms(hall, tab, send)
            _send_frames(hall, tab, send)
        if newer:
            await asyncio.sleep(GAP_SECONDS)


def _send_alarms(hall: Services, tab: Tab, send: Callable[[str, str], Any]) -> None:
    """First of all: a 一级 must not wait behind figures."""
    if hall.alarms.version == tab.alarms:
        return
    tab.alarms, who = hall.alarms.version, hall.identity()
    if who is not None and who.may(Permission.SEE_ALARMS):
        send(ids.ALARMS, hall.alarms.text(who.district))


def _send_frames(hall: Services, tab: Tab, send: Callable[[str, str], Any]) -> None:
    newest, who = hall.feed.newest, hall.identity()
    if newest is None or who is None or newest.version == tab.version:
        return
    shown, tab.version = tab.version, newest.version
    frames = hall.feed.since(shown)
    if who.may(Permission.SEE_WALL):
        send(ids.WALL, newest.wall)
        told = None if frames is None else [frame.cases for frame in frames]
    elif who.may(Permission.SEE_OWN_CASES) and who.department is not None:
        told = None if frames is None else [frame.own_cases(who.department) for frame in frames]
    else:
        return
    steps = "null" if told is None else "[" + ",".join(told) + "]"
    send(ids.CASES, f'{{"version":{newest.version},"steps":{steps}}}')


async def _still_welcome(hall: Services, tab: Tab) -> bool:
    tab.ticks += 1
    identity = hall.identity()
    if identity is None:
        return False
    return tab.ticks % RECHECK_TICKS != 0 or await hall.valid(identity)


def _wall_cameras(hall: Services) -> dict[str, Any] | None:
    """What stands on the wall, for whoever may see it: number and name of each place's camera, and who sent them."""
    who = hall.identity()
    if who is None or not who.may(Permission.SEE_WALL):
        return None
    places = hall.wall_places()
    cameras = [[camera.number, camera.name] if camera else [0, ""] for camera in places.cameras]
    choice = places.choice
    return {"version": choice.version, "by": choice.by, "sent": choice.cameras, "cameras": cameras}


def tick_text(hall: Services, version: int) -> str:
    """The second's message: the server's clock, what the board says of itself, and every source's lamp."""
    lamps = [
        {
            "name": lamp.name,
            "state": lamp.state,
            "as_of": milliseconds(lamp.as_of),
            "ttl": lamp.ttl_seconds,
            "detail": lamp.detail,
        }
        for lamp in hall.sources()
    ]
    body = {
        "now": milliseconds(hall.now()),
        "version": version,
        "as_of": hall.feed.as_of,
        "connected": hall.feed.connected,
        "sources": lamps,
        "wall_cameras": _wall_cameras(hall),
    }
    return orjson.dumps(body).decode()
