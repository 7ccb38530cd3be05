"""The key that signs sessions: made once, at the first start, readable by nobody else.

Several web machines must hold the same file, or a session of one is worth nothing to another.
"""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

FILE_NAME = "secret.key"
_BYTES = 32
_OTHERS = 0o077

log = logging.getLogger(__name__)


class SecretKeyError(Exception):
    """The key file cannot be used; the message says what to do."""


def load_secret_key(data_dir: Path) -> bytes:
    """The key of this data folder, made when there is none. Of two starters at once, both get the first one's.

    Raises:
        SecretKeyError: the file cannot be read or written, or holds no key.
    """
    path = data_dir / FILE_NAME
    try:
        if not path.exists():
            _make(path)
        _close_to_others(path)
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise SecretKeyError(
            f"Cannot read or make {path}: {error.strerror}. Let the hall's user write there."
        ) from error
    except ValueError as error:
        raise SecretKeyError(
            f"{path} holds no key. Remove it: a new one is made, and everybody logs in again."
        ) from error
    if len(key) < _BYTES:
        raise SecretKeyError(
            f"{path} holds too short a key. Remove it: a new one is made, and everybody logs in again."
        )
    return key


def _make(path: Path) -> None:
    """Write beside, then link: the name never stands for a half-written file, and never for a second key."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_BYTES))
    try:
        os.link(beside, path)
    except FileExistsError:
        log.debug("another process made %s first", path.name)
    finally:
        beside.unlink()


def _close_to_others(path: Path) -> None:
    if path.stat().st_mode & _OTHERS:
        log.warning("%s was open to other users; it is closed now. Consider making a new one.", path.name)
        path.chmod(0o600)
