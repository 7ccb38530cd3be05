"""Why a camera does not answer, asked of real sockets."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from domain.camera import CameraError
from tests.fakes.rtsp_camera import PASSWORD, USER, FakeCameras, Fault
from video import probe as probing
from video.probe import probe, reachable
from video.rtsp_auth import answer


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.OK, None),
        (Fault.SLOW, None),
        (Fault.MISSING, CameraError.NOT_FOUND),
        (Fault.AUTH, CameraError.AUTH),
        (Fault.CODEC, CameraError.CODEC),
    ],
)
async def test_each_refusal_has_its_code(rtsp: FakeCameras, fault: Fault, reason: CameraError | None) -> None:
    assert await probe(rtsp.url(fault)) is reason


@pytest.mark.parametrize(("password", "reason"), [(PASSWORD, None), ("wrong", CameraError.AUTH)])
async def test_a_password_is_proved_without_sending_it(
    rtsp: FakeCameras, password: str, reason: CameraError | None
) -> None:
    assert await probe(rtsp.url(Fault.AUTH, user=USER, password=password)) is reason


async def test_silence_ends_in_a_timeout(rtsp: FakeCameras, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "REPLY_LIMIT_SECONDS", 0.2)
    assert await probe(rtsp.url(Fault.SILENT)) is CameraError.TIMEOUT


@pytest.mark.parametrize("fault", [Fault.OK, Fault.MISSING, Fault.AUTH, Fault.CODEC])
async def test_whoever_answers_at_all_is_reachable_and_is_not_asked_for_its_stream(
    rtsp: FakeCameras, fault: Fault
) -> None:
    assert await reachable(rtsp.url(fault, 77))
    assert rtsp.asked[f"/{fault}/77"] == ["OPTIONS"]


async def test_silence_and_a_closed_port_are_out_of_reach(
    rtsp: FakeCameras, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "REPLY_LIMIT_SECONDS", 0.2)
    assert not await reachable(rtsp.url(Fault.SILENT))
    for url in (f"rtsp://127.0.0.1:{closed_port}/live", f"http://127.0.0.1:{closed_port}/live", "rtsp:///nowhere"):
        assert await reachable(url) is (url == "rtsp:///nowhere")


async def test_a_closed_port_is_refused(closed_port: int) -> None:
    assert await probe(f"rtsp://127.0.0.1:{closed_port}/live") is CameraError.REFUSED
    assert await probe(f"http://127.0.0.1:{closed_port}/live") is CameraError.REFUSED


@pytest.mark.parametrize("url", ["ftp://10.0.0.1/a", "rtsp:///nowhere", "nonsense", "rtsp://h:99999/x"])
async def test_an_address_that_cannot_be_read_says_so(url: str) -> None:
    assert await probe(url) is CameraError.BAD_ADDRESS


async def test_a_missing_file_says_so(tmp_path: Path) -> None:
    film = tmp_path / "a film.mp4"
    assert await probe(film.as_uri()) is CameraError.NOT_FOUND
    film.touch()
    assert await probe(film.as_uri()) is None


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\n", None),
        (b"HTTP/1.1 401 Unauthorized\r\n\r\n", CameraError.AUTH),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", CameraError.NOT_FOUND),
        (b"SSH-2.0-OpenSSH_9.2\r\n", CameraError.REFUSED),
    ],
)
async def test_an_http_camera_is_asked_for_its_status_only(reply: bytes, reason: CameraError | None) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await probe(f"http://user:pw@127.0.0.1:{port}/mjpeg") is reason


async def test_a_camera_that_hangs_up_has_ended() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await probe(f"rtsp://127.0.0.1:{port}/live") in (CameraError.STREAM_ENDED, CameraError.TIMEOUT)


def test_digest_answers_as_the_standard_shows() -> None:
    """RFC 2617, 3.5, without quality of protection: the form cameras use."""
    header = answer(
        'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
        method="GET",
        uri="/dir/index.html",
        user="Mufasa",
        password="Circle Of Life",
    )
    assert header is not None
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in header


def test_basic_answers_as_the_standard_shows() -> None:
    assert answer("Basic realm=x", method="GET", uri="/", user="Aladdin", password="open sesame") == (
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    )
    assert answer("Bearer", method="GET", uri="/", user="a", password="b") is None


@pytest.fixture
def closed_port() -> int:
    """A port that was just given back."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
