from __future__ import annotations

import orjson
import pytest
from hypothesis import given

from data_access.codec import REBUILD, CodecError, decode_change, encode_change
from tests.domain.facts_made import Life, changes_of, lives, make_facts
from tests.domain.tallies import change_to


@given(lives())
def test_any_change_survives_its_encoding(some: list[Life]) -> None:
    for change in changes_of(some):
        assert decode_change(encode_change(change)) == change


def test_the_rebuild_marker_is_no_change() -> None:
    assert decode_change(REBUILD) is None


def test_fields_of_a_newer_writer_are_ignored() -> None:
    change = change_to(make_facts())
    wire = orjson.loads(encode_change(change))
    wire["after"]["weather"] = wire["weather"] = "rain"
    assert decode_change(orjson.dumps(wire)) == change


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"\xff\xfe", "unreadable"),
        (b"[]", "unreadable"),
        (b"{}", "schema"),
        (b'{"schema":2,"rebuild":true}', "run one version everywhere"),
        (b'{"schema":1,"entry_id":1}', "action"),
        (encode_change(change_to(make_facts())).replace(b"pending_filing", b"pending_magic"), "pending_magic"),
    ],
)
def test_anything_else_is_refused_loudly(payload: bytes, why: str) -> None:
    with pytest.raises(CodecError, match=why):
        decode_change(payload)
