"""`itubot check`: each sentence of a draft with its verdict, and the draft with comments in Word."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.commands.context import AsJson, AsOf, InLanguage, cli_context, speak, umask
from bot.drafts.draft import CheckedDraft, CheckedSentence, DraftCheck
from bot.drafts.verdicts import Check
from bot.drafts.wording import cited, commented, counts_line, remarks, takes_comments, verdict_word
from bot.errors import BotError
from bot.locales import _, number, quoted
from bot.safe_text import one_line, visible
from bot.terminal import emit, only_result, stderr_console

_STYLES = {"contradicted": "bold red", "different fact": "bold red", "superseded": "bold yellow"}
_QUIET = "dim"


def check(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="The draft; - reads it from stdin.", show_default=False)
    ],
    as_of: AsOf = None,
    docx: Annotated[
        Path | None,
        typer.Option("--docx", metavar="OUT", help="Write the draft, a Word file, with comments here."),
    ] = None,
    language: InLanguage = None,
    as_json: AsJson = False,
) -> None:
    """Compare each sentence of a draft with the documents; nothing of it is stored."""
    speak(language)
    cli = cli_context(context)
    name, data = ("draft.md", sys.stdin.buffer.read()) if file == "-" else (file, _bytes(Path(file)))
    if docx is not None and not takes_comments(name):
        raise BotError("--docx needs a draft in Word's format; save it as .docx")
    cli.require_documents()
    with only_result():
        sentences = cli.services.shared.read_draft(Path(name).name, data)
        work = DraftCheck(cli.services, sentences, as_of or cli.settings.today())
        if tokens := work.tokens_to_read:
            stderr_console().print(_("A model will read about {tokens} tokens.", tokens=number(tokens)))
        try:
            with stderr_console().status("") as status:
                work.run(lambda done, count: status.update(_progress(done, count)))
        except KeyboardInterrupt:
            # What is done by then is shown, and said to be a part.
            pass
    checked = work.result
    emit(as_json, CheckedDraft.to_json, checked_view, checked)
    if docx is not None:
        with_comments, unplaced = commented(data, checked)
        with umask(cli.usual_umask):
            docx.write_bytes(with_comments)
        if unplaced:
            stderr_console().print(
                f"{unplaced} of the comments found no place in the file; they are in the list above"
            )
    if not checked.is_complete:
        raise KeyboardInterrupt


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except IsADirectoryError:
        raise BotError(f"{path} is a folder; name one file") from None


def _progress(done: int, count: int) -> str:
    return _("Checked {done} of {count} sentences", done=done, count=count)


def checked_view(draft: CheckedDraft) -> RenderableType:
    """Return the counts and the sentences that need work, each with the paragraph behind its verdict."""
    parts: list[RenderableType] = [Text(counts_line(draft), style="bold")]
    for sentence, found in draft.to_mend:
        parts += ["", _sentence(sentence, found)]
    for remark in remarks(draft):
        parts += ["", Text(visible(remark), style=_QUIET)]
    return Group(*parts)


def _sentence(sentence: CheckedSentence, found: Check) -> RenderableType:
    # In a grid, wrapped lines are indented to their own text.
    grid = Table.grid(padding=(0, 1, 0, 0))
    head = Text(verdict_word(found.verdict), style=_STYLES.get(found.verdict, "bold"))
    if found.note:
        head.append(visible(f" · {found.note}"), style="not bold")
    grid.add_row(Text(f"{sentence.n:>3}", style=_QUIET), head)
    grid.add_row("", Text(visible(sentence.sentence.text)))
    for citation in found.citations:
        line = Text(one_line(cited(citation)), style=_QUIET)
        grid.add_row(
            "", line.append(f"  {visible(quoted(' '.join(citation.quote.split())))}", style="italic")
        )
    return grid
