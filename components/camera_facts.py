"""What the camera wall's scripts know of every camera, as JSON: names, words to find it by, place, rights, presets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from components.camera_tree import in_tree_order
from domain.camera import Camera
from domain.pinyin import typed


def camera_facts(cameras: Sequence[Camera], *, districts: Mapping[str, str]) -> str:
    """All cameras in tree order. Never an address: those stay inside the capture process."""
    facts = [
        _facts(camera, districts.get(camera.district_code, camera.district_code)) for camera in in_tree_order(cameras)
    ]
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


def _facts(camera: Camera, district: str) -> dict[str, Any]:
    return {
        "number": camera.number,
        "id": camera.camera_id,
        "name": camera.name,
        "find": found_by(camera, district),
        "owner": camera.owner_unit,
        "shared": camera.shared,
        "ptz": camera.ptz and not camera.shared,
        "lon": camera.lon,
        "lat": camera.lat,
        "bearing": camera.bearing,
        "fov": camera.fov,
        "presets": [{"token": preset.token, "name": preset.name} for preset in camera.presets],
    }


def found_by(camera: Camera, district: str) -> str:
    """The words a search matches: name and its pinyin, id, street and district and theirs."""
    names = [name for name in (camera.name, camera.street, district) if name]
    return " ".join([*names, *(typed(name) for name in names), camera.camera_id]).lower()
