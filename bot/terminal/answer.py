"""The view of an answer: its text, the numbered sources and the documents searched; also while it is written."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from bot.answers import Answer, Basis, SentenceCallback, StreamedSentence
from bot.answers.remarks import FULL_TEXT_ONLY, NEAREST, checked, closest_passages, not_answered
from bot.register.wording import day
from bot.safe_text import one_line, visible
from bot.sources import find_quote
from store.records import Citation, Section

MARKER_STYLE = "bold magenta"  # magenta and bold are readable on light and on dark backgrounds
HIGHLIGHT_STYLE = "black on bright_yellow"
QUIET_STYLE = "dim"

# Most characters of a quote in a refusal.
_MOST_QUOTED_CHARS = 300

_MARKERS = re.compile(r"\s*\[\d+\]")


def answer_view(answer: Answer) -> RenderableType:
    """Return the view of `answer`."""
    parts: list[RenderableType] = []
    if closest_passages(answer):
        parts += [Text("The closest passages; they may not answer the question.", style="italic"), ""]
    parts.append(highlighted(answer.text))
    if answer.citations:
        parts += ["", Text("Sources", style="bold"), _sources(answer)]
    if answer.nearest and not answer.answered:
        parts += ["", Text(NEAREST, style="bold"), _nearest(answer)]
    if answer.unanswered:
        parts += ["", Text(visible(not_answered(answer.unanswered, answer.basis)))]
    for note in filter(None, (answer.note, checked(answer))):
        parts += ["", Text(visible(note), style=QUIET_STYLE)]
    if answer.searched:
        # Long titles are cut to one line; into a pipe there is no width to cut at.
        parts += [
            "",
            Text(basis_line(answer.basis, answer.as_of), QUIET_STYLE, no_wrap=True, overflow="ellipsis"),
        ]
    return Group(*parts)


def basis_line(basis: Basis, as_of: date) -> str:
    """Return the line that says which documents were searched and as of which day."""
    if not basis.documents:
        return f"From no documents, as of {day(as_of)}."
    count = "1 document" if basis.documents == 1 else f"{basis.documents} documents, the newest"
    dated = f" of {day(basis.newest_date)}" if basis.newest_date else ", undated"
    title = f": {one_line(basis.newest_document)}" if basis.newest_document else ""
    searched = f"{FULL_TEXT_ONLY} " if basis.full_text_only else ""
    return f"{searched}As of {day(as_of)}, from {count}{dated}{title}"


def paragraph_view(citation: Citation, section: Section) -> RenderableType:
    """Return the whole paragraph that `citation` points to, its quote marked."""
    title = Text.assemble(
        (f"[{citation.marker}] ", MARKER_STYLE),
        (one_line(f"§ {citation.section}  {citation.heading}"), "bold"),
    )
    page = f", page {citation.page}" if citation.page else ""
    symbol = f"{citation.symbol}, " if citation.symbol else ""
    origin = Text(one_line(f"{symbol}{citation.document} ({citation.source}{page})"), style=QUIET_STYLE)
    return Group(title, origin, "", highlighted_quote(section, citation.quote))


def highlighted_quote(section: Section, quote: str) -> Text:
    """Return the section's text with `quote` highlighted."""
    body, start, end = find_quote(section, quote)
    return Text.assemble(
        visible(body[:start]), (visible(body[start:end]), HIGHLIGHT_STYLE), visible(body[end:])
    )


def highlighted(body: str) -> Text:
    """Return an answer's text with its markers in colour."""
    text = Text(visible(body))
    text.highlight_regex(r"\[\d+\]", MARKER_STYLE)
    return text


def _sources(answer: Answer) -> RenderableType:
    # In a grid, wrapped lines are indented to their own text.
    grid = Table.grid(padding=(0, 1, 0, 0))
    for citation in answer.citations:
        page = f" · page {citation.page}" if citation.page else ""
        line = Text.assemble(
            one_line(f"§ {citation.section}  {citation.heading}".rstrip()),
            (one_line(f" · {citation.symbol or citation.source}{page}"), QUIET_STYLE),
        )
        # An answer that repeats the sentence verbatim needs no quote.
        if _squeezed(citation.quote) not in _squeezed(_MARKERS.sub("", answer.text)):
            line.append(visible(f"\n“{' '.join(citation.quote.split())}”"), style="italic")
        grid.add_row(Text(f"  [{citation.marker}]", style=MARKER_STYLE), line)
    return grid


def _nearest(answer: Answer) -> RenderableType:
    grid = Table.grid(padding=(0, 1, 0, 0))
    for near in answer.nearest:
        quote = textwrap.shorten(near.quote, _MOST_QUOTED_CHARS, placeholder="…")
        line = Text.assemble(
            one_line(near.heading),
            (one_line(f" · {near.source}"), QUIET_STYLE),
            (visible(f"\n“{quote}”"), "italic"),
        )
        grid.add_row(Text(one_line(f"  § {near.section}")), line)
    return grid


def _squeezed(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


_REFRESHES_PER_SECOND = 12.5


@contextmanager
def live_answer(console: Console) -> Iterator[SentenceCallback]:
    """Show a spinner, then each sentence passed to the yielded function; clear all of it at the end."""
    sentences: list[str] = []
    with Live(
        _view(sentences),
        console=console,
        transient=True,
        refresh_per_second=_REFRESHES_PER_SECOND,
        redirect_stdout=False,
    ) as live:

        def show(sentence: StreamedSentence) -> None:
            sentences.append(sentence.text)
            live.update(_view(sentences), refresh=True)

        yield show


def _view(sentences: list[str]) -> RenderableType:
    if not sentences:
        return Spinner("dots", "Reading the documents …", style="status.spinner")
    return Group(highlighted(" ".join(sentences)), Spinner("dots", style="status.spinner"))
