"""`/api/v1/wall/heartbeat`: every wall says every ten seconds that it is there, and how it fares."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, cast

import redis.asyncio
from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field

from api.identity import current_identity
from data_access.keys import wall_heartbeat
from domain.journal import milliseconds

EXPIRY_SECONDS = 60


class Heartbeat(BaseModel):
    """What a wall tells of itself."""

    model_config = ConfigDict(extra="forbid")

    scene: Annotated[str, Field(max_length=32, description="The scene on screen.")] = ""
    board_version: Annotated[int, Field(ge=0, description="Version of the board on screen.")] = 0
    oldest_value_ms: Annotated[int, Field(ge=0, description="Age of the oldest value on screen.")] = 0
    memory_mb: Annotated[float, Field(ge=0, description="Memory of the page.")] = 0.0
    dropped_frames: Annotated[int, Field(ge=0, description="Camera frames left out since the last heartbeat.")] = 0
    width: Annotated[int, Field(ge=0, le=65_535, description="Width of the page, px.")] = 0
    height: Annotated[int, Field(ge=0, le=65_535, description="Height of the page, px.")] = 0


def wall_router(client: redis.asyncio.Redis, *, now: Callable[[], datetime]) -> APIRouter:
    """The route; a wall that stops calling is gone from Redis after a minute."""
    router = APIRouter(tags=["wall"])

    @router.post("/api/v1/wall/heartbeat", status_code=204, summary="A wall is there, and how it fares")
    async def beat(heartbeat: Heartbeat) -> Response:
        who = current_identity()
        if who is None:
            raise HTTPException(401, "no session")
        values = {"at": milliseconds(now()), "who": who.name, **heartbeat.model_dump()}
        try:
            await _store(client, wall_heartbeat(who.name), {name: str(value) for name, value in values.items()})
        except redis.RedisError as error:
            raise HTTPException(503, "the message server does not answer") from error
        return Response(status_code=204)

    return router


async def _store(client: redis.asyncio.Redis, key: str, values: Mapping[Any, str]) -> None:
    async with client.pipeline(transaction=True) as commands:
        commands.hset(key, mapping=values)
        commands.expire(key, EXPIRY_SECONDS)
        await cast("Awaitable[object]", commands.execute())
