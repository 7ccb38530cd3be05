"""What do all picture checks of 101 cameras cost, one look each every two seconds?

Thumbnails of drawn streets are prepared beforehand; timed are the checks alone, as a capture process runs them:
learning, then a quiet day, then the worst case (every view lies elsewhere: each look pays for the shift as well).
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from measured import arguments, report

from video.checks.picture import PictureChecks

CAMERAS = 101
EVERY_SECONDS = 2.0
PICTURES = 8
LEARN_LOOKS = 80

Luma = npt.NDArray[np.uint8]


def street(seed: int) -> list[Luma]:
    """A few noisy thumbnails of one drawn street."""
    rng = np.random.default_rng(seed)
    still = np.full((90, 160), 110.0)
    for _ in range(60):
        x, y = rng.integers(0, 150), rng.integers(0, 80)
        still[y : y + rng.integers(3, 20), x : x + rng.integers(3, 20)] = rng.integers(30, 220)
    return [np.clip(still + rng.normal(0, 3, still.shape), 0, 255).astype(np.uint8) for _ in range(PICTURES)]


def looks_ms(cameras: Sequence[PictureChecks], streets: Sequence[list[Luma]], rounds: int, begin: float) -> float:
    """Processor time of one look, mean over `rounds` of all cameras."""
    began = time.process_time()
    for turn in range(rounds):
        for checks, pictures in zip(cameras, streets, strict=True):
            checks.see(pictures[turn % PICTURES], begin + turn * EVERY_SECONDS)
    return (time.process_time() - began) * 1000 / (rounds * len(cameras))


def line(name: str, look_ms: float) -> str:
    core = CAMERAS * look_ms / (EVERY_SECONDS * 1000) * 100
    return f"| {name} | {look_ms:.3f} | {core:.2f} |"


def main() -> None:
    options = arguments(__doc__).parse_args()
    rounds = 10 if options.quick else 200
    streets = [street(seed) for seed in range(CAMERAS)]
    moved = [[np.roll(picture, (8, 14), (0, 1)) for picture in pictures] for pictures in streets]
    cameras = [PictureChecks() for _ in range(CAMERAS)]
    learning = looks_ms(cameras, streets, LEARN_LOOKS, 0.0)
    quiet = looks_ms(cameras, streets, rounds, 1000.0)
    worst = looks_ms(cameras, moved, rounds, 5000.0)
    lines = [
        "| looks | ms each (processor) | 101 cameras every 2 s, % of a core |",
        "|---|---|---|",
        line("while learning", learning),
        line("a quiet day", quiet),
        line("every camera moved", worst),
        "",
        "Goal: about 1 % of a core.",
    ]
    report("All picture checks of 101 cameras", lines, save=options.save)


if __name__ == "__main__":
    main()
