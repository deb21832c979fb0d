"""Where output goes: results to stdout, everything else to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from bot.visible_text import visible

# Prose wider than this is tiring to read.
WIDEST = 100
# Into a file or a pipe nothing is wrapped: a date must not be torn apart by a line break.
_UNWRAPPED = 100_000


class Calm(Console):
    """A console on which only the program steers the terminal, whatever stands in the texts that it prints."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))


def results() -> Console:
    """Return the console for what was asked for."""
    return _console(sys.stdout)


def notices() -> Console:
    """Return the console for progress and remarks."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    # No markup: a marker such as [1], or a document's own brackets, is text.
    console = Calm(file=stream, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console = Calm(file=stream, markup=False, highlight=False, emoji=False, width=_UNWRAPPED)
    elif console.width > WIDEST:
        console.width = WIDEST
    return console


def show(view: RenderableType) -> None:
    """Print a result; into a pipe without the spaces that only fill up a line."""
    console = results()
    if console.is_terminal:
        console.print(view)
        return
    with console.capture() as captured:
        console.print(view)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


@contextmanager
def only_result() -> Iterator[None]:
    """Send to stderr what anything inside prints, so that stdout holds one JSON value alone."""
    stdout = sys.stdout
    sys.stdout = sys.stderr
    try:
        yield
    finally:
        sys.stdout = stdout


def emit_json(value: Any) -> None:
    """Print `value` as JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
