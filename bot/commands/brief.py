"""`itubot brief`: one cited page on a topic, in the terminal, as JSON or for Word."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.answering.remarks import nearest
from bot.briefs.brief import Brief, BriefPart
from bot.briefs.making import make_brief
from bot.briefs.wording import as_of_line, in_word, nothing_on, remarks
from bot.commands.ask import QUIET_STYLE, highlighted, nearest_view, sources_view
from bot.commands.context import AsJson, AsOf, InLanguage, cli_context, speak, umask
from bot.locales import _
from bot.safe_text import one_line, visible
from bot.terminal import emit, only_result, stderr_console


def brief(
    context: typer.Context,
    topic: Annotated[str, typer.Argument(help="In quotes: an event, a process, a body.", show_default=False)],
    as_of: AsOf = None,
    pages: Annotated[
        int, typer.Option("--pages", min=1, max=2, metavar="1|2", help="How long it may be.")
    ] = 1,
    docx: Annotated[
        Path | None, typer.Option("--docx", metavar="OUT", help="Write it for Word, with its sources, here.")
    ] = None,
    language: InLanguage = None,
    as_json: AsJson = False,
) -> None:
    """Say on one page what the documents have on a topic, each sentence cited, and what they do not say."""
    speak(language)
    cli = cli_context(context)
    cli.require_documents()
    with only_result(), stderr_console().status(_("Reading the documents …")) as status:
        made = make_brief(
            cli.services,
            topic,
            as_of or cli.settings.today(),
            pages,
            lambda done, count: status.update(_("Wrote {done} of {count} parts", done=done, count=count)),
        )
    emit(as_json, Brief.to_json, brief_view, made)
    if docx is not None and made.parts:
        with umask(cli.usual_umask):
            docx.write_bytes(in_word(made))


def brief_view(made: Brief) -> RenderableType:
    """Return the view of a brief, or of what is near where the documents have nothing."""
    head = Text(one_line(f"{made.topic} · {as_of_line(made)}"), style="bold")
    if not made.parts:
        said = Text(visible(nothing_on(made)))
        return (
            Group(said, "", Text(nearest(), style="bold"), nearest_view(made.nearest))
            if made.nearest
            else said
        )
    parts: list[RenderableType] = [head]
    for part in made.parts:
        parts += ["", Text(part.heading, style="bold"), _lines(part)]
    text = " ".join(line.text for part in made.parts for line in part.lines)
    parts += ["", Text(_("Sources"), style="bold"), sources_view(made.citations, text)]
    for remark in remarks(made):
        parts += ["", Text(visible(remark), style=QUIET_STYLE)]
    return Group(*parts)


def _lines(part: BriefPart) -> RenderableType:
    # In a grid, wrapped lines are indented to their own text.
    grid = Table.grid(padding=(0, 1, 0, 0))
    for line in part.lines:
        grid.add_row("  •", highlighted(f"{line.text} {''.join(f'[{n}]' for n in line.citations)}".strip()))
    return grid
