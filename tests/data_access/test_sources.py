from __future__ import annotations

from datetime import timedelta

from redis.asyncio import Redis

from data_access.redis_client import open_redis
from data_access.sources import REPORT_EVERY_SECONDS, OwnLamp, Sources, SourceState
from tests.fakes.clock import ManualClock


async def test_lamps_are_listed_by_name_with_what_they_said(valkey: Redis) -> None:
    sources = Sources(valkey, ManualClock())
    await sources.report("video", SourceState.DOWN, "3/101")
    await sources.report("live", SourceState.LIVE)
    assert [(lamp.name, lamp.state, lamp.detail) for lamp in await sources.all()] == [
        ("live", SourceState.LIVE, ""),
        ("video", SourceState.DOWN, "3/101"),
    ]


async def test_a_source_that_falls_silent_turns_stale_and_keeps_its_last_word(valkey: Redis) -> None:
    clock = ManualClock()
    sources = Sources(valkey, clock)
    await sources.report("live", SourceState.LIVE, "320770 cases", ttl_seconds=10)
    spoken_at = clock.now()
    clock.forward(seconds=10)
    assert (await sources.all())[0].state is SourceState.LIVE
    clock.forward(seconds=0.001)
    stale = (await sources.all())[0]
    assert (stale.state, stale.as_of, stale.detail) == (SourceState.STALE, spoken_at, "320770 cases")


async def test_a_lamp_is_lit_again_every_few_seconds_and_no_oftener(valkey: Redis) -> None:
    clock = ManualClock()
    sources = Sources(valkey, clock)
    lamp = OwnLamp(sources, "relay", clock)
    began = clock.now()
    await lamp.live()
    clock.forward(seconds=REPORT_EVERY_SECONDS - 1)
    await lamp.live()
    assert (await sources.all())[0].as_of == began
    clock.forward(seconds=1)
    await lamp.live()
    assert (await sources.all())[0].as_of == began + timedelta(seconds=REPORT_EVERY_SECONDS)


async def test_a_failure_shows_at_once_and_so_does_the_recovery(valkey: Redis) -> None:
    clock = ManualClock()
    sources = Sources(valkey, clock)
    lamp = OwnLamp(sources, "relay", clock)
    await lamp.live()
    await lamp.down(TimeoutError("secret address"))
    seen = (await sources.all())[0]
    assert (seen.state, seen.detail) == (SourceState.DOWN, "TimeoutError")
    await lamp.live()
    assert (await sources.all())[0].state is SourceState.LIVE


async def test_without_redis_a_failure_is_only_logged(tmp_path, caplog) -> None:  # type: ignore[no-untyped-def]
    clock = ManualClock()
    lamp = OwnLamp(Sources(open_redis(f"unix://{tmp_path}/nobody.sock"), clock), "relay", clock)
    await lamp.down(TimeoutError("no answer"))
    assert caplog.records[0].facts["unheard"] == "ConnectionError"
