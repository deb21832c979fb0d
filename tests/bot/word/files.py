"""Looks into Word files without the program: where comments are, and what is left without them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from lxml import etree

_MARKS = {qn("w:commentRangeStart"), qn("w:commentRangeEnd")}
_LEFT_OUT = {qn("w:del"), qn("w:moveFrom"), qn("w:txbxContent")}


def part(data: bytes, name: str = "word/document.xml") -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def comments(data: bytes) -> list[str]:
    """Return the texts of the comments, as python-docx reads them."""
    return [comment.text for comment in docx.Document(io.BytesIO(data)).comments]


def commented(data: bytes) -> list[tuple[str, str]]:
    """Return for each comment its text, and the text between its marks; "*" is a note's reference, "#" a box."""
    texts = {str(one.comment_id): one.text for one in docx.Document(io.BytesIO(data)).comments}
    spans: dict[str, str] = {}
    _collect(parse_xml(part(data)), spans, set())
    assert spans.keys() == texts.keys()
    return [(text, spans[key]) for key, text in texts.items()]


def _collect(node: Any, spans: dict[str, str], opened: set[str]) -> None:
    signs = {qn("w:footnoteReference"): "*", qn("w:endnoteReference"): "*", qn("w:txbxContent"): "#"}
    for child in node:
        key = child.get(qn("w:id"))
        if child.tag == qn("w:commentRangeStart"):
            assert key not in spans
            opened.add(key)
            spans[key] = ""
        elif child.tag == qn("w:commentRangeEnd"):
            opened.remove(key)
        elif child.tag == qn("w:commentReference"):
            assert key in spans
            assert key not in opened
        text = child.text if child.tag == qn("w:t") else signs.get(child.tag, "")
        for one in opened:
            spans[one] += text or ""
        if child.tag not in _LEFT_OUT and not child.tag.endswith("}Fallback"):
            _collect(child, spans, opened)


def without_comments(data: bytes) -> bytes:
    """Return the canonical XML of the document without marks, and with neighbouring runs of one format joined."""
    root = etree.fromstring(part(data))
    for mark in list(root.iter(*_MARKS)):
        _remove(mark)
    for reference in list(root.iter(qn("w:commentReference"))):
        _remove(reference.getparent())
    for run in list(root.iter(qn("w:r"))):
        before = run.getprevious()
        if (
            before is not None
            and before.tag == run.tag
            and not (before.tail or "").strip()
            and _same(before, run)
        ):
            for child in run:
                if child.tag != qn("w:rPr"):
                    before.append(child)
            before.tail = (before.tail or "") + (run.tail or "")
            run.getparent().remove(run)
    for text in list(root.iter(qn("w:t"))):
        before = text.getprevious()
        if before is not None and before.tag == text.tag:
            before.text = (before.text or "") + (text.text or "")
            before.tail = (before.tail or "") + (text.tail or "")
            text.getparent().remove(text)
    for text in root.iter(qn("w:t")):
        text.attrib.pop("{http://www.w3.org/XML/1998/namespace}space", None)
    return etree.tostring(root, method="c14n")


def _same(one: Any, other: Any) -> bool:
    return _format(one) == _format(other) and dict(one.attrib) == dict(other.attrib)


def _format(run: Any) -> bytes:
    properties = run.find(qn("w:rPr"))
    return b"" if properties is None else etree.tostring(properties, method="c14n", with_tail=False)


def _remove(node: Any) -> None:
    """Remove an element, but not the white space behind it."""
    before, parent = node.getprevious(), node.getparent()
    if before is not None:
        before.tail = (before.tail or "") + (node.tail or "")
    else:
        parent.text = (parent.text or "") + (node.tail or "")
    node.tail = None
    parent.remove(node)
