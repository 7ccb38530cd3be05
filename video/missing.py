"""Pictures that never came, told by the numbers of those that did (H.264, 7.4.3).

A decoder covers a hole with what it has and says nothing: until the next key frame the street looks smeared, with cars
doubled, in a picture that claims to be whole.
"""

from __future__ import annotations

from video import h264
from video.source import Packet, StreamInfo


class MissingPictures:
    """Of one decoder. Streams that are not H.264, or that allow holes, are never said to have any."""

    def __init__(self, info: StreamInfo) -> None:
        self._known = info.codec == "h264"
        self._width: int | None = None
        self._before: int | None = None
        """The number of the newest picture that later ones lean on."""
        self._hole = False
        if self._known:
            self._learn(h264.sets_in_extradata(info.extradata))

    def begin(self) -> None:
        """What comes next is a key frame."""
        self._before, self._hole = None, False

    def smears(self, packet: Packet) -> bool:
        """Whether the picture of this packet, the next of its stream, leans on one that never came."""
        if not self._known:
            return False
        found = h264.units(packet.data)
        if packet.key:
            self.begin()
            self._learn(h264.sets_among(found))
        first = next((unit for unit in found if h264.kind(unit) in (h264.SLICE, h264.KEY_SLICE)), None)
        if first is not None and self._width is not None:
            self._count(first, self._width)
        return self._hole

    def _learn(self, sets: h264.ParameterSets | None) -> None:
        if sets is not None:
            try:
                self._width = h264.number_bits(sets.sps)
            except ValueError:
                self._width = None

    def _count(self, unit: bytes, width: int) -> None:
        try:
            number = h264.picture_number(unit, width)
        except ValueError:
            return  # too short to be a slice: the decoder will say so
        if self._before is not None and number not in (self._before, (self._before + 1) % (1 << width)):
            self._hole = True
        if h264.leaned_on(unit):
            self._before = number
