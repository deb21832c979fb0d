"""Word files for the tests, written by python-docx, with numbering of our own."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

NS = nsdecls("w")


class WordFile:
    """A Word file under construction; the paragraph methods return python-docx's paragraph."""

    def __init__(self) -> None:
        self.document: Document = docx.Document()
        self._notes: list[str] = []
        numbering = self.document.part.numbering_part.element
        for child in list(numbering):
            numbering.remove(child)
        self._numbering = numbering

    def abstract(
        self, key: int, levels: Sequence[tuple[str, str]], extra: Mapping[int, str] | None = None
    ) -> None:
        """Define a numbering: for each level its format and its pattern; `extra` is XML put into a level."""
        rows = "".join(
            f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{(extra or {}).get(place, "")}'
            f'<w:lvlText w:val="{pattern}"/></w:lvl>'
            for place, (form, pattern) in enumerate(levels)
        )
        element = parse_xml(f'<w:abstractNum {NS} w:abstractNumId="{key}">{rows}</w:abstractNum>')
        self._numbering.insert(0, element)

    def abstract_link(self, key: int, style: str) -> None:
        """Define a numbering that stands for the one of a numbering style."""
        xml = f'<w:abstractNum {NS} w:abstractNumId="{key}"><w:numStyleLink w:val="{style}"/></w:abstractNum>'
        self._numbering.insert(0, parse_xml(xml))

    def element(self, xml: str) -> Any:
        """Return one element of WordprocessingML."""
        return parse_xml(re.sub(r"^<[\w:]+", rf"\g<0> {NS}", xml))

    def style(self, xml: str) -> None:
        """Add a style."""
        self.document.styles.element.append(self.element(xml))

    def instance(self, key: int, abstract: int, overrides: str = "") -> None:
        """Define an instance `key` of a numbering; `overrides` is XML."""
        xml = f'<w:num {NS} w:numId="{key}"><w:abstractNumId w:val="{abstract}"/>{overrides}</w:num>'
        self._numbering.append(parse_xml(xml))

    def paragraph(
        self,
        text: str,
        *,
        num: int | None = None,
        level: int | None = 0,
        style: str | None = None,
        bold: bool = False,
    ) -> Any:
        paragraph = self.document.add_paragraph(style=style)
        paragraph.add_run(text).bold = bold or None
        if num is not None:
            place = "" if level is None else f'<w:ilvl w:val="{level}"/>'
            xml = f'<w:numPr {NS}>{place}<w:numId w:val="{num}"/></w:numPr>'
            paragraph._p.get_or_add_pPr().append(parse_xml(xml))
        return paragraph

    def number_style(self, style: str, num: int, level: int | None = None) -> None:
        """Give a paragraph style a numbering."""
        place = "" if level is None else f'<w:ilvl w:val="{level}"/>'
        properties = self.document.styles[style].element.get_or_add_pPr()
        for before in properties.findall(qn("w:numPr")):
            properties.remove(before)
        properties.append(parse_xml(f'<w:numPr {NS}>{place}<w:numId w:val="{num}"/></w:numPr>'))

    def footnote(self, paragraph: Any, text: str) -> None:
        self._notes.append(text)
        run = paragraph.add_run()
        run._r.append(parse_xml(f'<w:footnoteReference {NS} w:id="{len(self._notes)}"/>'))

    def table(self, rows: Sequence[Sequence[str]], *, header_rows: int = 0) -> Any:
        table = self.document.add_table(rows=len(rows), cols=len(rows[0]))
        for row, cells in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
        for row in table.rows[:header_rows]:
            row._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {NS}/>"))
        return table

    def xml(self, inner: str) -> None:
        """Append raw WordprocessingML to the body."""
        declared = f'{NS} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        wrapper = parse_xml(f"<w:body {declared}>{inner}</w:body>")
        for child in list(wrapper):
            self.document.element.body.insert(-1, child)

    def save(self) -> bytes:
        if self._notes:
            notes = "".join(
                f'<w:footnote w:id="{n}"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> {t}</w:t>'
                "</w:r></w:p></w:footnote>"
                for n, t in enumerate(self._notes, 1)
            )
            blob = f'<?xml version="1.0" encoding="UTF-8"?><w:footnotes {NS}>{notes}</w:footnotes>'.encode()
            kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
            package = self.document.part.package
            part = Part(PackURI("/word/footnotes.xml"), kind, blob, package)
            self.document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
        data = io.BytesIO()
        self.document.save(data)
        return data.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """Return the zip file with one member put in another's place."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info, old.read(info))
        new.writestr(name, content)
    return changed.getvalue()


def replaced(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """Return an Office file with other bytes in one part, in which the old ones are."""
    inner = zipfile.ZipFile(io.BytesIO(data)).read(part)
    assert old in inner
    return with_part(data, part, inner.replace(old, new))
