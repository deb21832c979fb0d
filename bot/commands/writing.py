"""`itubot check` and `brief`: a draft with its verdicts, and one cited page on a topic."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from bot import results
from bot.answering.remarks import nearest
from bot.briefs import wording as brief_wording
from bot.briefs.brief import Brief, BriefPart
from bot.briefs.making import make_brief
from bot.commands.asking import QUIET_STYLE, highlighted, nearest_view, sources_view
from bot.commands.context import AsJson, AsOf, InLanguage, cli_context, speak, umask
from bot.drafts.draft import CheckedDraft, CheckedSentence, DraftCheck
from bot.drafts.verdicts import Check
from bot.drafts.wording import cited, commented, counts_line, remarks, takes_comments, verdict_word
from bot.errors import BotError
from bot.locales import _, number, quoted
from bot.safe_text import one_line, visible
from bot.terminal import emit, grid, only_result, stderr_console
from ingest.drafts import read_draft

_STYLES = {"contradicted": "bold red", "different fact": "bold red", "superseded": "bold yellow"}


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
        sentences = read_draft(Path(name).name, data)
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
    emit(as_json, results.CheckedDraft, checked_view, checked)
    if docx is not None:
        with_comments, unplaced = commented(data, checked)
        with umask(cli.usual_umask):
            docx.write_bytes(with_comments)
        if unplaced:
            stderr_console().print(
                f"{unplaced} of the comments could not be put into the file; they are in the list above"
            )
    if not checked.is_complete:
        raise KeyboardInterrupt


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except IsADirectoryError:
        raise BotError(f"{path} is a folder; name one file") from None


def _progress(done: int, count: int) -> str:
    return _("Sentences checked: {done} of {count}", done=done, count=count)


def checked_view(draft: CheckedDraft) -> RenderableType:
    """Return the counts and the sentences that need work, each with the paragraph behind its verdict."""
    parts: list[RenderableType] = [Text(counts_line(draft), style="bold")]
    for sentence, found in draft.to_mend:
        parts += ["", _sentence(sentence, found)]
    for remark in remarks(draft):
        parts += ["", Text(visible(remark), style=QUIET_STYLE)]
    return Group(*parts)


def _sentence(sentence: CheckedSentence, found: Check) -> RenderableType:
    head = Text(verdict_word(found.verdict), style=_STYLES.get(found.verdict, "bold"))
    if found.note:
        head.append(visible(f" · {found.note}"), style="not bold")
    rows: list[tuple[Text | str, Text]] = [
        (Text(f"{sentence.n:>3}", style=QUIET_STYLE), head),
        ("", Text(visible(sentence.sentence.text))),
    ]
    for citation in found.citations:
        line = Text(one_line(cited(citation)), style=QUIET_STYLE)
        quote = quoted(" ".join(citation.quote.split()))
        rows.append(("", line.append(f"  {visible(quote)}", style="italic")))
    return grid(rows)


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
            lambda done, count: status.update(_("Parts written: {done} of {count}", done=done, count=count)),
        )
    emit(as_json, results.Brief, brief_view, made)
    if docx is not None and made.parts:
        with umask(cli.usual_umask):
            docx.write_bytes(brief_wording.in_word(made))


def brief_view(made: Brief) -> RenderableType:
    """Return the view of a brief, or of what is near where the documents have nothing."""
    head = Text(one_line(f"{made.topic} · {brief_wording.as_of_line(made)}"), style="bold")
    if not made.parts:
        said = Text(visible(brief_wording.nothing_on(made)))
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
    for remark in brief_wording.remarks(made):
        parts += ["", Text(visible(remark), style=QUIET_STYLE)]
    return Group(*parts)


def _lines(part: BriefPart) -> RenderableType:
    return grid(
        ("  •", highlighted(f"{line.text} {''.join(f'[{n}]' for n in line.citations)}".strip()))
        for line in part.lines
    )


COMMANDS = {"check": check, "brief": brief}
