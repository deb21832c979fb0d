"""Adds comments to a Word file, each at its sentence. The rest of the file stays as it is.

Word ignores comments in footnotes, endnotes and text boxes ([MS-OI29500], 2.1.315). Those on their sentences are at the
reference or the box, and begin with the sentence.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import chain, count, islice

from lxml import etree

from bot.locales import quoted
from bot.safe_text import one_line
from bot.word.markup import by_direction, element, lines, runs_right_to_left
from ingest.errors import NotReadable
from ingest.readers.base import Element
from ingest.readers.docx import (
    CONTAINERS,
    MATH,
    MC,
    Inline,
    W,
    is_continued,
    is_deleted,
    number,
    read_inline,
    read_notes,
    read_styles,
    resolve_alternatives,
    style_of,
)
from ingest.readers.office import REFERENCE, Package, open_package

_CONTENT_TYPES = "[Content_Types].xml"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_COMMENTS_RELATION = f"{REFERENCE[1:-1]}/comments"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_WITH_MACROS = re.compile(rb"macroEnabled\w*\.main\+xml")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_FIELD = W + "fldCharType"
_BLANKS = " \t\r\n"
_BLOCKS = CONTAINERS | {W + name for name in ("tbl", "tr", "tc")}
# They come before the content of the element around them.
_PROPERTIES = {W + name for name in ("sdtPr", "sdtEndPr", "smartTagPr", "customXmlPr", "fldData")}
# The invisible characters are those that the sections of an ingest do not have either.
_HIDDEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x08\x0e-\x1f\x7f"
_TOKEN = re.compile(rf"\s+|[^\s{_HIDDEN}]+")
# "(a) ": ingest puts it before a list item, whose paragraph does not contain it.
_LABEL = re.compile(r"(?=\S*[^\w\s])\S{1,8} ")
_NAMED = re.compile(r"[^:]*: ")
# Columns at the left of a table whose cells may span several rows.
_MOST_SPANNING = 3
# Against texts that are made to take long.
_MOST_TRIES = 100
# In half points, as in Word's styles for comments. A file may have these in any language, or not at all.
_MARK_SIZE, _TEXT_SIZE = "16", "20"
# Word's limit.
_LONGEST_INITIALS = 9


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence of the document as ingest reads it, and the comment on it, of one or several lines.

    An empty comment adds nothing, but it counts: the next remark on the same words is on their next occurrence.
    """

    text: str
    comment: str


@dataclass(frozen=True, slots=True)
class Commented:
    """The file with comments, and the remarks on sentences that it does not have, or not so often."""

    data: bytes
    unplaced: tuple[Remark, ...]


def with_comments(data: bytes, remarks: Sequence[Remark], author: str) -> Commented:
    """Return the Word file with a comment by `author` for each of `remarks`, which are in the document's order.

    Raises NotReadable for what is no Word file, is damaged or protected by a password, or has macros.

    The file is parsed within the limits of `ingest.readers.office`, but in this process: it should have been read by an
    ingest, or in the process of `ingest.readers.sandbox`, before.
    """
    package = _opened(data)
    document = _parsed(package, package.main)
    if document.tag != W + "document":
        raise NotReadable("it is saved as “Strict Open XML”: save it as a usual Word document")
    try:
        text = _Text(package, document)
    except RecursionError:
        raise NotReadable("the Word file is nested deeper than any document is") from None
    found, unplaced = _find(text.written, remarks)
    if not found:
        return Commented(data, unplaced)
    names = package.names("comments", package.main)
    comments = _parsed(package, names[0]) if names else element("comments")
    numbered = list(enumerate(found, _free_id(document, comments)))
    # From the last one on: what is divided keeps its beginning, and with it the places in front.
    aside = {key: _mark(text, place.start, place.end, str(key)) for key, place in reversed(numbered)}
    for key, place in numbered:
        quote = f"{quoted(place.remark.text)}\n" if aside[key] else ""
        comments.append(_comment(str(key), author, lines(quote + place.remark.comment)))
    parts = {names[0]: comments} if names else _with_first_comments(package, comments)
    return Commented(_rewritten(data, {package.main: document, **parts}), unplaced)


def _opened(data: bytes) -> Package:
    from ingest.readers import choice, docx  # with the readers of all formats

    if choice.reader_for("draft.docx", data) is not docx.read:
        raise NotReadable("it is no Word file: save it as .docx")
    package = open_package(data)
    if _WITH_MACROS.search(package.content(_CONTENT_TYPES)):
        raise NotReadable("it has macros: save it as .docx, without them")
    return package


def _parsed(package: Package, name: str) -> Element:
    """Return the root of a part, with all that is in it. Raises NotReadable."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, strip_cdata=False)
    try:
        return etree.fromstring(package.xml(name), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotReadable(f"its part {name} is no valid XML ({error})") from None


# The text of the document.


@dataclass(frozen=True, slots=True)
class _Word:
    """A part of the text without white space: its first position in it, and the element that has it.

    `offset` is its place among the characters of the element. If it is `aside`, the element is the reference to its
    note, or its box.
    """

    start: int
    node: Element
    offset: int
    aside: bool


class _Text:
    """The text of a document as ingest reads it: a line for each paragraph, with single spaces.

    Raises RecursionError and NotReadable.
    """

    def __init__(self, package: Package, document: Element) -> None:
        self._styles = read_styles(package)
        self._notes = read_notes(package)
        self._parts: list[str] = []
        self._length = 0
        self._words: list[_Word] = []
        # What was read of the present paragraph, and where it is aside.
        self._held: list[tuple[Inline, Element | None]] = []
        for body in document.findall(W + "body"):
            self._blocks(body, None)
        self.written = "".join(self._parts)

    def word(self, position: int) -> _Word:
        """Return the word at a position of the text."""
        return self._words[bisect_right(self._words, position, key=lambda word: word.start) - 1]

    def _blocks(self, node: Element, aside: Element | None) -> None:
        for child in resolve_alternatives(node):
            if child.tag == W + "p":
                self._paragraph(child, aside)
            elif child.tag in _BLOCKS and not is_deleted(child):
                self._blocks(child, aside)

    def _paragraph(self, node: Element, aside: Element | None) -> None:
        inline = Inline()
        read_inline(node, inline, self._styles, False)
        self._held.append((inline, aside))
        if is_continued(node):
            return
        held, self._held = self._held, []
        if self._styles.is_contents(style_of(node, self._styles)):
            return
        for inline, place in held:
            for piece in inline.pieces:
                self._add(piece.text, piece.node, place)
        self._space("\n")
        for inline, place in held:
            for kind, key, reference in inline.notes:
                if (note := self._notes.pop((kind, key), None)) is not None:
                    self._blocks(note, reference if place is None else place)
            for box in inline.boxes:
                self._blocks(box, box if place is None else place)

    def _add(self, text: str, node: Element, aside: Element | None) -> None:
        unseen = len(text) - len(text.lstrip(_BLANKS)) if _is_trimmed(node) else 0
        for token in _TOKEN.finditer(text):
            if token[0].isspace():
                self._space(" ")
                continue
            offset, holder = (token.start() - unseen, node) if aside is None else (0, aside)
            self._words.append(_Word(self._length, holder, offset, aside is not None))
            self._append(token[0])

    def _space(self, sign: str) -> None:
        if sign == "\n" and self._parts[-1:] == [" "]:
            self._parts[-1] = sign
        elif self._parts and self._parts[-1] not in (" ", "\n"):
            self._append(sign)

    def _append(self, part: str) -> None:
        self._parts.append(part)
        self._length += len(part)


def _is_trimmed(node: Element) -> bool:
    """Whether Word leaves out the blanks at both ends of the element's text."""
    return bool(node.tag == W + "t" and node.get(_SPACE) != "preserve")


# The sentences in it.


@dataclass(frozen=True, slots=True)
class _Place:
    """The remark on a span of the text."""

    start: int
    end: int
    remark: Remark


def _find(text: str, remarks: Sequence[Remark]) -> tuple[list[_Place], tuple[Remark, ...]]:
    """Return the places of the remarks that have a comment, in the order of the text, and those without a place."""
    found: list[_Place] = []
    unplaced: list[Remark] = []
    taken: list[tuple[int, int]] = []
    flat = text.replace("\n", " ")
    end = 0
    for remark in remarks:
        sentence = " ".join(re.sub(f"[{_HIDDEN}]", "", remark.text).split())
        # First behind the last one, then in front, since a reader may give notes and boxes in another order.
        exact = ((at, at + len(sentence)) for start in (end, 0) for at in _occurrences(text, sentence, start))
        composed = (span for start in (end, 0) for span in _composed(text, flat, sentence, start))
        spans = chain(exact, composed)
        span = next((span for span in spans if _is_sentence(span, text) and _is_free(span, taken)), None)
        if span is not None:
            insort(taken, span)
            end = span[1]
        if not remark.comment.strip():
            continue
        if span is None:
            unplaced.append(remark)
        else:
            found.append(_Place(*span, remark))
    return sorted(found, key=lambda place: place.start), tuple(unplaced)


def _is_free(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    at = bisect_right(taken, span)
    return (at == 0 or taken[at - 1][1] <= span[0]) and (at == len(taken) or span[1] <= taken[at][0])


def _is_sentence(span: tuple[int, int], text: str) -> bool:
    """Whether a span neither begins nor ends within a word."""
    return not any(text[at - 1 : at].isalnum() and text[at : at + 1].isalnum() for at in span)


def _occurrences(text: str, words: str, start: int) -> Iterator[int]:
    """Yield where the words begin, from a position on; nothing for no words."""
    while words and (start := text.find(words, start)) >= 0:
        yield start
        start += 1


def _composed(text: str, flat: str, sentence: str, start: int) -> Iterator[tuple[int, int]]:
    """Yield what a sentence may be that ingest has composed; `flat` is the text without line breaks.

    "(a) To report" is an item without its number. "Date: 5 May; Event: Council" is a row without the names of its
    columns; or the last cells of one, whose first cells span several rows.
    """
    parts = sentence.split("; ")
    heads = [_LABEL.match(parts[0]) or _NAMED.match(parts[0]), *map(_NAMED.match, parts[1:])]
    cells = [part[head.end() :] if head else part for part, head in zip(parts, heads, strict=True)]
    patterns = [
        (rf"(?:{_spaced(head[0])}|(?<![^\n]))" if head else "") + _spaced(cell)
        for head, cell in zip(heads, cells, strict=True)
    ]
    for first in range(min(len(parts), _MOST_SPANNING + 1)):
        joined = r"(?:;\s|\n)".join(patterns[first:])
        pattern = re.compile(rf"(?<![^\n]){joined}(?=\n)" if first else joined)
        # Regular expressions search much more slowly than this.
        for at in islice(_occurrences(flat, max(cells[first:], key=len), start), _MOST_TRIES):
            around = pattern.finditer(text, max(start, at - len(sentence)), at + len(sentence) + 1)
            yield from (found.span() for found in around)


def _spaced(words: str) -> str:
    return r"\s".join(map(re.escape, words.split(" ")))


# Their marks.


def _mark(text: _Text, start: int, end: int, key: str) -> bool:
    """Put the marks of a comment around a span of the text. Return whether that is aside of the text."""
    first, last = text.word(start), text.word(end - 1)
    behind = _edge(last, end - last.start, end=True)
    behind.addnext(element("r", None, _sized(_MARK_SIZE), element("commentReference", {"id": key})))
    behind.addnext(element("commentRangeEnd", {"id": key}))
    _edge(first, start - first.start, end=False).addprevious(element("commentRangeStart", {"id": key}))
    return first.aside


def _edge(word: _Word, position: int, *, end: bool) -> Element:
    """Return the element that ends before, or begins at, a position in a word; its run is divided where needed."""
    around = [word.node]
    for parent in word.node.iterancestors():
        if parent.tag == W + "p":
            break
        around.append(parent)
    # Marks may be beside a run, but not in what runs can be in within a formula, or in one of several alternatives.
    level = max((at for at, node in enumerate(around) if _is_whole(node)), default=0)
    target = around[level]
    if target.tag == W + "r":
        content = around[level - 1]
        if content.tag == W + "t":
            following = _divide_text(content, word.offset + position)
        elif end and content.get(W + "customMarkFollows") is not None:
            following = None  # "*", which the note has in place of a number, must be next to the reference
        else:
            following = content.getnext() if end else content
        if following is not None:
            divided = _divide_run(following)
            target = target if end else divided
    return _outermost(target, end)


def _is_whole(node: Element) -> bool:
    return node.tag == W + "r" or str(node.tag).startswith((MATH, MC))


def _divide_text(node: Element, offset: int) -> Element | None:
    """Return what begins in its run at a character of a w:t: itself, a new one with the rest, what is behind it."""
    text = (node.text or "").strip(_BLANKS) if _is_trimmed(node) else node.text or ""
    if offset == 0:
        return node
    if offset >= len(text):
        return node.getnext()
    rest = node.makeelement(node.tag, node.attrib)
    node.text, rest.text = text[:offset], text[offset:]
    for part in (node, rest):
        if part.text != part.text.strip(_BLANKS):
            part.set(_SPACE, "preserve")
    node.addnext(rest)
    return rest


def _divide_run(content: Element) -> Element:
    """Return the run that begins with this content: its own one, or a new one of the same format behind that."""
    run = content.getparent()
    if _is_first(content):
        return run
    rest = run.makeelement(run.tag, run.attrib)
    if (properties := run.find(W + "rPr")) is not None:
        rest.append(deepcopy(properties))
    for node in (content, *content.itersiblings()):
        rest.append(node)
    run.addnext(rest)
    return rest


def _is_first(content: Element) -> bool:
    """Whether nothing but the format is before a content of a run."""
    before = content.getprevious()
    return before is None or bool(before.tag == W + "rPr")


def _outermost(node: Element, end: bool) -> Element:
    """Return the outermost element of the paragraph, such as a link or a field, with the same beginning or end."""
    while True:
        beside = node.getnext() if end else node.getprevious()
        whole = _field_end(beside) if end else _field_start(beside)
        if whole is not None:
            node = whole
        elif (beside is None or beside.tag in _PROPERTIES) and node.getparent().tag != W + "p":
            node = node.getparent()
        else:
            return node


def _field_end(run: Element | None) -> Element | None:
    """Return the run that ends a field, if it is this one."""
    sign = None if run is None else run.find(W + "fldChar")
    if sign is None or sign.get(_FIELD) != "end" or not _is_first(sign):
        return None
    if (following := sign.getnext()) is not None:
        _divide_run(following)
    return run


def _field_start(run: Element | None) -> Element | None:
    """Return the run that begins a field, if its result is behind this one."""
    if run is None or [sign.get(_FIELD) for sign in run.findall(W + "fldChar")][-1:] != ["separate"]:
        return None
    depth = 0
    for one in (run, *run.itersiblings(W + "r", preceding=True)):
        for sign in reversed(one.findall(W + "fldChar")):
            depth += {"end": 1, "begin": -1}.get(sign.get(_FIELD), 0)
            if depth < 0:
                return _divide_run(sign)
    return None


# The parts of the file.


def _sized(size: str, *more: Element) -> Element:
    return element("rPr", None, element("sz", {"val": size}), element("szCs", {"val": size}), *more)


def _comment(key: str, author: str, text: Sequence[str]) -> Element:
    """Return the comment with a paragraph for each line of `text`."""
    name = one_line(author)
    initials = "".join(word[0] for word in name.split()).upper()[:_LONGEST_INITIALS]
    comment = element("comment", {"id": key, "author": name, "initials": initials})
    for line in text:
        backwards = runs_right_to_left(line)
        paragraph = element("p", None, *([element("pPr", None, element("bidi"))] if backwards else []))
        if not len(comment):
            paragraph.append(element("r", None, _sized(_MARK_SIZE), element("annotationRef")))
        for part, right_to_left in by_direction(line, backwards):
            words = element("t")
            words.text = part
            words.set(_SPACE, "preserve")
            direction = [element("rtl")] if right_to_left else []
            paragraph.append(element("r", None, _sized(_TEXT_SIZE, *direction), words))
        comment.append(paragraph)
    return comment


def _free_id(document: Element, comments: Element) -> int:
    """Return the first id that is greater than those of all comments."""
    marks = map(W.__add__, ("commentRangeStart", "commentRangeEnd", "commentReference"))
    used = (number(node.get(W + "id"), -1) for node in chain(document.iter(*marks), comments))
    return max(used, default=-1) + 1


def _with_first_comments(package: Package, comments: Element) -> dict[str, Element]:
    """Return the new part with the comments, and those that list the parts and relations of the document."""
    folder, main = posixpath.split(package.main)
    used = {name.casefold() for name in package.archive.members}
    names = (f"comments{at or ''}.xml" for at in count())
    name = next(name for name in names if posixpath.join(folder, name).casefold() not in used)
    part, relations_part = posixpath.join(folder, name), posixpath.join(folder, "_rels", f"{main}.rels")

    types = _parsed(package, _CONTENT_TYPES)
    etree.SubElement(types, _TYPES + "Override", PartName=f"/{part}", ContentType=_COMMENTS_TYPE)
    if relations_part in package.archive.members:
        relations = _parsed(package, relations_part)
    else:
        relations = etree.Element(_RELATIONS + "Relationships", nsmap={None: _RELATIONS[1:-1]})
    ids = {node.get("Id") for node in relations}
    key = next(key for at in count(1) if (key := f"rId{at}") not in ids)
    attributes = {"Id": key, "Type": _COMMENTS_RELATION, "Target": name}
    etree.SubElement(relations, _RELATIONS + "Relationship", attributes)
    return {part: comments, _CONTENT_TYPES: types, relations_part: relations}


def _rewritten(data: bytes, roots: Mapping[str, Element]) -> bytes:
    """Return the archive with these parts, new ones at its end. Of all others, the bytes are copied as they are."""
    left = dict(roots)
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(written, "w") as copy:
        copy.comment = source.comment
        members = sorted(source.infolist(), key=lambda member: member.header_offset)
        ends = [*(member.header_offset for member in members[1:]), source.start_dir]
        for member, end in zip(members, ends, strict=True):
            if member is source.getinfo(member.filename) and member.filename in left:
                _write(copy, member.filename, left.pop(member.filename), like=member)
                continue
            # zipfile has no function for this; it writes the directory of all of `filelist` at `start_dir`.
            start, member.header_offset = member.header_offset, copy.start_dir
            written.seek(copy.start_dir)
            written.write(data[start:end])
            copy.start_dir = written.tell()
            copy.filelist.append(member)
        for name, root in left.items():
            _write(copy, name, root, like=source.getinfo(_CONTENT_TYPES))
        order = {name: at for at, name in enumerate(source.namelist())}
        copy.filelist.sort(key=lambda member: order.get(member.filename, len(order)))
    return written.getvalue()


def _write(archive: zipfile.ZipFile, name: str, root: Element, *, like: zipfile.ZipInfo) -> None:
    xml = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)
    member = zipfile.ZipInfo(name, like.date_time)
    member.create_system, member.external_attr = like.create_system, like.external_attr
    archive.writestr(member, xml, zipfile.ZIP_DEFLATED)
