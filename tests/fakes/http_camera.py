"""An HTTP camera: JPEG after JPEG in one endless answer, as old cameras do it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np

from video.cv import cv2

BOUNDARY = b"frame"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=" + BOUNDARY + b"\r\n\r\n"


@asynccontextmanager
async def mjpeg_camera(rate: float = 10.0) -> AsyncIterator[str]:
    """Address of a running camera with a moving picture of 320 × 240."""
    server = await asyncio.start_server(lambda reader, writer: _serve(reader, writer, rate), "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/mjpeg"


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rate: float) -> None:
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_HEAD)
        number = 0
        while not writer.is_closing():
            jpeg = _picture(number)
            head = b"--" + BOUNDARY + b"\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
            writer.write(head + jpeg + b"\r\n")
            await writer.drain()
            number += 1
            await asyncio.sleep(1 / rate)
    except (ConnectionError, asyncio.IncompleteReadError):
        return  # the other side left, as probes and stopping captures do
    finally:
        writer.close()


def _picture(number: int) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 255, (240, 320, 3), np.uint8)
    return cv2.imencode(".jpg", pixels)[1].tobytes()
