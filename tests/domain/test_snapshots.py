from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.snapshots import BUCKETS, Snapshot

keys = st.text(alphabet="abc", max_size=4)
items = st.dictionaries(keys, st.integers(0, 2))


@given(items, items, st.lists(keys))
def test_a_changed_snapshot_equals_a_changed_dict(start: dict[str, int], put: dict[str, int], drop: list[str]) -> None:
    before = Snapshot.of(start)
    after = before.changed(put, drop)
    expected = {key: value for key, value in {**start, **put}.items() if key not in drop}
    assert after == expected
    assert dict(after.items()) == expected
    assert len(after) == len(expected)
    assert before == start


@given(items, items)
def test_differing_keys_are_those_whose_values_differ(one: dict[str, int], other: dict[str, int]) -> None:
    found = list(Snapshot.of(one).differing(Snapshot.of(other)))
    assert sorted(found) == sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))


def test_a_change_copies_one_bucket_and_shares_all_others() -> None:
    before = Snapshot.of({str(number): number for number in range(10_000)})
    after = before.changed({"17": -1}, [])
    shared = sum(mine is theirs for mine, theirs in zip(before._buckets, after._buckets, strict=True))
    assert shared == BUCKETS - 1
    assert list(before.differing(after)) == ["17"]


def test_nothing_changed_is_the_same_snapshot() -> None:
    snapshot = Snapshot.of({"a": 1})
    assert snapshot.changed({}, ["b"]) is snapshot
    assert Snapshot.of(snapshot) is snapshot


def test_an_unknown_key_is_an_error_and_get_has_a_default() -> None:
    snapshot = Snapshot.of({"a": 1})
    assert snapshot.get("b") is None
    with pytest.raises(KeyError):
        snapshot["b"]
