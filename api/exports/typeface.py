"""The hall's own typeface for paper: no font of the machine is needed, and only glyphs that are used go into a file.

The web fonts have cubic outlines, PDF writers want quadratic ones, and turning thousands of glyphs takes seconds. So
the writer works with a skeleton that has every width and no outline, and gets the outlines of the few hundred glyphs
that a document really used when it is finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont as FontFile
from fontTools.ttLib.tables._g_l_y_f import Glyph
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont, TTFontFace, TTFontFile

REGULAR, BOLD = "CityWall", "CityWall-Bold"
COMMON, RARE, COMMON_BOLD = (f"noto-sans-sc-{part}.woff2" for part in ("500-common", "500-rare", "700-common"))
_NOTHING = ".notdef"
_OFF_BY = 1.0
"""How far, in thousandths of the font size, a turned outline may lie from the drawn one."""


def register(folder: Path) -> None:
    """Make both weights known to the PDF writer, from the fonts in `folder`. The bold one lacks rare glyphs of its own.

    Raises:
        OSError: a font is missing.
    """
    common, rare, bold = (_Source(folder / name) for name in (COMMON, RARE, COMMON_BOLD))
    pdfmetrics.registerFont(_Font(REGULAR, [common, rare]))
    pdfmetrics.registerFont(_Font(BOLD, [bold, rare]))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


class _Source:
    """One font file; outlines are turned when they are first wanted, and then kept."""

    def __init__(self, path: Path) -> None:
        self.font = FontFile(path)
        self.names: Mapping[int, str] = self.font.getBestCmap()
        self._glyphs = self.font.getGlyphSet()
        self._turned: dict[str, Glyph] = {}

    def width(self, name: str) -> int:
        return int(self.font["hmtx"][name][0])

    def outline(self, name: str) -> Glyph:
        if name not in self._turned:
            pen = TTGlyphPen(None)
            self._glyphs[name].draw(Cu2QuPen(pen, _OFF_BY, reverse_direction=True))
            self._turned[name] = pen.glyph()
        return self._turned[name]


class _Face(TTFontFace):  # type: ignore[misc]
    """Every width of several sources, earlier ones first; outlines come when a document is finished."""

    def __init__(self, name: str, sources: Sequence[_Source]) -> None:
        self._called = name
        self._sources = sources
        self._where = {code: source for source in reversed(sources) for code in source.names}
        super().__init__(BytesIO(self._file(self._where, drawn=False)))
        head = sources[0].font["head"]
        self.bbox = [head.xMin, head.yMin, head.xMax, head.yMax]

    def makeSubset(self, subset: Sequence[int]) -> bytes:
        """A font file with the glyphs of these characters."""
        known = [code for code in dict.fromkeys(subset) if code in self._where]
        made: bytes = TTFontFile(BytesIO(self._file(known, drawn=True))).makeSubset(subset)
        return made

    def _file(self, codes: Iterable[int], *, drawn: bool) -> bytes:
        named = {code: f"u{code:04X}" for code in sorted(codes)}
        first = self._sources[0]
        widths = {_NOTHING: first.width(_NOTHING)}
        widths |= {name: self._source(code, "width") for code, name in named.items()}
        glyphs = {_NOTHING: first.outline(_NOTHING) if drawn else Glyph()}
        glyphs |= {name: self._source(code, "outline") if drawn else Glyph() for code, name in named.items()}
        return _built(self._called, named, glyphs, widths, first.font)

    def _source(self, code: int, what: str) -> Any:
        source = self._where[code]
        return getattr(source, what)(source.names[code])


class _Font(TTFont):  # type: ignore[misc]
    """A font of the writer on such a face."""

    def __init__(self, name: str, sources: Sequence[_Source]) -> None:
        face = _Face(name, sources)
        super().__init__(name, BytesIO(face._ttf_data), shapable=False)
        self.face = face


def _built(
    name: str,
    named: Mapping[int, str],
    glyphs: Mapping[str, Glyph],
    widths: Mapping[str, int],
    like: FontFile,
) -> bytes:
    builder = FontBuilder(like["head"].unitsPerEm, isTTF=True)
    builder.setupGlyphOrder([_NOTHING, *named.values()])
    builder.setupCharacterMap(dict(named))
    builder.setupGlyf(dict(glyphs))
    builder.setupHorizontalMetrics({name: (wide, _left_edge(glyphs[name])) for name, wide in widths.items()})
    builder.setupHorizontalHeader(ascent=like["hhea"].ascent, descent=like["hhea"].descent)
    builder.setupNameTable({"familyName": name, "styleName": "Regular", "psName": name, "fullName": name})
    builder.setupOS2(sTypoAscender=like["hhea"].ascent, sTypoDescender=like["hhea"].descent)
    builder.setupPost(keepGlyphNames=False)
    out = BytesIO()
    builder.save(out)
    return out.getvalue()


def _left_edge(glyph: Glyph) -> int:
    """Where the outline begins: readers move it there."""
    return int(getattr(glyph, "xMin", 0))
