from __future__ import annotations

from domain.delivered import REMEMBERED, Delivered


def test_an_entry_counts_once_whatever_the_order() -> None:
    delivered = Delivered(5)
    assert [delivered.add(entry_id) for entry_id in (7, 6, 7, 6, 5, 1)] == [True, True, False, False, False, False]


def test_memory_is_bounded_and_what_was_forgotten_counts_as_delivered() -> None:
    delivered = Delivered(0)
    assert all(delivered.add(entry_id) for entry_id in range(1, 5 * REMEMBERED))
    assert len(delivered._beyond) <= 2 * REMEMBERED
    assert not delivered.add(1)
    assert not delivered.add(5 * REMEMBERED - 1)
