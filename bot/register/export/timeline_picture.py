"""The timeline as a picture (PNG), for Slack and for slides.

Drawn with matplotlib, which brings its own fonts, so the picture is the same on every server. Its import takes a second
and stays inside the functions that draw.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from bot.register import RegisterEntry
from bot.register.agenda import first_rows
from bot.register.date_format import day, proposed_note, when
from bot.register.export.timeline_layout import TimelineLayout, TimelineRow, lay_out, state_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_ROWS = 40
_DOTS_PER_INCH = 150
_COLOURS = {"meeting": "#0077b3", "deadline": "#c62f3d", "publication": "#1c7f55", "milestone": "#7448b8"}
_MARKS = {"publication": "o", "milestone": "^"}
_INK, _SOFT, _GRID, _TODAY, _PAPER = "#14202b", "#52606d", "#e3e9ee", "#d9480f", "#ffffff"
# Inches: the picture's width, where the line of time begins and ends, and the heights of its parts.
_WIDTH, _TRACK, _RIGHT = 13.2, 5.3, 12.8
_TOP, _HEADING, _ROW, _BOTTOM = 1.45, 0.5, 0.52, 0.5
_BAR = 0.2
_TITLE_LETTERS, _FACT_LETTERS = 52, 66


def _cut(text: str, letters: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= letters else line[: letters - 1].rstrip(" ,;:") + "…"


def _x(share: float) -> float:
    return _TRACK + share * (_RIGHT - _TRACK)


def _write(axes: Axes, x: float, y: float, words: str, **style: Any) -> None:
    # A "$" in a title is money, not mathematics.
    axes.text(x, y, words, parse_math=False, **{"color": _SOFT, "fontsize": 8.5, **style})


def _facts(row: TimelineRow, as_of: date) -> str:
    entry = row.entry
    parts = [when(entry), entry.location or "", state_words(row, as_of), proposed_note(entry)]
    if entry.year_inferred:
        parts.append("year inferred")
    return _cut(" · ".join(part for part in parts if part), _FACT_LETTERS)


def _bar(axes: Axes, row: TimelineRow, y: float) -> None:
    from matplotlib.patches import FancyBboxPatch, Rectangle

    colour, past = _COLOURS[row.entry.kind], row.state == "past"
    if row.left is None:
        return
    if row.beyond:
        arrow, side = ("◂ earlier", "left") if row.beyond == "left" else ("later ▸", "right")
        _write(axes, _x(row.left), y, arrow, fontsize=8, ha=side, va="center")
        return
    begin, width = _x(row.left), row.width * (_RIGHT - _TRACK)
    fuzzy = row.entry.precision != "day"
    alpha = 0.42 if past else 1.0
    style: dict[str, Any] = {"facecolor": colour, "edgecolor": "none", "alpha": alpha}
    if row.state in {"postponed", "superseded", "cancelled"}:
        style = {"facecolor": _PAPER, "edgecolor": colour, "linewidth": 1.2}
        style |= {} if row.state == "cancelled" else {"hatch": "/////", "linestyle": "--"}
    elif fuzzy:
        fill, edge = ("22", "55") if past else ("40", "aa")
        style = {"facecolor": colour + fill, "edgecolor": colour + edge}
    if row.entry.kind == "deadline" and row.state in {"now", "upcoming", "coarse", "past"}:
        if fuzzy:
            axes.add_patch(Rectangle((begin, y - _BAR / 2), width, _BAR, **style))
        axes.plot(begin + width, y, marker="D", markersize=8.5, color=colour, alpha=alpha)
        return
    mark = _MARKS.get(row.entry.kind)
    if mark and not fuzzy and row.state in {"now", "upcoming", "past"}:
        at = begin + width / 2
        axes.plot(at, y, marker=mark, markersize=10, color=colour, markeredgewidth=0, alpha=alpha)
        return
    shown = max(width, 0.32 if row.state == "postponed" else 0.13)
    box = f"round,pad=0,rounding_size={0.02 if fuzzy else 0.05}"
    axes.add_patch(FancyBboxPatch((begin, y - _BAR / 2), shown, _BAR, boxstyle=box, **style))


def _frame(axes: Axes, layout: TimelineLayout, height: float) -> None:
    ends = [_BOTTOM, height - _TOP + 0.05]
    for number, tick in enumerate(layout.ticks):
        axes.plot([_x(tick.position)] * 2, ends, color=_GRID, linewidth=1, zorder=0)
        if tick.year or number % 2 == 0 or len(layout.ticks) <= 12:
            _write(axes, _x(tick.position) + 0.04, height - _TOP + 0.1, tick.label)
    if layout.today is not None:
        at = _x(layout.today)
        axes.plot([at, at], ends, color=_TODAY, linewidth=1.6, zorder=1)
        side = "left" if layout.today < 0.05 else "right" if layout.today > 0.95 else "center"
        words = day(layout.as_of)
        _write(axes, at, height - _TOP + 0.32, words, color=_TODAY, ha=side, weight="bold")


def _rows(
    axes: Axes, groups: list[tuple[str, Sequence[TimelineRow]]], layout: TimelineLayout, top: float
) -> None:
    y = top
    for heading, rows in groups:
        _write(axes, 0.4, y - _HEADING + 0.12, heading.upper(), fontsize=8, weight="bold")
        y -= _HEADING
        for row in rows:
            middle = y - _ROW / 2
            axes.plot([0.4, _RIGHT], [y, y], color=_GRID, linewidth=0.8, zorder=0)
            style = {} if row.state == "past" else {"color": _INK, "weight": "bold"}
            title = _cut(row.entry.title, _TITLE_LETTERS)
            _write(axes, 0.4, middle + 0.03, title, fontsize=10.5, **style)
            _write(axes, 0.4, middle - 0.17, _facts(row, layout.as_of))
            _bar(axes, row, middle)
            y -= _ROW


def to_png(entries: Iterable[RegisterEntry], as_of: date) -> bytes:
    """Return the picture of `entries` as of a day; at most `MAX_ROWS` of them, the rest counted below."""
    from matplotlib.figure import Figure

    layout = lay_out(entries, as_of)
    groups, more = first_rows(layout.groups, MAX_ROWS)
    height = _TOP + _BOTTOM + sum(_HEADING + _ROW * len(rows) for _, rows in groups) + (0 if groups else 0.6)
    figure = Figure(figsize=(_WIDTH, height), dpi=_DOTS_PER_INCH, facecolor=_PAPER)
    # One unit of the axes is one inch, so that sizes are the same in a short picture and a tall one.
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, _WIDTH)
    axes.set_ylim(0, height)
    axes.set_axis_off()
    title = "Dates in United Nations processes"
    _write(axes, 0.4, height - 0.5, title, color=_INK, fontsize=17, weight="bold")
    _write(axes, 0.4, height - 0.78, f"As the documents state them, seen on {day(as_of)}", fontsize=10)
    _frame(axes, layout, height)
    _rows(axes, groups, layout, height - _TOP + 0.05)
    foot = f"… and {more} more. " if more else ""
    foot += "Hatched: postponed. Pale: day not stated. ◆ deadline." if groups else "No date in this period."
    _write(axes, 0.4, 0.2, foot)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=_DOTS_PER_INCH)
    return out.getvalue()
