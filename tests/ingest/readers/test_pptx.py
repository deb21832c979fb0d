"""Presentations: slides with their titles, text in reading order, tables and the speaker's notes."""

from __future__ import annotations

import io
import zipfile

import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Inches

from ingest.document.sections import to_sections
from ingest.readers import pptx
from ingest.readers.base import Block
from tests.ingest.readers import report
from tests.ingest.readers.decks import DeckFile
from tests.ingest.readers.words import with_part


def blocks(deck: DeckFile) -> list[Block]:
    return list(pptx.read(deck.save()).blocks)


def told(deck: DeckFile) -> list[tuple[str, str]]:
    return [(block.kind, block.raw) for block in blocks(deck)]


def test_a_slide_is_its_title_and_its_items_with_its_number() -> None:
    deck = DeckFile()
    deck.opening("Preparations for the Forum", "Geneva, 14 April 2026")
    deck.list_slide("Next steps", "Register by 3 May 2026", "Send papers")
    extract = pptx.read(deck.save())
    assert extract.title == "Preparations for the Forum"
    assert [(b.kind, b.raw, b.page) for b in extract.blocks] == [
        ("heading", "Preparations for the Forum", 1),
        ("paragraph", "Geneva, 14 April 2026", 1),
        ("heading", "Next steps", 2),
        ("item", "• Register by 3 May 2026", 2),
        ("item", "• Send papers", 2),
    ]


def test_shapes_are_read_from_top_to_bottom_and_from_left_to_right() -> None:
    deck = DeckFile()
    deck.bare("Places")
    deck.box("below", 1, 5)
    deck.box("right", 4, 3)
    deck.box("left", 1, 3.1)
    group = deck.slide.shapes.add_group_shape()
    deck.box("grouped second", 3, 2, within=group)
    deck.box("grouped first", 1, 2, within=group)
    words = ["grouped first", "grouped second", "left", "right", "below"]
    assert [raw for _, raw in told(deck)] == ["Places", *words]


def test_a_table_gives_the_same_rows_as_elsewhere() -> None:
    deck = DeckFile()
    deck.bare("Calendar")
    deck.table(report.TABLE)
    assert told(deck)[1:] == [("row", part.text) for part in report.PARTS[9:11]]


def test_merged_cells_belong_to_each_row_and_are_stated_once() -> None:
    deck = DeckFile()
    deck.bare("Calendar")
    table = deck.table(
        [
            ["Group", "Event", "Place"],
            ["WSIS", "Forum", "Geneva"],
            ["", "Prep", ""],
            ["AI", "Summit", "Geneva"],
        ]
    )
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(2, 1).merge(table.cell(2, 2))
    assert [raw for kind, raw in told(deck) if kind == "row"] == [
        "Group: WSIS; Event: Forum; Place: Geneva",
        "Group: WSIS; Event: Prep",
        "Group: AI; Event: Summit; Place: Geneva",
    ]


def test_what_is_said_with_a_slide_is_a_note() -> None:
    deck = DeckFile()
    deck.list_slide("Next steps", "Register")
    deck.spoken("The date moved.\nTell them.")
    assert told(deck)[-1] == ("note", "The date moved.\nTell them.")


def test_a_slide_without_a_title_or_without_text_is_known_by_its_number() -> None:
    deck = DeckFile()
    deck.list_slide("Next steps", "Register")
    deck.bare()
    deck.box("Contact us", 1, 1)
    deck.bare("Papers are due on 3 May 2026")
    sections = to_sections("d", blocks(deck))
    assert [(s.heading, s.page, s.text) for s in sections] == [
        ("Next steps", 1, "• Register"),
        ("Slide 2", 2, "Contact us"),
        ("Slide 3", 3, "Papers are due on 3 May 2026"),
    ]


def test_hidden_slides_and_slides_without_text_are_noted() -> None:
    deck = DeckFile()
    deck.list_slide("Shown", "Register")
    deck.list_slide("Hidden", "Secret")
    deck.slide.element.set("show", "0")
    deck.bare()
    extract = pptx.read(deck.save())
    assert [b.raw for b in extract.blocks] == ["Shown", "• Register"]
    assert extract.notes == [
        "what is hidden is left out: slide 2",
        "there is no text on slide 3; pictures are not read",
    ]


def test_charts_are_noted() -> None:
    deck = DeckFile()
    deck.list_slide("Shown", "Register")
    data = CategoryChartData()
    data.categories = ["a"]
    data.add_series("s", (1,))
    deck.slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(1), Inches(1), data)
    assert pptx.read(deck.save()).notes == ["charts are not read: slide 1"]


def test_feet_are_margins_and_numbers_of_slides_are_nothing() -> None:
    deck = DeckFile()
    deck.list_slide("Shown", "Register")
    for kind, text in (("ftr", "C26/12-E"), ("sldNum", "1"), ("dt", "1 May 2020")):
        shape = deck.box(text, 1, 6)
        place = parse_xml(f'<p:ph {nsdecls("p")} type="{kind}" sz="quarter" idx="1{len(kind)}"/>')
        shape._element.nvSpPr.nvPr.append(place)
    extract = pptx.read(deck.save())
    assert ([b.raw for b in extract.blocks], extract.margins) == (["Shown", "• Register"], ["C26/12-E"])


@pytest.mark.parametrize(
    ("mark", "shown"),
    [
        ("<a:buNone/>", ["One", "Two"]),
        ('<a:buChar char="–"/>', ["• One", "• Two"]),
        ('<a:buAutoNum type="arabicPeriod"/>', ["1. One", "2. Two"]),
        ('<a:buAutoNum type="alphaLcParenBoth" startAt="3"/>', ["(c) One", "(d) Two"]),
    ],
)
def test_a_mark_of_the_paragraph_itself_counts(mark: str, shown: list[str]) -> None:
    deck = DeckFile()
    deck.list_slide("Agenda", "One", "Two")
    for paragraph in deck.slide.placeholders[1].text_frame.paragraphs:
        inner = mark.replace("/>", f" {nsdecls('a')}/>")
        paragraph._p.get_or_add_pPr().append(parse_xml(inner))
    assert [raw for _, raw in told(deck)[1:]] == shown


def test_what_stands_among_alternatives_is_read_once() -> None:
    deck = DeckFile()
    deck.bare("Places")
    box = deck.box("Only once", 1, 2)._element
    other = parse_xml(
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        '<mc:Choice Requires="p14"/><mc:Fallback/></mc:AlternateContent>'
    )
    box.getparent().replace(box, other)
    other[0].append(box)
    assert [raw for _, raw in told(deck)] == ["Places", "Only once"]


def test_a_show_is_a_presentation_too() -> None:
    deck = DeckFile()
    deck.list_slide("Shown", "Register")
    data = deck.save()
    types = zipfile.ZipFile(io.BytesIO(data)).read("[Content_Types].xml")
    show = types.replace(b"presentation.main+xml", b"slideshow.main+xml")
    assert len(pptx.read(with_part(data, "[Content_Types].xml", show)).blocks) == 2


def test_the_properties_of_the_file_are_kept() -> None:
    deck = DeckFile()
    deck.list_slide("Shown", "Register")
    deck.deck.core_properties.title, deck.deck.core_properties.language = "Preparations", "fr"
    kept = pptx.read(deck.save()).properties
    assert (kept.title, kept.language) == ("Preparations", "fr")
