"""Web pages: lists with their counts, tables, notes, and what is no text of the page."""

from __future__ import annotations

import pytest

from ingest.readers import html

LONG = "This sentence is long enough not to be taken for a heading, whatever stands in front of it."


def blocks(page: str) -> list[tuple[str, str | None, str]]:
    return [(b.kind, b.number, b.raw) for b in html.read(page.encode()).blocks]


def texts(page: str) -> list[str]:
    return [raw for _, _, raw in blocks(page)]


def test_an_ordered_list_numbers_paragraphs_from_where_it_starts() -> None:
    assert blocks(f"<ol start=7><li>{LONG}<li><p>{LONG}</p></ol>") == [
        ("paragraph", "7", LONG),
        ("paragraph", "8", LONG),
    ]


def test_lists_below_a_numbered_heading_of_a_list_go_on_its_number() -> None:
    page = f"<ol><li><h1>Introduction</h1><ol><li>{LONG}</li><li>{LONG}</li></ol></li></ol>"
    assert [number for _, number, _ in blocks(page)] == ["1", "1.1", "1.2"]


@pytest.mark.parametrize(
    ("opening", "marks"),
    [
        ("<ol type=a>", "a. b."),
        ("<ol type=I>", "I. II."),
        ("<ol style='list-style-type: lower-roman'>", "i. ii."),
    ],
)
def test_letters_and_roman_figures_stay_with_the_items(opening: str, marks: str) -> None:
    first, second = marks.split()
    assert texts(f"<p>1.1 {LONG}</p>{opening}<li>one<li>two</ol>")[1:] == [f"{first} one", f"{second} two"]


def test_a_page_saved_by_word_keeps_numbers_items_and_notes() -> None:
    page = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><body>
    <p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><![if !supportLists]><span>1.1<span>&nbsp;&nbsp; </span>
    </span><![endif]>The Council<br>meets in June.<a href="#_ftn1" name="_ftnref1"><span><![if !supportFootnotes]>[1]
    <![endif]></span></a></p><p><span style='font-family:Symbol'>·<span>&nbsp;&nbsp;</span></span>an item<o:p></o:p></p>
    <div id=ftn1><p><a href="#_ftnref1" name="_ftn1"><span>[1]</span></a> The note.</p></div></body></html>"""
    assert blocks(page) == [
        ("paragraph", "1.1", "The Council\nmeets in June."),
        ("note", None, "The note."),
        ("item", None, "• an item"),
    ]


def test_menus_scripts_forms_and_hidden_parts_are_no_text() -> None:
    page = (
        "<nav>Home</nav><script>go()</script><form><p>Search</p></form><div hidden>no</div>"
        f"<p style='display: none'>no</p><div role=navigation>no</div><p>{LONG}</p><footer>© ITU</footer>"
    )
    assert texts(page) == [LONG]


def test_what_a_page_marks_as_its_own_content_is_read_alone() -> None:
    assert texts(f"<div>Related pages</div><main><p>{LONG}</p></main><div>Share</div>") == [LONG]


def test_entities_and_spaces_are_read_as_they_are_seen() -> None:
    assert texts("<p>caf&eacute;&#8217;s   one\n two&amp;three</p>") == ["café’s one two&three"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("<td rowspan=2>Geneva<td>Forum<td>7<tr><td>Council<td>17", "Geneva Forum 7, Geneva Council 17"),
        ("<td>Geneva<td rowspan=2>Forum<td>7<tr><td>Paris<td>17", "Geneva Forum 7, Paris Forum 17"),
        ("<td>Geneva<td>Forum<td rowspan=2>7<tr><td>Paris<td>Council", "Geneva Forum 7, Paris Council 7"),
        ("<td>Geneva<td rowspan=2>Forum<td rowspan=2>7<tr><td>Paris", "Geneva Forum 7, Paris Forum 7"),
    ],
)
def test_cells_that_reach_down_are_told_in_every_row(rows: str, told: str) -> None:
    page = f"<table><tr><th>Place<th>Event<th>Day<tr>{rows}</table>"
    cells = [row.split() for row in told.split(", ")]
    assert texts(page) == [f"Place: {place}; Event: {event}; Day: {day}" for place, event, day in cells]


def test_a_header_of_several_rows_names_each_column_once_below_its_caption() -> None:
    page = (
        "<table><thead><tr><th colspan=3>Meetings<tr><th rowspan=2>Event<th colspan=2>Date<tr><th>Start<th>End"
        "<tbody><tr><td>Forum<td>7 May<td>9 May</table>"
    )
    assert texts(page) == ["Meetings", "Event: Forum; Date Start: 7 May; Date End: 9 May"]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("<tr><th>Event<tr><td>Forum", ["Event: Forum"]),
        ("<tr><th>Event<th><tr><td>Forum<td>7 May", ["Event: Forum; 7 May"]),
    ],
)
def test_a_header_with_one_name_is_no_caption(table: str, rows: list[str]) -> None:
    assert texts(f"<table>{table}</table>") == rows


def test_a_table_that_frames_text_is_text() -> None:
    assert [k for k, _, _ in blocks(f"<table><tr><td><h2>Work</h2><p>{LONG}</p></td></tr></table>")] == [
        "heading",
        "paragraph",
    ]


def test_terms_stand_with_what_they_mean() -> None:
    assert texts("<dl><dt>WSIS<dd>A summit.<dt>GDC<dd>A compact.</dl>") == [
        "WSIS: A summit.",
        "GDC: A compact.",
    ]


def test_language_date_and_title_of_the_page_are_kept() -> None:
    head = "<title>Council</title><meta name=dcterms.date content=2025-05-20T10:00>"
    kept = html.read(f"<html lang=fr-CH><head>{head}</head><body><p>x</body></html>".encode()).properties
    assert (kept.title, str(kept.date), kept.language) == ("Council", "2025-05-20", "fr-CH")
