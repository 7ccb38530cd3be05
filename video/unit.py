"""One camera: its watched stream, its larger stream while somebody looks closely, and what is to be said of it."""

from __future__ import annotations

from datetime import datetime

from domain.camera import CameraCondition, CameraError, CameraPolicy, CameraState, CameraStatus
from domain.tile_state import DELAYED_SECONDS, graver, tile_state
from video import keys
from video.address import CameraAddress
from video.checks.picture import PictureChecks
from video.clock_check import CameraClock, Subject
from video.demand import Wish
from video.focus import FocusKind, FocusMessage
from video.ladder import TileSize
from video.load import STEPS, Step, lowered
from video.machine import Phase
from video.opening import LINGER_SECONDS, Opening
from video.packet_ring import PacketRing
from video.pull import PullTools
from video.stream import Outlets, Stream


class CameraUnit:
    """Two pulls at most. Told what is wanted, which begins it; asked for its status; both from the service's loop."""

    def __init__(self, address: CameraAddress, tools: PullTools, outlets: Outlets) -> None:
        camera = address.camera
        self.address = address
        self.camera = camera
        self._clock = tools.clock
        self._outlets = outlets
        self.checks = PictureChecks(ptz=camera.ptz, switched_off=address.checks_off)
        self.own_clock = CameraClock()
        """The clock inside the camera, as far as it is known."""
        name, url = camera.camera_id, address.watch_url
        self._watch = Stream(name, camera.number, url, tools, outlets, watches=True, checks=self.checks)
        self._detail: Stream | None = None
        if address.detail_url is not None:
            name = f"{camera.camera_id} main"
            self._detail = Stream(name, camera.number, address.detail_url, tools, outlets, watches=False)
        if camera.policy is CameraPolicy.SNAPSHOT:
            self._watch.maker.thumbnail_ttl_seconds = keys.GLIMPSE_TTL_SECONDS
        self._opening = Opening(camera.policy, tools.rng)
        self._opened_at = float("-inf")
        self._missed: CameraError | None = None
        self._wish = Wish()
        self._step = STEPS[0]
        self._close_look_until = float("-inf")
        self._focus_error: CameraError | None = None
        self._said: CameraStatus | None = None

    def stop(self) -> None:
        for stream in self._streams():
            stream.pull.stop()
            stream.ring.clear()

    def join(self, seconds: float) -> bool:
        """Wait for the threads to end; False when one is still inside a call."""
        return not [stream for stream in self._streams() if not stream.pull.join(seconds)]

    def want(self, wish: Wish) -> None:
        """What somebody looks at now; replaces the earlier wish."""
        self._wish = wish
        self._open_or_close()
        self._share_out()

    def lower(self, step: Step) -> None:
        """How much there is for everybody at the moment."""
        self._step = step

    def ask_focus(self) -> None:
        """Somebody came late to the focus channel."""
        self._focused.focus.ask()
        self._focus_error = None

    def look_closely(self) -> None:
        """Open the larger stream and keep it for a while."""
        if self._detail is not None and self.pulled:
            self._close_look_until = self._clock.monotonic() + LINGER_SECONDS
            if not self._detail.pull.running:
                self._detail.pull.start()

    def rings(self) -> list[PacketRing]:
        """Where packets of the last minute may be, the larger stream's before the smaller one's."""
        return [stream.ring for stream in reversed(self._streams())]

    def check(self) -> None:
        """The look from outside, some times a second."""
        for stream in self._streams():
            stream.pull.check()
        self._open_or_close()
        self._share_out()
        self._tell_focus_error()

    def status(self) -> CameraStatus:
        """The state of this moment; `since` stays while the state does."""
        now = self._clock.now()
        state, error = self._state(), self._error()
        same = self._said is not None and self._said.state is state and self._said.error is error
        status = self._status(state, error, self._said.since if same and self._said else now)
        self._said = status
        return status

    def clock_subject(self) -> Subject:
        """For the check of the camera's clock, which leaves a camera without a picture alone."""
        live = self._said is not None and self._said.state is CameraState.LIVE
        return Subject(self.address.watch_url.get_secret_value(), live, self.own_clock)

    @property
    def pulled(self) -> bool:
        """Whether a connection is open or being opened."""
        return self._watch.pull.running

    @property
    def shown(self) -> bool:
        """Whether tiles are made of it."""
        return bool(self._wish.sizes)

    def _status(self, state: CameraState, error: CameraError | None, since: datetime) -> CameraStatus:
        pull, info = self._watch.pull, self._watch.pull.info
        return CameraStatus(
            camera_id=self.camera.camera_id,
            state=state,
            since=since,
            last_frame_at=pull.last_packet_time,
            error=error,
            attempt=pull.machine.attempt,
            retry_at=pull.retry_at if self._opening.looked_at else None,
            width=info.width if info else 0,
            height=info.height if info else 0,
            fps=pull.meter.fps,
            kbps=pull.meter.kbps,
            codec=info.codec if info else "",
            reconnects=max(0, pull.connections - 1),
            conditions=self._conditions(state),
            drift_seconds=self.own_clock.drift_seconds,
        )

    def _conditions(self, state: CameraState) -> tuple[CameraCondition, ...]:
        """What is wrong with the picture, gravest first. Without one, only its clock may still be called wrong."""
        shows = state not in (CameraState.OFFLINE, CameraState.CONNECTING)
        found = self.checks.conditions(self._clock.monotonic()) if shows else ()
        if shows and self._damaged:
            found += (CameraCondition.DAMAGED,)
        if self.own_clock.wrong:
            found += (CameraCondition.WRONG_CLOCK,)
        return tuple(condition for condition in found if condition not in self.address.checks_off)

    def _state(self) -> CameraState:
        """Age of the newest packet, the repeated picture as second witness; before the first packet, the attempt."""
        if not self._opening.looked_at:
            return CameraState.OFFLINE if self._missed else CameraState.IDLE
        pull = self._watch.pull
        if pull.last_packet_at is None or pull.last_packet_at < self._opened_at:
            first_try = pull.machine.phase in (Phase.IDLE, Phase.CONNECTING) and pull.machine.attempt <= 1
            return CameraState.CONNECTING if first_try else CameraState.OFFLINE
        state = tile_state(self._clock.monotonic() - pull.last_packet_at)
        return graver(state, CameraState.FROZEN) if self.checks.repeating else state

    def _error(self) -> CameraError | None:
        if not self._opening.looked_at:
            return self._missed
        if self._watch.pull.machine.error is not None:
            return self._watch.pull.machine.error
        return CameraError.DAMAGED if self._damaged else None

    @property
    def _damaged(self) -> bool:
        """Of either stream: while somebody looks closely, only the larger one is decoded in full."""
        return any(stream.maker.damage.damaged for stream in self._streams())

    @property
    def _focused(self) -> Stream:
        """The stream a close look plays: the larger one where there is one."""
        return self._detail or self._watch

    def _streams(self) -> list[Stream]:
        return [self._watch] + ([self._detail] if self._detail and self._detail.pull.running else [])

    def _open_or_close(self) -> None:
        now, pull = self._clock.monotonic(), self._watch.pull
        wanted = bool(self._wish.sizes) or self._wish.focus
        due = self._opening.due(now, wanted=wanted, picture_at=self._watch.maker.picture_at)
        if due and not pull.running:
            self._opened_at = now
            pull.connections = 0
            pull.start()
        elif pull.running and not due:
            self._missed = (pull.machine.error or CameraError.TIMEOUT) if self._opening.missed else None
            self._close(self._watch)
            self._end_close_look()
        if self._opening.looked_at:
            self._missed = None

    def _share_out(self) -> None:
        """Large tiles come from the larger stream once it runs, and from the watched one until then."""
        wish, limit = self._wish, self._step.limit(self._wish)
        sizes, watch, info = lowered(wish.sizes, limit), self._watch, self._watch.pull.info
        close = {size: rate for size, rate in sizes.items() if info is not None and size.height > info.height}
        self._focused.focus.wanted = wish.focus
        watch.ring.keep = bool(sizes) or wish.focus
        watch.maker.quality = limit.quality
        if self._detail is not None:
            self._share_detail(self._detail, close, limit.quality)
        near = self._detail is not None and bool(close) and self._shows(self._detail)
        watch.maker.wanted = {size: rate for size, rate in sizes.items() if not (near and size in close)}

    def _share_detail(self, detail: Stream, close: dict[TileSize, float], quality: int) -> None:
        detail.maker.wanted, detail.maker.quality = close, quality
        detail.ring.keep = bool(close) or self._wish.focus
        if close or self._wish.focus:
            self.look_closely()
        elif detail.pull.running and self._clock.monotonic() > self._close_look_until:
            self._end_close_look()

    def _end_close_look(self) -> None:
        if self._detail is not None and self._detail.pull.running:
            self._close(self._detail)
            self._detail.maker.picture_at = None

    def _close(self, stream: Stream) -> None:
        stream.pull.stop()
        stream.pull.join(0.0)
        stream.ring.clear()

    def _shows(self, stream: Stream) -> bool:
        at = stream.maker.picture_at
        return at is not None and self._clock.monotonic() - at < DELAYED_SECONDS / 2

    def _tell_focus_error(self) -> None:
        """Whoever looks closely learns that the larger stream does not come, and why; tiles go on."""
        error = self._focused.pull.machine.error if self._wish.focus else None
        if error is not None and error is not self._focus_error:
            now_ms = round(self._clock.now().timestamp() * 1000)
            self._outlets.send(self.camera.number, FocusMessage(FocusKind.CANNOT, now_ms, str(error).encode()))
        self._focus_error = error
