"""What little of H.264 a repackager needs to know: its units, its parameter sets, and the size written in them.

Units by ITU-T H.264 annex B (start codes) and ISO/IEC 14496-15 (`avcC`); the sequence parameter set by 7.3.2.1.1.
"""

from __future__ import annotations

from dataclasses import dataclass

SLICE, KEY_SLICE, SPS, PPS, DELIMITER = 1, 5, 7, 8, 9
_B_SLICES = frozenset({1, 6})
_SLICE_HEAD_BYTES = 16
"""Holds the two numbers a slice begins with, in the largest picture there is."""
_HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_START = b"\0\0\1"
_SEPARATE = 3
"""The chroma format whose slices may have one more field before their number."""


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """Without them no picture can be decoded. One of each is all that cameras send."""

    sps: bytes
    pps: bytes

    @property
    def codec(self) -> str:
        """The codec's name as browsers write it: profile, constraints and level in hexadecimal."""
        return f"avc1.{self.sps[1:4].hex()}"


def units(data: bytes) -> list[bytes]:
    """The units of one picture, whether start codes or lengths (4 bytes) stand before them."""
    return _by_start_codes(data) if data.startswith((_START, b"\0" + _START)) else _by_lengths(data)


def kind(unit: bytes) -> int:
    """Its type: 5 a key picture, 7 and 8 the parameter sets …"""
    return unit[0] & 0x1F


def reordered(found: list[bytes]) -> bool:
    """Whether a picture leans on later ones (a slice of type B), so that it is shown in another order than it came."""
    return any(kind(unit) == SLICE and _slice_type(unit) in _B_SLICES for unit in found)


def sets_among(found: list[bytes]) -> ParameterSets | None:
    """The parameter sets among some units; None unless both are there."""
    sps = next((unit for unit in found if kind(unit) == SPS and len(unit) > 3), None)
    pps = next((unit for unit in found if kind(unit) == PPS), None)
    return ParameterSets(sps, pps) if sps and pps else None


def sets_in_extradata(extradata: bytes) -> ParameterSets | None:
    """The parameter sets a connection announced, as start codes or as `avcC`; None when it did not."""
    if extradata.startswith((_START, b"\0" + _START)):
        return sets_among(_by_start_codes(extradata))
    if len(extradata) > 6 and extradata[0] == 1:
        return sets_among(_in_avcc(extradata))
    return None


def picture_size(sps: bytes) -> tuple[int, int]:
    """Width and height in pixels, cropping taken off.

    Raises:
        ValueError: it ends too early.
    """
    bits = _Bits(_without_emulation(sps[4:]))
    chroma = _begin(bits, sps)[0]
    width, height = bits.golomb() + 1, bits.golomb() + 1
    frames_only = bits.take(1)
    if not frames_only:
        bits.take(1)
    bits.take(1)
    left, right, top, bottom = [bits.golomb() for _ in range(4)] if bits.take(1) else [0, 0, 0, 0]
    across = 2 if chroma in (1, 2) else 1
    down = (2 if chroma == 1 else 1) * (2 - frames_only)
    return width * 16 - (left + right) * across, height * 16 * (2 - frames_only) - (top + bottom) * down


def number_bits(sps: bytes) -> int | None:
    """How many bits a picture's number (`frame_num`, 7.4.3) has; None where numbers may be missing without a loss.

    Raises:
        ValueError: it ends too early.
    """
    chroma, width, gaps_allowed = _begin(_Bits(_without_emulation(sps[4:])), sps)
    return None if gaps_allowed or chroma == _SEPARATE else width


def picture_number(unit: bytes, width: int) -> int:
    """The number of the picture a slice belongs to, of `width` bits.

    Raises:
        ValueError: it ends too early.
    """
    bits = _Bits(_without_emulation(unit[1:_SLICE_HEAD_BYTES]))
    for _ in range(3):  # first macroblock, type, parameter set
        bits.golomb()
    return bits.take(width)


def leaned_on(unit: bytes) -> bool:
    """Whether later pictures need this one (`nal_ref_idc`)."""
    return bool(unit[0] & 0x60)


def _begin(bits: _Bits, sps: bytes) -> tuple[int, int, bool]:
    """A parameter set up to the picture's size: chroma format, bits of a picture's number, whether numbers may miss."""
    bits.golomb()  # its id
    chroma = _skip_high_profile(bits) if sps[1] in _HIGH_PROFILES else 1
    width = bits.golomb() + 4
    _skip_order_count(bits)
    bits.golomb()  # max_num_ref_frames
    return chroma, width, bool(bits.take(1))


def _slice_type(unit: bytes) -> int:
    """By 7.3.3; a slice too short to have one is of no type."""
    bits = _Bits(_without_emulation(unit[1:_SLICE_HEAD_BYTES]))
    try:
        bits.golomb()  # its first macroblock
        return bits.golomb()
    except ValueError:
        return -1


def _by_start_codes(data: bytes) -> list[bytes]:
    """A unit never ends in a zero byte, so those before a start code belong to it."""
    found, at = [], data.find(_START)
    while at >= 0:
        begin, at = at + 3, data.find(_START, at + 3)
        unit = (data[begin:] if at < 0 else data[begin:at]).rstrip(b"\0")
        if unit:
            found.append(unit)
    return found


def _by_lengths(data: bytes) -> list[bytes]:
    found, at = [], 0
    while at + 4 < len(data):
        size = int.from_bytes(data[at : at + 4])
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return [unit for unit in found if unit]


def _in_avcc(extradata: bytes) -> list[bytes]:
    found, at = [], 5
    for mask in (0x1F, 0xFF):
        if at >= len(extradata):
            break
        count, at = extradata[at] & mask, at + 1
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2])
            found.append(extradata[at + 2 : at + 2 + size])
            at += 2 + size
    return [unit for unit in found if unit]


def _without_emulation(data: bytes) -> bytes:
    """The bytes meant: a 3 after two zeros only keeps them from looking like a start code."""
    return data.replace(b"\0\0\3", b"\0\0")


def _skip_high_profile(bits: _Bits) -> int:
    """The fields only high profiles have; their chroma format."""
    chroma = bits.golomb()
    if chroma == 3:
        bits.take(1)
    bits.golomb()
    bits.golomb()
    bits.take(1)
    if bits.take(1):
        for index in range(8 if chroma != 3 else 12):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma


def _skip_scaling_list(bits: _Bits, length: int) -> None:
    last = following = 8
    for _ in range(length):
        if following:
            following = (last + bits.signed_golomb() + 256) % 256
        last = following or last


def _skip_order_count(bits: _Bits) -> None:
    way = bits.golomb()
    if way == 0:
        bits.golomb()
    elif way == 1:
        bits.take(1)
        bits.golomb()
        bits.golomb()
        for _ in range(bits.golomb()):
            bits.golomb()


class _Bits:
    """Reads bits and Exp-Golomb numbers."""

    def __init__(self, data: bytes) -> None:
        self._bits = int.from_bytes(data)
        self._left = len(data) * 8

    def take(self, count: int) -> int:
        if count > self._left:
            raise ValueError("it ends too early")
        self._left -= count
        return self._bits >> self._left & (1 << count) - 1

    def golomb(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def signed_golomb(self) -> int:
        value = self.golomb()
        return (value + 1) // 2 if value % 2 else -(value // 2)
