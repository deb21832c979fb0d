"""PowerPoint presentations for the tests, written by python-pptx."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Inches

_TITLE, _BODY, _TITLE_ONLY, _BLANK = 0, 1, 5, 6


class DeckFile:
    """A presentation under construction; what is put on a slide is put on the last one."""

    def __init__(self) -> None:
        self.deck = Presentation()
        self.slide: Any = None
        self._group: Any = None
        self._table: Any = None

    def opening(self, title: str, below: str) -> None:
        self.slide = self.deck.slides.add_slide(self.deck.slide_layouts[_TITLE])
        self.slide.shapes.title.text, self.slide.placeholders[1].text = title, below

    def list_slide(self, title: str, *items: str) -> None:
        self.slide = self.deck.slides.add_slide(self.deck.slide_layouts[_BODY])
        self.slide.shapes.title.text, self.slide.placeholders[1].text = title, "\n".join(items)

    def bare(self, title: str | None = None) -> None:
        self.slide = self.deck.slides.add_slide(
            self.deck.slide_layouts[_BLANK if title is None else _TITLE_ONLY]
        )
        if title is not None:
            self.slide.shapes.title.text = title

    def box(self, text: str, left: float, top: float, shapes: Any = None) -> Any:
        """A text box at a place in inches, on the slide or among the shapes of a group."""
        box = (shapes or self.slide.shapes).add_textbox(Inches(left), Inches(top), Inches(2), Inches(1))
        box.text_frame.text = text
        return box

    def group(self) -> None:
        self._group = self.slide.shapes.add_group_shape()

    def grouped(self, text: str, left: float, top: float) -> None:
        """A text box in the last group."""
        self.box(text, left, top, self._group.shapes)

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        frame = self.slide.shapes.add_table(len(rows), len(rows[0]), 0, Inches(2), Inches(6), Inches(2))
        self._table = frame.table
        for row, cells in zip(self._table.rows, rows, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text

    def merge(self, first: Sequence[int], last: Sequence[int]) -> None:
        """Merge cells of the last table, by row and column."""
        self._table.cell(*first).merge(self._table.cell(*last))

    def chart(self) -> None:
        data = CategoryChartData()
        data.categories = ["a"]
        data.add_series("s", (1,))
        self.slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(1), Inches(1), data)

    def foot(self, kind: str, text: str) -> None:
        """A placeholder of the foot: ftr, sldNum or dt."""
        place = parse_xml(f'<p:ph {nsdecls("p")} type="{kind}" sz="quarter" idx="1{len(kind)}"/>')
        self.box(text, 1, 6)._element.nvSpPr.nvPr.append(place)

    def hide(self) -> None:
        self.slide.element.set("show", "0")

    def spoken(self, text: str) -> None:
        self.slide.notes_slide.notes_text_frame.text = text

    def save(self) -> bytes:
        data = io.BytesIO()
        self.deck.save(data)
        return data.getvalue()


SLIDE = "ppt/slides/slide1.xml"


def deck() -> bytes:
    """A presentation of one slide."""
    file = DeckFile()
    file.list_slide("Next steps", "Register")
    return file.save()
