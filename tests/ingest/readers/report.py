"""One report, once as its numbers and texts, and written as Word, PDF, HTML and Markdown."""

from __future__ import annotations

import html
from dataclasses import dataclass

from tests.ingest.readers import pdfs
from tests.ingest.readers.words import WordFile

TITLE = "ITU and the digital agenda of the United Nations"
NOTE = "Adopted by consensus on 22 September 2024."
TABLE = (
    ("Event", "Date", "Place"),
    ("WSIS Forum", "7 to 11 July 2025", "Geneva"),
    ("AI for Good", "8 to 11 July 2025", "Geneva"),
)


@dataclass(frozen=True)
class Part:
    """A paragraph: its kind and level, its number as it has to be read, and its text."""

    kind: str  # heading, numbered, plain, bullet, letter, row, note
    text: str
    number: str | None = None
    level: int = 1


PARTS = (
    Part("heading", "Introduction", "1"),
    Part(
        "numbered",
        "The Union takes part in the work of the United Nations on digital matters, and reports on it to its Council "
        "once in every year so that Member States can follow what is done in their name.",
        "1.1",
    ),
    Part(
        "numbered",
        "The Pact for the Future was adopted at the Summit of the Future in New York, together with the Global "
        "Digital Compact, after negotiations that had lasted for the better part of two years.",
        "1.2",
    ),
    Part("note", NOTE),
    Part("heading", "Conferences", "2"),
    Part("heading", "Background of the conferences", "2.1", level=2),
    Part(
        "plain",
        "Three conferences were held in the period, and each of them adopted a declaration that names the Union "
        "among those who are to carry it out in the years up to 2030.",
    ),
    Part("heading", "Calendar of what comes", "2.2", level=2),
    Part(
        "plain",
        "The following events have been announced by their organizers and are open to the membership:",
    ),
    Part("row", "Event: WSIS Forum; Date: 7 to 11 July 2025; Place: Geneva"),
    Part("row", "Event: AI for Good; Date: 8 to 11 July 2025; Place: Geneva"),
    Part("heading", "Conclusion", "3"),
    Part("numbered", "The Council is invited to take note of this report, and in particular to:", "3.1"),
    Part("letter", "(a) approve the plan for the coming year;"),
    Part("letter", "(b) ask the secretariat to report again in 2026."),
    Part(
        "numbered",
        "Comments can be sent to the secretariat by those who could not take part in the meeting, which will bring "
        "them together in a document of its own.",
        "3.2",
    ),
    Part("bullet", "• in writing, before the end of the session;"),
    Part("bullet", "• or by the electronic form on the page of the Council."),
)

SECTIONS = [
    ("1.1", "Introduction", [PARTS[1].text]),
    ("1.2", "Introduction", [PARTS[2].text, NOTE]),
    ("2.1", "Background of the conferences", [PARTS[6].text]),
    ("2.2", "Calendar of what comes", [PARTS[8].text, PARTS[9].text, PARTS[10].text]),
    ("3.1", "Conclusion", [part.text for part in PARTS[12:15]]),
    ("3.2", "Conclusion", [part.text for part in PARTS[15:18]]),
]
"""Number, heading and paragraphs of every section, in order."""


def as_docx() -> bytes:
    """The report as Word writes it: no number and no bullet stands in the text."""
    word = WordFile()
    word.abstract(1, [("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)")])
    word.instance(1, 1)
    word.abstract(2, [("bullet", "\uf0b7")])
    word.instance(2, 2)
    word.number_style("Heading 1", 1, 0)
    word.number_style("Heading 2", 1, 1)
    word.paragraph(TITLE, style="Title")
    last = None
    for part in PARTS:
        if part.kind == "heading":
            word.paragraph(part.text, style=f"Heading {part.level}")
        elif part.kind == "numbered":
            last = word.paragraph(part.text, num=1, level=1)
        elif part.kind == "letter":
            word.paragraph(part.text[4:], num=1, level=2)
        elif part.kind == "bullet":
            word.paragraph(part.text[2:], num=2)
        elif part.kind == "note":
            word.footnote(last, part.text)
        elif part.kind == "plain":
            word.paragraph(part.text)
        elif part.text.startswith("Event: WSIS"):
            word.table(TABLE)
    return word.save()


def as_html() -> bytes:
    """The report as a page of a web site, with what stands around it there."""
    lines = [f"<h1>{TITLE}</h1>"]
    for part in PARTS:
        text = html.escape(part.text)
        if part.kind == "heading":
            lines.append(f"<h{part.level + 1}>{part.number}. {text}</h{part.level + 1}>")
        elif part.kind == "numbered":
            mark = '<a href="#n1" class="note"><sup>1</sup></a>' if part.number == "1.2" else ""
            lines.append(f"<p>{part.number}&nbsp;&nbsp;{text}{mark}</p>")
        elif part.kind == "plain":
            lines.append(f"<p>{text}")
        elif part.kind == "letter":
            lines.append(f"<p>{text}</p>")
        elif part.kind == "bullet":
            lines.append(f"<ul><li>{html.escape(part.text[2:])}</ul>")
        elif part.text.startswith("Event: WSIS"):
            rows = ["".join(f"<td>{cell}" for cell in row) for row in TABLE]
            lines.append(f"<table><tr>{'<tr>'.join(rows)}</table>".replace("<td>", "<th>", 3))
    lines.append(f'<hr><ol><li id="n1">{NOTE} <a href="#r1">↩</a></li></ol>')
    body = "\n".join(lines)
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>Site</title><style>p {{}}</style></head><body>"
        f"<nav><ul><li>Home<li>About</ul></nav><script>var x = '<p>no</p>';</script><main>{body}</main>"
        f"<footer>© ITU</footer></body></html>"
    ).encode()


def as_markdown() -> bytes:
    """The report in Markdown, wrapped by nobody."""
    lines = [f"# {TITLE}"]
    for part in PARTS:
        if part.kind == "heading":
            lines.append(f"{'#' * (part.level + 1)} {part.number} {part.text}")
        elif part.kind == "numbered":
            lines.append(f"{part.number} {part.text}" + ("[^1]" if part.number == "1.2" else ""))
        elif part.kind == "bullet":
            lines.append(f"- {part.text[2:]}")
        elif part.kind in ("plain", "letter"):
            lines.append(part.text)
        elif part.text.startswith("Event: WSIS"):
            rows = [f"| {' | '.join(row)} |" for row in TABLE]
            lines.append("\n".join([rows[0], "|---|---|---|", *rows[1:]]))
    return ("\n\n".join([*lines, f"[^1]: {NOTE}"]) + "\n").encode()


def as_pdf() -> bytes:
    """The report as it is printed: numbers typed, lines broken, the note at the foot of the page."""
    story = [pdfs.paragraph(TITLE, pdfs.TITLE)]
    for part in PARTS:
        text = html.escape(part.text)
        if part.kind == "heading":
            story.append(pdfs.paragraph(f"{part.number}. {text}", pdfs.HEADING))
        elif part.kind == "numbered":
            mark = "<super size=7>1</super>" if part.number == "1.2" else ""
            story.append(pdfs.paragraph(f"{part.number}&nbsp;&nbsp;&nbsp;{text}{mark}"))
        elif part.kind in ("letter", "bullet"):
            story.append(pdfs.paragraph(text, pdfs.INDENTED))
        elif part.kind == "plain":
            story.append(pdfs.paragraph(text))
        elif part.text.startswith("Event: WSIS"):
            story.append(pdfs.table(TABLE))
    story.append(pdfs.paragraph(f"<super size=6>1</super> {NOTE}", pdfs.SMALL))
    return pdfs.set_pdf(story, head="C25/901-E")
