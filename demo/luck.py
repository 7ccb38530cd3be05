"""Chance that can be asked again: the same seed, case and question give the same answer, in any order, in any process.

So a case's story needs no memory: whoever looks at the case knows what its people will do next, and a restarted demo
goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeVar

Choice = TypeVar("Choice")

_NORMAL = NormalDist()
_RANGE = 2**64


@dataclass(frozen=True, slots=True)
class Luck:
    """The luck of one thing (a case, a department). `question` names what is asked; another name, another answer."""

    seed: int
    thing: str

    def share(self, question: str) -> float:
        """Evenly between 0 and 1, neither included."""
        digest = hashlib.blake2b(f"{self.seed}|{self.thing}|{question}".encode(), digest_size=8).digest()
        return (int.from_bytes(digest, "big") + 0.5) / _RANGE

    def chance(self, question: str, of: float) -> bool:
        """True in the share `of` of all things."""
        return self.share(question) < of

    def between(self, question: str, low: float, high: float) -> float:
        """Evenly between two values."""
        return low + (high - low) * self.share(question)

    def about(self, question: str, median: float, *, spread: float = 0.5) -> float:
        """Around a median, half below and half above, with the long tail that waiting has; at most 8 times it."""
        return median * min(8.0, math.exp(spread * _NORMAL.inv_cdf(self.share(question))))

    def one_of(self, question: str, choices: Sequence[Choice]) -> Choice:
        """One of the choices, each as likely."""
        return choices[int(self.share(question) * len(choices))]

    def hex(self, question: str) -> str:
        """Sixteen hexadecimal digits, such as the beginning of a photo's hash."""
        return f"{int(self.share(question) * _RANGE):016x}"
