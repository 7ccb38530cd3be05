"""Which checks are switched off for which camera, from the words of the setting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.camera import CameraCondition


def switched_off(entries: Iterable[str]) -> Mapping[str, frozenset[CameraCondition]]:
    """Camera id → conditions not to be told. An entry is `QD-012:moved`, or `QD-012` for all of them.

    Raises:
        ValueError: there is no such check.
    """
    off: dict[str, frozenset[CameraCondition]] = {}
    for entry in entries:
        camera_id, _, code = entry.partition(":")
        chosen = frozenset({CameraCondition(code)}) if code else frozenset(CameraCondition)
        off[camera_id] = off.get(camera_id, frozenset()) | chosen
    return off
