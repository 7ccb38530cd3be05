"""A browser's socket, spoken by hand: straight to the ASGI application, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message


class HandSocket:
    """One socket. What the application sends is kept in `sent`."""

    def __init__(self, app: ASGIApp, path: str, headers: Mapping[str, str]) -> None:
        self._app = app
        self._scope: dict[str, Any] = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "scheme": "ws",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("10.0.0.7", 4711),
            "server": ("hall", 80),
            "subprotocols": [],
        }
        self._incoming: asyncio.Queue[Message] = asyncio.Queue()
        self.sent: list[Message] = []
        self._arrived = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> HandSocket:
        self._incoming.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._run())
        await self.message()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})
        if self._task is not None:
            await self._task

    @property
    def opened(self) -> bool:
        return bool(self.sent) and self.sent[0]["type"] == "websocket.accept"

    @property
    def close_code(self) -> int | None:
        return next((m["code"] for m in self.sent if m["type"] == "websocket.close"), None)

    def say(self, text: str) -> None:
        self._incoming.put_nowait({"type": "websocket.receive", "text": text})

    async def message(self, number: int = 1) -> Message:
        """The `number`th message the application sends, when it comes."""
        async with asyncio.timeout(10), self._arrived:
            await self._arrived.wait_for(lambda: len(self.sent) >= number)
        return self.sent[number - 1]

    async def _run(self) -> None:
        await self._app(self._scope, self._incoming.get, self._take)

    async def _take(self, message: Message) -> None:
        async with self._arrived:
            self.sent.append(message)
            self._arrived.notify_all()
