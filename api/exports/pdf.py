"""A paper as PDF: A4, the hall's own typeface inside, vector charts, legible in black and white."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    HRFlowable,
    LongTable,
    PageTemplate,
    Paragraph,
    Spacer,
    TableStyle,
)

from api.exports.charts import BAR_HEIGHT, INK, LINES, SECOND, bar_drawing, trend_drawing
from api.exports.paper import Bar, Block, Figure, Figures, Line, Paper, Section, Table, Text, Trend
from api.exports.typeface import BOLD, REGULAR, register
from api.exports.xlsx import GRADE_COLOURS
from domain.evaluation.score import Grade

MEDIA_TYPE = "application/pdf"
MARGIN = 42
WIDTH = A4[0] - 2 * MARGIN
FIGURES_A_ROW = 5
_HEAD_FILL = HexColor("#E4E7EA")
_GROUP_FILL = HexColor("#F4F5F6")
_TYPE = ("FONT", (0, 0), (-1, -1), REGULAR, 8, 10.5)
"""Of every table, also where no cell uses it: else the writer names a font that is not in the file."""
_TOP, _BOTTOM = 58, 52
_ROOM_UNDER_A_HEADING = 110


class PdfWriter:
    """Writes papers, one at a time: the writer below keeps its fonts for the whole process, and memory is bounded."""

    def __init__(self, fonts: Path) -> None:
        self._fonts = fonts
        self._lock = Lock()
        self._ready = False

    def written(self, paper: Paper) -> bytes:
        """The file's bytes.

        Raises:
            OSError: the fonts are missing.
        """
        with self._lock:
            if not self._ready:
                register(self._fonts)
                self._ready = True
            return _written(paper)


def _written(paper: Paper) -> bytes:
    out = BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        title=paper.title,
        author=paper.author,
        creator="CityWall",
        lang="zh-CN" if paper.chinese else "en",
    )
    frame = Frame(MARGIN, _BOTTOM, WIDTH, A4[1] - _TOP - _BOTTOM, leftPadding=0, rightPadding=0)
    document.addPageTemplates(PageTemplate(frames=[frame]))
    document.build(_Setter(paper).story(), canvasmaker=_numbered(paper))
    return out.getvalue()


def _numbered(paper: Paper) -> Callable[..., Canvas]:
    """Canvases that draw each page's margins at the end, when the number of pages is known."""

    class Numbered(Canvas):  # type: ignore[misc]
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named | {"initialFontName": REGULAR})
            self._finished: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._finished.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            pages = list(self._finished)
            for number, page in enumerate(pages, start=1):
                self.__dict__.update(page)
                _margins(self, paper, paper.page.format(page=number, pages=len(pages)))
                super().showPage()
            super().save()

    return Numbered


def _margins(canvas: Canvas, paper: Paper, number: str) -> None:
    canvas.setStrokeColor(LINES)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, _BOTTOM - 8, MARGIN + WIDTH, _BOTTOM - 8)
    canvas.setFillColor(SECOND)
    canvas.setFont(REGULAR, 7)
    canvas.drawRightString(MARGIN + WIDTH, _BOTTOM - 19, number)
    for row, words in enumerate(simpleSplit(paper.footer, REGULAR, 7, WIDTH - 80)[:3]):
        canvas.drawString(MARGIN, _BOTTOM - 19 - 9 * row, words)
    canvas.drawString(MARGIN, A4[1] - 36, paper.title)
    if paper.mark:
        wide = canvas.stringWidth(paper.mark, BOLD, 11) + 14
        canvas.setStrokeColor(INK)
        canvas.setFillColor(INK)
        canvas.setLineWidth(1)
        canvas.rect(MARGIN + WIDTH - wide, A4[1] - 42, wide, 18)
        canvas.setFont(BOLD, 11)
        canvas.drawCentredString(MARGIN + WIDTH - wide / 2, A4[1] - 37, paper.mark)


class _Setter:
    """Sets the blocks of one paper."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        wrap = "CJK" if paper.chinese else None
        self._body = ParagraphStyle("body", fontName=REGULAR, fontSize=9, leading=13, textColor=INK, wordWrap=wrap)
        self._faint = ParagraphStyle("faint", self._body, fontSize=7.5, leading=11, textColor=SECOND)
        self._title = ParagraphStyle("title", self._body, fontName=BOLD, fontSize=20, leading=27)
        self._section = ParagraphStyle(
            "section",
            self._body,
            fontName=BOLD,
            fontSize=12.5,
            leading=17,
            spaceBefore=12,
            spaceAfter=4,
        )
        self._cell = ParagraphStyle("cell", self._body, fontSize=8, leading=10.5)
        self._cell_faint = ParagraphStyle("cell_faint", self._cell, textColor=SECOND)
        self._cell_strong = ParagraphStyle("cell_strong", self._cell, fontName=BOLD)
        self._head = ParagraphStyle("head", self._cell_strong, fontSize=7.5, leading=9.5)
        self._head_number = ParagraphStyle("head_number", self._head, alignment=TA_RIGHT)
        self._value = ParagraphStyle("value", self._body, fontName=BOLD, fontSize=16, leading=21)

    def story(self) -> list[Flowable]:
        """Everything, from the title on."""
        found: list[Flowable] = [
            self._words(self._paper.title, self._title),
            HRFlowable(width="100%", thickness=1.2, color=INK, spaceBefore=4, spaceAfter=6),
            self._facts(self._paper.facts),
        ]
        for section in self._paper.sections:
            found += self._of_section(section)
        return found

    def _of_section(self, section: Section) -> list[Flowable]:
        found: list[Flowable] = [CondPageBreak(_ROOM_UNDER_A_HEADING), self._words(section.title, self._section)]
        for block in section.blocks:
            found += [self._block(block), Spacer(0, 4)]
        return found

    def _block(self, block: Block) -> Flowable:
        if isinstance(block, Text):
            return self._words(block.words, self._faint if block.faint else self._body)
        if isinstance(block, Trend):
            return trend_drawing(block, WIDTH)
        return self._figures(block) if isinstance(block, Figures) else self._table(block)

    def _words(self, words: str, style: ParagraphStyle) -> Paragraph:
        return Paragraph(escape(words), style)

    def _facts(self, facts: Sequence[tuple[str, str]]) -> Flowable:
        rows = [[self._words(label, self._faint), self._words(value, self._body)] for label, value in facts]
        style = [_TYPE, ("VALIGN", (0, 0), (-1, -1), "TOP"), *_padding(1.5)]
        return LongTable(rows, colWidths=[WIDTH * 0.14, WIDTH * 0.86], style=TableStyle(style))

    def _figures(self, block: Figures) -> Flowable:
        cells = [self._figure(figure) for figure in block.figures]
        cells += [[]] * (-len(cells) % FIGURES_A_ROW)
        rows = [cells[first : first + FIGURES_A_ROW] for first in range(0, len(cells), FIGURES_A_ROW)]
        style = [
            _TYPE,
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BOX", (0, 0), (-1, -1), 0.5, LINES),
            ("INNERGRID", (0, 0), (-1, -1), 0.5, LINES),
            *_padding(5),
        ]
        return LongTable(rows, colWidths=[WIDTH / FIGURES_A_ROW] * FIGURES_A_ROW, style=TableStyle(style))

    def _figure(self, figure: Figure) -> list[Flowable]:
        return [
            self._words(figure.label, self._faint),
            self._words(figure.value, self._value),
            *(self._words(part, self._faint) for part in (figure.sample, figure.change) if part),
        ]

    def _table(self, table: Table) -> Flowable:
        whole = sum(column.share for column in table.columns)
        widths = [WIDTH * column.share / whole for column in table.columns]
        heads = [
            self._words(column.label, self._head_number if column.number else self._head) for column in table.columns
        ]
        rows = [heads, *(self._row(table, line, widths) for line in table.lines)]
        return LongTable(rows, colWidths=widths, repeatRows=1, style=TableStyle(_table_style(table)))

    def _row(self, table: Table, line: Line, widths: Sequence[float]) -> list[Any]:
        if line.heading:
            return [self._words(str(line.cells[0]), self._cell_strong), *[""] * (len(widths) - 1)]
        style = self._cell_strong if line.strong else self._cell_faint if line.faint else self._cell
        return [
            self._in_cell(cell, style, widths[index], plain=table.columns[index].number or index == line.grade)
            for index, cell in enumerate(line.cells)
        ]

    def _in_cell(self, cell: str | Bar, style: ParagraphStyle, width: float, *, plain: bool) -> Any:
        """Numbers and letters are set as they are, which is fast; words may need several lines."""
        if isinstance(cell, Bar):
            return bar_drawing(cell, width - 8, BAR_HEIGHT)
        return cell if plain else self._words(cell, style)


def _table_style(table: Table) -> list[tuple[Any, ...]]:
    style: list[tuple[Any, ...]] = [
        _TYPE,
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("BACKGROUND", (0, 0), (-1, 0), _HEAD_FILL),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINES),
        *_padding(2.5),
    ]
    style += [
        ("ALIGN", (index, 0), (index, -1), "RIGHT") for index, column in enumerate(table.columns) if column.number
    ]
    for row, line in enumerate(table.lines, start=1):
        style += _line_style(row, line)
    return style


def _line_style(row: int, line: Line) -> list[tuple[Any, ...]]:
    style: list[tuple[Any, ...]] = []
    if line.heading:
        style += [("SPAN", (0, row), (-1, row)), ("BACKGROUND", (0, row), (-1, row), _GROUP_FILL)]
    if line.strong:
        style += [("FONT", (0, row), (-1, row), BOLD, 8, 10.5), ("LINEABOVE", (0, row), (-1, row), 1, INK)]
    if line.faint:
        style.append(("TEXTCOLOR", (0, row), (-1, row), SECOND))
    if line.grade is not None:
        style += [("ALIGN", (line.grade, row), (line.grade, row), "CENTER"), *_grade_style(row, line, line.grade)]
    return style


def _grade_style(row: int, line: Line, column: int) -> list[tuple[Any, ...]]:
    letter = line.cells[column]
    if line.faint or letter not in set(Grade):
        return []
    cell = (column, row)
    fill = HexColor(GRADE_COLOURS[Grade(str(letter))])
    return [("BACKGROUND", cell, cell, fill), ("FONT", cell, cell, BOLD, 8, 10.5)]


def _padding(points: float) -> list[tuple[Any, ...]]:
    sides = {"LEFTPADDING": 4, "RIGHTPADDING": 4, "TOPPADDING": points, "BOTTOMPADDING": points}
    return [(side, (0, 0), (-1, -1), width) for side, width in sides.items()]
