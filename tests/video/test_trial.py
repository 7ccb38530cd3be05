"""Trying an address before it is saved: what it sends, or why it sends nothing."""

from __future__ import annotations

import numpy as np
import pytest

from domain.camera import CameraError
from tests.fakes.rtsp_camera import PASSWORD, USER, FakeCameras, Fault
from video.cv import cv2
from video.source import OpenFailed
from video.trial import look


def test_a_good_camera_tells_codec_size_rate_and_shows_a_picture(rtsp: FakeCameras) -> None:
    seen = look(rtsp.url(Fault.AUTH, user=USER, password=PASSWORD))
    assert seen.codec == "h264"
    assert seen.fps > 1
    assert seen.first_picture_ms > 0
    assert seen.jpeg.startswith(b"\xff\xd8")
    assert seen.width > 100
    assert cv2.imdecode(np.frombuffer(seen.jpeg, np.uint8), 1).shape[:2] == (seen.height, seen.width)


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Fault.AUTH, CameraError.AUTH), (Fault.MISSING, CameraError.NOT_FOUND), (Fault.CODEC, CameraError.CODEC)],
)
def test_a_bad_one_says_why(rtsp: FakeCameras, fault: Fault, error: CameraError) -> None:
    with pytest.raises(OpenFailed) as caught:
        look(rtsp.url(fault))
    assert caught.value.error is error


def test_a_closed_port_and_a_missing_file_say_why() -> None:
    for url, error in (("rtsp://127.0.0.1:9/x", CameraError.REFUSED), ("file:/nowhere.mp4", CameraError.NOT_FOUND)):
        with pytest.raises(OpenFailed) as caught:
            look(url)
        assert caught.value.error is error
