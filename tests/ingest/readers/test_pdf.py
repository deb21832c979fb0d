"""PDFs: lines become the paragraphs that they were, each with its page."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak

from ingest.errors import NotReadable
from ingest.readers import pdf
from ingest.readers.base import Block
from tests.cases import cases
from tests.ingest.readers.pdfs import BODY, HEADING, SMALL, paragraph, scan, set_pdf

LONG = (
    "The secretariat reports to the Council once in every year on what has been done in the name of the Member "
    "States, and the Council decides on what is to be done in the year after that one, so that no work is lost."
)


STYLES = {
    "heading": HEADING,
    "small": SMALL,
    "chinese": ParagraphStyle("zh", parent=BODY, fontName="STSong-Light", wordWrap="CJK"),
}


def flowable(part: str | list[str]) -> Any:
    """Return a paragraph, by its text or by its style and text; or a "scan" or a "break" of pages."""
    if isinstance(part, list):
        return paragraph(part[1], STYLES[part[0]])
    return {"scan": scan, "break": PageBreak}.get(part, lambda: paragraph(part))()


@pytest.mark.parametrize("case", cases("readers/pdf"))
def test_pages_are_read_as_they_were_written(case: dict[str, Any]) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    story = [flowable(part) for part in case["story"]]

    extract = pdf.read(set_pdf(story, head=case.get("head", ""), foot=case.get("foot", True)))

    told: dict[str, Any] = {
        "blocks": [[block.kind, block.number, block.raw] for block in extract.blocks],
        "texts": [block.raw for block in extract.blocks],
        "pages": [block.page for block in extract.blocks],
        "notes": list(extract.notes),
        "margins": [line for line in extract.margins if line in case.get("margins", ())],
    }
    assert {name: told[name] for name in told if name in case} == {
        name: case[name] for name in told if name in case
    }


def blocks(*story: object, **options: object) -> list[Block]:
    return list(pdf.read(set_pdf(story, **options)).blocks)  # type: ignore[arg-type]


def test_a_paragraph_runs_on_over_the_page() -> None:
    lines = "The " + " ".join(f"word{n}" for n in range(2000))
    (found,) = blocks(paragraph(f"1.1 {lines}."))
    assert (found.number, found.page, found.raw) == ("1.1", 1, f"{lines}.")


def test_columns_are_read_one_after_the_other() -> None:
    story = [paragraph(f"{n}. {LONG}") for n in range(1, 21)]
    found = blocks(*story, columns=2)
    assert [(b.number, b.raw) for b in found] == [(str(n), LONG) for n in range(1, 21)]


def test_the_properties_of_the_file_are_kept() -> None:
    kept = pdf.read(set_pdf([paragraph(LONG, BODY)], title="Annual report")).properties
    assert (kept.title, isinstance(kept.date, date)) == ("Annual report", True)


@pytest.mark.parametrize("foot", [False, True])
def test_a_scan_is_refused_with_the_way_out(foot: bool) -> None:
    with pytest.raises(NotReadable) as refused:
        pdf.read(set_pdf([scan() for _ in range(12)], foot=foot))
    assert str(refused.value) == (
        "it is a scan without text: run it through text recognition (OCR), for instance "
        "`ocrmypdf --redo-ocr in.pdf out.pdf`, and add the result"
    )


def test_a_page_that_cannot_be_opened_is_named_and_the_others_are_read() -> None:
    data = set_pdf([part for n in range(3) for part in (paragraph(f"{n}. {LONG}"), PageBreak())])
    _, second, *_ = re.finditer(rb"/Type /Page\b", data)
    damaged = data[: second.start()] + b"/Type /Pigs" + data[second.end() :]
    extract = pdf.read(damaged)
    assert [block.page for block in extract.blocks] == [1, 3]
    assert extract.notes == ["page 2: damaged and not read; to have all, print the file to a new PDF"]


def test_all_letters_of_a_page_are_read() -> None:
    data = io.BytesIO()
    page = Canvas(data)
    page.setFont("Times-Roman", 0.5)
    for number in range(1_400):
        page.drawString(20, 800 - number * 0.55, f"{number} " + "word " * 16)
    page.save()
    assert "1399 word" in " ".join(block.raw for block in pdf.read(data.getvalue()).blocks)
