"""A live view of an answer while it is written: its judged sentences as they arrive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner

from bot.answers import SentenceCallback, StreamedSentence
from bot.terminal.answer import highlighted

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
