"""Word files: numbers as Word prints them, and what is text and what is not."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.document.facts import find_facts
from ingest.readers import docx
from tests.ingest.readers.words import WordFile

LONG = "This sentence is long enough not to be taken for a heading, whatever stands in front of it."


def numbers(word: WordFile) -> list[str | None]:
    return [block.number for block in docx.read(word.save()).blocks]


def texts(word: WordFile) -> list[str]:
    return [block.raw for block in docx.read(word.save()).blocks]


def multilevel() -> WordFile:
    word = WordFile()
    word.abstract(1, [("decimal", "%1."), ("decimal", "%1.%2."), ("decimal", "%1.%2.%3")])
    word.instance(1, 1)
    return word


def test_levels_count_on_and_begin_anew_below_the_next_one() -> None:
    word = multilevel()
    for level in (0, 1, 2, 2, 1, 2, 0, 1):
        word.paragraph(LONG, num=1, level=level)
    assert numbers(word) == ["1", "1.1", "1.1.1", "1.1.2", "1.2", "1.2.1", "2", "2.1"]


def test_an_instance_with_a_start_of_its_own_begins_there_once() -> None:
    word = multilevel()
    word.instance(2, 1, '<w:lvlOverride w:ilvl="1"><w:startOverride w:val="7"/></w:lvlOverride>')
    word.paragraph(LONG, num=1, level=0)
    for num in (1, 1, 2, 2):
        word.paragraph(LONG, num=num, level=1)
    assert numbers(word) == ["1", "1.1", "1.2", "1.7", "1.8"]


def test_a_numbering_comes_from_a_paragraph_style_and_its_level_from_the_link() -> None:
    word = WordFile()
    word.abstract(1, [("decimal", "%1."), ("decimal", "%1.%2")], {1: '<w:pStyle w:val="ListNumber"/>'})
    word.instance(1, 1)
    word.number_style("List Number", 1)
    word.paragraph(LONG, num=1)
    word.paragraph(LONG, style="List Number")
    word.paragraph(LONG, style="List Number")
    assert numbers(word) == ["1", "1.1", "1.2"]


def test_a_numbering_may_be_reached_through_a_numbering_style() -> None:
    word = multilevel()
    word.document.styles.element.append(
        word.element(
            '<w:style w:type="numbering" w:styleId="Legal"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
            "</w:style>"
        )
    )
    word.abstract_link(5, "Legal")
    word.instance(5, 5)
    word.paragraph(LONG, num=5)
    word.paragraph(LONG, num=5, level=1)
    assert numbers(word) == ["1", "1.1"]


def test_letters_and_roman_figures_count_the_items_of_the_paragraph_above() -> None:
    word = WordFile()
    word.abstract(1, [("decimal", "%1."), ("lowerLetter", "(%2)"), ("lowerRoman", "%3)")])
    word.instance(1, 1)
    word.paragraph(LONG, num=1)
    for level in (1, 1, 2, 2):
        word.paragraph("point", num=1, level=level)
    assert texts(word)[1:] == ["(a) point", "(b) point", "i) point", "ii) point"]


@pytest.mark.parametrize(
    "before",
    [
        "<w:del w:id='1'><w:r><w:delText>3 May</w:delText></w:r></w:del>",
        "<w:del w:id='1'><w:r><w:t>3 May</w:t></w:r></w:del>",
        "<w:moveFrom w:id='1'><w:r><w:t>3 May</w:t></w:r></w:moveFrom>",
    ],
)
@pytest.mark.parametrize("new", ["ins", "moveTo"])
def test_insertions_are_read_and_deletions_are_not(before: str, new: str) -> None:
    word = WordFile()
    word.xml(
        f"<w:p><w:r><w:t xml:space='preserve'>The Council meets on </w:t></w:r>{before}"
        f"<w:{new} w:id='2'><w:r><w:t>10 June</w:t></w:r></w:{new}><w:r><w:t>.</w:t></w:r></w:p>"
    )
    extract = docx.read(word.save())
    assert [b.raw for b in extract.blocks] == ["The Council meets on 10 June."]
    assert extract.notes == ["it has tracked changes: insertions are read, deletions are not"]


def test_a_deleted_paragraph_takes_no_number() -> None:
    word = multilevel()
    word.paragraph(LONG, num=1)
    word.xml(
        "<w:p><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr><w:rPr><w:del w:id='1'/></w:rPr></w:pPr>"
        "<w:del w:id='2'><w:r><w:delText>Gone.</w:delText></w:r></w:del></w:p>"
    )
    word.paragraph(LONG, num=1)
    assert numbers(word) == ["1", "2"]


def test_a_text_box_is_read_once() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>In the box.</w:t></w:r></w:p></w:txbxContent>"
    word = WordFile()
    word.xml(
        "<w:p><w:r><w:t>Anchor.</w:t></w:r><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>"
        f"{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert texts(word) == ["Anchor.", "In the box."]


def test_a_header_of_several_rows_names_each_column_by_all_of_them() -> None:
    word = WordFile()
    rows = [["Event", "Date", "Date"], ["Event", "Start", "End"], ["Forum", "7 May", "9 May"]]
    table = word.table(rows, header_rows=2)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "Event"
    table.cell(0, 1).merge(table.cell(0, 2)).text = "Date"
    assert texts(word) == ["Event: Forum; Date Start: 7 May; Date End: 9 May"]


def test_a_header_that_is_off_is_a_row_and_skipped_columns_are_empty() -> None:
    word = WordFile()
    table = word.table(
        [["Opening: 09:30", "Geneva", "x"], ["Closing: 17:30", "Doha", "x"], ["Kigali", "7", "7"]]
    )
    for row, inner in (
        (0, "<w:trPr><w:tblHeader w:val='0'/></w:trPr>"),
        (2, "<w:trPr><w:gridBefore w:val='1'/></w:trPr>"),
    ):
        table.rows[row]._tr.insert(0, word.element(inner))
    assert texts(word) == ["Opening: 09:30; Geneva; x", "Closing: 17:30; Doha; x", "Kigali; 7; 7"]
    assert docx.read(word.save()).blocks[2].rows == (("", "Kigali", "7", "7"),)


def test_merged_cells_are_told_once_in_a_row_and_in_every_row_that_they_reach() -> None:
    word = WordFile()
    table = word.table([["Region", "City", "Hall"], ["Europe", "Geneva", "A"], ["x", "Bern", "B"]])
    table.cell(1, 0).merge(table.cell(2, 0)).text = "Europe"
    table.cell(1, 1).merge(table.cell(1, 2)).text = "Geneva"
    assert texts(word) == ["Region: Europe; City: Geneva", "Region: Europe; City: Bern; Hall: B"]


def test_a_table_of_contents_is_left_out() -> None:
    word = WordFile()
    word.document.styles.add_style("toc 1", 1)
    word.paragraph("1 Introduction 3", style="toc 1")
    word.paragraph(LONG)
    assert texts(word) == [LONG]


def test_the_cover_in_two_columns_tells_symbol_and_day() -> None:
    word = WordFile()
    table = word.table(
        [
            ["Council 2025\nGeneva, 17–27 June 2025", ""],
            ["Agenda item: ADM 1", "Document C25/901-E"],
            ["x", "x"],
        ]
    )
    table.cell(1, 1).add_paragraph("20 May 2025")
    table.cell(1, 1).add_paragraph("Original: English")
    table.cell(2, 0).merge(table.cell(2, 1)).text = "Report by the Secretary-General"
    word.paragraph(f"1.1 {LONG}")
    found = find_facts(docx.read(word.save()), name="x.docx", sidecar={})
    assert (found.symbol.value, found.date.value, found.date.found) == (
        "C25/901-E",
        date(2025, 5, 20),
        "text",
    )
