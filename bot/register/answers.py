"""Answers to what a question asks of the register: lines, each the words of an entry. Pure.

The dates are the register's and the distances are arithmetic; a past date is never said to be coming.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.register.agenda import agenda, overlaps
from bot.register.entries import RegisterEntry
from bot.register.fitting import is_as_long, lay_in, lies_in
from bot.register.lines import sentence
from bot.register.naming import ALL, NEAR, matched
from bot.register.period import Period
from bot.register.query import RegisterQuery
from bot.register.search import EntrySearch, Match
from bot.wording import day, first_day, is_over, last_day

# Lines that a reader of an answer takes in, and of what is only beside the question.
MOST = 10
FEW = 3
# Three months back is as far as "what did we miss?" reaches where it names no time of its own.
_MISSED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence and the entries that it rests on; `heading` stands above it, and says which days were looked at."""

    text: str
    entries: tuple[RegisterEntry, ...]
    heading: str = ""


def answer_query(
    query: RegisterQuery, search: EntrySearch, as_of: date, newest: date | None = None
) -> list[Line]:
    """Return the lines in reading order; `newest` is the date of the newest document.

    None at all says that the register holds nothing on what the question names: the documents are to be asked.
    """
    return _Answering(search, as_of, newest).lines(query)


class _Answering:
    def __init__(self, search: EntrySearch, as_of: date, newest: date | None) -> None:
        self._search = search
        self._as_of = as_of
        self._newest = newest
        self._by_id = {entry.id: entry for entry in search.entries}
        self._dated = frozenset(
            e.title.casefold() for e in search.entries if e.status in {"scheduled", "past"}
        )

    def lines(self, query: RegisterQuery) -> list[Line]:
        if len(query.topics) > 1 and query.relation == "one":
            return self._compared(query)
        bounds = self._bounds(query)
        if bounds is None:
            return []
        topic = bool(query.topics)
        found = self._named(query)
        if topic and (not found or (query.stated and found[0].score < ALL)):
            # Of what the documents did not say, what is only like it is no answer.
            return []
        if query.place and not found:
            # A country, where the documents name the town: what there is then, wherever it is.
            every = self._search.entries
            period = Period(bounds.start or self._as_of, bounds.end)
            return self._nothing(every, period, query, others=[e for e in every if lies_in(e, period)])
        entries = list({match.entry.id: match.entry for match in found}.values())
        off = [e for e in entries if _is_off(e)]
        if query.relation == "one" or (topic and query.relation == "off" and not off):
            return self._one(entries, bounds, query)
        wanted = [e for e in entries if not query.kinds or e.kind in query.kinds]
        if query.relation == "next":
            return self._next(wanted, bounds, query)
        if query.relation == "off":
            return self._off(wanted, bounds, query)
        if query.relation == "past":
            return self._past(wanted, bounds, query)
        return self._listed(wanted, bounds, query)

    def _named(self, query: RegisterQuery) -> list[Match]:
        """Return the entries that the topics name, at the place if there are any; all of it without a topic."""
        # A list may hold all that is of its topic: what is on about the Pact, and not only the Pact.
        near = 0.0 if query.relation == "list" else NEAR
        for place in dict.fromkeys((query.place, "") if query.topics else (query.place,)):
            found = [m for topic in query.topics or ("",) for m in matched(self._search, topic, place, near)]
            if found:
                return found
        return []

    def _bounds(self, query: RegisterQuery) -> Period | None:
        """Return the days that are asked for; None where the event that bounds them has no date."""
        start, end = (query.period.start, query.period.end) if query.period else (None, None)
        if query.after:
            event = self._bound(query.after, query.over)
            last = last_day(event) if event else None
            if last is None:
                return None
            start = last + min(timedelta(days=1), date.max - last)
        if query.before:
            event = self._bound(query.before)
            first = event.start or event.end if event else None
            if first is None:
                return None
            end = first - min(timedelta(days=1), first - date.min)
            start = start or min(self._as_of, end)
        return Period(start, end)

    def _bound(self, name: str, over: bool = False) -> RegisterEntry | None:
        return next(iter(self._meant(name, over=over)), None)

    def _meant(self, name: str, period: Period | None = None, over: bool = False) -> list[RegisterEntry]:
        """Return the dated entries that a name may mean, first the one that it most likely does; `over`, what is past."""
        found = [m for m in matched(self._search, name) if m.entry.start and not _is_off(m.entry)]
        found = [m for m in found if period and lies_in(m.entry, period)] or found
        place = {e.id: n for n, e in enumerate(self._nearest(m.entry for m in found))}
        # What is over is meant where nothing of the name is to come; of both, what is called just so.
        return [
            m.entry
            for m in sorted(
                found,
                key=lambda m: (
                    is_over(m.entry, self._as_of) != over,
                    m.entry.kind == "deadline",
                    m.entry.precision not in {"day", "month"},
                    -round(m.whole, 1),
                    place[m.entry.id],
                ),
            )
        ]

    def _nearest(self, entries: Iterable[RegisterEntry]) -> list[RegisterEntry]:
        """Return entries by how near they are to the day of asking, what is to come first, days before what is vaguer."""

        def order(entry: RegisterEntry) -> tuple[bool, bool, int]:
            over = is_over(entry, self._as_of)
            near = (last_day(entry) if over else first_day(entry)) or date.max
            return over, entry.precision not in {"day", "month"}, abs((near - self._as_of).days)

        return sorted(entries, key=order)

    def _line(self, entry: RegisterEntry, heading: str = "") -> Line:
        return Line(sentence(entry, self._as_of, self._by_id, self._dated), (entry,), heading)

    def _told(self, entries: Sequence[RegisterEntry], heading: str = "") -> list[Line]:
        lines = [self._line(entry, heading if n == 0 else "") for n, entry in enumerate(entries[:MOST])]
        if len(entries) > MOST:
            last = lines[-1]
            lines[-1] = Line(f"{last.text[:-1]}; {len(entries) - MOST} more in the register.", last.entries)
        return lines

    def _one(self, entries: Sequence[RegisterEntry], bounds: Period, query: RegisterQuery) -> list[Line]:
        """What a topic names: what stands of it, in the period if it is in one, and what that replaced."""
        within = [e for e in entries if lies_in(e, bounds)] if bounds != Period(None, None) else []
        if bounds != Period(None, None) and not within and not query.period:
            return self._nothing(entries, bounds, query)
        chosen = within or entries
        standing = [e for e in chosen if not _is_off(e)]
        ahead = [e for e in standing if not is_over(e, self._as_of)]
        dated = [e for e in ahead if e.start or e.end]
        if within:
            shown = sorted(standing, key=_by_day)
        elif dated:
            # Of what recurs, the next one; what has a day of the same name has no need of a vague one.
            days = [e for e in self._nearest(dated) if e.precision in {"day", "month"}]
            last = [e for e in self._nearest(standing) if is_over(e, self._as_of)][:1] if query.over else []
            shown = sorted([*last, *(days or self._nearest(dated))[:FEW]], key=_by_day)
        else:
            shown = self._nearest(standing)[: 1 if not ahead else FEW]
        same = {e.id for e in shown} | {e.title for e in shown}
        off = [e for e in entries if _is_off(e) and (not shown or same & {e.title, e.rescheduled_to})]
        if not within and not dated and any(e.rescheduled_to is None for e in off):
            # It is off with no new date: an earlier edition of it is beside the question.
            shown = []
        lines = self._told([*shown, *off])
        if lines and shown and self._newest and not is_over(shown[0], self._as_of) and len(lines) == 1:
            only = lines[0]
            lines = [
                Line(
                    f"{only.text[:-1]}, as far as the documents go; the newest is dated {day(self._newest)}.",
                    only.entries,
                )
            ]
        return lines

    def _compared(self, query: RegisterQuery) -> list[Line]:
        """Two things side by side, in their order, and whether they overlap."""
        pair: list[RegisterEntry] = []
        for topic in query.topics:
            found = self._meant(topic, query.period) or [
                m.entry for m in matched(self._search, topic) if m.entry.start
            ]
            if not found:
                return []
            pair.append(found[0])
        pair.sort(key=_by_day)
        first, second = pair
        lines = [self._line(first), self._line(second)]
        if any(e.precision != "day" or _is_off(e) for e in pair):
            return lines
        apart = not overlaps(first, second.start, second.end)
        verb = "do not overlap" if apart else "overlap"
        return [*lines, Line(f"They {verb}.", (first, second))]

    def _next(self, entries: Sequence[RegisterEntry], bounds: Period, query: RegisterQuery) -> list[Line]:
        shown = agenda(entries, self._as_of)
        ahead = [e for e in shown.upcoming if overlaps(e, bounds.start or self._as_of, bounds.end)]
        if ahead:
            days = [e for e in ahead if e.precision == "day"] or ahead
            first = min(first_day(e) or date.max for e in days)
            return self._told([e for e in days if first_day(e) == first])
        if shown.coarse:
            return self._told([*shown.coarse[:FEW], *shown.postponed[:FEW]])
        return self._nothing(entries, Period(self._as_of, None), query)

    def _off(self, entries: Sequence[RegisterEntry], bounds: Period, query: RegisterQuery) -> list[Line]:
        """What was moved or called off; without a period, what was planned for the last months or is to come."""
        period = bounds if bounds != Period(None, None) else Period(_back(self._as_of), None)

        def touches(entry: RegisterEntry) -> bool:
            new = self._by_id.get(entry.rescheduled_to or "")
            return overlaps(entry, period.start, period.end) or bool(
                new and overlaps(new, period.start, period.end)
            )

        found = sorted((e for e in entries if _is_off(e) and touches(e)), key=_by_day)
        heading = f"Moved or called off, of what was or is planned {_words(period)}:"
        return (
            self._told(found, heading)
            if found
            else self._nothing(entries, bounds, query, "moved or called off")
        )

    def _past(self, entries: Sequence[RegisterEntry], bounds: Period, query: RegisterQuery) -> list[Line]:
        period = bounds if bounds.start or bounds.end else Period(_back(self._as_of), self._as_of)
        gone = [e for e in agenda(entries, self._as_of).past if lay_in(e, period)]
        if not query.period:
            # What has no day was missed by nobody.
            gone = [e for e in gone if e.precision == "day"] or gone
        return self._told(gone, f"{_opening(period)}:") if gone else self._nothing(entries, period, query)

    def _listed(self, entries: Sequence[RegisterEntry], bounds: Period, query: RegisterQuery) -> list[Line]:
        as_of = self._as_of
        # What is looked at is the period; of one with no beginning or none at all, what is to come.
        over = bounds.end is not None and bounds.end < as_of
        period = bounds if bounds.start or over else Period(as_of, bounds.end)
        shown = agenda(entries, as_of)
        found = [e for e in (*shown.now, *shown.upcoming) if overlaps(e, period.start, period.end)]
        gone = sorted((e for e in shown.past if lay_in(e, period)), key=_by_day)
        vague = [e for e in shown.coarse if overlaps(e, period.start, period.end) and is_as_long(e, period)]
        some = [] if over else vague[:FEW]
        off = [e for e in (*shown.postponed, *shown.cancelled) if overlaps(e, period.start, period.end)]
        off += [
            e
            for e in shown.superseded
            if overlaps(e, period.start, period.end) and _moved_out(e, self._by_id, period)
        ]
        heading = f"{_opening(period)}:"
        if found or gone:
            return self._told([*gone, *found, *some, *off], heading)
        if (some or off) and not query.kinds:
            return self._told([*some, *off], heading)
        others: list[RegisterEntry] = [*some, *off]
        if query.kinds:
            every = self._search.entries
            others += [e for e in every if e not in entries and lies_in(e, period) and not _is_off(e)]
        return self._nothing(entries, period, query, others=others)

    def _nothing(
        self,
        entries: Sequence[RegisterEntry],
        period: Period,
        query: RegisterQuery,
        what: str = "",
        others: Sequence[RegisterEntry] = (),
    ) -> list[Line]:
        """The answer where nothing fits: it says so, with what else there is, or what is nearest before and after."""
        noun = f"no {next(iter(query.kinds))}" if len(query.kinds) == 1 else "nothing"
        said = f"{noun} {what}".strip() + (f" in {query.place}" if query.place else "")
        documents = (
            f"The documents, the newest dated {day(self._newest)}," if self._newest else "The documents"
        )
        opening = f"{documents} name {said} {_words(period)}".rstrip()
        if others:
            lines = self._told(sorted(others, key=_by_day)[:MOST])
            return [Line(f"{opening}; else there is: {lines[0].text}", lines[0].entries), *lines[1:]]
        shown = agenda([e for e in entries if e.start or e.end], self._as_of)
        dated = [e for e in (*shown.past, *shown.now, *shown.upcoming) if e.precision in {"day", "month"}]
        before = [e for e in dated if period.start and (last_day(e) or date.max) < period.start]
        after = [e for e in dated if period.end and (first_day(e) or date.min) > period.end]
        nearest = [*sorted(before, key=_by_day)[-1:], *sorted(after, key=_by_day)[:1]]
        if not nearest:
            nearest = [*shown.upcoming, *shown.now, *shown.postponed, *shown.past][:1]
        if not nearest:
            return []
        first, *rest = self._told(nearest)
        link = "the nearest before is" if before else "the nearest after is" if after else "the nearest is"
        lines = [Line(f"{opening}; {link} {first.text}", first.entries)]
        return [*lines, *(Line(f"The nearest after is {line.text}", line.entries) for line in rest)]


def _is_off(entry: RegisterEntry) -> bool:
    return entry.rescheduled_to is not None or entry.status in {"postponed", "cancelled"}


def _moved_out(entry: RegisterEntry, by_id: dict[str, RegisterEntry], period: Period) -> bool:
    new = by_id.get(entry.rescheduled_to or "")
    return new is not None and not overlaps(new, period.start, period.end)


def _back(as_of: date) -> date:
    return as_of - min(_MISSED, as_of - date.min)


def _by_day(entry: RegisterEntry) -> tuple[date, date, str]:
    return first_day(entry) or date.max, last_day(entry) or date.max, entry.title


def _words(period: Period) -> str:
    if period.start and period.end:
        return f"on {period.label}" if period.start == period.end else f"for {period.label}"
    return period.label if period.start or period.end else ""


def _opening(period: Period) -> str:
    label = period.label
    return label[:1].upper() + label[1:]
