"""`itubot changes`: what changed between the last two versions of a document."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from bot.changes import Changes, ParagraphChange, read_changes
from bot.changes.wording import (
    compared_words,
    counts_words,
    date_words,
    nothing_words,
    paragraph_words,
    renumbered_words,
    shown_pieces,
)
from bot.commands.context import AsJson, InLanguage, cli_context, speak
from bot.locales import _
from bot.register.versions import differing_dates
from bot.register.wording import paragraph_mark, title
from bot.safe_text import one_line, visible
from bot.terminal import emit, show


def changes(
    context: typer.Context,
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="[SOURCE]",
            help="A source, as `itubot documents` names it; without one, the document that changed last.",
            show_default=False,
        ),
    ] = None,
    language: InLanguage = None,
    as_json: AsJson = False,
) -> None:
    """Show paragraph by paragraph what is new, gone and reworded, and which dates moved."""
    speak(language)
    cli = cli_context(context)
    if source is None:
        cli.require_documents()
    found = read_changes(cli.services.catalog, source)
    emit(as_json, Changes.to_json, changes_view, found)
    if not as_json and (symbol := found.after.neutral_symbol):
        register = cli.services.register(cli.settings.today())
        versions = [d for d in cli.services.catalog.documents() if d.neutral_symbol == symbol]
        for line in differing_dates(register, versions):
            show(Text(visible(f"\n{line}")))


_ADDED, _REMOVED = "green underline", "red strike"
_QUIET = "dim"


def changes_view(changes: Changes) -> RenderableType:
    """Return the view of all changes, or the line that says why there are none."""
    if not changes or changes.before is None:
        return Text(one_line(nothing_words(changes)))
    heading = Text(one_line(changes.after.title), style="bold")
    compared = compared_words(changes)
    parts: list[RenderableType] = [heading, Text(compared, style=_QUIET), Text(counts_words(changes)), ""]
    if changes.dates:
        parts.append(Text(_("Dates"), style="bold"))
        for change in changes.dates:
            line = Text.assemble(
                "  ", (one_line(title(change.entry)), "bold"), f" {visible(date_words(change))}"
            )
            line.append(f" · § {change.entry.section}", style=_QUIET)
            parts.append(line)
        parts.append("")
    if changes.headings:
        parts.append(Text(_("Headings"), style="bold"))
        for changed in changes.headings:
            removed, added = _marked(changed.before, "removed"), _marked(changed.after, "added")
            parts.append(Text("  ") + removed + Text(" ") + added)
        parts.append("")
    for paragraph in changes.paragraphs:
        if paragraph.kind != "renumbered":
            parts += [_place(paragraph), _wording(paragraph), ""]
    parts += [Text(line, style=_QUIET) for line in renumbered_words(changes.paragraphs)]
    return Group(*(parts[:-1] if parts[-1] == "" else parts))


def _place(change: ParagraphChange) -> Text:
    section = change.section
    heading = f"  {section.heading}" if section.heading else ""
    line = Text(one_line(f"{paragraph_mark(section.number)}{heading}"), style="bold")
    return line.append(f" · {paragraph_words(change)}", style=_QUIET)


def _wording(change: ParagraphChange) -> Text:
    """Return a paragraph's words, marked [-removed-] and {+added+} for output without colours."""
    text = Text()
    for op, piece in shown_pieces(change):
        words = piece.rstrip()
        if op == "same":
            text.append(visible(piece))
        elif change.kind == "reworded":
            text.append_text(_marked(words, op)).append(piece[len(words) :] or " ")
        else:
            text.append_text(_marked(piece, op))
    return text


def _marked(words: str, op: str) -> Text:
    opening, closing, style = ("{+", "+}", _ADDED) if op == "added" else ("[-", "-]", _REMOVED)
    return Text.assemble((opening, _QUIET), (visible(words), style), (closing, _QUIET))
