"""An answer that is still being written: its judged sentences, as they come, in place of the wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner

from bot.answers import SentenceCallback, StreamedSentence
from bot.terminal.answer import marked

_PER_SECOND = 12.5


@contextmanager
def live_answer(console: Console) -> Iterator[SentenceCallback]:
    """Show that the documents are read, then each sentence that is said; all of it gives way to the whole answer."""
    said: list[str] = []
    with Live(
        _view(said), console=console, transient=True, refresh_per_second=_PER_SECOND, redirect_stdout=False
    ) as live:

        def show(sentence: StreamedSentence) -> None:
            said.append(sentence.text)
            live.update(_view(said), refresh=True)

        yield show


def _view(said: list[str]) -> RenderableType:
    if not said:
        return Spinner("dots", "Reading the documents …", style="status.spinner")
    return Group(marked(" ".join(said)), Spinner("dots", style="status.spinner"))
