from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from domain.roles import Identity, Role
from pages._desk import places


@dataclass
class Words:
    """The part of `Services` that the bar's places ask."""

    t: Callable[[str], str] = str


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        (Role.LEADER, ["/wall", "/replay", "/evaluation", "/supervision", "/cases", "/video", "/video/health"]),
        (
            Role.DISPATCHER,
            [
                "/wall",
                "/replay",
                "/evaluation",
                "/dispatch",
                "/supervision",
                "/handover",
                "/cases",
                "/video",
                "/video/health",
            ],
        ),
        (Role.DEPARTMENT, ["/unit", "/cases"]),
        (Role.COLLECTOR, ["/collect"]),
        (Role.WALL_DEVICE, ["/wall", "/video"]),
    ],
)
def test_the_bar_offers_what_the_post_may_open(role: Role, paths: list[str]) -> None:
    offered = places(Words(), Identity("x", "x", role))  # type: ignore[arg-type]
    assert [place.path for place in offered] == paths
