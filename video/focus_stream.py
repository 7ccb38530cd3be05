"""One stream's packets onto its focus channel while somebody looks closely: repackaged, never decoded."""

from __future__ import annotations

from collections.abc import Callable

from video.fmp4 import Timeline, beginning_boxes, fragment
from video.focus import FocusKind, FocusMessage, beginning
from video.h264 import ParameterSets, reordered, sets_among, sets_in_extradata, units
from video.packet_ring import Held, PacketRing
from video.source import StreamInfo

CODEC = "h264"
"""All that the browsers of a hall are sure to play: Debian's Chromium refuses H.265."""

Send = Callable[[FocusMessage], None]


class FocusStream:
    """Used by its pull's thread; `wanted` and `ask` come from outside."""

    def __init__(self, ring: PacketRing, send: Send) -> None:
        self._ring = ring
        self._send = send
        self._timeline = Timeline()
        self._sets: ParameterSets | None = None
        self._group: list[FocusMessage] = []
        """The beginning as it is published for latecomers: `INIT`, the last key frame, what came since."""
        self._init: FocusMessage | None = None
        self._sequence = 0
        self._running = False
        self._refused = False
        """Nothing of this connection can be played so; tiles go on."""
        self._asked = False
        self.wanted = False

    def ask(self) -> None:
        """Somebody came late: publish the beginning once more with the next packet."""
        self._asked = True

    def begin(self, info: StreamInfo) -> None:
        """A new connection: a new beginning."""
        self._forget()

    def take(self, held: Held) -> None:
        """The packet that was put into the ring last."""
        if not self.wanted:
            self._forget()
            return
        fresh, self._asked = self._asked or not self._running, False
        messages = self._follow(held) if self._running else self._catch_up()
        if fresh and self._init is not None:
            messages = [self._init, *self._group]
        for message in messages:
            self._send(message)

    def _catch_up(self) -> list[FocusMessage]:
        """Begin with the last key frame, so that a picture shows at once."""
        self._running = True
        return [message for held in self._ring.since_key for message in self._follow(held)]

    def _follow(self, held: Held) -> list[FocusMessage]:
        """The messages of one packet: its fragment, before it a new beginning where one is due."""
        if self._ring.info is None or self._ring.info.codec != CODEC or self._refused or self._turns_back(held):
            return self._cannot(held)
        renewed = self._renew(held) if held.packet.key else []
        if self._init is None:
            return []
        message = self._fragment(held)
        self._remember(message)
        return [*renewed, message]

    def _remember(self, message: FocusMessage) -> None:
        """For latecomers, as long as the ring keeps the same packets."""
        if message.kind is FocusKind.KEY or self._ring.newest is None:
            self._group.clear()
        if message.kind is FocusKind.KEY or self._group:
            self._group.append(message)

    def _fragment(self, held: Held) -> FocusMessage:
        begin, duration = self._timeline.place(held.at)
        self._sequence += 1
        key = held.packet.key
        data = fragment(held.packet.data, key=key, sequence=self._sequence, decode_ticks=begin, duration_ticks=duration)
        return FocusMessage(FocusKind.KEY if key else FocusKind.DELTA, held.captured_ms, data)

    def _renew(self, held: Held) -> list[FocusMessage]:
        """`INIT` when the parameter sets are not those of the last one: a new connection, another picture size."""
        announced = self._ring.info.extradata if self._ring.info else b""
        sets = sets_among(units(held.packet.data)) or self._sets or sets_in_extradata(announced)
        if sets is None or sets == self._sets:
            return []
        self._sets = sets
        self._init = FocusMessage(FocusKind.INIT, held.captured_ms, beginning(sets.codec, beginning_boxes(sets)))
        return [self._init]

    def _turns_back(self, held: Held) -> bool:
        """Pictures that are shown in another order than they come have no place in a film that shows each at once."""
        return not held.packet.key and reordered(units(held.packet.data))

    def _cannot(self, held: Held) -> list[FocusMessage]:
        """Said once, and again to whoever asks."""
        if self._refused:
            return []
        self._refused = True
        self._group.clear()
        self._init = FocusMessage(FocusKind.CANNOT, held.captured_ms, b"codec")
        return [self._init]

    def _forget(self) -> None:
        self._running = self._refused = False
        self._sets = self._init = None
        self._group = []
