"""The daily digest: what is due, what is undated or postponed, and what changed since the last digest. Pure.

The caller stores the `DigestState` of the last digest; the next one is compared with it, so that a moved date is
reported once and not every morning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from pydantic import TypeAdapter

from bot.locales import _, and_more, commas, joined, ngettext, noted, number, semicolons
from bot.register import RegisterEntry
from bot.register.agenda import agenda, in_order, overlaps
from bot.register.following import MovedDate, changed_dates, known_dates
from bot.register.versions import newest_document
from bot.register.wording import (
    CiteEntry,
    add_days,
    day,
    entry_citer,
    entry_dates,
    entry_words,
    section_mark,
    title,
    week_end,
    when,
)
from store.jobs import KnownDates
from store.records import Document

# Days that "newly past" reaches back without a previous digest.
FIRST_LOOK_BACK = 7
DAYS_AHEAD = 30
"""Days that a digest looks ahead by default."""
# Entries of a list, here and in Slack.
MOST_ENTRIES = 12
MOST_POSTPONED = 3


@dataclass(frozen=True, slots=True)
class DigestState:
    """What the next digest compares itself with."""

    as_of: date
    dates: Mapping[str, KnownDates] = field(default_factory=dict)
    """Id of a chain -> what is known of its dates, as for those who follow a topic."""
    versions: Mapping[str, int] = field(default_factory=dict)
    """Id of a document -> its version."""
    gone: tuple[str, ...] = ()
    """Ids of the documents that were named as gone at their source."""
    for_everybody: DigestState | None = None
    """The state of the documents that everybody may see, in the state of a channel's digest."""


STATE = TypeAdapter(DigestState)
"""Reads and writes a state as JSON."""


class TakenIn(NamedTuple):
    """A document that came since the last digest: a new one, or else a new version."""

    document: Document
    new: bool

    @property
    def status(self) -> str:
        """The word for it in JSON."""
        return "new" if self.new else "changed"


class GoneDocument(NamedTuple):
    """A document that is gone at its source, and the day until which it answers."""

    document: Document
    until: date


@dataclass(frozen=True, slots=True)
class Digest:
    """One day's digest. An entry is in at most one of the lists from `today` to `undated`."""

    as_of: date
    days: int
    """The number of days that the digest looks ahead."""
    today: tuple[RegisterEntry, ...]
    """The entries that are due today, or begin today."""
    now: tuple[RegisterEntry, ...]
    """The entries that began before and are going on."""
    this_week: tuple[RegisterEntry, ...]
    """The entries from tomorrow until Sunday."""
    later: tuple[RegisterEntry, ...]
    """The entries after Sunday, within `days`."""
    months: tuple[RegisterEntry, ...]
    """The entries that are known to a month that overlaps `days`."""
    newly_past: tuple[RegisterEntry, ...]
    postponed: tuple[RegisterEntry, ...]
    undated: tuple[RegisterEntry, ...]
    moved: tuple[MovedDate, ...]
    ingested: tuple[TakenIn, ...]
    gone: tuple[GoneDocument, ...]
    """Documents that are gone at their source since the last digest."""
    following: RegisterEntry | None
    """The first entry after `days`."""
    newest: Document | None
    """The newest document."""
    state: DigestState
    """The state to store for the next digest."""

    @property
    def quiet(self) -> bool:
        """Whether nothing is due or going on within `days`."""
        return not (self.today or self.now or self.this_week or self.later or self.months)

    @property
    def coming(self) -> tuple[RegisterEntry, ...]:
        """What goes on, then by day what is due, a month's days before what is known only to the month."""
        due = (*self.today, *self.this_week, *self.later, *self.months)
        return (*self.now, *in_order(due, self.as_of))

    @property
    def headline(self) -> str:
        """One sentence that sums up the digest."""
        due = len(self.today) + len(self.this_week) + len(self.later)
        if not self.quiet:
            today, now, months = len(self.today), len(self.now), len(self.months)
            within = ngettext(
                "{due} within {count} day", "{due} within {count} days", self.days, due=number(due)
            )
            parts = (
                (today, ngettext("{count} today", "{count} today", today)),
                (now, ngettext("{count} going on", "{count} going on", now)),
                (due, within),
                (months, ngettext("{count} known to the month", "{count} known to the month", months)),
            )
            return _("{facts}.", facts=commas(words for count, words in parts if count))
        if self.following:
            first = self.following.first_day
            until = day(first) if first and self.following.precision == "day" else when(self.following)
            return _(
                "Nothing due until {date}: {title} ({source}).",
                date=until,
                title=title(self.following),
                source=section_mark(self.following),
            )
        return _("Nothing due: the documents name no day and no month that is still to come.")


def build_digest(
    entries: Sequence[RegisterEntry],
    as_of: date,
    days: int = DAYS_AHEAD,
    previous: DigestState | None = None,
    documents: Sequence[Document] = (),
    gone: Mapping[str, date] | None = None,
) -> Digest:
    """Return the digest of a day. `entries` is the whole register as of `as_of`.

    `previous` is the `state` of the last digest; without it nothing counts as changed. `gone`: id of a document that is
    gone at its source -> the day until which it answers.
    """
    shown = agenda(entries, as_of)
    end, sunday = add_days(as_of, days), week_end(as_of)
    known_to_day = [entry for entry in shown.upcoming if entry.precision == "day"]
    coming = [e for e in known_to_day if e.first_day != as_of and overlaps(e, as_of, end)]
    this_week = tuple(entry for entry in coming if (entry.first_day or date.max) <= sunday)
    since = previous.as_of if previous else add_days(as_of, -FIRST_LOOK_BACK)
    after = [entry for entry in shown.upcoming if not overlaps(entry, as_of, end)]
    known = known_dates(entries, as_of)
    left = (
        [GoneDocument(document, gone[document.id]) for document in documents if document.id in gone]
        if gone
        else []
    )
    return Digest(
        as_of=as_of,
        days=days,
        today=tuple(entry for entry in (*shown.now, *known_to_day) if entry.first_day == as_of),
        now=tuple(entry for entry in shown.now if entry.first_day != as_of),
        this_week=this_week,
        later=tuple(entry for entry in coming if entry not in this_week),
        months=tuple(e for e in shown.upcoming if e.precision == "month" and overlaps(e, as_of, end)),
        # A month or a year that ends is nobody's appointment.
        newly_past=tuple(
            entry
            for entry in shown.past
            if entry.precision == "day" and since <= (entry.last_day or date.min) < as_of
        ),
        postponed=shown.postponed,
        undated=shown.undated,
        moved=tuple(changed_dates(entries, previous.dates if previous else {}, known, as_of)),
        ingested=tuple(
            TakenIn(document, document.id not in previous.versions)
            for document in documents
            if previous.versions.get(document.id) != document.version
        )
        if previous
        else (),
        gone=tuple(each for each in left if previous is None or each[0].id not in previous.gone),
        following=after[0] if after else None,
        newest=newest_document(documents),
        state=DigestState(
            as_of,
            known,
            {document.id: document.version for document in documents},
            tuple(document.id for document, _until in left),
        ),
    )


def age_line(newest: Document | None, as_of: date) -> str:
    """Return the line that says how old the documents are."""
    if newest is None or newest.date is None:
        return _("There is no dated document yet.")
    age = max((as_of - newest.date).days, 0)
    if age == 0:
        return _("Newest document: {date} (today).", date=day(newest.date))
    return ngettext(
        "Newest document: {date} ({count} day old).",
        "Newest document: {date} ({count} days old).",
        age,
        date=day(newest.date),
    )


def digest_citer(digest: Digest) -> CiteEntry:
    """Return how a digest cites its entries' paragraphs."""
    return entry_citer([*digest.coming, *(moved.entry for moved in digest.moved)])


def changed_lines(digest: Digest) -> list[str]:
    """Return what changed since the last digest, a line each."""
    cite = digest_citer(digest)
    lines = [
        _(
            "{title}: {before} → {after} ({source})",
            title=title(moved.entry),
            before=moved.before,
            after=moved.after,
            source=cite(moved.entry),
        )
        for moved in digest.moved
    ]
    for document, new in digest.ingested:
        name = noted(document.title, document.source)
        if new:
            lines.append(_("New: {document}", document=name))
        else:
            lines.append(_("Version {version}: {document}", version=document.version, document=name))
    for document, until in digest.gone:
        name = noted(document.title, document.source)
        lines.append(
            _("Gone at its source: {document}. I answer from it until {day}.", document=name, day=day(until))
        )
    return lines


def not_listed(digest: Digest) -> str:
    """Return how far the digest looks ahead, what is postponed without a new date, and how many events have none."""
    off = digest.postponed
    undated = len(digest.undated)
    named = [*map(title, off[:MOST_POSTPONED]), *and_more(len(off) - MOST_POSTPONED)]
    return joined(
        ngettext("Dates of the next day.", "Dates of the next {count} days.", digest.days),
        _("Postponed: {titles}.", titles=semicolons(named)) if off else "",
        ngettext("{count} event has no date yet.", "{count} events have no date yet.", undated)
        if undated
        else "",
    )


def digest_text(digest: Digest) -> str:
    """Return the digest as plain text: what changed, then what is due by day."""
    cite = digest_citer(digest)
    lines = [_("Digest of {day}", day=day(digest.as_of))]
    if changed := changed_lines(digest):
        shown = [*changed[:MOST_ENTRIES], *and_more(len(changed) - MOST_ENTRIES)]
        lines += ["", _("Changed since the last digest"), *(f"  {text}" for text in shown)]
    lines += ["", digest.headline] if digest.quiet else [""]
    for entry in digest.coming[:MOST_ENTRIES]:
        source = _("{source}, corrected", source=cite(entry)) if entry.corrected else cite(entry)
        words = _("{heading}: {line}", heading=entry_dates(entry, digest.as_of), line=entry_words(entry))
        lines.append(f"  {words} [{source}]")
    lines += (f"  {line}" for line in and_more(len(digest.coming) - MOST_ENTRIES, ": `itubot deadlines`"))
    return "\n".join([*lines, "", not_listed(digest), age_line(digest.newest, digest.as_of)])
