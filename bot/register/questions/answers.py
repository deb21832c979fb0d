"""Answers a RegisterQuery with lines, each an entry in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.locales import N_, _, ngettext
from bot.register import RegisterEntry
from bot.register.agenda import agenda, is_in_period, is_long_enough, overlaps, was_in_period
from bot.register.questions.query import Period, RegisterQuery
from bot.register.questions.search import FULL_SCORE, EntryMatch, EntrySearch, find_entries
from bot.register.wording import add_days, day, entry_sentence

# Most lines of an answer, and most lines for entries that answer only in part.
MAX_LINES = 10
MAX_PARTIAL_LINES = 3
# Days that "what did we miss?" reaches back if it names no period.
_MISSED_DAYS = 90
_ALWAYS = Period(None, None)
# What the documents do not name: of one kind, or of any; and what of it is moved or called off.
_NO_SUCH: Mapping[str, str] = {
    "": N_("nothing"),
    "meeting": N_("no meeting"),
    "deadline": N_("no deadline"),
    "publication": N_("no publication"),
    "milestone": N_("no milestone"),
}
_NO_SUCH_OFF: Mapping[str, str] = {
    "": N_("nothing moved or called off"),
    "meeting": N_("no meeting moved or called off"),
    "deadline": N_("no deadline moved or called off"),
    "publication": N_("no publication moved or called off"),
    "milestone": N_("no milestone moved or called off"),
}
# By the status of a meeting, the answer to whether it is still on.
_VERDICTS: Mapping[str, str] = {
    "scheduled": N_("Yes – {line}"),
    "postponed": N_("Postponed – {line}"),
    "cancelled": N_("No – {line}"),
}


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A sentence of an answer with the entries that it cites; `heading`, on a first line, names the period."""

    text: str
    entries: tuple[RegisterEntry, ...]
    heading: str = ""


def answer_query(
    query: RegisterQuery, search: EntrySearch, as_of: date, newest: date | None = None
) -> list[AnswerLine]:
    """Return the lines in reading order; `newest` is the date of the newest document.

    Without lines, the register has nothing on the topics of the question: the documents may answer it.
    """
    return _QueryAnswerer(search, as_of, newest).answer(query)


class _QueryAnswerer:
    def __init__(self, search: EntrySearch, as_of: date, newest: date | None) -> None:
        self._search = search
        self._as_of = as_of
        self._newest = newest
        self._by_id = {entry.id: entry for entry in search.entries}
        self._dated = frozenset(
            e.title.casefold() for e in search.entries if e.status in {"scheduled", "past"}
        )

    def answer(self, query: RegisterQuery) -> list[AnswerLine]:
        if len(query.topics) > 1 and query.relation == "one":
            return self._compared(query)
        bounds, found = self._bounds(query), self._named(query)
        if (
            bounds is None
            or (query.topics and not found)
            or (query.documents_first and found[0].score < FULL_SCORE)
        ):
            # For a question that the documents could answer, a merely similar entry does not count.
            return []
        entries = list({match.entry.id: match.entry for match in found}.values())
        if not found and query.period:
            # The place may be a country where the documents name the town: list the period, wherever it is.
            return self._listed([], bounds, query)
        off = [e for e in entries if e.is_off]
        if query.relation == "one" or (query.topics and query.relation == "off" and not off):
            lines = self._one(entries, bounds, query)
            return self._with_verdict(lines, found, bounds) if query.asks_if_on else lines
        wanted = [e for e in entries if not query.kinds or e.kind in query.kinds]
        answerers = {"next": self._next, "off": self._off, "past": self._past}
        return answerers.get(query.relation, self._listed)(wanted, bounds, query)

    def _named(self, query: RegisterQuery) -> list[EntryMatch]:
        """Return the entries that match the topics, at the place if any are there; without topics, all there."""
        for place in dict.fromkeys((query.place, "") if query.topics else (query.place,)):
            found = [m for topic in query.topics or ("",) for m in find_entries(self._search, topic, place)]
            if found:
                return found
        return []

    def _bounds(self, query: RegisterQuery) -> Period | None:
        """Return the period asked for; None if an event that bounds it has no date."""
        period = query.period or _ALWAYS
        if query.after:
            last = max(
                (e.last_day or date.min for e in self._meant(query.after, over=query.asks_if_over)[:1]),
                default=None,
            )
            if last is None:
                return None
            period = replace(period, start=add_days(last, 1))
        if query.before:
            first = min((e.start or date.max for e in self._meant(query.before)[:1]), default=None)
            if first is None:
                return None
            end = add_days(first, -1)
            # What was before an event that is over began at any time.
            period = Period(period.start or (self._as_of if self._as_of <= end else None), end)
        return period

    def _meant(self, name: str, period: Period = _ALWAYS, over: bool = False) -> list[RegisterEntry]:
        """Return the dated entries of a name, the likeliest first: upcoming before past, or after with `over`.

        Of equals, entries whose title has fewer other words come first.
        """
        found = [m for m in find_entries(self._search, name) if m.entry.start and not m.entry.is_off]
        found = [m for m in found if is_in_period(m.entry, period)] or found

        def order(match: EntryMatch) -> tuple[object, ...]:
            past, vague, distance = self._nearness(match.entry)
            return past != over, match.entry.kind == "deadline", vague, -round(match.whole, 1), distance

        return [match.entry for match in sorted(found, key=order)]

    def _nearness(self, entry: RegisterEntry) -> tuple[bool, bool, int]:
        """Return a sort key: upcoming before past, days and months before vaguer dates, then by days from today."""
        over = entry.is_over(self._as_of)
        near = (entry.last_day if over else entry.first_day) or date.max
        return over, entry.precision not in {"day", "month"}, abs((near - self._as_of).days)

    def _lines(self, entries: Sequence[RegisterEntry], heading: str = "") -> list[AnswerLine]:
        lines = [
            AnswerLine(
                entry_sentence(entry, self._as_of, self._by_id, self._dated), (entry,), "" if n else heading
            )
            for n, entry in enumerate(entries[:MAX_LINES])
        ]
        if len(entries) > MAX_LINES:
            more = ngettext(
                "{line}; {count} more in the register.",
                "{line}; {count} more in the register.",
                len(entries) - MAX_LINES,
                line=lines[-1].text[:-1],
            )
            lines[-1] = replace(lines[-1], text=more)
        return lines

    def _one(
        self, entries: Sequence[RegisterEntry], bounds: Period, query: RegisterQuery
    ) -> list[AnswerLine]:
        """Return lines for the valid entries of a topic, in the period if any are, and for those they replaced."""
        within = [e for e in entries if is_in_period(e, bounds)] if bounds != _ALWAYS else []
        if bounds != _ALWAYS and not within and not query.period:
            return self._nothing(entries, bounds, query)
        valid = sorted((e for e in within or entries if not e.is_off), key=self._nearness)
        ahead = [e for e in valid if not e.is_over(self._as_of)]
        dated = [e for e in ahead if e.start or e.end]
        shown = valid[: MAX_PARTIAL_LINES if ahead else 1]
        if within:
            shown = sorted(valid, key=_by_day)
        elif dated:
            # Of recurring events the next one; an entry with a day makes vaguer ones of its name unnecessary.
            days = [e for e in dated if e.precision in {"day", "month"}]
            last = [e for e in valid if e.is_over(self._as_of)][:1] if query.asks_if_over else []
            shown = sorted([*last, *(days or dated)[:MAX_PARTIAL_LINES]], key=_by_day)
        same = {e.id for e in shown} | {e.title for e in shown}
        off = [e for e in entries if e.is_off and (not shown or same & {e.title, e.rescheduled_to})]
        if not within and not dated and any(e.rescheduled_to is None for e in off):
            # It is off with no new date: an earlier edition of it does not answer the question.
            shown = []
        lines = self._lines([*shown, *off])
        if len(lines) == 1 and shown and self._newest and not shown[0].is_over(self._as_of):
            limited = _(
                "{line}, as far as the documents go; the newest is dated {day}.",
                line=lines[0].text[:-1],
                day=day(self._newest),
            )
            lines = [replace(lines[0], text=limited)]
        return lines

    def _with_verdict(
        self, lines: list[AnswerLine], found: Sequence[EntryMatch], bounds: Period
    ) -> list[AnswerLine]:
        """Return the lines behind a word that says whether a meeting is still on.

        They are as they were where another entry may be meant, or where the status does not decide it.
        """
        told = [entry for line in lines for entry in line.entries]
        current = [match for match in found if self._is_current(match.entry)]
        valid = [entry for entry in told if entry.rescheduled_to is None]
        chains = {entry.chain_id for entry in (*told, *(match.entry for match in current))}
        if len(chains) != 1 or len(valid) != 1 or any(match.titled < FULL_SCORE for match in current):
            return lines
        [entry] = valid
        # A meeting that moved is on, and not on the day that is asked about.
        asked = bounds == _ALWAYS or (len(told) == 1 and is_in_period(entry, bounds))
        decides = asked and entry.kind == "meeting" and not entry.tentative and self._is_current(entry)
        verdict = _VERDICTS.get(entry.status) if decides else None
        if verdict is None:
            return lines
        own = next(line for line in lines if entry in line.entries)
        text = own.text
        if entry.status == "postponed":
            text = entry_sentence(entry, self._as_of, self._by_id, self._dated, said_postponed=True)
        first = replace(own, text=_(verdict, line=text))
        return [first, *(line for line in lines if line is not own)]

    def _is_current(self, entry: RegisterEntry) -> bool:
        return entry.is_off or not entry.is_over(self._as_of)

    def _compared(self, query: RegisterQuery) -> list[AnswerLine]:
        """Return lines for two events, by date, and whether they overlap."""
        meant = [self._meant(topic, query.period or _ALWAYS) for topic in query.topics]
        if not all(meant):
            return [line for topic in query.topics for line in self.answer(replace(query, topics=(topic,)))]
        first, second = pair = sorted((entries[0] for entries in meant), key=_by_day)
        lines = self._lines(pair)
        if any(e.precision != "day" for e in pair):
            return lines
        do = overlaps(first, second.start, second.end)
        return [*lines, AnswerLine(_("They overlap.") if do else _("They do not overlap."), (first, second))]

    def _next(
        self, entries: Sequence[RegisterEntry], bounds: Period, query: RegisterQuery
    ) -> list[AnswerLine]:
        """Return lines for the next day with an entry; without one, for vaguer and for postponed entries."""
        shown = agenda(entries, self._as_of)
        ahead = [e for e in shown.upcoming if overlaps(e, bounds.start or self._as_of, bounds.end)]
        days = [e for e in ahead if e.precision == "day"] or ahead
        if days:
            return self._lines([e for e in days if e.first_day == days[0].first_day])
        some = (
            [*shown.coarse[:MAX_PARTIAL_LINES], *shown.postponed[:MAX_PARTIAL_LINES]] if shown.coarse else []
        )
        return self._lines(some) or self._nothing(entries, Period(self._as_of, None), query)

    def _off(
        self, entries: Sequence[RegisterEntry], bounds: Period, query: RegisterQuery
    ) -> list[AnswerLine]:
        """Return lines for entries moved or called off; without a period, of the last 90 days and the future."""
        period = bounds if bounds != _ALWAYS else Period(add_days(self._as_of, -_MISSED_DAYS), None)
        found = [
            entry
            for entry in sorted(entries, key=_by_day)
            if entry.is_off
            and any(overlaps(e, period.start, period.end) for e in (entry, self._successor(entry)) if e)
        ]
        heading = _("Moved or called off, of what was or is planned {period}:", period=period.words)
        return self._lines(found, heading) or self._nothing(entries, bounds, query, off=True)

    def _successor(self, entry: RegisterEntry) -> RegisterEntry | None:
        return self._by_id.get(entry.rescheduled_to or "")

    def _past(
        self, entries: Sequence[RegisterEntry], bounds: Period, query: RegisterQuery
    ) -> list[AnswerLine]:
        """Return lines for entries that are over; without a period, of the last 90 days."""
        period = bounds if bounds != _ALWAYS else Period(add_days(self._as_of, -_MISSED_DAYS), self._as_of)
        past = [e for e in agenda(entries, self._as_of).past if was_in_period(e, period)]
        if not query.period:
            # Nobody misses an event without a day.
            past = [e for e in past if e.precision == "day"] or past
        return self._lines(past, period.heading) or self._nothing(entries, period, query)

    def _listed(
        self, entries: Sequence[RegisterEntry], bounds: Period, query: RegisterQuery
    ) -> list[AnswerLine]:
        """Return lines for all entries of a period: by date, vague and called off ones, and those that may be in it."""
        # A period without a start begins today.
        is_over = bounds.end is not None and bounds.end < self._as_of
        period = bounds if bounds.start or is_over else Period(self._as_of, bounds.end)
        shown = agenda((e for e in entries if overlaps(e, period.start, period.end)), self._as_of)
        past = sorted((e for e in shown.past if was_in_period(e, period)), key=_by_day)
        vague = [] if is_over else [e for e in shown.coarse if is_long_enough(e, period)]
        within = [e for e in vague if not bounds.start or was_in_period(e, period)][:MAX_PARTIAL_LINES]
        maybe = [e for e in vague if e not in within][: MAX_PARTIAL_LINES - len(within)]
        moved = [
            e
            for e in shown.superseded
            if (new := self._successor(e)) and not overlaps(new, period.start, period.end)
        ]
        others = [*within, *shown.postponed, *shown.cancelled, *moved]
        sure = [*past, *shown.now, *shown.upcoming]
        if not period.start and len(sure) > MAX_LINES:
            # Those of long ago are asked for least.
            heading = _(
                "{period}, the last {shown} of {all}:", period=period.title, shown=MAX_LINES, all=len(sure)
            )
            return self._lines(sure[-MAX_LINES:], heading)
        if sure or ((others or maybe) and not query.kinds):
            return [
                *self._lines([*sure, *others], period.heading),
                *self._lines(
                    maybe, _("No closer date, so maybe then:") if sure or others else period.heading
                ),
            ]
        if query.kinds or query.place:
            every = self._search.entries
            others += maybe
            others += [e for e in every if e not in entries and is_in_period(e, period) and not e.is_off]
        return self._nothing(entries, period, query, others=others)

    def _nothing(
        self,
        entries: Sequence[RegisterEntry],
        period: Period,
        query: RegisterQuery,
        off: bool = False,
        others: Sequence[RegisterEntry] = (),
    ) -> list[AnswerLine]:
        """Return the answer that no entry fits, with `others`, or the nearest entries before and after."""
        kind = next(iter(query.kinds)) if len(query.kinds) == 1 else ""
        nothing = _((_NO_SUCH_OFF if off else _NO_SUCH)[kind])
        place = _("in {place}", place=query.place) if query.place else ""
        fitting = " ".join(part for part in (nothing, place, period.words) if part)
        opening = (
            _("The documents, the newest dated {day}, name {nothing}", day=day(self._newest), nothing=fitting)
            if self._newest
            else _("The documents name {nothing}", nothing=fitting)
        )
        if others:
            first, *rest = self._lines(sorted(others, key=lambda e: (e.precision not in _DATED, _by_day(e))))
            text = _("{opening}; else there is: {line}", opening=opening, line=first.text)
            return [replace(first, text=text), *rest]
        shown = agenda((e for e in entries if e.start or e.end), self._as_of)
        dated = sorted((e for e in entries if e.precision in _DATED and not e.is_off), key=_by_day)
        before = [e for e in dated if period.start and (e.last_day or date.max) < period.start][-1:]
        after = [e for e in dated if period.end and (e.first_day or date.min) > period.end][:1]
        upcoming = [*shown.upcoming, *shown.now, *shown.postponed, *shown.past]
        lines: list[AnswerLine] = []
        for entry in [*before, *after] or upcoming[:1]:
            line = self._lines([entry])[0].text
            if lines:
                text = _("The nearest after is {line}", line=line)
            elif entry in before:
                text = _("{opening}; the nearest before is {line}", opening=opening, line=line)
            elif entry in after:
                text = _("{opening}; the nearest after is {line}", opening=opening, line=line)
            else:
                text = _("{opening}; the nearest is {line}", opening=opening, line=line)
            lines.append(AnswerLine(text, (entry,)))
        return lines


_DATED = frozenset({"day", "month"})


def _by_day(entry: RegisterEntry) -> tuple[date, date, str]:
    return entry.first_day or date.max, entry.last_day or date.max, entry.title
