"""A scene in motion: the picture of any moment, with a burnt-in second that is true when the film runs on the clock."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from demo.street import paint, traffic, walkers
from demo.street.scenes import Scene

Picture = npt.NDArray[np.uint8]
_FONT = cv2.FONT_HERSHEY_DUPLEX


class Film:
    """One scene, its street painted once. `at` gives the picture of any second of its minute."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._street, self._depth = paint.painted(scene)
        self._fleet = traffic.vehicles(scene)
        self._people = walkers.walkers(scene)

    def at(self, seconds: float) -> Picture:
        """The picture at `seconds` of the minute (0–60)."""
        scene = self._scene
        frame = self._street.copy()
        moving = traffic.sprites(seconds, self._fleet, scene.light, scene.view)
        moving += walkers.sprites(seconds, self._people, scene.light, scene.view)
        for sprite in sorted(moving, key=lambda sprite: -sprite.depth):
            traffic.paint_sprite(frame, self._street, self._depth, sprite)
        _caption(frame, f"DEMO  {scene.name.upper().replace('_', ' ')}  :{int(seconds):02d}")
        return frame


def _caption(frame: Picture, text: str) -> None:
    """White on a dark rim, as cameras write into their pictures."""
    for colour, thick in (((20, 20, 20), 6), ((245, 245, 245), 2)):
        cv2.putText(frame, text, (28, 54), _FONT, 1.25, colour, thick, cv2.LINE_AA)
