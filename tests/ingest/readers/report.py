"""Documents of tests/data/cases/readers/formats.yaml, written as text, Word, PDF, HTML and Markdown."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.cases import table
from tests.ingest.readers import pdfs
from tests.ingest.readers.words import WordFile

PAPERS: dict[str, dict[str, Any]] = table("readers/formats")


@dataclass(frozen=True)
class Part:
    """A part of a document: `kind` is one of those that `as_docx` names; a table has `rows`, the others a text."""

    kind: str
    text: str
    rows: Sequence[Sequence[str]]
    number: str = ""

    @property
    def level(self) -> int:
        """How far below the top a heading or a numbered paragraph is, from 0."""
        return self.number.count(".")

    @property
    def mark(self) -> str:
        """The number as people type it, with a point where it has none."""
        return self.number if self.level or not self.number else f"{self.number}."


def parts(name: str) -> list[Part]:
    """Return the parts of a document."""
    return [
        Part(kind, *(("", said) if isinstance(said, list) else (said, ())), *number)
        for kind, said, *number in PAPERS[name]["parts"]
    ]


def as_text(name: str = "report") -> bytes:
    """The document as plain text: cells are divided by tabs."""
    lines = []
    for part in parts(name):
        if part.kind == "heading":
            lines.append(f"{part.number}. {part.text}")
        elif part.rows:
            lines.append("\n".join("\t".join(row) for row in part.rows))
        else:
            lines.append(f"{part.number}\t{part.text}".strip())
    return "\n\n".join(lines).encode()


def as_markdown(name: str = "report") -> bytes:
    """The document in Markdown, wrapped by nobody."""
    lines = []
    for part in parts(name):
        if part.kind in ("title", "heading"):
            lines.append(f"{'#' * (part.level + 1 + bool(part.number))} {part.number} {part.text}")
        elif part.rows:
            first, *rows = [f"| {' | '.join(row)} |" for row in part.rows]
            lines.append("\n".join([first, "|---|---|" + "---|" * (len(part.rows[0]) - 2), *rows]))
        elif part.kind == "bullet":
            lines.append(f"- {part.text[2:]}")
        elif part.kind == "note":
            lines[-1] += "[^1]"
            lines.append(f"[^1]: {part.text}")
        else:
            lines.append(f"{part.mark} {part.text}".strip())
    return ("\n\n".join(lines) + "\n").encode()


def as_html(name: str = "report") -> bytes:
    """The document as a page of a web site, with what stands around it there."""
    lines, notes = [], ""
    for part in parts(name):
        text = html.escape(part.text)
        if part.kind in ("title", "heading"):
            tag = f"h{part.level + 1 + bool(part.number)}"
            lines.append(f"<{tag}>{f'{part.number}. ' if part.number else ''}{text}</{tag}>")
        elif part.rows:
            rows = ["".join(f"<td>{cell}" for cell in row) for row in part.rows]
            page = f"<table><tr>{'<tr>'.join(rows)}</table>"
            heads = 0 if part.kind == "letterhead" else len(part.rows[0])
            lines.append(page.replace("<td>", "<th>", heads))
        elif part.kind == "bullet":
            lines.append(f"<ul><li>{text[2:]}</ul>")
        elif part.kind == "note":
            lines[-1] = lines[-1].replace("</p>", '<a href="#n1" class="note"><sup>1</sup></a></p>')
            notes = f'<hr><ol><li id="n1">{text} <a href="#r1">↩</a></li></ol>'
        else:
            lines.append(f"<p>{part.mark}{'&nbsp;&nbsp;' if part.number else ''}{text}</p>")
    return (
        "<!DOCTYPE html><html lang='en'><head><title>Site</title><style>p {}</style></head><body>"
        "<nav><ul><li>Home<li>About</ul></nav><script>var x = '<p>no</p>';</script>"
        f"<main>{chr(10).join(lines)}{notes}</main><footer>© ITU</footer></body></html>"
    ).encode()


def as_docx(name: str = "report") -> bytes:
    """The document as Word writes it: no number and no bullet stands in the text."""
    word = WordFile()
    word.abstract(1, [("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)")])
    word.instance(1, 1)
    word.abstract(2, [("bullet", "\uf0b7")])
    word.instance(2, 2)
    word.number_style("Heading 1", 1, 0)
    word.number_style("Heading 2", 1, 1)
    last = None
    for part in parts(name):
        match part.kind:
            case "title":
                word.paragraph(part.text, style="Title")
            case "heading":
                word.paragraph(part.text, style=f"Heading {part.level + 1}")
            case "numbered":
                last = word.paragraph(part.text, num=1, level=part.level)
            case "letter":
                word.paragraph(part.text[4:], num=1, level=2)
            case "bullet":
                word.paragraph(part.text[2:], num=2)
            case "note":
                word.footnote(last, part.text)
            case "line":
                word.paragraph(part.text)
            case "table" | "letterhead":
                word.table(part.rows)
    return word.save()


def as_pdf(name: str = "report") -> bytes:
    """The document as it is printed: numbers typed, lines broken, the note at the foot of the page."""
    styles = {
        "title": pdfs.TITLE,
        "heading": pdfs.HEADING,
        "letter": pdfs.INDENTED,
        "bullet": pdfs.INDENTED,
        "note": pdfs.SMALL,
    }
    story, notes = [], []
    written = parts(name)
    for part, after in zip(written, [*written[1:], None], strict=True):
        text = html.escape(part.text)
        if part.kind == "heading":
            text = f"{part.number}. {text}"
        elif part.number:
            text = f"{part.number}{'&nbsp;' * 12}{text}"
        if after and after.kind == "note":
            text += "<super size=7>1</super>"
        if part.kind == "note":
            notes.append(pdfs.paragraph(f"<super size=6>1</super> {text}", styles["note"]))
        elif part.rows:
            story.append(pdfs.table(part.rows))
        else:
            story.append(pdfs.paragraph(text, styles.get(part.kind, pdfs.BODY)))
    return pdfs.set_pdf([*story, *notes], head=PAPERS[name].get("head", ""))


FORMATS: dict[str, Callable[[str], bytes]] = {
    "txt": as_text,
    "md": as_markdown,
    "html": as_html,
    "docx": as_docx,
    "pdf": as_pdf,
}
