"""A measurement as people read it: the figures, then what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.evaluation import Row, is_right
from bot.terminal.console import plain


def evaluation_view(rows: Sequence[Row], measured: Mapping[str, float]) -> RenderableType:
    """Return the table of figures, and each question that was not answered as marked."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_column(justify="right")
    for name, value in measured.items():
        table.add_row(name, f"{value:.1f}" if name == "answer_words" else f"{value:.3f}")
    wrong = [(what, row) for row in rows if (what := fault(row))]
    parts: list[RenderableType] = [Text(f"{len(rows)} questions", style="bold"), table]
    if wrong:
        parts += ["", Text(f"{len(wrong)} not answered as marked", style="bold")]
        parts += [Text(plain(f"  {what}: {row.gold.question}")) for what, row in wrong]
    return Group(*parts)


def fault(row: Row) -> str | None:
    """Return in a word what is wrong with the answer, or None."""
    if not row.gold.answerable:
        return "answered" if row.answer.answered else None
    if not row.answer.answered:
        return "refused"
    return None if is_right(row) else "incomplete"
