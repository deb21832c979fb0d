"""Files in Arabic: their paragraphs are those of the same text without a direction."""

from __future__ import annotations

import html as markup
import io
import re
import subprocess
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from docx.oxml import OxmlElement
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from ingest.readers import docx, html, pdf, text
from ingest.readers.base import Extract
from tests.cases import cases
from tests.ingest.readers.words import WordFile

ARABIC = (Path(__file__).parents[2] / "data/languages/versions/C26-INF-14-A.txt").read_text("utf-8")
LINES = [line for line in ARABIC.splitlines() if line.strip()]


def word() -> Extract:
    file = WordFile()
    for line in LINES:
        paragraph = file.paragraph(line)._p
        paragraph.get_or_add_pPr().append(OxmlElement("w:bidi"))
        for run in paragraph.r_lst:
            run.get_or_add_rPr().append(OxmlElement("w:rtl"))
    return docx.read(file.save())


def page() -> Extract:
    return html.read(web_page())


def web_page() -> bytes:
    tags = ["h2" if re.match(r"\d\s", line) else "p" for line in LINES]
    body = "".join(f"<{tag}>{markup.escape(line)}</{tag}>" for tag, line in zip(tags, LINES, strict=True))
    return (
        f'<!doctype html><html dir="rtl" lang="ar"><meta charset="utf-8"><body>{body}</body></html>'.encode()
    )


def paragraphs(extract: Extract) -> list[tuple[str, str]]:
    """Return the numbered paragraphs, with white space unified."""
    return [
        (block.number, re.sub(r"\s+", " ", block.raw)) for block in extract.blocks if block.number is not None
    ]


@pytest.mark.parametrize("read", [word, page])
def test_file_from_right_to_left_is_read_as_its_text(read: Callable[[], Extract]) -> None:
    expected = paragraphs(text.read(ARABIC.encode()))
    assert len(expected) > 20
    assert paragraphs(read()) == expected


def lines_of(*seen: str, beside: Sequence[str] = ()) -> list[str]:
    """Return the lines read of a PDF; `seen` end at the right, as they are seen, and those `beside` further right."""
    pdfmetrics.registerFont(TTFont("DejaVu", Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"))
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=A4)
    canvas.setFont("DejaVu", 11)
    for n, line in enumerate(seen):
        canvas.drawRightString(480, 760 - 40 * n, line)
        if beside:
            canvas.drawRightString(530, 760 - 40 * n, beside[n])
    canvas.save()
    return [f"{block.number or ''} {block.raw}".strip() for block in pdf.read(data.getvalue()).blocks]


@pytest.mark.parametrize("case", cases("readers/right_to_left"))
def test_lines_of_a_pdf_are_read_from_the_right(case: dict[str, Any]) -> None:
    lines = lines_of(*case["seen"], beside=case.get("beside", ()))
    assert lines[-1] == case.get("last", lines[-1])
    assert lines[-1].endswith(case.get("ending", ""))
    assert len(lines) == case.get("lines", len(lines))


@pytest.mark.system
def test_page_that_a_browser_prints(chromium: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(web_page())
    printed = tmp_path / "page.pdf"
    subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-pdf-header-footer",
            f"--print-to-pdf={printed}",
            (tmp_path / "page.html").as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    expected, found = paragraphs(text.read(ARABIC.encode())), paragraphs(pdf.read(printed.read_bytes()))
    assert [number for number, _ in found] == [number for number, _ in expected]
    assert (
        min(
            SequenceMatcher(None, *pair).ratio()
            for pair in zip(dict(expected).values(), dict(found).values(), strict=True)
        )
        > 0.9
    )
