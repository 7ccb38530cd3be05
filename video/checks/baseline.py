"""What is normal for a camera, small enough to be kept in Redis: a restart or another worker need not learn it anew.

Six kilobytes a camera. Without it a worker that restarts while a lens is covered would learn the cover as normal.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from video.checks.cover import COLUMNS, ROWS
from video.checks.look import EDGE_SIZE, Floats, Luma

_FORM = 1
"""Number of the form; another one is ignored and learned anew."""


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """The learned normals of one camera; None where one is not learned."""

    sharpness: float | None
    deviation: float | None
    blocks: Floats | None
    reference: Luma | None
    likeness: float | None

    def encode(self) -> bytes:
        return orjson.dumps(
            {
                "form": _FORM,
                "sharpness": self.sharpness,
                "deviation": self.deviation,
                "blocks": None if self.blocks is None else [round(float(value), 2) for value in self.blocks.ravel()],
                "reference": None if self.reference is None else base64.b64encode(self.reference.tobytes()).decode(),
                "likeness": self.likeness,
            },
            option=orjson.OPT_SERIALIZE_NUMPY,
        )


def decode_baseline(data: bytes | str) -> Baseline:
    """Back from `Baseline.encode`.

    Raises:
        ValueError: not one of ours, or of another form.
    """
    raw = orjson.loads(data)
    try:
        if raw["form"] != _FORM:
            raise ValueError("a baseline of another form")
        return Baseline(
            sharpness=raw["sharpness"],
            deviation=raw["deviation"],
            blocks=_blocks(raw["blocks"]),
            reference=_reference(raw["reference"]),
            likeness=raw["likeness"],
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not a baseline") from error


def _blocks(values: Any) -> Floats | None:
    return None if values is None else np.asarray(values, np.float32).reshape(ROWS, COLUMNS)


def _reference(text: str | None) -> Luma | None:
    if text is None:
        return None
    width, height = EDGE_SIZE
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width)
