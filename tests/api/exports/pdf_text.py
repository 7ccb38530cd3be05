"""Reads back what a report says: the text of each page, by the maps to Unicode that lie in the file."""

from __future__ import annotations

import base64
import re
import zlib
from dataclasses import dataclass

_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)endobj", re.S)
_SHOWN = re.compile(rb"/(F\d+\+\d+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\) Tj|(ET|T\*)", re.S)
_ESCAPED = re.compile(rb"\\(\d{3}|.)", re.S)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@dataclass(frozen=True)
class Read:
    """Text of each page, and the names of the fonts: all of them, and those whose outlines lie in the file."""

    pages: list[str]
    fonts: set[str]
    embedded: set[str]


def read(file: bytes) -> Read:
    objects = {int(number): body for number, body in _OBJECT.findall(file)}
    maps = {}
    for body in objects.values():
        name, unicode = re.search(rb"/Name /(F\d+\+\d+)", body), re.search(rb"/ToUnicode (\d+) 0 R", body)
        if name and unicode:
            maps[name[1]] = _characters(_stream(objects[int(unicode[1])]))
    pages = [body for body in objects.values() if re.search(rb"/Type /Page\b", body)]
    contents = [int(re.search(rb"/Contents (\d+) 0 R", page)[1]) for page in pages]  # type: ignore[index]
    return Read(
        [_text(_stream(objects[number]), maps) for number in contents],
        {name.decode() for name in re.findall(rb"/BaseFont /([^\s]+)", file)},
        {
            name.decode()
            for body in objects.values()
            if b"/FontFile2" in body
            for name in re.findall(rb"/FontName /([^\s]+)", body)
        },
    )


def _stream(body: bytes) -> bytes:
    head, _, rest = body.partition(b"stream\n")
    raw = rest.rpartition(b"endstream")[0]
    packed = base64.a85decode(raw.strip().removesuffix(b"~>")) if b"ASCII85" in head else raw
    return zlib.decompressobj().decompress(packed)


def _characters(cmap: bytes) -> dict[int, str]:
    """Which character each code of a font stands for."""
    listed = re.search(rb"beginbfchar\n(.*?)endbfchar", cmap, re.S)
    assert listed is not None
    return {int(code, 16): chr(int(means, 16)) for code, means in re.findall(rb"<(\w+)> <(\w+)>", listed[1])}


def _text(content: bytes, maps: dict[bytes, dict[int, str]]) -> str:
    """A line of text a line; what one line says in several fonts is joined."""
    said, current = "", dict[int, str]()
    for font, shown, ends in _SHOWN.findall(content):
        if font:
            current = maps[font]
        said += "".join(current.get(code, "�") for code in _ESCAPED.sub(_unescaped, shown))
        if ends and not said.endswith("\n"):
            said += "\n"
    return said


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes([int(code, 8)]) if code.isdigit() else _NAMED.get(code, code)
