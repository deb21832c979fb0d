"""PowerPoint presentations for the tests, written by python-pptx."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from pptx import Presentation
from pptx.util import Inches

_TITLE, _BODY, _TITLE_ONLY, _BLANK = 0, 1, 5, 6


class DeckFile:
    """A presentation under construction; what is put on a slide is put on the last one."""

    def __init__(self) -> None:
        self.deck = Presentation()
        self.slide: Any = None

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

    def box(self, text: str, left: float, top: float, within: Any = None) -> Any:
        """A text box at a place in inches, on the slide or in a group."""
        shapes = self.slide.shapes if within is None else within.shapes
        box = shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1))
        box.text_frame.text = text
        return box

    def table(self, rows: Sequence[Sequence[str]]) -> Any:
        frame = self.slide.shapes.add_table(len(rows), len(rows[0]), 0, Inches(2), Inches(6), Inches(2))
        for row, cells in zip(frame.table.rows, rows, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
        return frame.table

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
