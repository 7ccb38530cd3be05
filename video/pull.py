"""One stream being pulled for ever: a thread that opens, drains, and after every end waits and tries again.

A read stuck inside OpenCV cannot be interrupted. Its thread is given up by raising the generation number: when it
comes home late it finds that it is not the current one, touches nothing, and ends.
"""

from __future__ import annotations

import contextlib
import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import SecretStr

from domain.camera import CameraError
from domain.tile_state import LIVE_SECONDS
from runtime.clock import Clock
from video.address import Scheme, scheme_of
from video.crash_notes import named
from video.machine import PAUSE_JITTER, Machine, Phase
from video.meter import RateMeter
from video.open_gate import OpenGate
from video.opencv_source import READ_LIMIT_SECONDS
from video.probe import OUT_OF_REACH
from video.source import Opener, OpenFailed, Packet, Session, StreamInfo

SLOW_READ_SECONDS = READ_LIMIT_SECONDS - 0.5
"""A read that took longer has failed whatever it returns: after a timeout it hands out an old picture as a new one."""
STUCK_SECONDS = 40.0
"""Longest time any call into OpenCV may take (open 8 s, four reads of 4 s, with room); then its thread is given up."""
KNOCK_SECONDS = 2.5
"""How often a camera that was out of reach is asked during a longer pause whether it is back: the pauses grow to 15 s,
but who comes back is to be live within five."""
log = logging.getLogger(__name__)


class Sink(Protocol):
    """Takes what a pull brings, in the pull's thread."""

    def begin(self, info: StreamInfo) -> None: ...

    def take(self, packet: Packet, *, captured_ms: int, at: float) -> None: ...


def _no_clock(_url: str) -> None:
    """A camera that does not tell its time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullTools:
    """What all pulls of a process share. The gates keep a mass restart, and asking after it, from flooding anybody."""

    opener_for: Callable[[str, Callable[[float], object]], Opener]
    probe: Callable[[str], CameraError | None]
    reachable: Callable[[str], bool]
    gate: OpenGate
    clock: Clock
    rng: random.Random
    knock_gate: OpenGate = field(default_factory=OpenGate)
    clock_drift: Callable[[str], float | None] = _no_clock
    """Seconds by which the clock of the camera at an address is ahead of ours; None where it does not tell."""


class Pull:
    """One stream of one camera. `start`, `stop`, and facts for the status."""

    def __init__(
        self,
        name: str,
        url: SecretStr,
        tools: PullTools,
        sink: Sink,
        *,
        number: int = 0,
        left_alone: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`number` is the camera's; `left_alone`: seconds before it may be tried at all."""
        self._name = name
        self._number = number
        self._left_alone = left_alone
        self._url = url
        self._is_file = scheme_of(url.get_secret_value()) is Scheme.FILE
        self._tools = tools
        self._sink = sink
        self._stop = threading.Event()
        self._suspect = False
        self._reached = True
        """Whether it answered last. Only a change from no to yes is news that ends a pause early: a camera that answers
        and yet gives no picture is not asked more often for it."""
        self._generation = 0
        self._thread: threading.Thread | None = None
        self._home_at = tools.clock.monotonic()
        self.machine = Machine(tools.rng)
        self.meter = RateMeter()
        self.info: StreamInfo | None = None
        self.last_packet_at: float | None = None
        self.last_packet_time: datetime | None = None
        self.retry_at: datetime | None = None
        self.connections = 0

    @property
    def running(self) -> bool:
        return self._thread is not None

    def start(self) -> None:
        """Begin, or begin again after `stop`, in a thread of its own."""
        self._stop = threading.Event()
        self.machine = Machine(self._tools.rng)
        self._generation += 1
        self._home_at = self._tools.clock.monotonic()
        self._thread = threading.Thread(
            target=named(self._number, self.run),
            args=(self._generation, self._stop),
            name=f"pull {self._name}",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end; does not wait for it."""
        self._generation += 1
        self._stop.set()

    def join(self, seconds: float) -> bool:
        """Wait for the thread's end; False when it is still inside a call."""
        if self._thread is None:
            return True
        self._thread.join(max(0.0, seconds))
        ended = not self._thread.is_alive()
        self._thread = None
        return ended

    def check(self) -> None:
        """The outside look, twice a second: a silent stream is stalled, a thread lost in a call is replaced."""
        now = self._tools.clock.monotonic()
        silent = self.last_packet_at is not None and now - self.last_packet_at > LIVE_SECONDS
        self.machine.stall_if(silent)
        if self.running and now - self._home_at > STUCK_SECONDS and self.machine.phase not in _WAITING:
            log.warning("%s: a call is stuck for %.0f s, its thread is replaced", self._name, now - self._home_at)
            self._stop.set()
            self.start()

    def run(self, generation: int, stop: threading.Event) -> None:
        """Attempt after attempt, until stopped or replaced."""
        self._leave_alone(stop)
        while self._mine(generation, stop):
            error, held_seconds = self._attempt(generation, stop)
            if not self._mine(generation, stop):
                return
            pause = self.machine.failed(error, held_seconds=held_seconds, costs_nothing=self._is_file)
            self.retry_at = self._tools.clock.now() + timedelta(seconds=pause)
            self._say_lost(error, held_seconds)
            self._pause(pause, stop)

    def _leave_alone(self, stop: threading.Event) -> None:
        """Wait like after a failed attempt, if there is reason to."""
        if (pause := self._left_alone()) > 0:
            self.machine.connecting()
            self.machine.failed(CameraError.DAMAGED, held_seconds=0)
            self.retry_at = self._tools.clock.now() + timedelta(seconds=pause)
            stop.wait(pause)

    def run_once(self, generation: int, stop: threading.Event) -> float:
        """One connection from opening to its end.

        Returns:
            seconds of good packets, when it was asked to stop.

        Raises:
            PullEnded: the stream could not be opened or has ended, with the reason.
        """
        self.machine.connecting()
        self.retry_at = None
        with contextlib.closing(self._open(stop)) as session:
            if self._mine(generation, stop):
                self._sink.begin(session.info)
                self.info = session.info
            return self._drain(session, generation, stop)

    def _attempt(self, generation: int, stop: threading.Event) -> tuple[CameraError, float]:
        self._home_at = self._tools.clock.monotonic()
        try:
            return CameraError.STREAM_ENDED, self.run_once(generation, stop)
        except PullEnded as ended:
            return ended.error, ended.held_seconds
        except OpenFailed as failed:
            return failed.error, 0.0
        except Exception:
            # A picture that breaks OpenCV, PyAV or us costs this camera a pause; it must not cost its thread.
            log.exception("%s: the attempt broke", self._name)
            return CameraError.DAMAGED, 0.0
        finally:
            self.meter.reset()

    def _open(self, stop: threading.Event) -> Session:
        """Open; whoever failed last time is asked first why, which costs one small connection instead of an open.

        Raises:
            OpenFailed: with the best reason there is.
        """
        url = self._url.get_secret_value()
        suspect, self._suspect = self._suspect, True
        if suspect and (reason := self._probe()) is not None:
            raise OpenFailed(reason)
        try:
            with self._tools.gate.opening():
                self._home_at = self._tools.clock.monotonic()
                return self._tools.opener_for(url, stop.wait).open(url)
        except OpenFailed as failed:
            unexplained = failed.error is CameraError.TIMEOUT and not suspect
            raise OpenFailed((unexplained and self._probe()) or failed.error) from failed

    def _probe(self) -> CameraError | None:
        answer = self._tools.probe(self._url.get_secret_value())
        self._reached = answer not in OUT_OF_REACH
        return answer

    def _pause(self, seconds: float, stop: threading.Event) -> None:
        """Wait before the next attempt; less long when the camera is heard again."""
        clock = self._tools.clock
        end = clock.monotonic() + seconds
        knocks = not self._is_file and self.machine.phase is Phase.RETRYING
        while knocks and not stop.is_set() and end - clock.monotonic() > KNOCK_SECONDS:
            stop.wait(KNOCK_SECONDS * self._tools.rng.uniform(1 - PAUSE_JITTER, 1))
            if stop.is_set() or self._back():
                return
        stop.wait(max(0.0, end - clock.monotonic()))

    def _back(self) -> bool:
        """Ask once, as one of a few at a time: whether the camera is there again after it was not.

        Then it is opened without being asked for its stream first: servers take down what they made ready for such a
        question, and refuse whoever asks again meanwhile.
        """
        before = self._reached
        with self._tools.knock_gate.opening():
            self._reached = self._tools.reachable(self._url.get_secret_value())
        back = self._reached and not before
        self._suspect = self._suspect and not back
        return back

    def _drain(self, session: Session, generation: int, stop: threading.Event) -> float:
        """Take packets as fast as they come: a reader slower than its camera falls behind without limit."""
        clock = self._tools.clock
        first = before = clock.monotonic()
        while self._mine(generation, stop):
            packet = session.read()
            at = clock.monotonic()
            if not self._mine(generation, stop):
                break
            if packet is None or at - before > SLOW_READ_SECONDS:
                slow = at - before > SLOW_READ_SECONDS
                raise PullEnded(CameraError.TIMEOUT if slow else CameraError.STREAM_ENDED, before - first)
            self._arrived(packet, at)
            before = self._home_at = clock.monotonic()
        return before - first

    def _arrived(self, packet: Packet, at: float) -> None:
        now = self._tools.clock.now()
        if self.machine.arrived():
            self._suspect = False
            self.connections += 1
            log.info("%s: live", self._name)
        self.last_packet_at, self.last_packet_time = at, now
        self.meter.count(len(packet.data), at)
        self._sink.take(packet, captured_ms=round(now.timestamp() * 1000), at=at)

    def _mine(self, generation: int, stop: threading.Event) -> bool:
        return generation == self._generation and not stop.is_set()

    def _say_lost(self, error: CameraError, held_seconds: float) -> None:
        """Once a loss, not once an attempt: what repeats is counted in the status."""
        if held_seconds > 0 or self.machine.attempt == 1:
            log.info("%s: no picture (%s)", self._name, error)


class PullEnded(Exception):
    """A connection ended for `error` after `held_seconds` of good packets."""

    def __init__(self, error: CameraError, held_seconds: float) -> None:
        super().__init__(str(error))
        self.error = error
        self.held_seconds = held_seconds


_WAITING = frozenset({Phase.RETRYING, Phase.REFUSED})
