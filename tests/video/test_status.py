"""Statuses on their way through Redis, and how long they are believed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from domain.camera import CameraCondition, CameraError, CameraState
from tests.fakes.clock import ManualClock
from tests.video.made import NOON, status
from video import keys
from video.status import BELIEVED_SECONDS, believed, decode_status, encode_status, heard, read_statuses, wire_status

states = st.sampled_from(CameraState)
errors = st.none() | st.sampled_from(CameraError)


@given(states, errors, st.integers(0, 99))
def test_a_status_comes_back_as_it_went(state: CameraState, error: CameraError | None, attempt: int) -> None:
    said = status(3, state, error=error, attempt=attempt)
    assert decode_status(encode_status(said, as_of=NOON)) == (said, NOON)


def test_what_is_wrong_with_the_picture_and_its_clock_travels_too() -> None:
    conditions = (CameraCondition.COVERED, CameraCondition.WRONG_CLOCK)
    said = replace(status(3), conditions=conditions, drift_seconds=-412.5)
    assert decode_status(encode_status(said, as_of=NOON)) == (said, NOON)
    assert wire_status(said)["conditions"] == ["covered", "wrong_clock"]


@pytest.mark.parametrize("data", [b"{}", b"[]", b"nonsense", b'{"as_of": 1}', b'{"camera_id": "x", "state": "odd"}'])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        decode_status(data)


def test_a_status_nobody_repeats_is_not_believed_for_long() -> None:
    said = status(1)
    last = NOON + timedelta(seconds=BELIEVED_SECONDS)
    assert believed(said, NOON, last) == said
    later = believed(said, NOON, last + timedelta(seconds=1))
    assert (later.state, later.since, later.error) == (CameraState.OFFLINE, NOON, CameraError.TIMEOUT)
    assert later.last_frame_at == said.last_frame_at


async def test_all_statuses_are_read_at_once_and_silent_ones_are_offline(valkey: Redis) -> None:
    clock = ManualClock()
    now = clock.now()
    fresh, old = encode_status(status(1), as_of=now), encode_status(status(2), as_of=now - timedelta(minutes=1))
    await valkey.hset(keys.STATUS, mapping={"QD-001": fresh, "QD-002": old})
    found = await read_statuses(valkey, clock=clock)
    assert {name: camera.state for name, camera in found.items()} == {
        "QD-001": CameraState.LIVE,
        "QD-002": CameraState.OFFLINE,
    }


async def test_before_any_capture_nothing_is_known(valkey: Redis) -> None:
    assert await read_statuses(valkey) == {}


async def test_whoever_listens_hears_what_stands_then_every_change(valkey: Redis) -> None:
    now = ManualClock().now()
    await valkey.hset(keys.STATUS, mapping={"QD-001": encode_status(status(1), as_of=now), "QD-009": b"{}"})
    async with aclosing(heard(valkey)) as batches:
        assert await anext(batches) == [(status(1), now)]
        changed = status(2, CameraState.OFFLINE)
        await valkey.publish(keys.EVENTS, encode_status(changed, as_of=now))
        said = [batch async for batch in _until_some(batches)]
    assert said[-1] == [(changed, now)]


async def _until_some(batches: AsyncGenerator[list[Any], None]) -> AsyncGenerator[list[Any], None]:
    async for batch in batches:
        yield batch
        if batch:
            return
