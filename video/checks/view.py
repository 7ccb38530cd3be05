"""A fixed camera that looks elsewhere: its edges no longer lie where they always lay.

The reference is the median of many looks, so people and cars are not in it. Where a scene is never like its own
reference (a moving camera: 0.35), nothing can be said and nothing is. Changed light moves no edges: the shift tells.
"""

from __future__ import annotations

import math
from collections import deque
from statistics import median

import numpy as np

from video.checks.held import Held
from video.checks.look import Floats, Luma, edge_picture
from video.cv import cv2

REFERENCE_LOOKS = 15
LEARN_EVERY_SECONDS = 4.0
REFRESH_EVERY_SECONDS = 120.0
USEFUL_NORMAL = 0.5
"""A camera whose own normal likeness is not above this is not judged."""
SUSPICIOUS_BELOW, SAME_ABOVE = 0.5, 0.7
OTHER_VIEW_BELOW = 0.35
"""Shares of the camera's normal likeness. Measured: other views −0.2 to 0.35, a blur of sigma 6 from 0.44, fixed
streets by day, by night and in haze from 0.5."""
SHIFTED_PX, SAME_PX = 4.0, 2.5
"""Shift in pixels of the 160 px wide thumbnail; a view that stands measures up to 2."""
CLEAR_RESPONSE = 0.15
STANDING_RESPONSE = 0.4
"""Height of the phase correlation's peak above which a shift, or that there is none, is believed."""
_FOLLOW = 0.002
"""How much of a new look goes into the normal likeness: half of it within some twelve minutes of looks."""
_ON_SECONDS, _OFF_SECONDS = 60.0, 20.0


class ViewWatch:
    """One fixed camera's view."""

    def __init__(self) -> None:
        self.reference: Luma | None = None
        self.normal: float | None = None
        self.moved = Held(_ON_SECONDS, _OFF_SECONDS)
        self._looks: deque[Luma] = deque(maxlen=REFERENCE_LOOKS)
        self._first: list[float] = []
        self._taken_at = -math.inf

    def stands(self, luma: Luma) -> bool | None:
        """Whether this look alone shows the usual edges, however faint; None where that cannot be told."""
        if self.reference is None or self.normal is None or self.normal <= USEFUL_NORMAL:
            return None
        return likeness(edge_picture(luma), self.reference) >= SUSPICIOUS_BELOW * self.normal

    def see(self, luma: Luma, at: float, *, soft: bool) -> None:
        """A look at a picture that shows something; `soft`: a blurred one, which teaches nothing."""
        edges = edge_picture(luma)
        if self.reference is None:
            self._learn_reference(edges, at)
        elif self.normal is None:
            self._learn_normal(likeness(edges, self.reference))
        elif self.normal > USEFUL_NORMAL:
            self._judge(edges, self.reference, self.normal, at, soft=soft)

    def start_from(self, reference: Luma, normal: float | None) -> None:
        """What was learned before, unless something has been learned since."""
        if self.reference is None:
            self.reference, self.normal = reference, normal

    def forget(self) -> None:
        self.reference = self.normal = None
        self._looks.clear()
        self._first = []
        self._taken_at = -math.inf
        self.moved.forget()

    def _judge(self, edges: Luma, reference: Luma, normal: float, at: float, *, soft: bool) -> None:
        like = likeness(edges, reference) / normal
        if like >= SUSPICIOUS_BELOW:
            self.moved.see(bad=False, good=like > SAME_ABOVE, at=at)
            self.normal = normal + (like * normal - normal) * _FOLLOW
            if not soft:
                self._refresh(edges, at)
            return
        shift, response = shift_of(edges, reference)
        same = response >= STANDING_RESPONSE and shift < SAME_PX
        shifted = response >= CLEAR_RESPONSE and shift >= SHIFTED_PX
        self.moved.see(bad=not same and (shifted or like < OTHER_VIEW_BELOW), good=same, at=at)
        if same and not soft:
            self._refresh(edges, at)

    def _learn_reference(self, edges: Luma, at: float) -> None:
        if at - self._taken_at >= LEARN_EVERY_SECONDS:
            self._take(edges, at)

    def _learn_normal(self, like: float) -> None:
        self._first.append(like)
        if len(self._first) >= REFERENCE_LOOKS:
            self.normal, self._first = median(self._first), []

    def _refresh(self, edges: Luma, at: float) -> None:
        """The same view: let the reference follow light and seasons."""
        if at - self._taken_at >= REFRESH_EVERY_SECONDS:
            self._take(edges, at)

    def _take(self, edges: Luma, at: float) -> None:
        self._looks.append(edges)
        self._taken_at = at
        if len(self._looks) == REFERENCE_LOOKS:
            self.reference = np.asarray(np.median(np.stack(self._looks), axis=0), np.uint8)


def likeness(one: Luma, other: Luma) -> float:
    """Correlation of two edge pictures, −1 to 1; 0 where one of them has no edges."""
    mine, others = _centred(one), _centred(other)
    lengths = float(mine @ mine) * float(others @ others)
    return float(mine @ others) / math.sqrt(lengths) if lengths > 0 else 0.0


def shift_of(one: Luma, other: Luma) -> tuple[float, float]:
    """How far `one` lies from `other` in thumbnail pixels, and how clear that is (0–1)."""
    (x, y), response = cv2.phaseCorrelate(_floats(other), _floats(one))
    return 2 * math.hypot(x, y), float(response)


def _centred(edges: Luma) -> Floats:
    values = _floats(edges).ravel()
    values -= values.mean()
    return values


def _floats(edges: Luma) -> Floats:
    return edges.astype(np.float32)
