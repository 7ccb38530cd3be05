"""A small server in a thread of its own, for as long as a test needs it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from flask import Flask
from starlette.types import ASGIApp
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.waiting import eventually


@contextmanager
def served(
    app: ASGIApp,
    *,
    port: int = 0,
    sockets: bool = False,
    at_the_end: tuple[Callable[[], Awaitable[object]], ...] = (),
) -> Iterator[str]:
    """Its address. `sockets`: it also speaks with sockets. `at_the_end` is awaited where the application ran:
    connections belong to that loop.
    """
    ws = "auto" if sockets else "none"
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws=ws, lifespan="off"))

    async def serve() -> None:
        try:
            await server.serve()
        finally:
            for close in at_the_end:
                await close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), name="served")
    thread.start()
    try:
        eventually(lambda: server.started, within=60)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)


class _Quiet(WSGIRequestHandler):
    """Requests are not what these tests are about."""

    def log_request(self, *_: Any) -> None:
        return


def _whole(app: Flask) -> Callable[..., list[bytes]]:
    """Answers are read whole before they are sent: a browser that leaves in the middle of one leaves no file open."""

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        told = app.wsgi_app(environ, start_response)
        try:
            return [b"".join(told)]
        finally:
            if hasattr(told, "close"):
                told.close()

    return answer


@contextmanager
def served_by_threads(app: Flask, *, port: int = 0) -> Iterator[str]:
    """The address of a server that answers each request in a thread of its own."""
    server = make_server("127.0.0.1", port, _whole(app), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="served")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
