"""The words on `/ws/video` (video sheet 9.4): text commands in, binary batches out, a few texts around them.

In:  `{"sub": [{"cam", "size", "fps", "focus", "case"}], "unsub": [cam], "ack": n, "states": true}`, each part optional;
`focus` asks for the main stream as well, `case` says for which case one looks; `ack` counts batches received,
`states` asks for the states of all cameras, pictures or not.
Out: text `{"hello": …}` once, `{"now": ms}` when nothing else was said, `{"refused": [cam]}`, `{"slowed": [cam]}` (all
that get less than they asked for, whenever that changes); binary batches of entries
`[u16 cam][u8 kind][u8 flags][u32 length][payload]`, big-endian. `flags` of a tile is its place in the ladder, of a
focus fragment 1 for a key frame; payloads begin with the capture time (u64), a fragment's goes on with the number of
pictures left out before it (u16).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.camera import CameraStatus
from domain.tile_state import wire_table
from video.focus import FocusKind
from video.focus_hub import Piece
from video.health import REPEAT_SECONDS
from video.ladder import BY_NAME, LADDER, TileSize, allowed_rate
from video.status import wire_status
from video.tile import Tile

LONGEST_COMMAND = 16_384
MOST_CAMERAS = 128
"""Cameras one socket may watch: the whole city of the report and some room."""
_HEAD = struct.Struct(">HBBI")
_TIME = struct.Struct(">Q")
_FRAGMENT = struct.Struct(">QH")
_MOST_DROPPED = 0xFFFF
_CASE = r"^[^\x00-\x1f]{1,64}$"


class Kind(IntEnum):
    """What an entry of a batch carries."""

    TILE = 1
    STATE = 2
    FOCUS_INIT = 3
    FOCUS_FRAGMENT = 4
    FOCUS_CANNOT = 5


_FOCUS_KINDS = {
    FocusKind.INIT: Kind.FOCUS_INIT,
    FocusKind.KEY: Kind.FOCUS_FRAGMENT,
    FocusKind.DELTA: Kind.FOCUS_FRAGMENT,
    FocusKind.CANNOT: Kind.FOCUS_CANNOT,
}


class WireError(ValueError):
    """A command we do not understand; its words may be sent back to the browser."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A camera a page wants, as large and as often as it shows it. `focus`: its main stream as well.

    `case` is the case somebody looks at it for.
    """

    number: int
    size: TileSize
    rate: float
    focus: bool = False
    case: str | None = None

    @property
    def close(self) -> bool:
        """Looked at closely, or opened because of a case: it loses quality last."""
        return self.focus or self.case is not None


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
    focus: bool = False
    case: str | None = Field(default=None, pattern=_CASE)


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
    return Subscription(item.cam, BY_NAME[item.size], allowed_rate(item.fps), item.focus, item.case)


def tile_entry(number: int, size: TileSize, tile: Tile) -> bytes:
    """One tile inside a batch."""
    payload = tile.pack()
    return _HEAD.pack(number, Kind.TILE, LADDER.index(size), len(payload)) + payload


def state_entry(number: int, status: CameraStatus) -> bytes:
    """One camera's state inside a batch."""
    payload = orjson.dumps(wire_status(status))
    return _HEAD.pack(number, Kind.STATE, 0, len(payload)) + payload


def focus_entry(number: int, piece: Piece) -> bytes:
    """One message of a focus stream inside a batch."""
    message = piece.message
    kind = _FOCUS_KINDS[message.kind]
    if kind is Kind.FOCUS_FRAGMENT:
        head = _FRAGMENT.pack(message.captured_ms, min(piece.dropped, _MOST_DROPPED))
    else:
        head = _TIME.pack(message.captured_ms)
    flags = int(message.kind is FocusKind.KEY)
    return _HEAD.pack(number, kind, flags, len(head) + len(message.payload)) + head + message.payload


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


def slowed_text(numbers: Iterable[int]) -> str:
    """Cameras of which this viewer gets less than it asked for, all there are."""
    return orjson.dumps({"slowed": sorted(numbers)}).decode()
