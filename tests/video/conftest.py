"""Cameras for the tests of this room: our own with faults, and GStreamer's server where it is installed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.rtsp_camera import FakeCameras, fake_cameras


@pytest.fixture
def rtsp() -> Iterator[FakeCameras]:
    """A running server of fake cameras."""
    with fake_cameras() as cameras:
        yield cameras
