"""The register as a timeline: a self-contained page.

It works offline, on phones and on wide screens, and without its script (then without the filter). Text of documents is
escaped; a content security policy forbids fetching, and all scripts but the page's own.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from importlib.resources import files
from string import Template

from bot.locales import LANGUAGES, _, language, month, ngettext, pgettext
from bot.register import RegisterEntry
from bot.register.agenda import State, agenda
from bot.register.wording import (
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

# Months shown before and after the as-of day; entries beyond are arrows at the edge, so that a milestone of 2030 does
# not squeeze the rest.
BACK, AHEAD = 12, 18
# Less than a quarter looks like a mistake.
_LEAST_MONTHS = 3
# Labels that fit side by side, each perhaps with its year.
_MOST_TICKS = 8
# The months of the calendar, counted from the year 0.
_FIRST_MONTH, _LAST_MONTH = 12, 9999 * 12 + 10


@dataclass(frozen=True, slots=True)
class Axis:
    """The time that is shown, in whole months; `end` is the first of the month after it."""

    start: date
    end: date

    @classmethod
    def of(cls, entries: Iterable[RegisterEntry], as_of: date) -> Axis:
        """Return the months of the entries near a day; without any, those of the entry nearest to it."""
        spans = [
            (_month_number(e.first_day), _month_number(e.last_day))
            for e in entries
            if e.first_day and e.last_day
        ]
        today = _month_number(as_of)

        def near(middle: int) -> list[int]:
            low = middle - BACK
            high = middle + AHEAD
            shown = [(max(a, low), min(b, high)) for a, b in spans if b >= low and a <= high]
            return [edge for span in shown for edge in span]

        months = near(today)
        if not months and spans:
            months = near(min((last for _first, last in spans), key=lambda last: abs(last - today)))
        else:
            months.append(today)
        first = min(*months, _LAST_MONTH - _LEAST_MONTHS)
        last = max(*months, first + _LEAST_MONTHS - 1)
        return cls(_first_day_of(first), _first_day_of(last + 1))

    def share(self, value: date) -> float:
        """Return where a day begins on the axis, 0 to 1 for those shown."""
        return (value.toordinal() - self.start.toordinal()) / (self.end - self.start).days

    @property
    def ticks(self) -> list[tuple[float, date]]:
        """Where labels are, and their months."""
        months = range(_month_number(self.start), _month_number(self.end))
        step = next(step for step in (1, 2, 3, 6, 12) if len(months) / step <= _MOST_TICKS)
        ticks = [_first_day_of(at) for at in months if at % step == 0]
        return [(self.share(tick), tick) for tick in ticks]


def _month_number(value: date) -> int:
    return value.year * 12 + value.month - 1


def _first_day_of(month: int) -> date:
    year, of = divmod(min(max(month, _FIRST_MONTH), _LAST_MONTH), 12)
    return date(year, of + 1, 1)


def state_words(entry: RegisterEntry, state: State, as_of: date) -> str:
    """Return how far off an entry is, or its state, in a few words."""
    if state == "postponed" or state == "cancelled":
        return status_word(state)
    if state == "superseded":
        return _("replaced")
    if state == "past" and entry.likely_past:
        return _("probably over")
    if state == "past" and entry.precision not in {"day", "month"}:
        return _("over")
    return distance(entry, as_of)


def to_html(entries: Iterable[RegisterEntry], as_of: date) -> str:
    """Return the page for `entries` as of a day, in the language in use."""
    chosen = list(entries)
    groups = agenda(chosen, as_of).groups
    axis = Axis.of(chosen, as_of)
    folder = files("bot.register.export")
    script = folder.joinpath("timeline.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    sources = dict.fromkeys(entry.document for _state, _heading, group in groups for entry in group)
    lead = _(
        "As the documents state them, seen on {day}. Open an entry to read the sentence behind it.",
        day=day(as_of),
    )
    count = ngettext("{count} date", "{count} dates", len(chosen))
    words = {
        "title": _("Dates in United Nations processes"),
        "lead": lead,
        "filter": _("Filter the dates"),
        "find": _("Find in titles, places and quotes"),
        "example": _("Find a title, a place, a word …"),
        "kinds": _("Kinds shown"),
        "nothing": _("Nothing matches."),
        "some": _("{shown} of {all} dates", shown="$shown", all="$all"),
        "count": count if chosen else _("The documents state no date in this period."),
        "footer": _("From {documents}.", documents="; ".join(sources)) if sources else "",
    }
    return Template(folder.joinpath("timeline.html").read_text("utf-8")).substitute(
        {name: escape(text) for name, text in words.items()},
        language=language(),
        direction="rtl" if LANGUAGES[language()].right_to_left else "ltr",
        chips=_kind_filters(kind for kind in KINDS if any(entry.kind == kind for entry in chosen)),
        axis=_axis_labels(axis, as_of),
        grid=_axis_grid(axis, as_of),
        groups="".join(
            _group_section(state, heading, group, axis, as_of) for state, heading, group in groups
        ),
        script=script,
        script_hash=f"sha256-{digest}",
    )


def _kind_filters(kinds: Iterable[Kind]) -> str:
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


def _axis_labels(axis: Axis, as_of: date) -> str:
    """Return the labels of the axis; on a phone every third one and those with a year are shown."""
    spans = []
    for n, (place, first) in enumerate(axis.ticks):
        has_year = first.month == 1 or n == 0
        name = month(first.month, alone=True, short=True)
        label = pgettext("axis", "{month} {year}", month=name, year=first.year) if has_year else name
        spans.append(
            f'<span style="left:{place:.3%}"{"" if has_year or n % 3 == 0 else " class=minor"}>{escape(label)}</span>'
        )
    if 0 <= (today := axis.share(as_of)) <= 1:
        side = " first" if today < 0.05 else " last" if today > 0.95 else ""
        spans.append(f'<span class="today{side}" style="left:{today:.3%}">{escape(day(as_of))}</span>')
    return "".join(spans)


def _axis_grid(axis: Axis, as_of: date) -> str:
    """Return the background of all tracks: a thin line at each label, a thicker one at the as-of day."""
    lines = [(axis.share(as_of), "var(--today)", 2)] if axis.start <= as_of < axis.end else []
    lines += [(place, "var(--grid-line)", 1) for place, _first in axis.ticks]
    return ", ".join(
        f"linear-gradient({colour}, {colour}) {place:.3%} 0 / {width}px 100% no-repeat"
        for place, colour, width in lines
    )


def _group_section(
    state: State, heading: str, group: Sequence[RegisterEntry], axis: Axis, as_of: date
) -> str:
    items = "".join(_entry_item(entry, state, axis, as_of) for entry in group)
    return (
        f'<section aria-labelledby="{state}"><h2 id="{state}">{escape(heading)} <span>{len(group)}</span></h2>'
        f"<ul>{items}</ul></section>"
    )


def _entry_item(entry: RegisterEntry, state: State, axis: Axis, as_of: date) -> str:
    fuzzy = "" if entry.precision in {"day", "none"} else " fuzzy"
    facts = (
        when(entry),
        entry.location,
        recurrence(entry) if entry.start else "",
        year_note(entry),
        proposed_note(entry),
        correction_note(entry),
    )
    details = " ".join(f"<bdi>{escape(fact)}</bdi>" for fact in facts if fact)
    left = escape(state_words(entry, state, as_of))
    return (
        f'<li class="{entry.kind} {state}{fuzzy}" data-kind="{entry.kind}"><details><summary>'
        f'<div class="text"><div class="name"><bdi>{escape(title(entry))}</bdi></div>'
        f'<div class="when"><span class="mark {entry.kind}" aria-hidden="true"></span>'
        f'<span class="hidden">{escape(kind_word(entry.kind))}: </span>{details} <span class="left">{left}</span></div>'
        f'</div><div class="track" aria-hidden="true">{_entry_bar(entry, axis)}</div></summary>'
        f'<div class="more">{_entry_quotes(entry)}</div></details></li>'
    )


def _entry_bar(entry: RegisterEntry, axis: Axis) -> str:
    """Return the bar of an entry, or an arrow at the edge beyond which its days are; nothing without a day."""
    first, last = entry.start or entry.end, entry.last_day
    if first is None or last is None:
        return ""
    if entry.bound == "by" and entry.precision == "day":
        first = last
    if last < axis.start:
        return f'<span class="edge left-edge">◂ {escape(_("earlier"))}</span>'
    if first >= axis.end:
        return f'<span class="edge right-edge">{escape(_("later"))} ▸</span>'
    left = max(axis.share(first), 0)
    day_after = axis.share(last) + 1 / (axis.end - axis.start).days
    return f'<div class="bar" style="left:{left:.3%};width:{min(day_after, 1) - left:.3%}"></div>'


def _entry_quotes(entry: RegisterEntry) -> str:
    others = [mention for mention in entry.mentions if mention.quote != entry.quote]
    quotes = [(entry.quote, f"{entry.document} ({entry.source})", entry.section)]
    quotes += [(mention.quote, mention.source, mention.section) for mention in others]
    return "".join(
        f'<blockquote dir="auto">{escape(quote)}</blockquote>'
        f"<cite>§ {escape(section)}, <bdi>{escape(name)}</bdi></cite>"
        for quote, name, section in quotes
    )
