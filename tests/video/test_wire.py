"""The words on the camera socket."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.camera import CameraError, CameraState
from domain.tile_state import wire_table
from tests.video.made import status
from video import wire
from video.ladder import BY_NAME, LADDER
from video.tile import Tile
from video.wire import Kind, Subscription, WireError, entries, parse_command

tiles = st.builds(Tile, st.integers(0, 2**63), st.binary(min_size=1, max_size=300))
numbers = st.integers(1, 65_535)


@given(st.lists(st.tuples(numbers, st.sampled_from(LADDER), tiles), max_size=6))
def test_a_batch_comes_apart_as_it_was_put_together(parts: list[tuple[int, object, Tile]]) -> None:
    batch = b"".join(wire.tile_entry(number, size, tile) for number, size, tile in parts)  # type: ignore[arg-type]
    found = [(number, kind, LADDER[flags], Tile.unpack(payload)) for number, kind, flags, payload in entries(batch)]
    assert found == [(number, Kind.TILE, size, tile) for number, size, tile in parts]


def test_a_state_says_all_a_tile_shows() -> None:
    entry = wire.state_entry(9, status(9, CameraState.OFFLINE, error=CameraError.AUTH, attempt=4))
    [(number, kind, _, payload)] = entries(entry)
    said = json.loads(payload)
    assert (number, kind) == (9, Kind.STATE)
    assert (said["state"], said["error"], said["attempt"]) == ("offline", "auth", 4)


@given(st.binary(min_size=1, max_size=40))
def test_a_batch_cut_short_is_refused(data: bytes) -> None:
    whole = wire.tile_entry(1, LADDER[0], Tile(1, data))
    for length in range(1, len(whole)):
        with pytest.raises(ValueError):
            entries(whole[:length])


def test_a_command_is_understood_in_all_its_parts() -> None:
    text = '{"sub": [{"cam": 3, "size": "480x270", "fps": 12}], "unsub": [4], "ack": 7, "states": true}'
    command = parse_command(text)
    assert command.sub == (Subscription(3, BY_NAME["480x270"], 10.0),)
    assert (command.unsub, command.ack, command.states) == ((4,), 7, True)
    assert parse_command("{}") == wire.Command()


def test_a_close_look_says_so_and_for_which_case() -> None:
    text = '{"sub": [{"cam": 3, "size": "960x540", "fps": 10, "focus": true, "case": "青城管〔2026〕17号"}]}'
    [wish] = parse_command(text).sub
    assert (wish.focus, wish.case, wish.close) == (True, "青城管〔2026〕17号", True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"sub": [{"cam": 3, "size": "480x270", "fps": 5, "focus": "much"}]}',
        '{"sub": [{"cam": 3, "size": "480x270", "fps": 5, "case": "two\\nlines"}]}',
        '{"sub": [{"cam": 3, "size": "480x270", "fps": 5, "case": "%s"}]}' % ("x" * 65),
        "[]",
        "nonsense",
        '{"sub": 3}',
        '{"focus": 1}',
        '{"sub": [{"cam": 0, "size": "480x270", "fps": 10}]}',
        '{"sub": [{"cam": 70000, "size": "480x270", "fps": 10}]}',
        '{"sub": [{"cam": 1, "size": "481x270", "fps": 10}]}',
        '{"sub": [{"cam": 1, "size": "480x270", "fps": 0}]}',
        '{"ack": -1}',
        json.dumps({"unsub": list(range(1000))}),
        '{"ack": ' + "1" * wire.LONGEST_COMMAND + "}",
    ],
)
def test_what_is_not_a_command_is_refused_in_words(text: str) -> None:
    with pytest.raises(WireError, match=r"."):
        parse_command(text)


def test_the_browser_gets_its_tables_from_the_server() -> None:
    said = json.loads(wire.hello(1234))["hello"]
    assert (said["now"], said["states"]) == (1234, wire_table())
    assert said["sizes"] == [[size.width, size.height] for size in LADDER]


@pytest.mark.parametrize("data", [b"", b"12345678", "text"])
def test_a_tile_without_a_picture_is_refused(data: bytes | str) -> None:
    with pytest.raises(ValueError):
        Tile.unpack(data)
