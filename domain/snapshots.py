"""An immutable mapping whose next version shares nearly everything with the one before.

Making a new version, and finding what two versions do not share, cost the same however many keys there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

Value = TypeVar("Value")

BUCKETS = 256
"""Fixed number of parts; a change copies one of them."""


class Snapshot(Mapping[str, Value]):
    """Equal to any mapping with the same items. Built by `of` and `changed` only."""

    __slots__ = ("_buckets", "_length")

    def __init__(self, buckets: tuple[dict[str, Value], ...], length: int) -> None:
        self._buckets = buckets
        self._length = length

    @classmethod
    def of(cls, items: Mapping[str, Value]) -> Snapshot[Value]:
        """A snapshot of any mapping; a snapshot itself is given back as it is."""
        if isinstance(items, Snapshot):
            return items
        buckets: tuple[dict[str, Value], ...] = tuple({} for _ in range(BUCKETS))
        for key, value in items.items():
            buckets[hash(key) % BUCKETS][key] = value
        return cls(buckets, len(items))

    def changed(self, put: Mapping[str, Value], drop: Iterable[str]) -> Snapshot[Value]:
        """The snapshot with some keys put and some dropped; dropping a key that is not in changes nothing."""
        gone = {key for key in drop if key in self or key in put}
        if not put and not gone:
            return self
        buckets = list(self._buckets)
        for place in {hash(key) % BUCKETS for key in (*put, *gone)}:
            buckets[place] = dict(buckets[place])
        for key, value in put.items():
            buckets[hash(key) % BUCKETS][key] = value
        for key in gone:
            del buckets[hash(key) % BUCKETS][key]
        added = sum(1 for key in put if key not in self)
        return Snapshot(tuple(buckets), self._length + added - len(gone))

    def differing(self, other: Snapshot[Value]) -> Iterator[str]:
        """Keys whose values are not equal in both, or that only one has."""
        for mine, theirs in zip(self._buckets, other._buckets, strict=True):
            if mine is not theirs:
                yield from (key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key))

    def __getitem__(self, key: str) -> Value:
        return self._buckets[hash(key) % BUCKETS][key]

    def __iter__(self) -> Iterator[str]:
        for bucket in self._buckets:
            yield from bucket

    def __len__(self) -> int:
        return self._length
