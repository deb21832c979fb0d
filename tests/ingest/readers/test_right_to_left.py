"""Files in Arabic: their paragraphs are those of the same text without a direction."""

from __future__ import annotations

import html as markup
import io
import re
import subprocess
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import matplotlib
import pytest
from docx.oxml import OxmlElement
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from ingest.readers import docx, html, pdf, text
from ingest.readers.base import Extract
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


def seen(words: str) -> str:
    return words[::-1]


FILLING = seen("تعمل الأمانة على إعداد التقرير السنوي للمجلس")


def test_line_of_a_pdf_is_read_from_the_right() -> None:
    assert lines_of(FILLING) == ["تعمل الأمانة على إعداد التقرير السنوي للمجلس"]


def test_letters_in_their_shapes_are_letters() -> None:
    # "السلام" with the ligature of lam and alef.
    assert lines_of(FILLING, "\ufee1\ufefc\ufeb4\ufedf\ufe8d")[1] == "السلام"


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (f"ITU-T Study Group 5 {seen('اجتماع')}", "اجتماع ITU-T Study Group 5"),
        (f"2026 {seen('مايو')} 21-19 {seen('في')}", "في 19-21 مايو 2026"),
        (f"{seen('مايو')} 21-19", "19-21 مايو"),
        (f"{seen('مايو')} 19-21", "19-21 مايو"),
        (f"2026/05/19 {seen('في')}", "في 2026/05/19"),
        (f"{seen('الدول')} (ITU) {seen('الاتحاد')}", "الاتحاد (ITU) الدول"),
        (f"({seen('بوخارست')})", "(بوخارست)"),
    ],
)
def test_figures_and_latin_words_run_from_left_to_right(line: str, read: str) -> None:
    assert lines_of(FILLING, line)[1] == read


def test_number_at_the_right_is_that_of_its_paragraph() -> None:
    assert lines_of(FILLING, FILLING, beside=("1.1", "1.2")) == [
        "1.1 تعمل الأمانة على إعداد التقرير السنوي للمجلس",
        "1.2 تعمل الأمانة على إعداد التقرير السنوي للمجلس",
    ]


def test_arabic_words_of_an_english_page() -> None:
    english = "The Union in the languages of the United Nations, of which one is written from right to left"
    assert lines_of(english, f"The name {seen('الاتحاد الدولي')} (ITU) is Arabic.")[-1].endswith(
        "The name الاتحاد الدولي (ITU) is Arabic."
    )


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
