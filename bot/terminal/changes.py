"""What changed in a document, coloured: green and underlined came in, red and struck through went out."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from bot.changes.comparison import Changes, ParagraphChange
from bot.changes.word_diff import Piece
from bot.changes.wording import (
    compared_words,
    counts_words,
    date_words,
    nothing_words,
    place_words,
    renumbered_words,
    shortened,
)
from bot.visible_text import visible

_IN, _OUT = "green underline", "red strike"
_QUIET = "dim"
_NAMES = {"added": "new", "removed": "gone", "reworded": "reworded"}


def changes_view(changes: Changes) -> RenderableType:
    """Return everything that changed, or the line that says why there is nothing to show."""
    if not changes or changes.before is None:
        return Text(visible(nothing_words(changes)))
    title = Text(visible(changes.after.title), style="bold")
    compared = compared_words(changes)
    parts: list[RenderableType] = [title, Text(compared, style=_QUIET), Text(counts_words(changes)), ""]
    if changes.dates:
        parts.append(Text("Dates", style="bold"))
        for change in changes.dates:
            line = Text.assemble(
                "  ", (visible(change.entry.title), "bold"), f" {visible(date_words(change))}"
            )
            line.append(f" · § {change.entry.section}", style=_QUIET)
            parts.append(line)
        parts.append("")
    if changes.headings:
        parts.append(Text("Headings", style="bold"))
        parts += [_pieces_in("  ", heading.before, heading.after) for heading in changes.headings]
        parts.append("")
    for paragraph in changes.paragraphs:
        if paragraph.kind != "renumbered":
            parts += [_place(paragraph), _wording(paragraph), ""]
    parts += [Text(line, style=_QUIET) for line in renumbered_words(changes.paragraphs)]
    return Group(*(parts[:-1] if parts[-1] == "" else parts))


def _place(change: ParagraphChange) -> Text:
    section = change.section
    name = _NAMES[change.kind]
    if change.before and change.after and change.before.number != change.after.number:
        name += f", was {place_words(change.before)}"
    heading = f"  {section.heading}" if section.heading else ""
    line = Text(visible(f"{place_words(section)}{heading}"), style="bold")
    return line.append(f" · {name}", style=_QUIET)


def _wording(change: ParagraphChange) -> Text:
    """Return the words; without colours, [-went out-] and {+came in+} tell them apart."""
    if change.kind == "added":
        return _marked(change.section.text, "added")
    if change.kind == "removed":
        return _marked(change.section.text, "removed")
    text = Text()
    pieces = change.words
    for place, piece in enumerate(pieces):
        if piece.op == "same":
            text.append(visible(shortened(piece.text, first=place == 0, last=place == len(pieces) - 1)))
        else:
            text.append_text(_piece(piece))
    return text


def _pieces_in(indent: str, before: str, after: str) -> Text:
    return Text(indent) + _marked(before, "removed") + Text(" ") + _marked(after, "added")


def _piece(piece: Piece) -> Text:
    words = piece.text.rstrip()
    return _marked(words, piece.op) + Text(piece.text[len(words) :] or " ")


def _marked(words: str, op: str) -> Text:
    opening, closing, style = ("{+", "+}", _IN) if op == "added" else ("[-", "-]", _OUT)
    return Text.assemble((opening, _QUIET), (visible(words), style), (closing, _QUIET))
