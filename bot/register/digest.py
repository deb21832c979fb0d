"""The daily digest: what is due, what to watch, and what changed since the last one. Pure.

What the last digest knew travels as a `DigestState`, a small JSON value that the caller keeps; the
next digest is compared with it, so that a moved date is told once and not every morning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.register import RegisterEntry
from bot.register.agenda import Agenda, agenda, overlaps
from bot.register.date_format import add_days, dates, day, distance, place, reserve, week_end, when
from bot.register.export.data import entry_json
from store.records import Document

# Without a digest before it, "newly past" reaches back a week.
FIRST_LOOK_BACK = 7


@dataclass(frozen=True, slots=True)
class DigestState:
    """What a digest knew: its day, each event's dates in words (by chain), each document's version."""

    as_of: date
    dates: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    for_everybody: DigestState | None = None

    def to_json(self) -> dict[str, Any]:
        own = {"as_of": self.as_of.isoformat(), "dates": dict(self.dates), "versions": dict(self.versions)}
        return own | ({"for_everybody": self.for_everybody.to_json()} if self.for_everybody else {})

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> DigestState:
        """Read what `to_json` wrote. Raises KeyError, TypeError or ValueError on anything else."""
        others = value.get("for_everybody")
        return cls(
            date.fromisoformat(value["as_of"]),
            dict(value["dates"]),
            dict(value["versions"]),
            cls.from_json(others) if others else None,
        )


@dataclass(frozen=True, slots=True)
class Moved:
    """An event whose date is another than the last digest said; `before` and `after` are in words."""

    entry: RegisterEntry
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Ingested:
    """A document that is new, or has a new version, since the last digest."""

    source: str
    title: str
    version: int
    new: bool


@dataclass(frozen=True, slots=True)
class Digest:
    """One day's digest. An entry stands in one of the lists from `today` to `undated` at most.

    `today` is due or opens today, `now` is going on, `this_week` is the rest of the week until Sunday,
    `later` the rest of the `days` days; `months` falls somewhere in a month that those days touch.
    `following` is the first entry after all that, `corpus_date` the date of the newest document.
    """

    as_of: date
    days: int
    today: tuple[RegisterEntry, ...] = ()
    now: tuple[RegisterEntry, ...] = ()
    this_week: tuple[RegisterEntry, ...] = ()
    later: tuple[RegisterEntry, ...] = ()
    months: tuple[RegisterEntry, ...] = ()
    newly_past: tuple[RegisterEntry, ...] = ()
    postponed: tuple[RegisterEntry, ...] = ()
    undated: tuple[RegisterEntry, ...] = ()
    moved: tuple[Moved, ...] = ()
    ingested: tuple[Ingested, ...] = ()
    following: RegisterEntry | None = None
    corpus_date: date | None = None
    corpus_document: str | None = None
    state: DigestState | None = None

    @property
    def quiet(self) -> bool:
        """Nothing is due or on within the days looked at."""
        return not (self.today or self.now or self.this_week or self.later or self.months)

    @property
    def sections(self) -> tuple[tuple[str, tuple[RegisterEntry, ...]], ...]:
        """The lists that have something in them, with their headings, in reading order."""
        named = (
            ("Today", self.today),
            ("Going on", self.now),
            ("This week", self.this_week),
            (f"Within {self.days} days", self.later),
            ("In these months, day not stated", self.months),
            ("Newly past", self.newly_past),
            ("Postponed", self.postponed),
            ("No date stated yet", self.undated),
        )
        return tuple((heading, entries) for heading, entries in named if entries)

    @property
    def headline(self) -> str:
        """The one sentence that stands for the whole."""
        due = len(self.today) + len(self.this_week) + len(self.later)
        if not self.quiet:
            parts = [f"{len(self.today)} today"] if self.today else []
            parts += [f"{len(self.now)} going on"] if self.now else []
            parts += [f"{due} within {self.days} days"] if due else []
            parts += [f"{len(self.months)} known to the month"] if self.months else []
            return ", ".join(parts) + "."
        if self.following:
            first = self.following.first_day
            until = day(first) if first and self.following.precision == "day" else when(self.following)
            return f"Nothing due until {until}: {self.following.title} ({place(self.following)})."
        return "Nothing due: the documents name no day and no month that is still to come."

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that `itubot digest --json` prints."""
        lists = ("today", "now", "this_week", "later", "months", "newly_past", "postponed", "undated")
        return {
            "as_of": self.as_of.isoformat(),
            "days": self.days,
            "headline": self.headline,
            **{name: [entry_json(entry) for entry in getattr(self, name)] for name in lists},
            "moved": [
                {"before": moved.before, "after": moved.after, "entry": entry_json(moved.entry)}
                for moved in self.moved
            ],
            "documents": [
                {
                    "source": document.source,
                    "title": document.title,
                    "version": document.version,
                    "status": "new" if document.new else "changed",
                }
                for document in self.ingested
            ],
            "following": entry_json(self.following) if self.following else None,
            "corpus": {
                "document": self.corpus_document,
                "date": self.corpus_date.isoformat() if self.corpus_date else None,
            },
        }


def _standing(entry: RegisterEntry) -> str:
    """An entry's date in the words in which it is remembered from one digest to the next."""
    if entry.status in {"postponed", "cancelled"}:
        return f"{entry.status} (was {dates(entry)})" if entry.start or entry.end else entry.status
    return when(entry)


def _dates(entries: Iterable[RegisterEntry], as_of: date) -> dict[str, str]:
    """What the register says of each event now. What is long over cannot move and is not remembered."""
    kept = add_days(as_of, -60)
    return {
        entry.chain_id: _standing(entry)
        for entry in entries
        if entry.rescheduled_to is None and (entry.last_day or date.max) >= kept
    }


def _moved(
    entries: Iterable[RegisterEntry], dates: Mapping[str, str], previous: DigestState
) -> tuple[Moved, ...]:
    return tuple(
        Moved(entry, previous.dates[entry.chain_id], dates[entry.chain_id])
        for entry in entries
        if entry.rescheduled_to is None
        and entry.chain_id in dates
        and previous.dates.get(entry.chain_id, dates[entry.chain_id]) != dates[entry.chain_id]
    )


def _ingested(documents: Iterable[Document], previous: DigestState) -> tuple[Ingested, ...]:
    return tuple(
        Ingested(document.source, document.title, document.version, document.id not in previous.versions)
        for document in documents
        if previous.versions.get(document.id) != document.version
    )


def _newly_past(shown: Agenda, since: date) -> tuple[RegisterEntry, ...]:
    # A month or a year that ends is nobody's appointment.
    return tuple(
        entry
        for entry in shown.past
        if entry.precision == "day" and since <= (entry.last_day or date.min) < shown.as_of
    )


def _beyond(entry: RegisterEntry, last: date) -> bool:
    return (entry.first_day or date.max) > last


def build_digest(
    entries: Sequence[RegisterEntry],
    as_of: date,
    days: int = 30,
    previous: DigestState | None = None,
    documents: Sequence[Document] = (),
) -> Digest:
    """Return the digest of a day. `entries` is the whole register as of `as_of`.

    `previous` is the `state` of the last digest; without it nothing counts as changed.
    """
    shown = agenda(entries, as_of)
    end, sunday = add_days(as_of, days), week_end(as_of)
    days_ahead = [entry for entry in shown.upcoming if entry.precision == "day"]
    today = tuple(entry for entry in (*shown.now, *days_ahead) if entry.first_day == as_of)
    coming = [entry for entry in days_ahead if entry.first_day != as_of and overlaps(entry, as_of, end)]
    months = tuple(e for e in shown.upcoming if e.precision == "month" and overlaps(e, as_of, end))
    after = [entry for entry in shown.upcoming if not overlaps(entry, as_of, end)]
    newest = max((d for d in documents if d.date), key=lambda d: d.date or date.min, default=None)
    dates = _dates(entries, as_of)
    return Digest(
        as_of=as_of,
        days=days,
        today=today,
        now=tuple(entry for entry in shown.now if entry.first_day != as_of),
        this_week=tuple(entry for entry in coming if not _beyond(entry, sunday)),
        later=tuple(entry for entry in coming if _beyond(entry, sunday)),
        months=months,
        newly_past=_newly_past(shown, previous.as_of if previous else add_days(as_of, -FIRST_LOOK_BACK)),
        postponed=shown.postponed,
        undated=shown.undated,
        moved=_moved(entries, dates, previous) if previous else (),
        ingested=_ingested(documents, previous) if previous else (),
        following=after[0] if after else None,
        corpus_date=newest.date if newest else None,
        corpus_document=newest.title if newest else None,
        state=DigestState(as_of, dates, {document.id: document.version for document in documents}),
    )


def line(entry: RegisterEntry, as_of: date) -> str:
    """Return an entry in one line: title, when, where, how far off. Its paragraph is the caller's to cite."""
    where = f", {entry.location}" if entry.location else ""
    if entry.status == "postponed":
        planned = f" (was planned for {dates(entry)}{where})" if entry.start or entry.end else ""
        return f"{entry.title}{planned}"
    notes = [distance(entry, as_of), reserve(entry), "year inferred" if entry.year_inferred else ""]
    note = "; ".join(text for text in notes if text)
    return f"{entry.title}: {when(entry)}{where}" + (f" ({note})" if note else "")


def citations(digest: Digest) -> Callable[[RegisterEntry], str]:
    """Return how this digest names an entry's paragraph: with its source where there are several."""
    listed = [
        *(entry for _, entries in digest.sections for entry in entries),
        *(m.entry for m in digest.moved),
    ]
    if len({entry.source for entry in listed}) < 2:
        return place
    return lambda entry: f"{entry.source}, {place(entry)}" if entry.section else entry.source


def _cited(entry: RegisterEntry, cite: Callable[[RegisterEntry], str]) -> str:
    return f"{cite(entry)}, corrected" if entry.corrected else cite(entry)


def changes(digest: Digest) -> list[str]:
    """Return what changed since the last digest, a line each."""
    cite = citations(digest)
    lines = [f"{m.entry.title}: {m.before} → {m.after} ({cite(m.entry)})" for m in digest.moved]
    return lines + [
        f"{'New' if d.new else f'Version {d.version}'}: {d.title} ({d.source})" for d in digest.ingested
    ]


def basis(digest: Digest) -> str:
    """Return the line that says how old the documents are."""
    if digest.corpus_date is None:
        return "There is no dated document yet."
    age = (digest.as_of - digest.corpus_date).days
    return f"Newest document: {digest.corpus_document}, {day(digest.corpus_date)} ({max(age, 0)} days old)."


def digest_text(digest: Digest, *, most: int = 8) -> str:
    """Return the digest as plain text, at most `most` entries under a heading."""
    cite = citations(digest)
    lines = [f"Digest of {day(digest.as_of)}", digest.headline]
    for heading, entries in digest.sections:
        lines += ["", heading]
        lines += [f"  {line(entry, digest.as_of)} [{_cited(entry, cite)}]" for entry in entries[:most]]
        if len(entries) > most:
            lines.append(f"  … and {len(entries) - most} more: `itubot deadlines`")
    changed = changes(digest)
    if changed:
        lines += ["", "Changed since the last digest", *(f"  {text}" for text in changed[:most])]
        if len(changed) > most:
            lines.append(f"  … and {len(changed) - most} more")
    return "\n".join([*lines, "", basis(digest)])
