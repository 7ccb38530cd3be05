"""The ONVIF side of the demo's turning cameras: one small server for all of them, on this machine only.

`/onvif/NUMBER` answers as an ONVIF device does. Where a camera looks is kept and moves while it is told to; the film it
shows stays the same. With an account every question but that for the time must be signed (WS-Security digest).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lxml import etree

from demo.onvif_answers import Answers
from demo.soap import Fault, deep, envelope, fault, question_in
from demo.turning import Turning

_LONGEST_HEAD_BYTES = 8_192
_LONGEST_BODY_BYTES = 65_536
_SIGNED_WITHIN = timedelta(seconds=30)

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class TurningCameras:
    """All cameras of one server. `account` is user and password, or None for whoever asks."""

    cameras: dict[int, Turning]
    account: tuple[str, str] | None = None
    clock_offset: timedelta = timedelta()
    monotonic: Callable[[], float] = time.monotonic
    port: int = 0
    _server: asyncio.Server | None = None

    async def open(self, port: int = 0) -> None:
        """Listen on this machine only.

        Raises:
            OSError: the port is taken.
        """
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=_LONGEST_HEAD_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    def url(self, number: int) -> str:
        """Where camera `number` takes commands."""
        account = f"{self.account[0]}:{self.account[1]}@" if self.account else ""
        return f"http://{account}127.0.0.1:{self.port}/onvif/{number}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = re.search(r"(?im)^content-length:\s*(\d+)", head)
            body = await reader.readexactly(min(int(length.group(1)), _LONGEST_BODY_BYTES) if length else 0)
            status, answer = await self.answer(head.split(" ")[1], body)
            writer.write(_http(status, answer))
            await writer.drain()
        except (ConnectionError, EOFError, asyncio.LimitOverrunError) as error:
            log.debug("a question to a demo camera broke off: %s", type(error).__name__)
        finally:
            writer.close()

    async def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        """HTTP status and SOAP answer to one question."""
        found = re.fullmatch(r"/onvif/(\d+)(/\w+)?", path)
        camera = self.cameras.get(int(found.group(1))) if found else None
        if found is None or camera is None:
            return 404, b"no such camera"
        try:
            question = question_in(body)
            operation = etree.QName(question).localname
            if operation != "GetSystemDateAndTime":
                self._demand_account(question)
            return 200, envelope(self._answers(int(found.group(1)), camera).to(operation, question))
        except Fault as refused:
            return 400, fault(refused)

    def _answers(self, number: int, camera: Turning) -> Answers:
        base = f"http://127.0.0.1:{self.port}/onvif/{number}"
        now = datetime.now(UTC) + self.clock_offset
        return Answers(camera, number=number, base=base, at=self.monotonic(), now=now)

    def _demand_account(self, question: etree._Element) -> None:
        if self.account is None:
            return
        message = question.getroottree().getroot()
        told = {name: deep(message, name) for name in ("Username", "Password", "Nonce", "Created")}
        mixed = base64.b64decode(told["Nonce"]) + told["Created"].encode() + self.account[1].encode()
        wanted = base64.b64encode(hashlib.sha1(mixed, usedforsecurity=False).digest()).decode()
        if (told["Username"], told["Password"]) != (self.account[0], wanted) or not self._fresh(told["Created"]):
            raise Fault("ter:NotAuthorized", "ter:NotAuthorized")

    def _fresh(self, created: str) -> bool:
        """Signed within half a minute by this device's own clock, as cameras demand."""
        try:
            signed = datetime.fromisoformat(created)
        except ValueError:
            return False
        return abs(signed - datetime.now(UTC) - self.clock_offset) < _SIGNED_WITHIN


def _http(status: int, body: bytes) -> bytes:
    kind = "application/soap+xml; charset=utf-8" if body.startswith(b"<") else "text/plain"
    head = (
        f"HTTP/1.1 {status} answer\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
