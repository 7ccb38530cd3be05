"""Addresses, and that no password leaves them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from tests.video.made import camera
from video.address import CameraAddress, Scheme, file_path, redact, scheme_of

names = st.text(st.characters(codec="ascii", exclude_characters="/?#@ \t\r\n\x00\x0b\x0c\x1c\x1d\x1e\x1f"), min_size=1)


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("rtsp://10.0.0.1/live", Scheme.RTSP),
        ("RTSPS://10.0.0.1/live", Scheme.RTSP),
        ("http://10.0.0.1/mjpeg", Scheme.HTTP),
        ("https://10.0.0.1/mjpeg", Scheme.HTTP),
        ("file:///films/a.mp4", Scheme.FILE),
        ("gopher://x", None),
        ("", None),
    ],
)
def test_the_scheme_is_read_from_the_address(url: str, scheme: Scheme | None) -> None:
    assert scheme_of(url) is scheme


def test_a_file_address_may_hold_spaces_and_chinese() -> None:
    assert str(file_path("file:///films/%E8%A1%97%20one.mp4")) == "/films/街 one.mp4"


@given(names, names)
def test_no_text_keeps_a_password(user: str, password: str) -> None:
    text = f"cannot open rtsp://{user}:{password}@10.0.0.1:554/live"
    assert redact(text) == "cannot open rtsp://***@10.0.0.1:554/live"


def test_text_without_credentials_stays_as_it_is() -> None:
    text = "mail a@b.cn, see http://10.0.0.1/x@y"
    assert redact(text) == text


def test_an_address_never_shows_itself_in_a_record() -> None:
    secret = SecretStr("rtsp://operator:s3cret@10.0.0.1/live")
    assert "s3cret" not in repr(CameraAddress(camera=camera(1), main_url=secret, sub_url=secret))


def test_the_small_stream_is_watched_and_the_large_one_kept_for_close_looks() -> None:
    address = CameraAddress(camera=camera(1), main_url=SecretStr("rtsp://h/main"), sub_url=SecretStr("rtsp://h/sub"))
    assert address.watch_url.get_secret_value() == "rtsp://h/sub"
    assert address.detail_url is not None
    assert address.detail_url.get_secret_value() == "rtsp://h/main"


@pytest.mark.parametrize("sub", [None, SecretStr(""), SecretStr("rtsp://h/main")])
def test_a_camera_with_one_stream_is_pulled_once(sub: SecretStr | None) -> None:
    address = CameraAddress(camera=camera(1), main_url=SecretStr("rtsp://h/main"), sub_url=sub)
    assert address.watch_url.get_secret_value() == "rtsp://h/main"
    assert address.detail_url is None
