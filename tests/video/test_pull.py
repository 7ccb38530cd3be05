"""A pull through its whole life, in the test's own thread, without one real second."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr

from domain.camera import CameraError
from tests.fakes.clock import ManualClock
from tests.fakes.scripted_source import END, PACKET, ScriptedOpener, ScriptedSession, Step, Wait
from tests.waiting import eventually
from video.machine import Phase
from video.open_gate import OpenGate
from video.probe import OUT_OF_REACH
from video.pull import KNOCK_SECONDS, SLOW_READ_SECONDS, STUCK_SECONDS, Pull, PullTools
from video.source import Opener, OpenFailed, Packet, StreamInfo

URL = SecretStr("rtsp://operator:s3cret@10.0.0.1/live")
Script = Sequence[Step] | CameraError


class _Middle(random.Random):
    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


@dataclass
class Sink:
    """Remembers what came."""

    began: list[StreamInfo] = field(default_factory=list)
    packets: list[float] = field(default_factory=list)
    breaks: bool = False

    def begin(self, info: StreamInfo) -> None:
        self.began.append(info)

    def take(self, packet: Packet, *, captured_ms: int, at: float) -> None:
        if self.breaks:
            raise ZeroDivisionError("a picture broke us")
        self.packets.append(at)


class InstantStop(threading.Event):
    """A stop signal whose waiting moves the clock instead; after `enough` pauses it stops by itself."""

    def __init__(self, clock: ManualClock, enough: int = 20) -> None:
        super().__init__()
        self.clock = clock
        self.enough = enough
        self.pauses: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        if timeout and not self.is_set():
            self.pauses.append(timeout)
            self.clock.forward(seconds=timeout)
            if len(self.pauses) == self.enough:
                self.set()
        return self.is_set()


@dataclass
class Lived:
    """What a pull did while its scripts lasted."""

    pull: Pull
    sink: Sink
    opener: ScriptedOpener
    stop: InstantStop
    probed: list[str]


def made_tools(opener: Opener, probe: Callable[[str], CameraError | None], clock: ManualClock) -> PullTools:
    """Who answers `probe` at all is reachable."""
    return PullTools(
        opener_for=lambda *_: opener,
        probe=probe,
        reachable=lambda url: probe(url) not in OUT_OF_REACH,
        gate=OpenGate(),
        clock=clock,
        rng=_Middle(),
    )


def lived(
    *scripts: Script,
    reason: CameraError | None = None,
    sink: Sink | None = None,
    url: SecretStr = URL,
    enough: int = 20,
) -> Lived:
    """Run a pull until its last script is over."""
    clock = ManualClock()
    stop = InstantStop(clock, enough)
    opener = ScriptedOpener(clock, scripts, at_end=stop.set)
    probed: list[str] = []

    def probe(asked: str) -> CameraError | None:
        probed.append(asked)
        return reason

    tools = made_tools(opener, probe, clock)
    pull = Pull("QD-001", url, tools, sink or Sink())
    pull._generation = 1
    pull.run(1, stop)
    return Lived(pull, pull._sink, opener, stop, probed)  # type: ignore[arg-type]


def test_packets_reach_the_sink_and_the_stream_is_counted() -> None:
    seen = lived([PACKET, Wait(0.1), PACKET, END])
    assert len(seen.sink.packets) == 2
    assert (seen.pull.connections, seen.opener.closed) == (1, 1)
    assert seen.pull.info is not None
    assert seen.pull.info.codec == "h264"


def test_a_stream_that_ends_is_opened_again_after_growing_pauses() -> None:
    seen = lived(*[[PACKET, END]] * 5)
    assert seen.opener.pauses == [1.0, 2.0, 4.0, 8.0]
    assert seen.pull.connections == 5


def test_a_healthy_spell_makes_the_next_pause_short_again() -> None:
    healthy: list[Step] = [PACKET, *[step for _ in range(31) for step in (Wait(1.0), PACKET)], END]
    seen = lived([PACKET, END], [PACKET, END], healthy, [PACKET, END])
    assert seen.stop.pauses == [1.0, 2.0, 1.0]


def test_a_read_that_took_too_long_has_failed_whatever_it_returned() -> None:
    seen = lived([PACKET, Wait(SLOW_READ_SECONDS + 0.1), PACKET, PACKET, END], [PACKET, END])
    assert len(seen.sink.packets) == 2
    assert seen.opener.opened == 2


@pytest.mark.parametrize(("reason", "said"), [(CameraError.AUTH, CameraError.AUTH), (None, CameraError.TIMEOUT)])
def test_an_open_that_fails_is_explained_by_the_probe(reason: CameraError | None, said: CameraError) -> None:
    seen = lived(CameraError.TIMEOUT, reason=reason)
    assert seen.probed == [URL.get_secret_value()]
    seen.pull._suspect, seen.opener.opened = False, 0
    with pytest.raises(OpenFailed) as failed:
        seen.pull._open(seen.stop)
    assert failed.value.error is said


def test_whoever_failed_is_asked_first_and_not_opened_while_the_answer_is_no() -> None:
    clock = ManualClock()
    stop = InstantStop(clock)
    opener = ScriptedOpener(clock, [CameraError.TIMEOUT], at_end=lambda: None)
    answers = iter([CameraError.REFUSED, CameraError.REFUSED, CameraError.REFUSED])

    def probe(_url: str) -> CameraError | None:
        answer = next(answers, None)
        if answer is None:
            stop.set()
        return answer or CameraError.REFUSED

    tools = made_tools(opener, probe, clock)
    pull = Pull("QD-001", URL, tools, Sink())
    pull._generation = 1
    pull.run(1, stop)
    assert opener.opened == 1
    assert pull.machine.attempt == 3


@dataclass
class Absence:
    """A camera that is out of reach until a moment; `asked` are the moments it was probed."""

    clock: ManualClock
    until: float
    opener: ScriptedOpener
    asked: list[float] = field(default_factory=list)

    def open(self, url: str) -> ScriptedSession:
        if self.clock.monotonic() < self.until:
            raise OpenFailed(CameraError.TIMEOUT)
        return self.opener.open(url)

    def probe(self, _url: str) -> CameraError | None:
        self.asked.append(self.clock.monotonic())
        return CameraError.REFUSED if self.clock.monotonic() < self.until else None


def returned(away_seconds: float) -> tuple[float, Absence]:
    """How long after its return a camera that was away is opened, and what it was asked."""
    clock = ManualClock()
    stop = InstantStop(clock, enough=10_000)
    opener = ScriptedOpener(clock, [[PACKET, END]], at_end=stop.set)
    absence = Absence(clock, clock.monotonic() + away_seconds, opener)
    tools = made_tools(absence, absence.probe, clock)
    pull = Pull("QD-001", URL, tools, Sink())
    pull._generation = 1
    pull.run(1, stop)
    return opener.times[-1] - absence.until, absence


@pytest.mark.parametrize("away_seconds", [2.0, 20.0, 61.0, 67.5, 333.0, 3601.0])
def test_a_camera_that_is_back_is_opened_within_seconds_however_long_it_was_away(away_seconds: float) -> None:
    waited, _ = returned(away_seconds)
    assert 0 <= waited <= KNOCK_SECONDS


def test_a_camera_that_is_away_is_asked_every_few_seconds_and_no_more() -> None:
    _, absence = returned(100.0)
    assert len(absence.asked) < 100 / (KNOCK_SECONDS * 0.6)


def test_a_camera_that_answers_and_gives_no_picture_is_not_opened_more_often_for_it() -> None:
    """A mended line is news; the same answer as before is not, and must not turn pauses into hammering."""
    seen = lived(*[[PACKET, END]] * 6, enough=200)
    assert seen.opener.pauses == [1.0, 2.0, 4.0, 8.0, 15.0]


def test_a_clear_no_waits_five_minutes_but_a_missing_file_a_second() -> None:
    assert lived(CameraError.TIMEOUT, [], reason=CameraError.NOT_FOUND, enough=1).stop.pauses == [300.0]
    file = SecretStr("file:///films/missing.mp4")
    assert lived(CameraError.NOT_FOUND, [], url=file, enough=1).stop.pauses == [1.0]


def test_a_picture_that_breaks_us_costs_a_pause_and_not_the_thread(caplog: pytest.LogCaptureFixture) -> None:
    seen = lived([PACKET, END], [PACKET, END], sink=Sink(breaks=True), enough=1)
    assert seen.opener.closed == 1
    assert seen.pull.machine.error is CameraError.DAMAGED
    assert "the attempt broke" in caplog.text
    assert "s3cret" not in caplog.text


def test_when_the_next_try_comes_is_known() -> None:
    seen = lived([PACKET, END], [PACKET, END])
    assert seen.pull.retry_at is None  # the second attempt has begun: nothing is awaited
    assert seen.pull.machine.phase in (Phase.LIVE, Phase.STALLED)


def test_a_replaced_thread_comes_home_late_and_touches_nothing() -> None:
    clock, sink = ManualClock(), Sink()
    stuck, release = threading.Event(), threading.Event()

    def hang() -> None:
        stuck.set()
        release.wait(10)

    scripts: list[Script] = [[PACKET, hang, PACKET, PACKET, END], [PACKET, release.wait, END]]  # type: ignore[list-item]
    opener = ScriptedOpener(clock, scripts, at_end=lambda: None)
    tools = made_tools(opener, lambda _: None, clock)
    pull = Pull("QD-001", URL, tools, sink)
    pull.start()
    late = pull._thread
    assert late is not None
    assert stuck.wait(5)
    clock.forward(seconds=STUCK_SECONDS + 1)
    pull.check()
    eventually(lambda: len(sink.packets) == 2)
    release.set()
    late.join(5)
    pull.stop()
    assert pull.join(5)
    assert not late.is_alive()
    assert len(sink.packets) == 2
    assert opener.closed == 2
