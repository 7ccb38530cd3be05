"""Camera threads leave tiles, the publisher takes the newest."""

from __future__ import annotations

import asyncio
import threading

from video.outbox import Slot, TileOutbox
from video.tile import Tile

ONE, TWO = Slot("one"), Slot("two", 60)


async def test_only_the_newest_tile_of_a_place_waits() -> None:
    outbox = TileOutbox()
    outbox.attach()
    for captured in range(5):
        outbox.put(ONE, Tile(captured, b"x"))
    outbox.put(TWO, Tile(9, b"y"))
    assert await outbox.take() == {ONE: Tile(4, b"x"), TWO: Tile(9, b"y")}
    assert outbox.overwritten == 4


async def test_a_tile_from_a_camera_thread_wakes_the_publisher() -> None:
    outbox = TileOutbox()
    outbox.attach()
    taking = asyncio.create_task(outbox.take())
    await asyncio.sleep(0)
    thread = threading.Thread(target=outbox.put, args=(ONE, Tile(1, b"x")))
    thread.start()
    assert await asyncio.wait_for(taking, 2) == {ONE: Tile(1, b"x")}
    thread.join()


async def test_a_thumbnail_does_not_wait_for_a_tile_that_never_comes() -> None:
    outbox = TileOutbox()
    outbox.attach()
    outbox.put(TWO, Tile(9, b"y"))
    assert await asyncio.wait_for(outbox.take(), 5) == {TWO: Tile(9, b"y")}


async def test_a_thumbnail_travels_with_the_next_tile() -> None:
    outbox = TileOutbox()
    outbox.attach()
    outbox.put(TWO, Tile(9, b"y"))
    outbox.put(ONE, Tile(10, b"x"))
    assert await asyncio.wait_for(outbox.take(), 5) == {ONE: Tile(10, b"x"), TWO: Tile(9, b"y")}


async def test_memory_does_not_grow_while_nobody_takes() -> None:
    outbox = TileOutbox()
    outbox.attach()
    for captured in range(10_000):
        outbox.put(ONE, Tile(captured, b"x"))
    assert len(await outbox.take()) == 1
