"""One camera: its watched stream, its larger stream while somebody looks closely, and what is to be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.camera import CameraError, CameraState, CameraStatus
from domain.tile_state import DELAYED_SECONDS, graver, tile_state
from video.address import CameraAddress
from video.demand import Wish
from video.ladder import TileSize
from video.machine import Phase
from video.maker import Emit, PictureMaker
from video.pull import Pull, PullTools

LINGER_SECONDS = 20.0
"""How long the larger stream stays open after the last close look: people come back."""


class CameraUnit:
    """Two pulls at most. Told what is wanted, asked for its status, both from the service's loop."""

    def __init__(self, address: CameraAddress, tools: PullTools, emit: Emit) -> None:
        camera = address.camera
        self.camera = camera
        self._clock = tools.clock
        self._watch_maker = PictureMaker(camera.number, emit, watches=True)
        self._watch = Pull(camera.camera_id, address.watch_url, tools, self._watch_maker)
        self._detail_maker = PictureMaker(camera.number, emit, watches=False)
        self._detail: Pull | None = None
        if address.detail_url is not None:
            self._detail = Pull(f"{camera.camera_id} main", address.detail_url, tools, self._detail_maker)
        self._wanted: Mapping[TileSize, float] = {}
        self._close_look_until = 0.0
        self._said: CameraStatus | None = None

    def start(self) -> None:
        self._watch.start()

    def stop(self) -> None:
        for pull in self._pulls():
            pull.stop()

    def join(self, seconds: float) -> bool:
        """Wait for the threads to end; False when one is still inside a call."""
        return not [pull for pull in self._pulls() if not pull.join(seconds)]

    def want(self, wish: Wish) -> None:
        """What somebody looks at now; replaces the earlier wish."""
        self._wanted = wish.sizes
        self._share_out()

    def check(self) -> None:
        """The look from outside, twice a second."""
        for pull in self._pulls():
            pull.check()
        self._share_out()

    def status(self) -> CameraStatus:
        """The state of this moment; `since` stays while the state does."""
        now = self._clock.now()
        state, error = self._state(), self._error()
        same = self._said is not None and self._said.state is state and self._said.error is error
        status = self._status(state, error, self._said.since if same and self._said else now)
        self._said = status
        return status

    def _status(self, state: CameraState, error: CameraError | None, since: datetime) -> CameraStatus:
        watch, info = self._watch, self._watch.info
        return CameraStatus(
            camera_id=self.camera.camera_id,
            state=state,
            since=since,
            last_frame_at=watch.last_packet_time,
            error=error,
            attempt=watch.machine.attempt,
            retry_at=watch.retry_at,
            width=info.width if info else 0,
            height=info.height if info else 0,
            fps=watch.meter.fps,
            kbps=watch.meter.kbps,
            codec=info.codec if info else "",
            reconnects=max(0, watch.connections - 1),
        )

    def _state(self) -> CameraState:
        """Age of the newest packet, the repeated picture as second witness; before the first packet, the attempt."""
        if self._watch.last_packet_at is None:
            first_try = self._watch.machine.phase is Phase.CONNECTING and self._watch.machine.attempt == 1
            return CameraState.CONNECTING if first_try else CameraState.OFFLINE
        state = tile_state(self._clock.monotonic() - self._watch.last_packet_at)
        return graver(state, CameraState.FROZEN) if self._watch_maker.repeats.repeating else state

    def _error(self) -> CameraError | None:
        if self._watch.machine.error is not None:
            return self._watch.machine.error
        return CameraError.DAMAGED if self._watch_maker.damage.damaged else None

    def _pulls(self) -> list[Pull]:
        return [self._watch] + ([self._detail] if self._detail and self._detail.running else [])

    def _share_out(self) -> None:
        """Large tiles come from the larger stream once it runs, and from the watched one until then."""
        info = self._watch.info
        close = {size: rate for size, rate in self._wanted.items() if info is not None and size.height > info.height}
        if self._detail is None or not close:
            self._watch_maker.wanted, self._detail_maker.wanted = self._wanted, {}
        else:
            self._look_closely(self._detail)
            self._detail_maker.wanted = close
            near = self._detail_shows()
            self._watch_maker.wanted = {k: v for k, v in self._wanted.items() if not (near and k in close)}
        self._end_close_look(bool(close))

    def _look_closely(self, detail: Pull) -> None:
        self._close_look_until = self._clock.monotonic() + LINGER_SECONDS
        if not detail.running:
            detail.start()

    def _end_close_look(self, close: bool) -> None:
        if self._detail is None or close or not self._detail.running:
            return
        if self._clock.monotonic() > self._close_look_until:
            self._detail.stop()
            self._detail.join(0.0)
            self._detail_maker.picture_at = None

    def _detail_shows(self) -> bool:
        at = self._detail_maker.picture_at
        return at is not None and self._clock.monotonic() - at < DELAYED_SECONDS / 2
