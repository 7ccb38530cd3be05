"""Which of a camera's profiles the hall takes: the largest to look closely, a small one to watch day and night."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from video.onvif.device import Profile

SMALLEST_WIDTH_PX = 320
BEST_CODEC = "H264"
"""Every browser plays it; the others are shown as single pictures."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The two streams; `sub` is None where the camera has only one worth taking."""

    main: Profile
    sub: Profile | None


def choose(profiles: Sequence[Profile]) -> Chosen | None:
    """The largest H.264 profile and the smallest of at least 320 pixels; None without any profile.

    Where nothing is H.264 the same is done with what there is.
    """
    usable = [profile for profile in profiles if profile.codec == BEST_CODEC] or list(profiles)
    if not usable:
        return None
    main = max(usable, key=_area)
    small = [profile for profile in usable if profile.width >= SMALLEST_WIDTH_PX and _area(profile) < _area(main)]
    return Chosen(main, min(small, key=_area, default=None))


def _area(profile: Profile) -> int:
    return profile.width * profile.height
