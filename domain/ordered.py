"""A set that is always in order: what is first costs nothing to know, however many there are."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from itertools import islice
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=tuple[object, ...])


class Ordered(Generic[Key]):
    """Distinct, mutually comparable keys, smallest first. Adding and taking out cost one binary search."""

    def __init__(self) -> None:
        self._keys: list[Key] = []

    def add(self, key: Key) -> None:
        insort(self._keys, key)

    def remove(self, key: Key) -> None:
        """Take out a key that is in.

        Raises:
            KeyError: it is not.
        """
        index = bisect_left(self._keys, key)
        if index == len(self._keys) or self._keys[index] != key:
            raise KeyError(key)
        del self._keys[index]

    def first(self, count: int) -> Iterator[Key]:
        """The smallest `count` keys."""
        return islice(self._keys, count)

    def __len__(self) -> int:
        return len(self._keys)
