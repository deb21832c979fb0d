"""Word documents with footnotes."""

from __future__ import annotations

import io
import re
import zipfile

import docx
import pytest
from docx.document import Document
from docx.shared import Mm
from lxml import etree

from bot.locales import LANGUAGES
from bot.word import Cited, Section, footnoted
from ingest.readers import docx as reader
from tests.bot.word.files import part

NOTES = ["C24/67, § 2.2.", "A/RES/76/307, § 3."]
ABOUT = Section("About", [[Cited("It is a meeting.", [1]), Cited("It is in New York.", [2])]], bulleted=False)
DATES = Section("Dates", [[Cited("22 September 2024.", [2, 1])], [Cited("2028.")]])


def opened(data: bytes) -> Document:
    return docx.Document(io.BytesIO(data))


def paragraphs(data: bytes) -> list[tuple[str | None, str]]:
    return [(one.style and one.style.name, one.text) for one in opened(data).paragraphs]


def notes(data: bytes) -> list[str]:
    """Return the texts of the footnotes but for the lines above them."""
    root = etree.fromstring(part(data, "word/footnotes.xml"))
    return ["".join(note.itertext()) for note in root if not note.xpath("@*[local-name() = 'type']")]


def printed(data: bytes) -> list[str]:
    """Return the numbers in the text in their order: of notes, and "=" with that of a note that is repeated."""
    xml = part(data).decode()
    found = re.findall(r'<w:footnoteReference w:id="(\d+)"/>|NOTEREF .*?<w:t>(\d+)</w:t>', xml)
    return [first or f"={again}" for first, again in found]


def test_headings_paragraphs_and_bullet_items() -> None:
    assert paragraphs(footnoted("The Summit", [ABOUT, DATES], NOTES, "en")) == [
        ("Title", "The Summit"),
        ("Heading 1", "About"),
        ("Normal", "It is a meeting. It is in New York."),
        ("Heading 1", "Dates"),
        ("List Bullet", "22 September 2024.,"),  # python-docx leaves out the fields
        ("List Bullet", "2028."),
    ]


def test_a_section_may_have_no_heading() -> None:
    styles = [style for style, _ in paragraphs(footnoted("T", [Section("", [[Cited("A.")]])], [], "en"))]

    assert styles == ["Title", "List Bullet"]


def test_a_note_is_written_once_and_its_number_repeated() -> None:
    data = footnoted("T", [ABOUT, DATES], NOTES, "en")

    assert printed(data) == ["1", "2", "=2", "=1"]
    assert notes(data) == [" C24/67, § 2.2.", " A/RES/76/307, § 3."]


def test_a_repeated_number_refers_to_the_bookmark_of_the_first() -> None:
    xml = part(footnoted("T", [ABOUT, DATES], NOTES, "en")).decode()

    assert 'w:name="_Note2"/><w:r>' in xml
    assert r'w:instr=" NOTEREF _Note2 \f \h "' in xml


def test_notes_are_numbered_by_their_first_references_and_unused_ones_left_out() -> None:
    section = Section("", [[Cited("Third.", [3])], [Cited("First.", [1, 1])]])

    data = footnoted("T", [section], ["one", "two", "three"], "en")

    assert printed(data) == ["1", "2"]
    assert notes(data) == [" three", " one"]


@pytest.mark.parametrize("number", [0, 3, -1])
def test_a_note_that_is_not_there_is_an_error(number: int) -> None:
    with pytest.raises(ValueError, match=f"there is no note {number}"):
        footnoted("T", [Section("", [[Cited("A.", [number])]])], NOTES, "en")


def test_numbers_of_notes_are_apart() -> None:
    xml = part(footnoted("T", [Section("", [[Cited("A.", [1, 2])]])], NOTES, "en")).decode()

    between = xml.split("footnoteReference w:id")[1]
    assert "<w:t>,</w:t>" in between


def test_line_breaks_stay_and_what_word_cannot_hold_is_left_out() -> None:
    data = footnoted("T", [Section("H\x00", [[Cited("a\nb\x07", [1])]])], ["c\nd\ufffe"], "en")

    assert [text for _, text in paragraphs(data)] == ["T", "H", "a\nb"]
    assert part(data, "word/footnotes.xml").count(b"<w:br/>") == 1


def test_our_reader_reads_the_notes() -> None:
    blocks = reader.read(footnoted("T", [ABOUT], NOTES, "en")).blocks

    assert [block.raw for block in blocks if block.kind == "note"] == NOTES


def test_the_page_is_a4() -> None:
    page = opened(footnoted("T", [ABOUT], NOTES, "en")).sections[0]

    assert [round(side / Mm(1)) for side in (page.page_width, page.page_height)] == [210, 297]  # type: ignore[operator]


def test_its_properties_are_the_title_and_the_language_alone() -> None:
    data = footnoted("The Summit", [ABOUT], NOTES, "fr")

    core = etree.fromstring(part(data, "docProps/core.xml"))
    assert {etree.QName(one).localname: one.text for one in core} == {
        "title": "The Summit",
        "language": "fr-FR",
    }
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert [name for name in names if "app.xml" in name or "thumbnail" in name] == []


def test_a_long_title_is_cut_in_the_properties_alone() -> None:
    data = footnoted("long " * 100, [], [], "en")

    assert len(opened(data).core_properties.title) <= 255
    assert len(opened(data).paragraphs[0].text) >= 499


@pytest.mark.parametrize(
    ("language", "tag"),
    [("en", "en-GB"), ("fr", "fr-FR"), ("es", "es-ES"), ("ru", "ru-RU"), ("zh", "en-GB"), ("ar", "en-GB")],
)
def test_the_spell_checker_knows_the_language(language: str, tag: str) -> None:
    data = footnoted("T", [ABOUT], NOTES, language)

    assert (
        f'<w:lang w:val="{tag}" w:eastAsia="zh-CN" w:bidi="ar-SA"/>' in part(data, "word/styles.xml").decode()
    )
    assert b"proofState" not in part(data, "word/settings.xml")


def test_arabic_runs_from_right_to_left_but_for_latin_words() -> None:
    section = Section("نبذة", [[Cited("القرار A/RES/76/307 هنا.", [1, 2])]])
    data = footnoted("قمة المستقبل", [section], ["الوثيقة C24/67.", "أخرى."], "ar")

    runs = [run for paragraph in opened(data).paragraphs for run in paragraph.runs]
    assert [run.text for run in runs if not run.font.rtl] == ["A/RES/76/307"]
    assert opened(data).styles["Normal"].element.xpath("./w:pPr/w:bidi")
    assert "<w:t>،\u200f</w:t>" in part(data).decode()
    assert b"<w:t>C24/67</w:t>" in part(data, "word/footnotes.xml")


def test_sizes_hold_for_arabic_too() -> None:
    styles = opened(footnoted("T", [ABOUT], NOTES, "ar")).styles

    for name in ("Title", "Heading 1", "footnote text"):
        sizes = styles[name].element.xpath("./w:rPr/w:sz/@w:val | ./w:rPr/w:szCs/@w:val")
        assert len(sizes) == 2
        assert sizes[0] == sizes[1]


def test_chinese_has_a_hint_for_its_font_and_no_spaces_between_sentences() -> None:
    section = Section("概况", [[Cited("峰会通过“未来契约”。", [1]), Cited("会议结束。")]], bulleted=False)
    data = footnoted("未来峰会", [section], ["第2.2段。"], "zh")

    assert "峰会通过“未来契约”。会议结束。" in [text for _, text in paragraphs(data)]
    runs = [run for paragraph in opened(data).paragraphs for run in paragraph.runs if run.text]
    assert all('w:hint="eastAsia"' in run._r.xml for run in runs)
    assert 'w:themeFontLang w:val="en-GB" w:eastAsia="zh-CN"' in part(data, "word/settings.xml").decode()


@pytest.mark.parametrize("language", [*LANGUAGES, "fr-CA", "de"])
def test_every_language_gives_a_document(language: str) -> None:
    assert len(paragraphs(footnoted("T", [ABOUT, DATES], NOTES, language))) == 6
