"""PDFs: lines become the paragraphs that they were, each with its page."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak

from ingest.errors import NotReadable
from ingest.readers import pdf
from ingest.readers.base import Block
from tests.ingest.readers.pdfs import BODY, HEADING, SMALL, paragraph, scan, set_pdf

LONG = (
    "The secretariat reports to the Council once in every year on what has been done in the name of the Member "
    "States, and the Council decides on what is to be done in the year after that one, so that no work is lost."
)


def blocks(*story: object, **options: object) -> list[Block]:
    return list(pdf.read(set_pdf(story, **options)).blocks)  # type: ignore[arg-type]


def test_a_paragraph_runs_on_over_the_page() -> None:
    lines = "The " + " ".join(f"word{n}" for n in range(2000))
    (found,) = blocks(paragraph(f"1.1 {lines}."))
    assert (found.number, found.page, found.raw) == ("1.1", 1, f"{lines}.")


def test_running_heads_and_page_numbers_are_no_text() -> None:
    words = ("One", "Two", "Three", "Four")
    story = [part for word in words for part in (paragraph(f"{word}: {LONG}"), PageBreak())]
    extract = pdf.read(set_pdf(story, head="Report of the Council, Geneva, 2025"))
    assert [b.raw for b in extract.blocks] == [f"{word}: {LONG}" for word in words]
    assert "Report of the Council, Geneva, 2025" in extract.margins


def test_columns_are_read_one_after_the_other() -> None:
    story = [paragraph(f"{n}. {LONG}") for n in range(1, 21)]
    found = blocks(*story, columns=2)
    assert [(b.number, b.raw) for b in found] == [(str(n), LONG) for n in range(1, 21)]


def test_words_broken_at_the_end_of_a_line_are_mended() -> None:
    (found,) = blocks(
        paragraph("The Member States agreed on the implemen-<br/>tation of the plan for the coming year.")
    )
    assert found.raw == "The Member States agreed on the implementation of the plan for the coming year."


def test_headings_are_told_by_their_type() -> None:
    found = blocks(
        paragraph("2. Work of the year", HEADING),
        paragraph(LONG),
        paragraph("Next steps", HEADING),
        paragraph(LONG),
    )
    assert [(b.kind, b.number) for b in found] == [
        ("heading", "2"),
        ("paragraph", None),
        ("heading", None),
        ("paragraph", None),
    ]


def test_a_note_follows_the_paragraph_that_refers_to_it() -> None:
    found = blocks(
        paragraph(f"1. {LONG}<super size=7>1</super>"),
        paragraph(f"2. {LONG}"),
        paragraph("<super size=6>1</super> Decided in 2024.", SMALL),
    )
    assert [(b.kind, b.raw) for b in found] == [
        ("paragraph", LONG),
        ("note", "Decided in 2024."),
        ("paragraph", LONG),
    ]


def test_a_figure_at_the_beginning_of_a_line_opens_no_paragraph() -> None:
    text = f"1. {LONG[:-1]} and the Council will be opened in Geneva on the<br/>17. June and closed later."
    assert len(blocks(paragraph(text))) == 1


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


@pytest.mark.parametrize("foot", [False, True])
def test_pages_that_are_scans_are_named(foot: bool) -> None:
    text = paragraph(f"1. {LONG}")
    story = [text, PageBreak(), scan(), PageBreak(), text, PageBreak(), scan(), scan(), scan()]
    extract = pdf.read(set_pdf(story, foot=foot))
    assert [block.page for block in extract.blocks] == [1, 3]
    assert extract.notes == [
        "pages 2, 4–6 are scans without text and not read; to have them too, run the file through text "
        "recognition (OCR), for instance `ocrmypdf --redo-ocr in.pdf out.pdf`, and add the result"
    ]


def test_blank_pages_and_pictures_beside_text_are_no_scans() -> None:
    story = [paragraph(LONG), PageBreak(), PageBreak(), paragraph(LONG), scan()]
    assert pdf.read(set_pdf(story, foot=False)).notes == []


def test_a_name_keeps_its_hyphen_at_the_end_of_a_line() -> None:
    (found,) = blocks(
        paragraph("The report was sent to the Secretary-<br/>General of the United Nations in New York.")
    )
    assert found.raw == "The report was sent to the Secretary-General of the United Nations in New York."


def test_chinese_lines_are_joined_without_spaces() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    text = "国际电信联盟理事会会议将于六月在日内瓦举行，各成员国将讨论数字合作议程。" * 6
    style = ParagraphStyle("zh", parent=BODY, fontName="STSong-Light", wordWrap="CJK")
    assert [b.raw for b in blocks(paragraph(text, style))] == [text]
