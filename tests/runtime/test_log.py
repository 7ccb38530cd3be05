"""One event, one line, no password."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from runtime.log import LogForm, configure_log, redacted


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def logged(form: LogForm, *, level: str = "info", role: str | None = "video") -> tuple[logging.Logger, io.StringIO]:
    stream = io.StringIO()
    configure_log(level=level, form=form, role=role, stream=stream)
    return logging.getLogger("video.capture"), stream


def test_a_plain_line_says_when_how_bad_who_what_and_the_values() -> None:
    log, stream = logged(LogForm.PLAIN)
    log.warning("camera %s lost", 12, extra={"facts": {"error": "timeout", "attempt": None}})
    at, rest = stream.getvalue().split(" ", 1)
    assert at.endswith("Z")
    assert rest == "WARNING [video] camera 12 lost error=timeout\n"


def test_a_json_line_is_one_object() -> None:
    log, stream = logged(LogForm.JSON)
    log.error("camera lost", extra={"facts": {"camera": 12, "district": "市南"}})
    found = json.loads(stream.getvalue())
    assert found.pop("at").endswith("Z")
    assert found == {
        "level": "error",
        "role": "video",
        "logger": "video.capture",
        "event": "camera lost",
        "camera": 12,
        "district": "市南",
    }


@pytest.mark.parametrize("form", LogForm)
def test_an_error_with_its_traceback_is_still_one_line(form: LogForm) -> None:
    log, stream = logged(form)
    try:
        raise ValueError("broken\nin two")
    except ValueError:
        log.exception("cannot decode")
    assert stream.getvalue().count("\n") == 1
    assert "ValueError" in stream.getvalue()


def test_events_under_the_level_are_not_written() -> None:
    log, stream = logged(LogForm.PLAIN, level="warning")
    log.info("all well")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("form", LogForm)
def test_a_password_reaches_the_log_neither_in_the_text_nor_in_a_value_nor_in_a_traceback(form: LogForm) -> None:
    log, stream = logged(form)
    address = "rtsp://admin:S3cr@t/99@10.1.2.3:554/main"
    log.warning("cannot open %s", address, extra={"facts": {"address": address}})
    try:
        raise OSError(address)
    except OSError:
        log.exception("lost")
    assert "S3cr" not in stream.getvalue()
    assert "t/99" not in stream.getvalue()
    assert "10.1.2.3:554/main" in stream.getvalue()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rtsp://u:p@h/1", "rtsp://***@h/1"),
        ("postgresql+psycopg://citywall:pa@ss@db:5432/hall and on", "postgresql+psycopg://***@db:5432/hall and on"),
        ("redis://:secret@h:6379/0", "redis://***@h:6379/0"),
        ("http://h/device?token=abc&x=1", "http://h/device?token=***&x=1"),
        ("rtsp://h/cam1 asked by mail@city.cn", "rtsp://h/cam1 asked by mail@city.cn"),
        ("no address, no change", "no address, no change"),
    ],
)
def test_redaction_takes_the_secret_and_leaves_the_rest(text: str, expected: str) -> None:
    assert redacted(text) == expected
