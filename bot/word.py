"""Word files that people get: their own draft with comments, and a short document with a list of its sources."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.locales import LANGUAGES, closest
from bot.safe_text import one_line, visible
from ingest.errors import NotReadable

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

# What python-docx raises for a file that is none of its own; those of lxml are errors of syntax.
_DAMAGES = (zipfile.BadZipFile, SyntaxError, KeyError, ValueError, AttributeError, TypeError, RecursionError)
# A file unpacked; python-docx reads all of its parts into memory.
_MOST_BYTES = 400_000_000

# Of the text of a paragraph.
_SIGNS = {"tab": " ", "br": " ", "cr": " ", "noBreakHyphen": "\u2011"}
# What the reading of a draft leaves out, and text boxes, whose comments Word ignores ([MS-OI29500], 2.1.315).
_LEFT_OUT = frozenset(
    {_W + name for name in ("del", "moveFrom", "txbxContent")}
    | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"}
)
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x08\x0e-\x1f\x7f]")
# The label of a list item ("(a)"), which Word counts and does not write.
_LABEL = re.compile(r"\S{1,12} (?=\S)")
# What may be in front of a sentence: a beginning, perhaps with a number ("Annex 2", "1.3"), or the end of another one.
_BEGINNING = re.compile(r"(?:^|\n)(?:\w |(?:\w+ )?[\w.]*\d[\w.]* )?$|[^\w\s] ?$")
_LONGEST_NUMBER = 30

# Letters with all between two of them but those of the other direction; digits go with letters before them (C24/67).
_LATIN, _ARABIC = "A-Za-z\u00c0-\u052f", "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_OTHER_WAY = {
    False: re.compile(f"([{_ARABIC}](?:[^{_LATIN}]*[{_ARABIC}])?)"),
    True: re.compile(f"([{_LATIN}](?:[^{_ARABIC}]*[0-9{_LATIN}])?)"),
}
# What XML excludes, and the marks of a text of the other direction, which runs state instead.
_NOT_WRITTEN = dict.fromkeys((0xFFFE, 0xFFFF, 0x2068, 0x2069))

_PAGE_MM = (210, 297)
_MARGIN_MM = 25
# In points: a brief should be a page or two.
_SIZES = {"Title": 20, "Heading 1": 13, "List Number": 9}
# Word's limit for properties.
_LONGEST_TITLE = 255


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence of the draft as it was read, and the comment on it, of one or several lines.

    An empty comment adds nothing, but it counts: the next remark on the same words is on their next occurrence.
    """

    text: str
    comment: str


@dataclass(frozen=True, slots=True)
class Commented:
    """The file with comments, and the remarks on what cannot carry one: footnotes, text boxes, headers."""

    data: bytes
    unplaced: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Cited:
    """A text, and the numbers (from 1) of the sources to which it refers at its end."""

    text: str
    notes: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, which may be empty, and the paragraphs or bullet items below it, each of one or several texts."""

    heading: str
    paragraphs: Sequence[Sequence[Cited]]
    bulleted: bool = True


def with_comments(data: bytes, remarks: Sequence[Remark], author: str) -> Commented:
    """Return the Word file with a comment by `author` for each of `remarks`, which are in the document's order.

    Raises NotReadable for what is no Word document, is damaged, or has macros. The file should have been read as a
    draft before, in a process of its own.
    """
    try:
        return _commented(data, remarks, author)
    except _DAMAGES:
        raise NotReadable("it is no usual Word document: save it as .docx, without macros") from None


def cited_document(title: str, sections: Sequence[Section], sources: Sequence[str], language: str) -> bytes:
    """Return a Word document on A4 pages in a language of the catalogs, with a numbered list of its sources.

    Raises ValueError for the number of a source that is not there.
    """
    code = closest(language)
    document = _empty_document(title, code)
    _write(document.add_paragraph(style="Title"), title, code)
    for section in sections:
        if section.heading.strip():
            _write(document.add_paragraph(style="Heading 1"), section.heading, code)
        for texts in section.paragraphs:
            paragraph = document.add_paragraph(style="List Bullet" if section.bulleted else None)
            for at, cited in enumerate(texts):
                if not all(1 <= number <= len(sources) for number in cited.notes):
                    raise ValueError(f"there is no source with one of the numbers {cited.notes}")
                _write(paragraph, (" " if at and code != "zh" else "") + cited.text, code)
                marker = "".join(f"[{number}]" for number in dict.fromkeys(cited.notes))
                paragraph.add_run(marker).font.superscript = True
    for at, source in enumerate(sources):
        paragraph = document.add_paragraph(style="List Number")
        if not at:
            # A line's height apart from what is said.
            paragraph.paragraph_format.space_before = document.styles["Heading 1"].font.size
        _write(paragraph, source, code)
    return _saved(document)


def _opened(data: bytes) -> Document:
    import docx

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(member.file_size for member in archive.infolist()) > _MOST_BYTES:
            raise NotReadable("it is far larger than any Word document when it is unpacked")
    return docx.Document(io.BytesIO(data))


def _saved(document: Document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


# The text of a draft.


def _commented(data: bytes, remarks: Sequence[Remark], author: str) -> Commented:
    document = _opened(data)
    text = _Text(document)
    unplaced: list[Remark] = []
    taken: list[tuple[int, int]] = []
    wanted: list[tuple[int, int, Remark]] = []

    # Find the sentences: behind the last one, else anywhere, since notes and boxes are read in another order.
    for remark in remarks:
        span = text.find(remark.text, taken)
        if span is not None:
            taken.append(span)
        if remark.comment.strip():
            if span is None:
                unplaced.append(remark)
            else:
                wanted.append((*span, remark))
    if not wanted:
        return Commented(data, tuple(unplaced))

    # Mark them from the last one on: a run that is divided keeps its beginning, and with it the places in front.
    comments = []
    for start, end, remark in sorted(wanted, key=lambda each: each[:2]):
        comment = document.comments.add_comment(author=one_line(author), initials="")
        for at, line in enumerate(_lines(remark.comment)):
            _write(comment.add_paragraph() if at else comment.paragraphs[0], line)
        comments.append((start, end, comment.comment_id))
    for start, end, key in reversed(comments):
        text.mark(start, end, key)
    return Commented(_saved(document), tuple(unplaced))


class _Text:
    """The text of a document as it is read, with single spaces and a line for each paragraph."""

    def __init__(self, document: Document) -> None:
        self._signs: list[str] = []
        # For each sign the element that has it, and its offset there; None between paragraphs.
        self._places: list[tuple[Any, int] | None] = []
        contents = {
            style.style_id for style in document.styles if (style.name or "").casefold().startswith("toc ")
        }
        for paragraph in document.element.body.iter(_W + "p"):
            if paragraph.style in contents or _is_left_out(paragraph):
                continue
            self._read(paragraph)
            # The text of a paragraph whose end was deleted belongs to the next one.
            if not paragraph.xpath("./w:pPr/w:rPr/w:del | ./w:pPr/w:rPr/w:moveFrom"):
                self._add("\n", None)
        self._text = "".join(self._signs)

    def find(self, sentence: str, taken: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
        """Return the span of a sentence that is not among those taken, the next one behind the last of them."""
        words = " ".join(_HIDDEN.sub("", sentence).split())
        last = taken[-1][1] if taken else 0
        for wanted in (words, _LABEL.sub("", words, count=1)):
            for since in (last, 0):
                for start in _occurrences(self._text, wanted, since):
                    end = start + len(wanted)
                    if self._is_sentence(start, end) and all(end <= a or b <= start for a, b in taken):
                        return start, end
        return None

    def _is_sentence(self, start: int, end: int) -> bool:
        """Whether sentences can begin and end there, so that "Plan" is not found in "The Plan is new."."""
        last, following = self._text[end - 1], self._text[end : end + 1]
        if following not in ("", "\n") and (
            last.isalnum() or (last.isascii() and following.isalnum() and following.isascii())
        ):
            return False
        return _BEGINNING.search(self._text[max(0, start - _LONGEST_NUMBER) : start]) is not None

    def mark(self, start: int, end: int, key: int) -> None:
        """Put the marks of a comment around a span."""
        last, first = self._places[end - 1], self._places[start]
        if first is None or last is None:
            raise ValueError("a sentence does not begin or end between paragraphs")
        # The end first: a run that is divided at the start has its rest in front of it.
        _edge(last[0], last[1] + 1, end=True).insert_comment_range_end_and_reference_below(key)
        _edge(*first, end=False).insert_comment_range_start_above(key)

    def _read(self, node: Any) -> None:
        for child in node:
            name = str(child.tag).removeprefix(_W)
            if child.tag in _LEFT_OUT:
                continue
            if name == "t" or child.tag == _MATH_TEXT:
                if name == "t" and child.get(_SPACE) != "preserve":
                    # Word shows no blanks at the ends of such a text; its parts keep theirs.
                    child.text = (child.text or "").strip(" \t\r\n")
                    child.set(_SPACE, "preserve")
                for at, sign in enumerate(child.text or ""):
                    if not _HIDDEN.match(sign):
                        self._add(" " if sign.isspace() else sign, (child, at))
            elif name in _SIGNS:
                self._add(_SIGNS[name], (child, 0))
            elif name not in ("pPr", "rPr"):
                self._read(child)

    def _add(self, sign: str, place: tuple[Any, int] | None) -> None:
        before = self._signs[-1] if self._signs else "\n"
        if sign == " " and before in " \n":
            return
        if sign == "\n" and before == " ":
            self._signs.pop()
            self._places.pop()
        self._signs.append(sign)
        self._places.append(place)


def _occurrences(text: str, words: str, start: int) -> Iterator[int]:
    while words and (start := text.find(words, start)) >= 0:
        yield start
        start += 1


def _is_left_out(paragraph: Any) -> bool:
    return any(
        node.tag in _LEFT_OUT or (node.tag == _W + "tr" and bool(node.xpath("./w:trPr/w:del")))
        for node in paragraph.iterancestors()
    )


def _edge(node: Any, offset: int, *, end: bool) -> Any:
    """Return the run that ends before, or begins at, an offset in a text; it is divided where needed."""
    run = next((parent for parent in node.iterancestors(_W + "r")), None)
    if run is None:
        # A formula: the marks are at an empty run beside the whole of it.
        while node.getparent().tag != _W + "p":
            node = node.getparent()
        run = _element("r")
        (node.addnext if end else node.addprevious)(run)
        return run
    following = _divided_text(node, offset) if node.tag == _W + "t" else (node.getnext() if end else node)
    if following is None:
        return run
    rest = _divided_run(run, following)
    return run if end else rest


def _divided_text(node: Any, offset: int) -> Any:
    """Return what begins in its run at an offset of a text: itself, a new one with the rest, or what is behind it."""
    if offset == 0:
        return node
    if offset >= len(node.text):
        return node.getnext()
    rest = deepcopy(node)
    rest.text = node.text[offset:]
    node.text = node.text[:offset]
    node.addnext(rest)
    return rest


def _divided_run(run: Any, content: Any) -> Any:
    """Return the run that begins with a content: its own one, or a new one of the same format behind that."""
    while content.getparent() is not run:
        content = content.getparent()
    before = content.getprevious()
    if before is None or before.tag == _W + "rPr":
        return run
    rest = run.makeelement(run.tag, run.attrib)
    if run.rPr is not None:
        rest.append(deepcopy(run.rPr))
    for node in (content, *content.itersiblings()):
        rest.append(node)
    run.addnext(rest)
    return rest


# What is written.


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement

    return OxmlElement(f"w:{name}", attrs={_W + key: text for key, text in attributes.items()})


def _lines(text: str) -> list[str]:
    """Return the lines of a text, at least one, without the characters that a Word file cannot hold."""
    return visible(text).translate(_NOT_WRITTEN).splitlines() or [""]


def _write(paragraph: Paragraph, text: str, language: str = "") -> None:
    """Add a text to a paragraph, which runs as the language does; without one, as the first letter of the text."""
    words = "\n".join(_lines(text))
    letter = re.search(f"[{_LATIN}{_ARABIC}]", words)
    backwards = (
        LANGUAGES[language].right_to_left
        if language
        else bool(letter and re.match(f"[{_ARABIC}]", letter[0]))
    )
    if backwards and paragraph._p.get_or_add_pPr().find(_W + "bidi") is None:
        paragraph._p.get_or_add_pPr().append(_element("bidi"))
    for at, part in enumerate(_OTHER_WAY[backwards].split(words)):
        if part:
            run = paragraph.add_run(part)
            if backwards != bool(at % 2):
                run.font.rtl = True
            if language == "zh":
                # Else quotation marks have the font of Latin letters.
                run._r.get_or_add_rPr().get_or_add_rFonts().set(_W + "hint", "eastAsia")


def _empty_document(title: str, code: str) -> Document:
    import docx
    from docx.shared import Mm, Pt

    document = docx.Document()
    properties = document.core_properties
    for child in list(properties._element):
        properties._element.remove(child)
    properties.title = " ".join(_lines(title))[:_LONGEST_TITLE]
    properties.language = LANGUAGES[code].tag

    page = document.sections[0]
    page.page_width, page.page_height = map(Mm, _PAGE_MM)
    page.top_margin = page.bottom_margin = page.left_margin = page.right_margin = Mm(_MARGIN_MM)

    document.styles["Heading 1"].paragraph_format.space_before = Pt(12)
    for name, points in _SIZES.items():
        style = document.styles[name]
        style.font.size = Pt(points)
        # That of Arabic is stated by itself.
        formats = style.element.rPr
        for other in formats.findall(_W + "szCs"):
            formats.remove(other)
        formats.find(_W + "sz").addnext(_element("szCs", val=str(2 * points)))

    # The languages of the spell checker; those of other scripts are stated beside that of Latin and Cyrillic letters.
    tags = {"eastAsia": "zh", "bidi": "ar", "val": "en" if code in ("zh", "ar") else code}
    for node in document.styles.element.iter(_W + "lang"):
        node.attrib.update({_W + key: LANGUAGES[each].tag for key, each in tags.items()})
    return document
