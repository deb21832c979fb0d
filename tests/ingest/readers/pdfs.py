"""PDFs for the tests, set by reportlab."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image as Bitmap
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import BaseDocTemplate, Frame, Image, PageTemplate, Paragraph, Table

BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=11, leading=13, spaceAfter=7)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=8.5, leading=10)
INDENTED = ParagraphStyle("indented", parent=BODY, leftIndent=24)
HEADING = ParagraphStyle("heading", parent=BODY, fontName="Times-Bold", spaceBefore=9)
TITLE = ParagraphStyle("title", parent=BODY, fontName="Times-Bold", fontSize=18, leading=22)
MARGIN = 70


def set_pdf(
    story: Sequence[Any],
    *,
    head: str = "",
    columns: int = 1,
    gap: float = 20,
    password: str | None = None,
    title: str = "",
    foot: bool = True,
) -> bytes:
    """Return a PDF of the flowables; `head` stands on every page, with the page's number at its `foot`."""
    data = io.BytesIO()
    width, height = A4
    inner = (width - 2 * MARGIN - gap * (columns - 1)) / columns
    frames = [
        Frame(MARGIN + place * (inner + gap), MARGIN, inner, height - 2 * MARGIN, 0, 0, 0, 0)
        for place in range(columns)
    ]

    def margins(canvas: Any, document: Any) -> None:
        canvas.setFont("Times-Roman", 9)
        if head:
            canvas.drawString(MARGIN, height - 40, head)
        if foot:
            canvas.drawCentredString(width / 2, 30, f"- {document.page} -")

    template = PageTemplate(frames=frames, onPage=margins)
    lock = StandardEncryption(password, ownerPassword="owner") if password else None
    BaseDocTemplate(data, pagesize=A4, pageTemplates=[template], encrypt=lock, title=title or None).build(
        list(story)
    )
    return data.getvalue()


def scan() -> Image:
    """A picture that fills the page, as a scanner gives it."""
    data = io.BytesIO()
    Bitmap.new("L", (60, 80), 200).save(data, "PNG")
    return Image(data, 440, 600)


def paragraph(text: str, style: ParagraphStyle = BODY) -> Paragraph:
    return Paragraph(text, style)


def table(rows: Sequence[Sequence[str]]) -> Table:
    return Table(
        [[Paragraph(cell, BODY) for cell in row] for row in rows],
        style=[("GRID", (0, 0), (-1, -1), 1, colors.black)],
    )
