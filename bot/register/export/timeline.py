"""The register as a timeline: a self-contained page (HTML), and a picture (PNG) for Slack and for slides.

The page works offline, on phones and on wide screens, and without its script (then without the filter). Text of
documents is escaped; a content security policy forbids fetching, and all scripts but the page's own. The picture is
drawn with matplotlib (the extra `pictures`), which brings its own font, so that it is the same on every server, but for
Chinese letters. Its import takes a second and stays inside the functions that draw.
"""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Literal

from bot.locales import _, language, month, ngettext, pgettext
from bot.register import RegisterEntry
from bot.register.agenda import State, agenda, first_rows
from bot.register.wording import (
    add_months,
    correction_note,
    day,
    distance,
    kind_word,
    proposed_note,
    recurrence,
    status_word,
    title,
    when,
    year_note,
)
from store.records import KINDS, Kind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Months shown before and after the as-of day; entries beyond are arrows at the edge, so that a milestone of 2030 does
# not squeeze the rest.
BACK, AHEAD = 12, 18
# Labels that fit side by side.
_MOST_TICKS = 12


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One entry with its bar. `left` is None without a date; `beyond` is the edge beyond which its dates are."""

    entry: RegisterEntry
    state: State
    left: float | None = None
    width: float = 0.0
    beyond: Literal["left", "right"] | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """A label on the axis; `year`: it includes the year."""

    position: float
    label: str
    year: bool


@dataclass(frozen=True, slots=True)
class TimelineLayout:
    """The timeline. `today` is None if `as_of` is outside of it."""

    as_of: date
    start: date
    end: date
    today: float | None
    ticks: tuple[Tick, ...]
    groups: tuple[tuple[str, tuple[TimelineRow, ...]], ...]


def _clamped(value: date) -> date:
    # Near the ends of the calendar, months cannot be added.
    return min(max(value, date(100, 1, 1)), date(9900, 1, 1))


def _period(entries: Sequence[RegisterEntry], as_of: date) -> tuple[date, date]:
    """Return whole months that include the entries near the as-of day; without any, those nearest to it."""
    spans = [(e.first_day, e.last_day) for e in entries]
    known = [(first, last) for first, last in spans if first and last]
    middle = _clamped(as_of)

    def near(months: int) -> tuple[date, date, list[tuple[date, date]]]:
        low, high = (add_months(middle.replace(day=1), count) for count in (-BACK, months))
        return low, high, [(first, last) for first, last in known if last >= low and first < high]

    low, high, found = near(AHEAD)
    if found or not known:
        found.append((middle, middle))
    else:
        # All entries are long over or far ahead: show the year around the nearest.
        middle = _clamped(min((last for _, last in known), key=lambda last: abs(last - middle)))
        low, high, found = near(BACK)
    first = min((first for first, _ in found), default=middle)
    last = max((last for _, last in found), default=middle)
    start = max(first, low).replace(day=1)
    end = add_months(min(last, high - timedelta(days=1)).replace(day=1), 1)
    # Less than a quarter looks like a mistake.
    return start, max(end, add_months(start, 3))


def _ticks(start: date, end: date) -> tuple[Tick, ...]:
    months = (end.year - start.year) * 12 + end.month - start.month
    step = next(step for step in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if months / step <= _MOST_TICKS)
    first = add_months(start, -(start.month - 1) % step if step <= 12 else 0)
    ticks: list[Tick] = []
    total = (end - start).days
    while first < end:
        year = first.month == 1 or not ticks
        name = month(first.month, alone=True, short=True)
        label = pgettext("axis", "{month} {year}", month=name, year=first.year) if year else name
        ticks.append(Tick((first - start).days / total, label, year))
        first = add_months(first, step)
    return tuple(ticks)


def _row(entry: RegisterEntry, state: State, start: date, end: date) -> TimelineRow:
    first, last = entry.start or entry.end, entry.last_day
    if first is None or last is None:
        return TimelineRow(entry, state)
    if entry.bound == "by" and entry.precision == "day":
        first = last
    if last < start:
        return TimelineRow(entry, state, 0.0, 0.0, "left")
    if first >= end:
        return TimelineRow(entry, state, 1.0, 0.0, "right")
    total = (end - start).days
    left = max((first - start).days / total, 0.0)
    right = min(((last - start).days + 1) / total, 1.0)
    return TimelineRow(entry, state, left, max(right - left, 0.0))


def state_words(row: TimelineRow, as_of: date) -> str:
    """Return how far off an entry is, or its state, in a few words."""
    if row.state == "postponed" or row.state == "cancelled":
        return status_word(row.state)
    if row.state == "superseded":
        return _("replaced")
    if row.state == "past" and row.entry.likely_past:
        return _("probably over")
    if row.state == "past" and row.entry.precision not in {"day", "month"}:
        return _("over")
    return distance(row.entry, as_of)


def lay_out(entries: Iterable[RegisterEntry], as_of: date) -> TimelineLayout:
    """Lay out entries, grouped in reading order as an `Agenda`; empty groups are left out."""
    chosen = list(entries)
    shown = agenda(chosen, as_of)
    start, end = _period(chosen, as_of)
    total = (end - start).days
    today = (as_of - start).days / total
    return TimelineLayout(
        as_of=as_of,
        start=start,
        end=end,
        today=today if 0 <= today <= 1 else None,
        ticks=_ticks(start, end),
        groups=tuple(
            (heading, tuple(_row(entry, state, start, end) for entry in group))
            for state, heading, group in shown.groups
        ),
    )


def _percent(share: float) -> str:
    return f"{share * 100:.3f}%"


def _grid(layout: TimelineLayout) -> str:
    """Return the background of all tracks: a thin line at each tick, a thicker one at the as-of day."""
    lines = [(tick.position, "var(--grid-line)", 1) for tick in layout.ticks]
    lines += [(layout.today, "var(--today)", 2)] if layout.today is not None else []
    return ", ".join(
        f"linear-gradient({colour}, {colour}) {_percent(position)} 0 / {width}px 100% no-repeat"
        for position, colour, width in reversed(lines)
    )


def _axis(layout: TimelineLayout) -> str:
    spans = [
        f'<span style="left:{_percent(tick.position)}"{"" if tick.year or not n % 3 else " class=minor"}>'
        f"{escape(tick.label)}</span>"
        for n, tick in enumerate(layout.ticks)
    ]
    if layout.today is not None:
        side = " first" if layout.today < 0.05 else " last" if layout.today > 0.95 else ""
        place = f'class="today{side}" style="left:{_percent(layout.today)}"'
        spans.append(f"<span {place}>{escape(day(layout.as_of))}</span>")
    return "".join(spans)


def _track(row: TimelineRow) -> str:
    if row.left is None:
        return '<div class="track" aria-hidden="true"></div>'
    if row.beyond:
        arrow = _beyond(row.beyond)
        return (
            f'<div class="track" aria-hidden="true"><span class="edge {row.beyond}-edge">{arrow}</span></div>'
        )
    place = f"left:{_percent(row.left)};width:{_percent(row.width)}"
    return f'<div class="track" aria-hidden="true"><div class="bar" style="{place}"></div></div>'


def _beyond(side: Literal["left", "right"]) -> str:
    return "◂ " + _("earlier") if side == "left" else _("later") + " ▸"


def _quotes(entry: RegisterEntry) -> str:
    quotes = [(entry.quote, entry.document, entry.source, entry.section)]
    quotes += [(m.quote, m.source, m.source, m.section) for m in entry.mentions if m.quote != entry.quote]
    parts = []
    for quote, document, source, section in quotes:
        name = document if document == source else f"{document} ({source})"
        parts.append(
            f'<blockquote dir="auto">{escape(quote)}</blockquote>'
            f"<cite>§ {escape(section)}, <bdi>{escape(name)}</bdi></cite>"
        )
    return "".join(parts)


def _item(row: TimelineRow, as_of: date) -> str:
    entry = row.entry
    fuzzy = " month" if entry.precision == "month" and row.state in {"upcoming", "past"} else ""
    fuzzy = " coarse" if entry.precision not in {"day", "month", "none"} else fuzzy
    facts = (
        when(entry),
        entry.location,
        recurrence(entry) if entry.start else "",
        year_note(entry),
        proposed_note(entry),
        correction_note(entry),
    )
    left = state_words(row, as_of)
    details = " ".join(f"<bdi>{escape(fact)}</bdi>" for fact in facts if fact)
    details += f' <span class="left">{escape(left)}</span>' if left else ""
    return (
        f'<li class="{entry.kind} {row.state}{fuzzy}" data-kind="{entry.kind}"><details><summary>'
        f'<div class="text"><div class="name"><bdi>{escape(title(entry))}</bdi></div>'
        f'<div class="when"><span class="mark {entry.kind}" aria-hidden="true"></span>'
        f'<span class="hidden">{escape(kind_word(entry.kind))}: </span>{details}</div></div>{_track(row)}</summary>'
        f'<div class="more">{_quotes(entry)}</div></details></li>'
    )


def _group(number: int, heading: str, rows: Iterable[TimelineRow], as_of: date) -> str:
    items = [_item(row, as_of) for row in rows]
    return (
        f'<section aria-labelledby="g{number}"><h2 id="g{number}">{escape(heading)} '
        f"<span>{len(items)}</span></h2><ul>{''.join(items)}</ul></section>"
    )


def _chips(kinds: Iterable[Kind]) -> str:
    names: dict[Kind, str] = {
        "meeting": _("Meetings"),
        "deadline": _("Deadlines"),
        "publication": _("Publications"),
        "milestone": _("Milestones"),
    }
    return "".join(
        f'<label class="chip {kind}"><input type="checkbox" name="kind" value="{kind}" checked>'
        f'<span class="mark {kind}"></span>{escape(names[kind])}</label>'
        for kind in kinds
    )


def _page_title() -> str:
    return _("Dates in United Nations processes")


def to_html(entries: Iterable[RegisterEntry], as_of: date) -> str:
    """Return the page for `entries` as of a day."""
    layout = lay_out(entries, as_of)
    rows = [row for _, group in layout.groups for row in group]
    folder = files("bot.register.export")
    script = folder.joinpath("timeline.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    sources = list(dict.fromkeys(row.entry.document for row in rows))
    kinds = [kind for kind in KINDS if any(row.entry.kind == kind for row in rows)]
    groups = [_group(number, name, group, as_of) for number, (name, group) in enumerate(layout.groups)]
    return Template(folder.joinpath("timeline.html").read_text("utf-8")).substitute(
        language=language(),
        direction="rtl" if language() == "ar" else "ltr",
        title=escape(_page_title()),
        lead=escape(
            _(
                "As the documents state them, seen on {day}. Open an entry to read the sentence behind it.",
                day=day(as_of),
            )
        ),
        filter=escape(_("Filter the dates")),
        find=escape(_("Find in titles, places and quotes")),
        example=escape(_("Find a title, a place, a word …")),
        kinds=escape(_("Kinds shown")),
        nothing=escape(_("Nothing matches.")),
        some=escape(_("{shown} of {all} dates", shown="$shown", all="$all")),
        chips=_chips(kinds),
        count=escape(
            ngettext("{count} date", "{count} dates", len(rows))
            if rows
            else _("The documents state no date in this period.")
        ),
        axis=_axis(layout),
        grid=_grid(layout),
        groups="".join(groups),
        footer=escape(_("From {documents}.", documents="; ".join(sources))) if sources else "",
        script=script,
        script_hash=f"sha256-{digest}",
    )


MAX_ROWS = 40
_DOTS_PER_INCH = 150
_COLOURS = {"meeting": "#0077b3", "deadline": "#c62f3d", "publication": "#1c7f55", "milestone": "#7448b8"}
_MARKS = {"publication": "o", "milestone": "^"}
_INK, _SOFT, _GRID, _TODAY, _PAPER = "#14202b", "#52606d", "#e3e9ee", "#d9480f", "#ffffff"
# Inches: the picture's width, where the line of time begins and ends, and the heights of its parts.
_WIDTH, _TRACK, _RIGHT = 13.2, 5.3, 12.8
_TOP, _HEADING, _ROW, _BOTTOM = 1.45, 0.5, 0.52, 0.5
_BAR = 0.2
_FONT = "DejaVu Sans"
# Files of fonts with Chinese letters on Linux, macOS and Windows.
_CHINESE_FONT = re.compile(
    r"Noto ?Sans(CJK|SC)|SourceHanSans|wqy-|DroidSansFallback|PingFang|msyh|simhei", re.I
)
_TITLE_LETTERS, _FACT_LETTERS = 52, 66


def _cut(text: str, letters: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= letters else line[: letters - 1].rstrip(" ,;:") + "…"


def _x(share: float) -> float:
    return _TRACK + share * (_RIGHT - _TRACK)


@lru_cache(maxsize=1)
def _fonts() -> list[str]:
    """Return the names of matplotlib's own font, and of the first one on the machine that has Chinese letters."""
    from matplotlib.font_manager import FontProperties, findSystemFonts, fontManager

    # matplotlib's own list is that of its first use on the machine.
    for path in sorted(findSystemFonts(), key=lambda path: Path(path).name):
        if _CHINESE_FONT.match(Path(path).name):
            fontManager.addfont(path)
            # It says each time that such a font is not bold.
            logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
            return [_FONT, FontProperties(fname=path).get_name()]
    return [_FONT]


def _write(axes: Axes, x: float, y: float, words: str, **style: Any) -> None:
    # A "$" in a title is money, not mathematics.
    look = {"color": _SOFT, "fontsize": 8.5, "fontfamily": _fonts(), **style}
    axes.text(x, y, words, parse_math=False, **look)


def _facts(row: TimelineRow, as_of: date) -> str:
    entry = row.entry
    parts = [when(entry), entry.location or "", state_words(row, as_of), proposed_note(entry)]
    if entry.year_inferred:
        parts.append(year_note(entry))
    return _cut(" · ".join(part for part in parts if part), _FACT_LETTERS)


def _bar(axes: Axes, row: TimelineRow, y: float) -> None:
    from matplotlib.patches import FancyBboxPatch, Rectangle

    colour, past = _COLOURS[row.entry.kind], row.state == "past"
    if row.left is None:
        return
    if row.beyond:
        _write(axes, _x(row.left), y, _beyond(row.beyond), fontsize=8, ha=row.beyond, va="center")
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
            _write(axes, 0.4, middle + 0.03, _cut(title(row.entry), _TITLE_LETTERS), fontsize=10.5, **style)
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
    _write(axes, 0.4, height - 0.5, _page_title(), color=_INK, fontsize=17, weight="bold")
    lead = _("As the documents state them, seen on {day}", day=day(as_of))
    _write(axes, 0.4, height - 0.78, lead, fontsize=10)
    _frame(axes, layout, height)
    _rows(axes, groups, layout, height - _TOP + 0.05)
    foot = [ngettext("… and {count} more.", "… and {count} more.", more)] if more else []
    foot.append(
        _("Hatched: postponed. Pale: day not stated. ◆ deadline.") if groups else _("No date in this period.")
    )
    _write(axes, 0.4, 0.2, " ".join(foot))
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=_DOTS_PER_INCH)
    return out.getvalue()
