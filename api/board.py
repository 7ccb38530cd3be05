"""`/api/v1/board`: the whole board as a page first needs it. Prepared once a version, whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.identity import asker
from domain.roles import Identity, Permission


@dataclass(frozen=True, slots=True)
class PreparedBoard:
    """One version's JSON, ready to send: the whole, or one department's part.

    `gzipped` is the same body compressed, where somebody made it.
    """

    version: int
    body: bytes
    gzipped: bytes | None = None
    department: str = ""

    @property
    def etag(self) -> str:
        return f'W/"board-{self.version}-{self.department}"'


def board_router(prepared: Callable[[], PreparedBoard | None], own: Callable[[str], PreparedBoard | None]) -> APIRouter:
    """The route; `prepared` answers from memory, None while no board has arrived yet. `own`: one department's part."""
    router = APIRouter(tags=["figures"])

    @router.get("/api/v1/board", summary="The newest board: wall view, open cases, grids")
    async def show(request: Request) -> Response:
        board = _for(asker(), prepared, own)
        if board is None:
            waiting = {"error": "no_board", "message": "no board has arrived yet; ask again"}
            return JSONResponse(waiting, 503, {"Retry-After": "1"})
        headers = {"ETag": board.etag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
        if board.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if board.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(board.gzipped, media_type="application/json", headers=headers)
        return Response(board.body, media_type="application/json", headers=headers)

    return router


def _for(
    who: Identity, prepared: Callable[[], PreparedBoard | None], own: Callable[[str], PreparedBoard | None]
) -> PreparedBoard | None:
    return prepared() if who.may(Permission.SEE_WALL) else own(who.department or "")
