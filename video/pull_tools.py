"""What pulls use outside tests: OpenCV behind real probes, files paced by the wall clock."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from runtime.clock import Clock
from video.address import Scheme, scheme_of
from video.file_source import FileOpener
from video.open_gate import OpenGate
from video.opencv_source import CvOpener
from video.probe import clock_drift, probe, reachable
from video.pull import PullTools
from video.source import Opener


def default_tools(clock: Clock) -> PullTools:
    """One set a process: its cameras share the gate."""

    def opener_for(url: str, wait: Callable[[float], object]) -> Opener:
        if scheme_of(url) is not Scheme.FILE:
            return CvOpener()
        return FileOpener(CvOpener(), now_ms=lambda: clock.now().timestamp() * 1000, wait=wait)

    return PullTools(
        opener_for=opener_for,
        probe=lambda url: asyncio.run(probe(url)),
        reachable=lambda url: asyncio.run(reachable(url)),
        gate=OpenGate(),
        clock=clock,
        rng=random.SystemRandom(),
        clock_drift=lambda url: asyncio.run(clock_drift(url, clock.now)),
    )
