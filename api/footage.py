"""Pictures and films from the cameras as routes hand them out: what is asked of the video room, and its refusals."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from domain.camera import Camera
from domain.words import text
from runtime.i18n import t

LONGEST_MS = 60_000
"""Packets are kept for a minute: nobody can ask for a longer film."""

FILMS_KEPT = 4
FILM_KEPT = timedelta(minutes=2)
"""How many films somebody looks at just now are held, and how long; one has at most what a camera's ring holds."""

_WHY = {
    "timeout": text("摄像机没有及时应答，请稍后再试"),
    "nobody": text("没有视频进程在运行，请联系管理员"),
    "busy": text("视频进程正忙，请稍后再试"),
    "nothing_kept": text("没有可用的画面：只保留正在观看的摄像机最近一分钟"),
    "damaged": text("画面在途中损坏，请再试"),
    "redis": text("消息服务没有应答，请稍后再试"),
}
_OTHERWISE = text("摄像机没有给出画面")


class NoFootage(Exception):
    """The cameras' side gave nothing; `code` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Shot(Protocol):
    """One picture in full size."""

    @property
    def captured_ms(self) -> int: ...
    @property
    def jpeg(self) -> bytes: ...


class Film(Protocol):
    """A film, and the capture times of its first and last picture."""

    @property
    def from_ms(self) -> int: ...
    @property
    def to_ms(self) -> int: ...
    @property
    def mp4(self) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """What the video room answers. `picture` and `clip` raise `NoFootage`.

    `preset` names the view the camera was turned to last, "" where nobody knows.
    """

    picture: Callable[[int], Awaitable[Shot]]
    clip: Callable[[int, int, int], Awaitable[Film]]
    preset: Callable[[Camera], Awaitable[str]]


class RecentFilms:
    """The films last looked at: a browser that winds one on and back asks often, and must get the same one."""

    def __init__(self, clip: Callable[[int, int, int], Awaitable[Film]], now: Callable[[], datetime]) -> None:
        self._clip = clip
        self._now = now
        self._kept: dict[tuple[int, int, int], tuple[datetime, Film]] = {}

    async def get(self, number: int, from_ms: int, to_ms: int) -> Film:
        """What the camera sent between two moments, as at the first asking.

        Raises:
            NoFootage: the cameras gave nothing.
        """
        asked, since = (number, from_ms, to_ms), self._now() - FILM_KEPT
        self._kept = {key: known for key, known in self._kept.items() if known[0] > since}
        if asked not in self._kept:
            film = await self._clip(*asked)
            while len(self._kept) >= FILMS_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[asked] = (self._now(), film)
        return self._kept[asked][1]


def no_footage(error: NoFootage) -> Response:
    """The refusal in words."""
    message = t(_WHY.get(error.code, _OTHERWISE))
    return JSONResponse({"error": "no_footage", "field": "camera", "code": error.code, "message": message}, 409)


def media_answer(media: bytes, kind: str, name: str, request: Request) -> Response:
    """Media as a browser plays them: whole, or the part it asked for, so that a film can be wound on and back."""
    headers = {"Accept-Ranges": "bytes", "Content-Disposition": f'inline; filename="{name}"'}
    part = _part(request.headers.get("range", ""), len(media))
    if part is None:
        return Response(media, media_type=kind, headers=headers)
    first, last = part
    headers["Content-Range"] = f"bytes {first}-{last}/{len(media)}"
    return Response(media[first : last + 1], 206, headers, kind)


def _part(asked: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a single range; what is no range we know is answered whole, as the standard allows."""
    unit, _, span = asked.partition("=")
    first, dash, last = span.partition("-")
    if unit != "bytes" or not dash or not first.isascii() or not first.isdigit() or int(first) >= size:
        return None
    end = int(last) if last.isascii() and last.isdigit() else size - 1
    return (int(first), min(end, size - 1)) if end >= int(first) else None
