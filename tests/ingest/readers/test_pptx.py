"""Presentations: slides with their titles, text in reading order, tables and the speaker's notes."""

from __future__ import annotations

import io
import zipfile

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Inches

from ingest.readers.base import Extract
from ingest.readers.choice import read_file
from tests.ingest.readers.decks import DeckFile, deck
from tests.ingest.readers.words import replaced, with_part


def read(file: DeckFile) -> Extract:
    return read_file("a.pptx", file.save())


def told(file: DeckFile) -> list[tuple[str, str]]:
    return [(block.kind, block.raw) for block in read(file).blocks]


def test_a_slide_is_its_title_its_items_and_what_is_said_with_it() -> None:
    file = DeckFile()
    file.opening("Preparations for the Forum", "Geneva, 14 April 2026")
    file.list_slide("Next steps", "Register by 3 May 2026", "Send papers")
    file.spoken("The date moved.\nTell them.")
    file.deck.core_properties.title, file.deck.core_properties.language = "Preparations", "fr"
    extract = read(file)
    assert (extract.title, extract.properties.language) == ("Preparations for the Forum", "fr")
    assert [(b.kind, b.raw, b.page) for b in extract.blocks] == [
        ("heading", "Preparations for the Forum", 1),
        ("paragraph", "Geneva, 14 April 2026", 1),
        ("heading", "Next steps", 2),
        ("item", "• Register by 3 May 2026", 2),
        ("item", "• Send papers", 2),
        ("note", "The date moved.\nTell them.", 2),
    ]


def test_shapes_are_read_from_top_to_bottom_and_from_left_to_right() -> None:
    file = DeckFile()
    file.bare("Places")
    file.box("below", 1, 5)
    file.box("right", 4, 3)
    file.box("left", 1, 3.1)
    group = file.slide.shapes.add_group_shape()
    file.box("grouped second", 3, 2, within=group)
    file.box("grouped first", 1, 2, within=group)
    words = ["grouped first", "grouped second", "left", "right", "below"]
    assert [raw for _, raw in told(file)] == ["Places", *words]


def test_merged_cells_belong_to_each_row_and_are_stated_once() -> None:
    file = DeckFile()
    file.bare("Calendar")
    rows = [["Group", "Event", "Place"], ["WSIS", "Forum", "Geneva"], ["", "Prep", ""], ["AI", "7", "7"]]
    table = file.table(rows)
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(2, 1).merge(table.cell(2, 2))
    assert [raw for kind, raw in told(file) if kind == "row"] == [
        "Group: WSIS; Event: Forum; Place: Geneva",
        "Group: WSIS; Event: Prep",
        "Group: AI; Event: 7; Place: 7",
    ]


def test_a_table_that_is_a_frame_around_text_is_paragraphs() -> None:
    file = DeckFile()
    file.bare("Dates")
    file.table([["Papers are due on 3 May 2026"], ["Papers are due on 3 May 2026"], ["Register"]])
    assert told(file)[1:] == [("paragraph", "Papers are due on 3 May 2026"), ("paragraph", "Register")]


def test_what_has_no_title_or_text_is_known_by_its_number() -> None:
    file = DeckFile()
    file.list_slide("Next steps", "Register")
    file.bare()
    file.box("Contact us", 1, 1)
    file.bare("Papers are due on 3 May 2026")
    file.list_slide("Hidden", "Secret")
    file.slide.element.set("show", "0")
    file.bare()
    data = CategoryChartData()
    data.categories = ["a"]
    data.add_series("s", (1,))
    file.slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(1), Inches(1), data)
    assert [raw for _, raw in told(file)] == [
        *("Next steps", "• Register", "Slide 2", "Contact us", "Slide 3", "Papers are due on 3 May 2026")
    ]
    assert read(file).notes == [
        "what is hidden is left out: slide 4",
        "there is no text on slide 5; pictures are not read",
        "charts are not read: slide 5",
    ]


def test_feet_are_margins_and_numbers_of_slides_are_nothing() -> None:
    file = DeckFile()
    file.list_slide("Shown", "Register")
    for kind, text in (("ftr", "C26/12-E"), ("sldNum", "1"), ("dt", "1 May 2020")):
        place = parse_xml(f'<p:ph {nsdecls("p")} type="{kind}" sz="quarter" idx="1{len(kind)}"/>')
        file.box(text, 1, 6)._element.nvSpPr.nvPr.append(place)
    extract = read(file)
    assert ([b.raw for b in extract.blocks], extract.margins) == (["Shown", "• Register"], ["C26/12-E"])


def test_a_show_is_a_presentation_and_a_slide_that_is_named_often_is_read_once() -> None:
    show = replaced(deck(), "[Content_Types].xml", b"presentation.main+xml", b"slideshow.main+xml")
    inner = zipfile.ZipFile(io.BytesIO(show)).read("ppt/presentation.xml")
    start = inner.index(b"<p:sldId ")
    one = inner[start : inner.index(b"/>", start) + 2]
    data = with_part(show, "ppt/presentation.xml", inner.replace(one, one * 40))
    assert [b.raw for b in read_file("a.ppsx", data).blocks] == ["Next steps", "• Register"]
