"""The law of messages: old board + message = new board, through JSON as it really travels."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.board import (
    SCHEMA,
    Board,
    Resync,
    WireError,
    apply_message,
    from_wire,
    message,
    row_from_wire,
    row_to_wire,
    to_wire,
)
from domain.facts import Change
from domain.period import Period
from tests.domain.facts_made import NOW, Life, changes_of, lives, make_facts
from tests.domain.tallies import change_to, empty_tally, told, working


def through_json(value: object) -> dict[str, object]:
    read: dict[str, object] = orjson.loads(orjson.dumps(value))
    return read


def boards_of(changes: list[Change]) -> list[Board]:
    """The board after each change, then once more a day later."""
    tally = empty_tally()
    found = [tally.board(NOW - timedelta(days=50))]
    for change in changes:
        tally.apply(change)
        found.append(tally.board(change.at))
    return [*found, tally.board(NOW + timedelta(days=1))]


@given(lives())
@settings(deadline=None, max_examples=50)
def test_every_board_follows_from_the_one_before_and_its_message(some: list[Life]) -> None:
    boards = boards_of(changes_of(some))
    for old, new in pairwise(boards):
        assert apply_message(old, through_json(message(old, new))) == new


@given(lives(), st.data())
@settings(deadline=None, max_examples=50)
def test_a_message_may_skip_any_number_of_boards(some: list[Life], data: st.DataObject) -> None:
    boards = boards_of(changes_of(some))
    first = data.draw(st.integers(0, len(boards) - 1))
    old, new = boards[first], boards[data.draw(st.integers(first, len(boards) - 1))]
    assert apply_message(old, through_json(message(old, new))) == new


@given(lives())
@settings(deadline=None, max_examples=50)
def test_a_board_survives_its_wire_form(some: list[Life]) -> None:
    board = told(changes_of(some)).board(NOW)
    rows = {case_no: row_from_wire(through_json(row_to_wire(row))) for case_no, row in board.cases.items()}
    assert from_wire(through_json(to_wire(board)), rows) == board


def two_boards() -> tuple[Board, Board]:
    tally = told([change_to(make_facts("first"))])
    old = tally.board(NOW)
    tally.apply(change_to(working(case_no="second"), entry_id=2))
    return old, tally.board(NOW)


def test_a_message_carries_only_what_changed() -> None:
    step = message(*two_boards())
    assert [row["case_no"] for row in step["put"]] == ["second"]
    assert step["drop"] == []
    assert "overdue" not in step["board"]
    assert set(step["board"]["figures"]["today"]["department"]) == {"D1"}


def test_a_confirmation_is_small_and_moves_only_the_time() -> None:
    old, _ = two_boards()
    later = replace(old, as_of=NOW + timedelta(seconds=1))
    step = message(old, later)
    assert (step["from"], step["to"], step["board"], step["put"], step["drop"]) == (
        old.version,
        old.version,
        {},
        [],
        [],
    )
    assert apply_message(old, step) == later


def test_without_an_old_board_every_row_is_put_and_the_reader_fetches() -> None:
    _, new = two_boards()
    step = message(None, new)
    assert {row["case_no"] for row in step["put"]} == {"first", "second"}
    assert isinstance(apply_message(new, step), Resync)


def test_a_message_already_contained_changes_nothing() -> None:
    old, new = two_boards()
    assert apply_message(new, message(old, new)) is new


def test_a_gap_asks_for_the_whole_board() -> None:
    old, new = two_boards()
    behind = replace(old, version=old.version - 1)
    assert apply_message(behind, message(old, new)) == Resync(have=behind.version, need=old.version)
    assert apply_message(None, message(old, new)) == Resync(have=None, need=old.version)


def test_a_writer_whose_versions_went_back_is_followed_by_fetching() -> None:
    old, _ = two_boards()
    later = replace(old, version=1, as_of=NOW + timedelta(minutes=1))
    step = message(replace(later, as_of=NOW), later)
    assert isinstance(apply_message(replace(old, version=700), step), Resync)


@pytest.mark.parametrize("schema", [None, 0, SCHEMA + 1, str(SCHEMA)])
def test_an_unknown_schema_is_refused_loudly(schema: object) -> None:
    old, new = two_boards()
    with pytest.raises(WireError, match="run one version everywhere"):
        apply_message(old, message(old, new) | {"schema": schema})
    with pytest.raises(WireError, match="run one version everywhere"):
        from_wire(to_wire(new) | {"schema": schema}, new.cases)


def test_an_attention_line_without_its_case_is_refused() -> None:
    _, board = two_boards()
    late = told([change_to(working(case_no="late", deadline=NOW - timedelta(hours=1)))]).board(NOW)
    with pytest.raises(WireError, match="late"):
        from_wire(to_wire(late), board.cases)


def test_a_row_carries_no_field_but_the_public_ones() -> None:
    _, board = two_boards()
    names = set(row_to_wire(board.cases["second"]))
    assert not names & {"reporter", "reporter_phone", "description"}
    assert {"case_no", "lon", "lat", "severity", "deadline", "overdue"} <= names


def test_counts_of_a_key_nothing_happened_to_are_zero() -> None:
    _, board = two_boards()
    assert board.counts(Period.DAYS_30, key="nowhere").reported == 0
