"""RTSP cameras of our own, with faults: a pure asyncio server in a thread, pictures that carry their number.

`/ok/7` is a good camera; the first part of a path is its behaviour (`Fault`), the rest tells cameras apart.
`become` changes a running camera: the wall must notice without being told.
"""

from __future__ import annotations

import asyncio
import base64
import math
import random
import struct
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from enum import StrEnum
from hashlib import md5
from urllib.parse import urlsplit

from tests.fakes.film import FPS, GOP, Film, film
from tests.fakes.rtp_forms import Coded, h264_chunks, hevc, mjpeg, mpeg4, odd

_CLOCK_HZ = 90_000
USER, PASSWORD = "operator", "s3cret-Pass!9"


class Fault(StrEnum):
    """How a camera behaves."""

    OK = "ok"
    SILENT = "silent"
    """Takes the connection and never says a word."""
    MISSING = "missing"
    AUTH = "auth"
    SLOW = "slow"
    """Answers each request a second late."""
    KILL = "kill"
    """Closes the connection after a second of pictures."""
    FREEZE = "freeze"
    """Sends nothing more after a second of pictures; the connection stays."""
    SAME = "same"
    """Sends one and the same key frame for ever."""
    STILL = "still"
    """A dark street where nothing happens; the sensor's noise is all that moves."""
    CORRUPT = "corrupt"
    RESIZED = "resized"
    """Another picture size after a second, from a key frame on."""
    CODEC = "codec"
    """Describes a codec nobody decodes."""
    NO_MEDIA = "no_media"
    """Plays, but no packet ever comes."""
    UNEVEN = "uneven"
    """Its own clock jumps to and fro."""
    HEVC = "hevc"
    MJPEG = "mjpeg"
    MPEG4 = "mpeg4"
    ODD = "odd"
    """353 × 287 pixels."""


_CODED: Mapping[Fault, Callable[[], Coded]] = {
    Fault.HEVC: hevc,
    Fault.MJPEG: mjpeg,
    Fault.MPEG4: mpeg4,
    Fault.ODD: odd,
}


class FakeCameras:
    """A running server. `url` makes addresses; all methods may be called from the test's thread."""

    def __init__(self, *, shown: Film | None = None, by_clock: bool = False) -> None:
        """`shown`: what good cameras show instead of the usual film.

        `by_clock`: picture n leaves at the moments whose seconds × rate are n, so that its age can be told from it;
        each camera a part (`phase_of`) of a group of pictures later, as no two real ones agree.
        """
        self.shown = shown
        self.by_clock = by_clock
        self.port = 0
        self.opened: Counter[str] = Counter()
        """How often each path was played."""
        self.asked: defaultdict[str, list[str]] = defaultdict(list)
        """What each path was asked, by method."""
        self.frozen: set[str] = set()
        self._faults: dict[str, Fault] = {}
        self._ahead: dict[str, float] = {}
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake cameras")

    def url(self, fault: Fault = Fault.OK, number: int = 1, *, user: str = "", password: str = "") -> str:
        credentials = f"{user}:{password}@" if user else ""
        return f"rtsp://{credentials}127.0.0.1:{self.port}/{fault}/{number}"

    def become(self, url: str, fault: Fault) -> None:
        """The camera at `url` behaves like this from its next packet or request on."""
        self._faults[urlsplit(url).path] = fault

    def set_clock(self, url: str, ahead_seconds: float) -> None:
        """The camera at `url` names the time in its answers, so much ahead of ours; others do not."""
        self._ahead[urlsplit(url).path] = ahead_seconds

    def date(self, path: str) -> str | None:
        """What it calls the time now."""
        ahead = self._ahead.get(path)
        return None if ahead is None else formatdate(time.time() + ahead, usegmt=True)

    def start(self) -> None:
        self._thread.start()
        self.open()

    def open(self) -> None:
        """Listen, on the same port as before."""
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def close(self) -> None:
        """The whole server goes away: connections broken, port refused."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)

    def stop(self) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def fault(self, path: str) -> Fault:
        return self._faults.get(path) or Fault(path.split("/")[1])

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._session, "127.0.0.1", self.port, backlog=256)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for session in list(self._sessions):
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._sessions.add(task)
        try:
            await _Session(self, reader, writer).serve()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return  # the client left, or the server was closed: both are what tests do
        finally:
            self._sessions.discard(task)
            writer.transport.abort()


def phase_of(number: int) -> float:
    """Part (0–1) of a group of pictures by which a camera that goes by the clock is late."""
    return number * 0.618034 % 1


@contextmanager
def fake_cameras() -> Iterator[FakeCameras]:
    """A server for the length of a block."""
    cameras = FakeCameras()
    cameras.start()
    try:
        yield cameras
    finally:
        cameras.stop()


class _Session:
    """One connection."""

    def __init__(self, cameras: FakeCameras, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._cameras = cameras
        self._reader = reader
        self._writer = writer
        self._sender: asyncio.Task[None] | None = None
        self._sequence = 0

    async def serve(self) -> None:
        try:
            while True:
                method, url, headers = await self._request()
                path = urlsplit(url).path.removesuffix("/track")
                self._cameras.asked[path].append(method)
                await self._answer(method, path, headers)
        finally:
            if self._sender is not None:
                self._sender.cancel()
                await asyncio.gather(self._sender, return_exceptions=True)

    async def _request(self) -> tuple[str, str, dict[str, str]]:
        """The next request; reports a client sends between them are skipped."""
        while (first := await self._reader.readexactly(1)) == b"$":
            _, length = struct.unpack(">BH", await self._reader.readexactly(3))
            await self._reader.readexactly(length)
        head = (first + await self._reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.split("\r\n")
        method, url, _ = line.split(" ")
        return method, url, {k.lower(): v.strip() for k, _, v in (text.partition(":") for text in rest)}

    async def _answer(self, method: str, path: str, headers: dict[str, str]) -> None:
        fault = self._cameras.fault(path)
        if fault is Fault.SILENT:
            await asyncio.Event().wait()
        if fault is Fault.SLOW:
            await asyncio.sleep(1.0)
        status, more, body = self._reply(method, path, headers, fault)
        if (date := self._cameras.date(path)) is not None:
            more = [*more, f"Date: {date}"]
        lines = [f"RTSP/1.0 {status}", f"CSeq: {headers['cseq']}", "Session: 1;timeout=60", *more]
        if body:
            lines += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        if method == "PLAY":
            self._cameras.opened[path] += 1
            self._sender = asyncio.create_task(self._send(path))

    def _reply(self, method: str, path: str, headers: dict[str, str], fault: Fault) -> tuple[str, list[str], str]:
        if fault is Fault.MISSING:
            return "404 Not Found", [], ""
        if fault is Fault.AUTH and not _authorised(method, headers.get("authorization", "")):
            return "401 Unauthorized", ['WWW-Authenticate: Digest realm="camera", nonce="f00d"'], ""
        if method == "OPTIONS":
            return "200 OK", ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"], ""
        if method == "DESCRIBE":
            return "200 OK", [], _sdp(self._cameras.shown or film(), fault)
        if method == "SETUP":
            return "200 OK", ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1"], ""
        return "200 OK", [], ""

    async def _send(self, path: str) -> None:
        """Pictures at their pace, from a key frame on, as the camera behaves at each moment."""
        loop = asyncio.get_running_loop()
        began, rng, index = loop.time(), random.Random(7), 0
        fps = self._cameras.shown.fps if self._cameras.shown else FPS
        if self._cameras.by_clock:
            phase = phase_of(int(path.rpartition("/")[2])) * GOP / fps
            index = math.ceil((time.time() - phase) * fps / GOP) * GOP  # a key frame
            began = loop.time() - time.time() + phase
        first, resized = index, False
        while True:
            await asyncio.sleep(max(0.0, began + index / fps - loop.time()))
            if self._writer.is_closing():
                return
            fault = self._cameras.fault(path)
            over = index - first >= FPS  # the second of pictures that comes before some faults
            resized = fault is Fault.RESIZED and over and (resized or index % GOP == 0)
            if fault is Fault.KILL and over:
                self._writer.transport.abort()
                return
            silent = fault is Fault.NO_MEDIA or (fault is Fault.FREEZE and over)
            if not silent:
                shown = self._cameras.shown if fault in (Fault.OK, Fault.RESIZED, Fault.KILL) else None
                stamp = index + (rng.choice((-40, 0, 0, 900)) if fault is Fault.UNEVEN else 0)
                payloads = _payloads(fault, index, film(width=240, height=180) if resized else shown)
                self._packets(payloads, stamp * _CLOCK_HZ // fps, fault, rng if fault is Fault.CORRUPT else None)
                await self._writer.drain()
            index += 1

    def _packets(self, chunks: list[bytes], stamp: int, fault: Fault, rng: random.Random | None) -> None:
        kind, wire = _CODED[fault]().payload_type if fault in _CODED else 96, []
        for number, chunk in enumerate(chunks):
            if rng is not None and rng.random() < 0.2:
                chunk = chunk[:20] + bytes(rng.randrange(256) for _ in chunk[20:60]) + chunk[60:]
            last = 0x80 if number == len(chunks) - 1 else 0
            head = struct.pack(">BBHII", 0x80, last | kind, self._sequence & 0xFFFF, stamp & 0xFFFFFFFF, 0x0C17)
            self._sequence += 1
            wire += [struct.pack(">cBH", b"$", 0, len(head) + len(chunk)), head, chunk]
        self._writer.write(b"".join(wire))


def _payloads(fault: Fault, index: int, shown: Film | None) -> list[bytes]:
    if fault in _CODED:
        payloads = _CODED[fault]().payloads
        return payloads[index % len(payloads)]
    return [chunk for unit in _picture(fault, index, shown) for chunk in h264_chunks(unit)]


def _picture(fault: Fault, index: int, shown: Film | None) -> list[bytes]:
    if fault is Fault.SAME:
        return film().pictures[0]
    shown = film(dark=True) if fault is Fault.STILL else shown or film()
    return shown.pictures[index % len(shown.pictures)]


def _sdp(shown: Film, fault: Fault) -> str:
    coded = _CODED[fault]() if fault in _CODED else None
    lines = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=camera", "t=0 0"]
    lines.append(f"m=video 0 RTP/AVP {coded.payload_type if coded else 96}")
    lines += coded.sdp if coded else _h264_lines(shown, "VP8" if fault is Fault.CODEC else "H264")
    return "\r\n".join([*lines, "a=control:track"]) + "\r\n"


def _h264_lines(shown: Film, codec: str) -> list[str]:
    sets = ",".join(base64.b64encode(nal).decode() for nal in shown.parameter_sets)
    return [f"a=rtpmap:96 {codec}/90000", f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={sets}"]


def _authorised(method: str, header: str) -> bool:
    """Whether a Digest answer proves the password."""
    fields = dict(
        part.split("=", 1) for part in header.removeprefix("Digest ").replace('"', "").split(", ") if "=" in part
    )
    secret = _md5(f"{USER}:camera:{PASSWORD}")
    asked = _md5(f"{method}:{fields.get('uri', '')}")
    wanted = _md5(f"{secret}:f00d:{asked}")
    return fields.get("response") == wanted


def _md5(text: str) -> str:
    return md5(text.encode()).hexdigest()
