"""One connection of a camera and all that is made of its packets: ring, focus fragments, pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import SecretStr

from video.checks.picture import PictureChecks
from video.crash_notes import NoNotes
from video.focus import FocusMessage
from video.focus_stream import FocusStream
from video.maker import Emit, PictureMaker
from video.packet_ring import Held, PacketRing, RingBudget
from video.pull import Pull, PullTools
from video.source import Packet, StreamInfo


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where the streams of a process leave what they make. `send` takes the camera's number with each message.

    `notes` remember, beyond the process, which camera crashed one.
    """

    emit: Emit
    send: Callable[[int, FocusMessage], None]
    budget: RingBudget = field(default_factory=RingBudget)
    notes: NoNotes = field(default_factory=NoNotes)


class Stream:
    """A pull and its sinks. What is read from outside are their facts; what is set are their wishes."""

    def __init__(
        self,
        name: str,
        number: int,
        url: SecretStr,
        tools: PullTools,
        outlets: Outlets,
        *,
        watches: bool,
        checks: PictureChecks | None = None,
    ) -> None:
        self.ring = PacketRing(outlets.budget)
        self.maker = PictureMaker(number, outlets.emit, self.ring, watches=watches, checks=checks)
        self.focus = FocusStream(self.ring, lambda message: outlets.send(number, message))
        self.pull = Pull(name, url, tools, self, number=number, left_alone=lambda: outlets.notes.left(number))

    def begin(self, info: StreamInfo) -> None:
        """A new connection; in the pull's thread."""
        self.ring.begin(info)
        self.focus.begin(info)
        self.maker.begin(info)

    def take(self, packet: Packet, *, captured_ms: int, at: float) -> None:
        """A packet; in the pull's thread. Focus first: it costs nothing, and decoding would make it late."""
        held = Held(packet, captured_ms, at)
        self.ring.add(held)
        self.focus.take(held)
        self.maker.take(held)
