from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ordered import Ordered


@given(st.sets(st.tuples(st.integers(0, 20), st.text(max_size=2))), st.data())
def test_the_first_keys_are_those_of_a_sorted_list(keys: set[tuple[int, str]], data: st.DataObject) -> None:
    ordered: Ordered[tuple[int, str]] = Ordered()
    for key in keys:
        ordered.add(key)
    for key in data.draw(st.sets(st.sampled_from(sorted(keys)))) if keys else ():
        ordered.remove(key)
        keys = keys - {key}
    assert list(ordered.first(5)) == sorted(keys)[:5]
    assert len(ordered) == len(keys)


def test_a_key_that_is_not_in_cannot_be_taken_out() -> None:
    ordered: Ordered[tuple[int]] = Ordered()
    ordered.add((1,))
    with pytest.raises(KeyError):
        ordered.remove((2,))
