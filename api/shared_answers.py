"""Answers that take a while, worked out once for all who ask the same at the same time or shortly after."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

import orjson
from fastapi import Request, Response

Found = TypeVar("Found")

KEPT = 256
_WORTH_PACKING = 1_000


class SharedAnswers:
    """For threads: who asks what another is working out waits for that one. Bounded; the longest unasked go first."""

    def __init__(self, monotonic: Callable[[], float], *, most: int = KEPT) -> None:
        self._monotonic = monotonic
        self._most = most
        self._kept: OrderedDict[tuple[object, ...], tuple[float, Future[Any]]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[object, ...], seconds: float, work: Callable[[], Found]) -> Found:
        """What `work` gives, or gave for this key within the last `seconds`. An error is told to all who wait for it,
        and not kept."""
        mine: Future[Found] | None = None
        with self._lock:
            at, future = self._kept.get(key, (0.0, None))
            if future is None or (future.done() and self._monotonic() - at >= seconds):
                mine = future = Future()
                self._kept[key] = (self._monotonic(), mine)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
        if mine is not None:
            self._work(key, mine, work)
        found: Found = future.result()
        return found

    def _work(self, key: tuple[object, ...], mine: Future[Found], work: Callable[[], Found]) -> None:
        try:
            mine.set_result(work())
        except BaseException as error:  # noqa: BLE001 (whoever waits is told, whatever it is; `get` raises it here too)
            with self._lock:
                if self._kept.get(key, (0.0, None))[1] is mine:
                    del self._kept[key]
            mine.set_exception(error)

    def forget(self) -> None:
        """Work everything out anew from now on."""
        with self._lock:
            self._kept.clear()


@dataclass(frozen=True, slots=True)
class ReadyAnswer:
    """JSON as it is sent, whole and packed; `etag` changes with every byte of it."""

    body: bytes
    packed: bytes | None
    etag: str


def ready(value: Any) -> ReadyAnswer:
    """An answer made ready once for everybody."""
    body = orjson.dumps(value)
    packed = gzip.compress(body, 5, mtime=0) if len(body) > _WORTH_PACKING else None
    return ReadyAnswer(body, packed, f'W/"{hashlib.sha256(body).hexdigest()[:24]}"')


def sent(answer: ReadyAnswer, request: Request) -> Response:
    """The answer as this browser takes it; nothing where it has it already."""
    headers = {"ETag": answer.etag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Cookie"}
    if answer.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if answer.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(answer.packed, media_type="application/json", headers=headers)
    return Response(answer.body, media_type="application/json", headers=headers)
