"""The consoles: stdout for results, stderr for everything else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any, TextIO

from pydantic import TypeAdapter
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Column, Table
from rich.text import Text

from bot.safe_text import one_line, visible

# Columns; wider prose is tiring to read.
MOST_COLUMNS = 100
# In a file or a pipe nothing is wrapped: a line break must not split a date.
_NO_WRAP_WIDTH = 100_000


class SafeConsole(Console):
    """A console that leaves out the control characters of printed texts, so that no document steers the terminal."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render without the control characters of the text."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))


def stdout_console() -> Console:
    """Return the console for results: stdout."""
    return _console(sys.stdout)


def stderr_console() -> Console:
    """Return the console for progress and remarks: stderr."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    # No markup: a marker such as [1], or a document's own brackets, is text.
    console = SafeConsole(file=stream, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _NO_WRAP_WIDTH
    elif console.width > MOST_COLUMNS:
        # A narrower terminal keeps its own width: a width that is set does not follow when it is resized.
        console.width = MOST_COLUMNS
    return console


def table(columns: Sequence[Column | str], rows: Iterable[Sequence[Text | str]], **options: Any) -> Table:
    """Return a table without lines; a string is shown in one line, a Text as it is. Without names it has no heading.

    `options` are arguments of `rich.table.Table`.
    """
    plain = {"box": None, "pad_edge": False, "header_style": "bold", "padding": (0, 2, 0, 0)}
    made = Table(*columns, **{**plain, "show_header": any(map(_header, columns)), **options})
    for row in rows:
        made.add_row(*(Text(one_line(cell)) if isinstance(cell, str) else cell for cell in row))
    return made


def cell(first: str, *below: str | None, style: str = "dim") -> Text:
    """Return a text in one line, and below it those of the others that are not empty."""
    made = Text(one_line(first))
    for line in filter(None, below):
        made.append(f"\n{one_line(line)}", style=style)
    return made


def grid(rows: Iterable[Sequence[RenderableType]]) -> Table:
    """Return rows whose wrapped lines are indented to their own cells."""
    made = Table.grid(padding=(0, 1, 0, 0))
    for row in rows:
        made.add_row(*row)
    return made


def _header(column: Column | str) -> object:
    return column if isinstance(column, str) else column.header


def short(name: str) -> Column:
    """Return a column whose cells are never wrapped: a day, an id."""
    return Column(name, no_wrap=True)


def number_column(name: str) -> Column:
    """Return a column that is aligned to the right."""
    return Column(name, justify="right")


def show(view: RenderableType) -> None:
    """Print a result to stdout; into a pipe without trailing spaces."""
    console = stdout_console()
    if console.is_terminal:
        console.print(view)
        return
    with console.capture() as captured:
        console.print(view)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


@contextmanager
def only_result() -> Iterator[None]:
    """Redirect stdout to stderr, so that stdout has one JSON value only."""
    with redirect_stdout(sys.stderr):
        yield


def dump_json(shape: Any, value: object) -> str:
    """Return the JSON of a value in a shape, on several lines."""
    adapter = TypeAdapter(shape)
    shaped = adapter.validate_python(value, from_attributes=True)
    return adapter.dump_json(shaped, indent=2).decode()


def emit_json(shape: Any, value: object) -> None:
    """Print a value as JSON, in a shape of `bot.results` or any other type."""
    sys.stdout.write(dump_json(shape, value) + "\n")


def emit(as_json: bool, shape: Any, to_view: Callable[[Any], RenderableType], found: Any) -> None:
    """Print what a command found, as JSON in a shape or as a view."""
    if as_json:
        emit_json(shape, found)
    else:
        show(to_view(found))
