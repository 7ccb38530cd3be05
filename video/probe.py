"""Why a camera does not answer: OpenCV only says that it does not, so a few bytes of RTSP (or HTTP) ask first.

Asked before every open: a dead camera then costs one small connection here instead of one of the few opens allowed
at once, and the screen gets a code (refused, timeout, auth, not found, codec) instead of exception text.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from domain.camera import CameraError
from video import rtsp_auth
from video.address import Scheme, file_path, scheme_of

OUT_OF_REACH = frozenset({CameraError.REFUSED, CameraError.TIMEOUT, CameraError.STREAM_ENDED})
"""Answers that mean that nobody is there, as against a camera that says no."""
CONNECT_LIMIT_SECONDS = 3.0
REPLY_LIMIT_SECONDS = 5.0
_LONGEST_REPLY_BYTES = 65_536

log = logging.getLogger(__name__)
_VIDEO_CODEC = re.compile(r"^a=rtpmap:\d+ ([A-Za-z0-9-]+)/90000", re.MULTILINE)
_CODECS = frozenset({"H264", "H265", "HEVC", "JPEG", "MP4V-ES", "MPV"})
_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    challenge: str
    body: str
    date: str = ""


async def probe(url: str) -> CameraError | None:
    """The reason why `url` gives no picture, or None when it may well do so. Never raises, ends within seconds."""
    scheme = scheme_of(url)
    try:
        if scheme is Scheme.FILE:
            return None if file_path(url).is_file() else CameraError.NOT_FOUND
        if scheme is None or not urlsplit(url).hostname:
            return CameraError.BAD_ADDRESS
        return await (_probe_rtsp(url) if scheme is Scheme.RTSP else _probe_http(url))
    except TimeoutError:
        return CameraError.TIMEOUT
    except ValueError:
        return CameraError.BAD_ADDRESS
    except ConnectionRefusedError:
        return CameraError.REFUSED
    except OSError:
        return CameraError.TIMEOUT


async def reachable(url: str) -> bool:
    """Whether somebody answers at `url`; RTSP is asked by OPTIONS, which touches no stream. Never raises."""
    if scheme_of(url) is not Scheme.RTSP or not urlsplit(url).hostname:
        return await probe(url) not in OUT_OF_REACH
    try:
        await _options(urlsplit(url))
    except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
        log.debug("a camera is not reached: %s", type(error).__name__)
        return False
    return True


async def clock_drift(url: str, now: Callable[[], datetime]) -> float | None:
    """Seconds by which the camera's clock is ahead of ours, from the `Date` of its answer to OPTIONS.

    None where it does not say (no RTSP, no such line) or does not answer. No password is sent: none is needed.
    """
    if scheme_of(url) is not Scheme.RTSP:
        return None
    try:
        reply, before, after = await _options(urlsplit(url), now)
    except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
        log.debug("a camera's clock was not told: %s", type(error).__name__)
        return None
    told = _moment(reply.date)
    return None if told is None else (told - before - (after - before) / 2).total_seconds()


async def _options(
    parts: SplitResult, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> tuple[_Reply, datetime, datetime]:
    """The answer to OPTIONS, which needs no password, and when it was asked and given.

    Raises:
        OSError, EOFError, ValueError, asyncio.LimitOverrunError: there is none.
    """
    reader, writer = await _connect(parts)
    try:
        before = now()
        reply = await _ask(reader, writer, f"OPTIONS {_without_credentials(parts)} RTSP/1.0\r\nCSeq: 1\r\n\r\n")
        return reply, before, now()
    finally:
        writer.close()


def _moment(date: str) -> datetime | None:
    """The time in a `Date` line, in the standard's form or in that of the server library most cameras are built on."""
    with suppress(ValueError):
        return datetime.strptime(date, "%a, %b %d %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    with suppress(ValueError):
        found = parsedate_to_datetime(date)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


async def _probe_rtsp(url: str) -> CameraError | None:
    parts = urlsplit(url)
    reader, writer = await _connect(parts)
    try:
        return await _describe(reader, writer, parts)
    except (EOFError, asyncio.LimitOverrunError):
        return CameraError.STREAM_ENDED
    finally:
        writer.close()


async def _describe(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, parts: SplitResult
) -> CameraError | None:
    uri = _without_credentials(parts)
    reply = await _ask(reader, writer, f"DESCRIBE {uri} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n")
    user = unquote(parts.username or "")
    if reply.status == 401 and user:
        password = unquote(parts.password or "")
        header = rtsp_auth.answer(reply.challenge, method="DESCRIBE", uri=uri, user=user, password=password)
        if header is not None:
            text = f"DESCRIBE {uri} RTSP/1.0\r\nCSeq: 2\r\nAccept: application/sdp\r\nAuthorization: {header}\r\n\r\n"
            reply = await _ask(reader, writer, text)
    return _verdict(reply.status) or _codec_verdict(reply.body)


def _verdict(status: int) -> CameraError | None:
    if status in (401, 403):
        return CameraError.AUTH
    if status in (404, 410, 454):
        return CameraError.NOT_FOUND
    return CameraError.REFUSED if status >= 400 else None


def _codec_verdict(sdp: str) -> CameraError | None:
    """A description that names video codecs and none of ours is hopeless; one that names none is left to the open."""
    video = [name.upper() for name in _VIDEO_CODEC.findall(sdp)]
    return CameraError.CODEC if video and not _CODECS.intersection(video) else None


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, text: str) -> _Reply:
    async with asyncio.timeout(REPLY_LIMIT_SECONDS):
        writer.write(text.encode())
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = re.search(r"^content-length:\s*(\d+)", head, re.IGNORECASE | re.MULTILINE)
        size = min(int(length.group(1)), _LONGEST_REPLY_BYTES) if length else 0
        body = (await reader.readexactly(size)).decode("latin-1")
    challenges = re.findall(r"^www-authenticate:\s*(.+?)\s*$", head, re.IGNORECASE | re.MULTILINE)
    date = re.search(r"^date:\s*(.+?)\s*$", head, re.IGNORECASE | re.MULTILINE)
    digest_first = sorted(challenges, key=lambda text: not text.lower().startswith("digest"))
    return _Reply(_status(head), digest_first[0] if digest_first else "", body, date.group(1) if date else "")


def _status(head: str) -> int:
    """Status of the first line; 599 for an answer that is neither RTSP nor HTTP."""
    found = re.match(r"(?:RTSP|HTTP)/\d\.\d (\d{3})", head)
    return int(found.group(1)) if found else 599


async def _probe_http(url: str) -> CameraError | None:
    """Only the status line is read: an MJPEG address would go on for ever."""
    parts = urlsplit(url)
    reader, writer = await _connect(parts)
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    authorization = ""
    if parts.username:
        user, password = unquote(parts.username), unquote(parts.password or "")
        basic = rtsp_auth.answer("Basic", method="GET", uri=target, user=user, password=password)
        authorization = f"Authorization: {basic}\r\n"
    try:
        async with asyncio.timeout(REPLY_LIMIT_SECONDS):
            writer.write(f"GET {target} HTTP/1.0\r\nHost: {parts.hostname}\r\n{authorization}\r\n".encode())
            await writer.drain()
            return _verdict(_status((await reader.readline()).decode("latin-1")))
    finally:
        writer.close()


async def _connect(parts: SplitResult) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    secure = parts.scheme.lower() in ("rtsps", "https")
    port = parts.port or _PORTS[parts.scheme.lower()]
    async with asyncio.timeout(CONNECT_LIMIT_SECONDS):
        return await asyncio.open_connection(
            parts.hostname, port, ssl=True if secure else None, limit=_LONGEST_REPLY_BYTES
        )


def _without_credentials(parts: SplitResult) -> str:
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
