"""One event, one line, on standard error; passwords in addresses never reach it.

Say what happened in few words and hand the values over apart:
``log.warning("camera lost", extra={"facts": {"camera": 12, "error": "timeout"}})``.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TextIO

_IN_ADDRESS = re.compile(r"(?<=://)[^\s\"'<>]+@")
"""Up to the last @: a password may hold / and @. Hiding a piece of path now and then is the lesser evil."""

_IN_QUERY = re.compile(r"\b((?:password|passwd|pwd|token|secret)=)[^&\s\"']+", re.IGNORECASE)
_CHATTY = ("asyncio", "uvicorn.access", "httpx", "alembic", "websockets")


class LogForm(StrEnum):
    """How a line is written."""

    PLAIN = "plain"
    JSON = "json"


def redacted(text: str) -> str:
    """The text without user names and passwords of addresses, and without the values of secret parameters."""
    return _IN_QUERY.sub(r"\1***", _IN_ADDRESS.sub("***@", text))


def configure_log(
    *, level: str, form: LogForm = LogForm.PLAIN, role: str | None = None, stream: TextIO | None = None
) -> None:
    """Send this process's log to `stream` (standard error). Call once, first thing in a process.

    `level` is one of debug, info, warning, error; `role` names the process in every line.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_JsonLine(role) if form is LogForm.JSON else _PlainLine(role))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
    logging.captureWarnings(True)


class _Line(logging.Formatter):
    """What both forms share: the facts of a record, in the order they are written."""

    def __init__(self, role: str | None) -> None:
        super().__init__()
        self._role = role

    def facts(self, record: logging.LogRecord) -> dict[str, Any]:
        given = getattr(record, "facts", {})
        found = {name: value for name, value in given.items() if value is not None}
        if record.exc_info:
            found["traceback"] = self.formatException(record.exc_info)
        return found

    @staticmethod
    def at(record: logging.LogRecord) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _PlainLine(_Line):
    """``2026-08-06T06:32:07.123Z WARNING [video] camera lost camera=12 error=timeout``."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [self.at(record), record.levelname]
        if self._role:
            parts.append(f"[{self._role}]")
        parts.append(record.getMessage())
        parts += [f"{name}={value}" for name, value in self.facts(record).items()]
        return redacted(" ".join(parts)).replace("\n", "\\n")


class _JsonLine(_Line):
    """The same as one JSON object a line, for a log collector."""

    def format(self, record: logging.LogRecord) -> str:
        body = {
            "at": self.at(record),
            "level": record.levelname.lower(),
            "role": self._role,
            "logger": record.name,
            "event": record.getMessage(),
            **self.facts(record),
        }
        return redacted(json.dumps(body, ensure_ascii=False, default=str))
