"""Writes a short Word document whose sentences have their sources as footnotes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.locales import closest
from bot.word.markup import by_direction, element, lines
from ingest.readers.docx import W

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

# The language of the spell checker, for all words, or for those of the script alone.
_TAGS = {"en": "en-GB", "fr": "fr-FR", "es": "es-ES", "ru": "ru-RU", "zh": "zh-CN", "ar": "ar-SA"}
_OF_A_SCRIPT = ("zh", "ar")
# What python-docx's empty document has of the machine on which it was made, and what nobody needs.
_UNWANTED = {"thumbnail", "extended-properties", "stylesWithEffects", "customXml"}
_PAGE_MM, _MARGIN_MM = (210, 297), 25
# Word's limit for properties.
_LONGEST_TITLE = 255
# Notes that Word itself has: the lines above the others.
_SEPARATORS = {"-1": "separator", "0": "continuationSeparator"}
_NOTE, _MARK = "footnote text", "footnote reference"
# In points: a brief should be a page or two.
_SIZES = {"Title": 20, "Heading 1": 13, _NOTE: 9}


@dataclass(frozen=True, slots=True)
class Cited:
    """A text, and the numbers (from 1) of the notes to which it refers at its end."""

    text: str
    notes: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, which may be empty, and the paragraphs or bullet items below it, each of one or several texts."""

    heading: str
    paragraphs: Sequence[Sequence[Cited]]
    bulleted: bool = True


def footnoted(title: str, sections: Sequence[Section], notes: Sequence[str], language: str) -> bytes:
    """Return a Word document in a language of the catalogs, on A4 pages.

    A note is printed where it is first referred to, and numbered in that order; later references repeat its number. One
    to which nothing refers is left out. Raises ValueError for the number of a note that is not there.
    """
    code = closest(language)
    document = _empty_document(title, code)
    writer = _Writer(document, notes, code)
    writer.add(document.add_paragraph(style="Title"), title)
    for section in sections:
        if section.heading.strip():
            writer.add(document.add_paragraph(style="Heading 1"), section.heading)
        for texts in section.paragraphs:
            paragraph = document.add_paragraph(style="List Bullet" if section.bulleted else None)
            for at, cited in enumerate(texts):
                writer.add(paragraph, (" " if at and code != "zh" else "") + cited.text)
                writer.refer(paragraph, cited.notes)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _empty_document(title: str, code: str) -> Document:
    import docx
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Mm, Pt

    document = docx.Document()
    for relations in (document.part.package.rels, document.part.rels):
        for key in [key for key, one in relations.items() if one.reltype.rpartition("/")[2] in _UNWANTED]:
            del relations[key]
    properties = document.core_properties
    for child in list(properties._element):
        properties._element.remove(child)
    properties.title = " ".join(lines(title))[:_LONGEST_TITLE]
    properties.language = _TAGS[code]

    page = document.sections[0]
    page.page_width, page.page_height = map(Mm, _PAGE_MM)
    page.top_margin = page.bottom_margin = page.left_margin = page.right_margin = Mm(_MARGIN_MM)

    note = document.styles.add_style(_NOTE, WD_STYLE_TYPE.PARAGRAPH, builtin=True)
    note.base_style = document.styles["Normal"]
    note.paragraph_format.space_after, note.paragraph_format.line_spacing = Pt(2), 1
    document.styles["Heading 1"].paragraph_format.space_before = Pt(12)
    for name, points in _SIZES.items():
        style = document.styles[name]
        style.font.size = Pt(points)
        # That of Arabic is stated by itself.
        formats = style.element.rPr
        for other in formats.findall(W + "szCs"):
            formats.remove(other)
        formats.find(W + "sz").addnext(element("szCs", {"val": str(2 * points)}))
    document.styles.add_style(_MARK, WD_STYLE_TYPE.CHARACTER, builtin=True).font.superscript = True

    styles, settings = document.styles.element, document.settings.element
    tags = {
        "val": _TAGS["en" if code in _OF_A_SCRIPT else code],
        "eastAsia": _TAGS["zh"],
        "bidi": _TAGS["ar"],
    }
    # The second chooses the fonts of the scripts.
    for languages in (next(styles.iter(W + "lang")), next(settings.iter(W + "themeFontLang"))):
        languages.attrib.update({W + key: tag for key, tag in tags.items()})
    # It says that all spelling was checked.
    settings.remove(settings.find(W + "proofState"))
    separators = [element("footnote", {"id": key}) for key in _SEPARATORS]
    settings.find(W + "compat").addprevious(element("footnotePr", None, *separators))
    if code == "ar":
        document.styles["Normal"].element.get_or_add_pPr().append(element("bidi"))
        page._sectPr.find(W + "docGrid").addprevious(element("bidi"))
    return document


class _Writer:
    """Writes text into paragraphs, and the notes to which it refers."""

    def __init__(self, document: Document, notes: Sequence[str], code: str) -> None:
        from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
        from docx.opc.packuri import PackURI
        from docx.opc.part import XmlPart
        from docx.oxml import OxmlElement

        self._document = document
        self._notes = notes
        self._code = code
        # The number of a note -> the one that is printed.
        self._printed: dict[int, int] = {}
        self._footnotes: Any = OxmlElement("w:footnotes")
        for key, kind in _SEPARATORS.items():
            line = element("p", None, element("r", None, element(kind)))
            self._footnotes.append(element("footnote", {"type": kind, "id": key}, line))
        name, package = PackURI("/word/footnotes.xml"), document.part.package
        part = XmlPart(name, CONTENT_TYPE.WML_FOOTNOTES, self._footnotes, package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)

    def add(self, paragraph: Paragraph, text: str) -> None:
        """Add text to a paragraph, with a line break for each of its own."""
        for part, right_to_left in by_direction("\n".join(lines(text)), self._code == "ar"):
            run = paragraph.add_run(part)
            if right_to_left:
                run.font.rtl = True
            if self._code == "zh":
                run._r.get_or_add_rPr().get_or_add_rFonts().set(W + "hint", "eastAsia")

    def refer(self, paragraph: Paragraph, numbers: Sequence[int]) -> None:
        """Add references to notes, with commas between them. Raises ValueError.

        In Arabic, a mark in front of each keeps its number apart from one before.
        """
        for at, number in enumerate(dict.fromkeys(numbers)):
            if not 1 <= number <= len(self._notes):
                raise ValueError(f"there is no note {number}")
            comma, mark = ("،", "\u200f") if self._code == "ar" else (",", "")
            if between := (comma if at else "") + mark:
                self._mark(paragraph, between)
            if number in self._printed:
                self._repeat(paragraph, number)
            else:
                self._first(paragraph, number)

    def _mark(self, paragraph: Paragraph, text: str = "") -> Any:
        """Add raised text to a paragraph, and return its run."""
        run = paragraph.add_run(text, _MARK)
        if self._code == "ar":
            run.font.rtl = True
        return run._r

    def _first(self, paragraph: Paragraph, number: int) -> None:
        """Add the reference that numbers the note, within a bookmark for others, and the note."""
        printed = self._printed[number] = len(self._printed) + 1
        key = {"id": str(printed)}
        run = self._mark(paragraph)
        run.append(element("footnoteReference", key))
        run.addprevious(element("bookmarkStart", key | {"name": _bookmark(number)}))
        run.addnext(element("bookmarkEnd", key))

        note = self._document.add_paragraph(style=_NOTE)
        self._mark(note).append(element("footnoteRef"))
        self.add(note, f" {self._notes[number - 1]}")
        self._footnotes.append(element("footnote", key, note._p))

    def _repeat(self, paragraph: Paragraph, number: int) -> None:
        """Add a cross-reference, which Word can number anew after somebody has added notes."""
        run = self._mark(paragraph, str(self._printed[number]))
        field = element("fldSimple", {"instr": rf" NOTEREF {_bookmark(number)} \f \h "})
        run.addprevious(field)
        field.append(run)


def _bookmark(number: int) -> str:
    # Word does not list names that begin so.
    return f"_Note{number}"
