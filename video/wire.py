"""The words on `/ws/video` (video sheet 9.4): text commands in, binary batches out, a few texts around them.

In:  `{"sub": [{"cam", "size", "fps"}], "unsub": [cam], "ack": n, "states": true}`, each part optional; `ack` counts
batches received, `states` asks for the states of all cameras, pictures or not.
Out: text `{"hello": …}` once, `{"now": ms}` when nothing else was said, `{"refused": [cam]}`; binary batches of
entries `[u16 cam][u8 kind][u8 flags][u32 length][payload]`, big-endian. `flags` of a tile is its place in the ladder.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.camera import CameraStatus
from domain.tile_state import wire_table
from video.health import REPEAT_SECONDS
from video.ladder import BY_NAME, LADDER, TileSize, allowed_rate
from video.status import wire_status
from video.tile import Tile

LONGEST_COMMAND = 16_384
MOST_CAMERAS = 128
"""Cameras one socket may watch: the whole city of the report and some room."""
_HEAD = struct.Struct(">HBBI")


class Kind(IntEnum):
    """What an entry of a batch carries. 3 and 4 are kept for the focused picture (fMP4 init and fragment)."""

    TILE = 1
    STATE = 2


class WireError(ValueError):
    """A command we do not understand; its words may be sent back to the browser."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A camera a page wants, as large and as often as it shows it."""

    number: int
    size: TileSize
    rate: float


@dataclass(frozen=True, slots=True)
class Command:
    """One text message from a page."""

    sub: tuple[Subscription, ...] = ()
    unsub: tuple[int, ...] = ()
    ack: int | None = None
    states: bool = False


class _Sub(BaseModel):
    model_config = ConfigDict(extra="forbid")
    cam: int = Field(ge=1, le=65_535)
    size: str
    fps: float = Field(gt=0, le=30)


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")
    sub: list[_Sub] = Field(default=[], max_length=MOST_CAMERAS)
    unsub: list[int] = Field(default=[], max_length=MOST_CAMERAS)
    ack: int | None = Field(default=None, ge=0)
    states: bool = False


def parse_command(text: str) -> Command:
    """The command in one text message.

    Raises:
        WireError: too long, not JSON, unknown words or sizes.
    """
    if len(text) > LONGEST_COMMAND:
        raise WireError("message too long")
    try:
        message = _Message.model_validate_json(text)
    except ValidationError as error:
        raise WireError(f"not a command: {error.errors()[0]['msg']}") from error
    wishes = tuple(_subscription(item) for item in message.sub)
    return Command(wishes, tuple(message.unsub), message.ack, message.states)


def _subscription(item: _Sub) -> Subscription:
    if item.size not in BY_NAME:
        raise WireError(f"unknown size, choose from {', '.join(BY_NAME)}")
    return Subscription(item.cam, BY_NAME[item.size], allowed_rate(item.fps))


def tile_entry(number: int, size: TileSize, tile: Tile) -> bytes:
    """One tile inside a batch."""
    payload = tile.pack()
    return _HEAD.pack(number, Kind.TILE, LADDER.index(size), len(payload)) + payload


def state_entry(number: int, status: CameraStatus) -> bytes:
    """One camera's state inside a batch."""
    payload = orjson.dumps(wire_status(status))
    return _HEAD.pack(number, Kind.STATE, 0, len(payload)) + payload


def entries(batch: bytes) -> list[tuple[int, Kind, int, bytes]]:
    """A batch taken apart: number, kind, flags, payload.

    Raises:
        ValueError: cut short, or a kind we do not know.
    """
    found = []
    at = 0
    while at < len(batch):
        if len(batch) - at < _HEAD.size:
            raise ValueError("batch cut short")
        number, kind, flags, length = _HEAD.unpack_from(batch, at)
        at += _HEAD.size + length
        if at > len(batch):
            raise ValueError("batch cut short")
        found.append((number, Kind(kind), flags, batch[at - length : at]))
    return found


def hello(now_ms: int) -> str:
    """First text of every socket: the server's clock, the table of states, the sizes, how long a repeat is let pass."""
    sizes = [[size.width, size.height] for size in LADDER]
    facts = {"now": now_ms, "states": wire_table(), "sizes": sizes, "repeat": REPEAT_SECONDS}
    return orjson.dumps({"hello": facts}).decode()


def now_text(now_ms: int) -> str:
    """Nothing new, but the server is there and this is its clock."""
    return orjson.dumps({"now": now_ms}).decode()


def refused_text(numbers: Sequence[int]) -> str:
    """Cameras that do not exist or that this person may not see."""
    return orjson.dumps({"refused": list(numbers)}).decode()
