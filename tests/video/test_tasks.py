"""Tasks side by side."""

from __future__ import annotations

import asyncio
import gc

import pytest

from video.tasks import first_of


async def fails(word: str) -> None:
    raise ValueError(word)


async def waits() -> None:
    await asyncio.Event().wait()


async def test_the_first_to_end_ends_all() -> None:
    await first_of(waits(), asyncio.sleep(0))


async def test_two_that_fail_at_once_are_one_error_and_no_complaint_later() -> None:
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, said: complaints.append(said))
    with pytest.raises(ValueError, match=r"one|two"):
        await first_of(fails("one"), fails("two"), waits())
    gc.collect()
    assert complaints == []
