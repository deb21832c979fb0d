"""The register as one self-contained page: a timeline, a filter, the quote behind each entry.

It works offline, on phones and on wide screens, and without its script (then without the filter). Text of documents is
escaped; a content security policy forbids fetching, and all scripts but the page's own.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import date
from html import escape
from importlib.resources import files
from string import Template

from bot.register import RegisterEntry
from bot.register.date_format import correction_note, day, proposed_note, recurrence, when
from bot.register.export.timeline_layout import TimelineLayout, TimelineRow, lay_out, state_words
from store.records import KINDS


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
        arrow = "◂ earlier" if row.beyond == "left" else "later ▸"
        return (
            f'<div class="track" aria-hidden="true"><span class="edge {row.beyond}-edge">{arrow}</span></div>'
        )
    place = f"left:{_percent(row.left)};width:{_percent(row.width)}"
    return f'<div class="track" aria-hidden="true"><div class="bar" style="{place}"></div></div>'


def _quotes(entry: RegisterEntry) -> str:
    quotes = [(entry.quote, entry.document, entry.source, entry.section)]
    quotes += [(m.quote, m.source, m.source, m.section) for m in entry.mentions if m.quote != entry.quote]
    parts = []
    for quote, document, source, section in quotes:
        name = document if document == source else f"{document} ({source})"
        parts.append(
            f"<blockquote>{escape(quote)}</blockquote><cite>§ {escape(section)}, {escape(name)}</cite>"
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
        "year inferred" if entry.year_inferred else "",
        proposed_note(entry),
        correction_note(entry),
    )
    left = state_words(row, as_of)
    details = " ".join(f"<span>{escape(fact)}</span>" for fact in facts if fact)
    details += f' <span class="left">{escape(left)}</span>' if left else ""
    return (
        f'<li class="{entry.kind} {row.state}{fuzzy}" data-kind="{entry.kind}"><details><summary>'
        f'<div class="text"><div class="name">{escape(entry.title)}</div>'
        f'<div class="when"><span class="mark {entry.kind}" aria-hidden="true"></span>'
        f'<span class="hidden">{entry.kind}: </span>{details}</div></div>{_track(row)}</summary>'
        f'<div class="more">{_quotes(entry)}</div></details></li>'
    )


def _group(number: int, heading: str, rows: Iterable[TimelineRow], as_of: date) -> str:
    items = [_item(row, as_of) for row in rows]
    return (
        f'<section aria-labelledby="g{number}"><h2 id="g{number}">{escape(heading)} '
        f"<span>{len(items)}</span></h2><ul>{''.join(items)}</ul></section>"
    )


def _chips(kinds: Iterable[str]) -> str:
    return "".join(
        f'<label class="chip {kind}"><input type="checkbox" name="kind" value="{kind}" checked>'
        f'<span class="mark {kind}"></span>{kind.capitalize()}s</label>'
        for kind in kinds
    )


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
        title="Dates in United Nations processes",
        lead=f"As the documents state them, seen on {escape(day(as_of))}. "
        "Open an entry to read the sentence behind it.",
        chips=_chips(kinds),
        count=f"{len(rows)} dates" if rows else "The documents state no date in this period.",
        axis=_axis(layout),
        grid=_grid(layout),
        groups="".join(groups),
        footer="From " + escape("; ".join(sources)) + "." if sources else "",
        script=script,
        script_hash=f"sha256-{digest}",
    )
