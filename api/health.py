"""`/healthz`: the process answers. `/readyz`: it can do its work, and if not, which part cannot and why."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import cast

import redis.asyncio
from fastapi import APIRouter
from fastapi.responses import JSONResponse

Check = Callable[[], Awaitable[str | None]]
"""One part's check: None when it is well, else why not, in a few words without addresses or secrets (all may read)."""

CHECK_SECONDS = 2.0

log = logging.getLogger(__name__)


def health_router(checks: Mapping[str, Check]) -> APIRouter:
    """The two routes; `checks` by the name of the part."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="The process answers")
    async def alive() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz", summary="Every part works, or which does not and why")
    async def ready() -> JSONResponse:
        reasons = await asyncio.gather(*(_reason(name, check) for name, check in checks.items()))
        parts = {name: reason or "ok" for name, reason in zip(checks, reasons, strict=True)}
        well = not any(reasons)
        return JSONResponse({"status": "ready" if well else "not_ready", "parts": parts}, 200 if well else 503)

    return router


async def _reason(name: str, check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:.0f} s"
    except Exception as error:  # noqa: BLE001 (any failure of a part is an answer here, never a failure of ours)
        log.warning("readiness check of %s failed: %s", name, error)
        return f"failed: {type(error).__name__}"


def hall_checks(
    client: redis.asyncio.Redis, ask_database: Callable[[], object], board: Callable[[], object | None]
) -> dict[str, Check]:
    """What a web process needs: its message server, its database (`ask_database` blocks), and a board to show."""

    async def redis_answers() -> str | None:
        await cast("Awaitable[object]", client.ping())
        return None

    async def database_answers() -> str | None:
        await asyncio.to_thread(ask_database)
        return None

    async def board_is_there() -> str | None:
        return None if board() is not None else "no board yet: is the live role running?"

    return {"redis": redis_answers, "database": database_answers, "board": board_is_there}
