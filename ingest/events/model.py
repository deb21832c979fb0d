"""Reads events with a model: one structured request for a few sections, each event of the reply checked by rules.

The words of the date stand in the paragraph or its heading and can mean the days; the names of the title stand in the
paragraph, its heading or the document's head. What fails is asked for once more with the reason, and then left to the
plain reading of its sentence: nothing that the document does not say gets in.
"""

from __future__ import annotations

import queue
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal, Protocol

from text_to_num import alpha2digit

from ingest.events import Dating, Reading, events_version
from ingest.events.places import Place, dated_places, usual_day
from ingest.events.plain import read_places
from ingest.text.dates import DateExpression, agrees, find_dates
from ingest.text.languages import language_of_part
from ingest.text.lexicon import in_figures, lexicon
from ingest.text.sentences import split
from store.records import Bound, Cue, Document, Kind, Mention, Precision, Section, short_hash
from store.terms import terms

Outcome = Literal["planned", "done", "postponed", "cancelled", "proposed"]

# Sections and characters of one request.
_MOST_SECTIONS = 6
_MOST_CHARS = 6000
_THREADS = 4
# After so many failures in a row the model is not asked again: each request would wait for a provider in vain.
_MOST_FAILURES = 3
_REPORTED_REASONS = 3
# A title has at least this share of its words in the paragraph and what is above it.
_LEAST_KNOWN = 0.5
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# Days of a distance between dates, by the role of its words; and languages whose numbers in words are read.
_UNITS = {"days": 1, "week": 7}
_NUMBERS_IN_WORDS = frozenset({"en", "fr", "es"})
_CUES: dict[Outcome, Cue] = {
    "planned": "planned",
    "done": "done",
    "postponed": "postponed",
    "cancelled": "cancelled",
    "proposed": "planned",
}


@dataclass(frozen=True, slots=True)
class AskedSection:
    """A section of a request; `number` names it in the reply."""

    number: int
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class EventRequest:
    """What a model is asked: the events of some sections of a document.

    `known` are titles of events that other documents name. `problems` say what was wrong with the reply before.
    """

    document: str
    dated: str
    sections: tuple[AskedSection, ...]
    known: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The same for the same request."""
        sections = (f"{one.number} {one.heading} {one.text}" for one in self.sections)
        return short_hash(self.document, self.dated, *sections, *self.known, *self.problems)


@dataclass(frozen=True, slots=True)
class StatedEvent:
    """An event as a model states it. `words` are those of its date, verbatim; the days are in ISO 8601.

    `replaces` has the first days of the old dates that this date replaces.
    """

    section: int
    words: str
    first: str
    last: str
    title: str
    kind: Kind = "milestone"
    precision: Precision = "day"
    bound: Bound = "on"
    outcome: Outcome = "planned"
    place: str | None = None
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventReply:
    """A model's events, None where it gave no usable reply, and why; `read` and `wrote` are its tokens."""

    events: Sequence[StatedEvent] | None
    why: str = ""
    read: int = 0
    wrote: int = 0


class EventModel(Protocol):
    """A model that is asked for events."""

    @property
    def name(self) -> str:
        """The model, with the version of its prompt."""

    def ask(self, request: EventRequest) -> EventReply:
        """Return the events of a request."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A section that a request has, with what its events are checked against."""

    section: Section
    language: str
    places: Sequence[Place]
    dates: Sequence[DateExpression]
    days: frozenset[date]
    """First and last days of all dates of the document: "six weeks before the opening" is counted from one."""
    reference: date | None
    years: frozenset[int]
    around: str
    """The paragraph, its heading and the document's head."""
    whole: str
    """All of the document, folded: its names may stand in a title that has to be read alone."""
    known: frozenset[str]
    """Titles of events that other documents name."""


@dataclass
class _Batch:
    """The sections of one request, and what came of it."""

    asked: dict[int, _Asked]
    request: EventRequest
    datings: dict[int, list[Dating]] = field(default_factory=dict)
    failed: list[tuple[StatedEvent, str]] = field(default_factory=list)
    replies: list[EventReply] = field(default_factory=list)


class ModelReader:
    """Reads events by asking a model. Safe between threads."""

    def __init__(self, model: EventModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """The model, with the versions of its prompt and of the checks."""
        return f"{self._model.name} {events_version()}"

    def read(
        self,
        document: Document,
        sections: Sequence[Section],
        known: Sequence[str] = (),
        step: Callable[[], None] = lambda: None,
    ) -> Reading:
        """Return the datings of sections; a section for which the model fails is read plainly."""
        batches = requests_of(document, sections, known)
        reasons = Counter(reply.why for reply in _each_reply(self._model, batches) if reply.events is None)
        datings: dict[str, list[Dating]] = {section.id: [] for section in sections}
        plain = 0
        for batch in batches:
            for number, one in batch.asked.items():
                if not any(reply.events is not None for reply in batch.replies):
                    plain += 1
                    datings[one.section.id] = read_places(document, one.places)
                else:
                    datings[one.section.id] = [
                        *batch.datings.get(number, ()),
                        *_left_to_rules(document, batch, number, one),
                    ]
        for _ in sections:
            step()
        replies = [reply for batch in batches for reply in batch.replies]
        return Reading(
            datings,
            asked=sum(len(batch.asked) for batch in batches) - plain,
            plain=plain,
            why=tuple(reason for reason, _ in reasons.most_common(_REPORTED_REASONS)),
            read=sum(reply.read for reply in replies),
            wrote=sum(reply.wrote for reply in replies),
        )


def requests_of(document: Document, sections: Sequence[Section], known: Sequence[str] = ()) -> list[_Batch]:
    """Return the requests for the sections of a document that may have dates."""
    reference = usual_day(document, sections)
    whole = "\n".join(f"{section.heading}\n{section.text}" for section in sections).casefold()
    batches: list[_Batch] = []
    some: list[tuple[Section, Sequence[Place]]] = []
    size = 0
    dated = list(dated_places(document, sections))
    stated = [each for _section, places in dated for place in places for each in place.dates]
    days = frozenset(day for each in stated for day in (each.start, each.end) if day is not None)
    for section, places in dated:
        if not (places or _may_have_dates(section, document.language)):
            continue
        if some and (len(some) >= _MOST_SECTIONS or size + len(section.text) > _MOST_CHARS):
            batches.append(_batch(document, some, reference, known, whole, days))
            some = []
            size = 0
        some.append((section, places))
        size += len(section.text)
    return [*batches, _batch(document, some, reference, known, whole, days)] if some else batches


def _may_have_dates(section: Section, language: str) -> bool:
    if any(c.isdigit() for c in section.text):
        return True
    words = lexicon(language)
    tokens = list(words.tokens(section.text))
    return any(
        words.date_role(tokens, k)[0].startswith(
            ("month", "weekday", "today", "tomorrow", "yesterday", "next", "last")
        )
        for k in range(len(tokens))
    )


def _batch(
    document: Document,
    some: Sequence[tuple[Section, Sequence[Place]]],
    reference: date | None,
    known: Sequence[str],
    whole: str,
    days: frozenset[date],
) -> _Batch:
    asked: dict[int, _Asked] = {}
    for number, (section, places) in enumerate(some, 1):
        language = language_of_part(section.text, document.language)
        around = f"{section.text}\n{section.heading}\n{document.title} {document.symbol or ''}"
        dates = [
            one
            for text in (section.text, section.heading, document.title)
            for one in find_dates(text, reference=reference, language=language)
            if one.start is not None
        ]
        years = frozenset(map(int, _YEAR.findall(around)))
        titles = frozenset(map(_tidy, known))
        asked[number] = _Asked(
            section, language, places, dates, days, reference, years, around, whole, titles
        )
    request = EventRequest(
        document=f"{document.title} ({document.symbol})" if document.symbol else document.title,
        dated=str(document.date or ""),
        sections=tuple(
            AskedSection(number, one.section.heading, one.section.text) for number, one in asked.items()
        ),
        known=tuple(known),
    )
    return _Batch(asked, request)


def _each_reply(model: EventModel, batches: Sequence[_Batch]) -> Iterator[EventReply]:
    """Yield the first reply to each batch as it is read; what fails in one is asked for once more.

    Daemon threads ask: the threads of a pool would delay the program's exit.
    """
    left = iter(batches)
    done: queue.SimpleQueue[EventReply] = queue.SimpleQueue()
    lock = threading.Lock()
    failures = 0

    def work() -> None:
        nonlocal failures
        while True:
            with lock:
                batch = next(left, None)
                given_up = failures >= _MOST_FAILURES
            if batch is None:
                return
            reply = (
                EventReply(None, "it failed too often and was not asked again")
                if given_up
                else _read_batch(model, batch)
            )
            with lock:
                failures = 0 if reply.events is not None else failures + 1
            done.put(reply)

    for _ in range(min(_THREADS, len(batches))):
        threading.Thread(target=work, name="events", daemon=True).start()
    for _ in batches:
        yield done.get()


def _read_batch(model: EventModel, batch: _Batch) -> EventReply:
    reply = _ask(model, batch.request)
    batch.replies.append(reply)
    if reply.events is None:
        return reply
    _take(batch, reply.events)
    if batch.failed:
        numbers = {stated.section for stated, _ in batch.failed}
        again = replace(
            batch.request,
            sections=tuple(one for one in batch.request.sections if one.number in numbers)
            or batch.request.sections,
            problems=tuple(f"{stated.words!r} ({stated.title}): {why}" for stated, why in batch.failed),
        )
        second = _ask(model, again)
        batch.replies.append(second)
        first_failed, batch.failed = batch.failed, []
        _take(batch, [one for one in second.events or () if one.section in numbers])
        seen = {(stated.section, stated.words) for stated, _ in batch.failed}
        taken = {(number, dating.mention.text) for number, some in batch.datings.items() for dating in some}
        batch.failed += [one for one in first_failed if (one[0].section, one[0].words) not in seen | taken]
    return reply


def _ask(model: EventModel, request: EventRequest) -> EventReply:
    try:
        return model.ask(request)
    except Exception as error:
        # After any error the ingest continues, with the plain reading of these sections.
        return EventReply(None, f"{model.name} failed ({type(error).__name__})")


def _take(batch: _Batch, events: Sequence[StatedEvent]) -> None:
    """Add the datings of the events that pass the checks, and note the others with the reason."""
    for stated in events:
        one = batch.asked.get(stated.section)
        found = "there is no such paragraph" if one is None else check(one, stated)
        if isinstance(found, str):
            batch.failed.append((stated, found))
            continue
        some = batch.datings.setdefault(stated.section, [])
        if not any(
            (d.mention.offset, d.mention.start, d.title)
            == (found.mention.offset, found.mention.start, found.title)
            for d in some
        ):
            some.append(found)
    for number, some in batch.datings.items():
        batch.datings[number] = _grouped(some, [stated for stated in events if stated.section == number])


def _grouped(datings: Sequence[Dating], events: Sequence[StatedEvent]) -> list[Dating]:
    """Return the datings; the old and the new date of a move have one title and are of one group."""
    found = list(datings)
    for stated in events:
        new = next(
            (d for d in found if str(d.mention.start) == stated.first and d.title == _tidy(stated.title)),
            None,
        )
        if not stated.replaces or new is None:
            continue
        group = short_hash(new.mention.section_id, new.title, str(new.mention.start))
        for k, dating in enumerate(found):
            if dating is new:
                found[k] = replace(dating, group=group)
            elif str(dating.mention.start) in stated.replaces and dating.mention.cue in (
                "postponed",
                "planned",
            ):
                off = replace(dating.mention, cue="postponed")
                found[k] = replace(dating, title=new.title, kind=new.kind, group=group, mention=off)
    return found


def check(one: _Asked, stated: StatedEvent) -> Dating | str:
    """Return the dating that an event of a reply is, or what is wrong with it."""
    # The words of the date stand in the paragraph or its heading.
    section = one.section
    place = _find(section.text, stated.words)
    in_heading = place is None
    if place is None:
        place = _find(section.heading, stated.words)
    if place is None:
        return "these words do not stand in the paragraph or its heading"
    # They can mean the days.
    try:
        start = date.fromisoformat(stated.first)
        end = date.fromisoformat(stated.last)
    except ValueError:
        return "a day is not written as YYYY-MM-DD"
    if start > end:
        return "the last day is before the first"
    source = section.heading if in_heading else section.text
    if not _can_mean(one, source, place, start, end):
        return f"these words do not mean {stated.first} to {stated.last}"
    # The title says what the document says.
    title = _tidy(stated.title)
    unknown = "" if title in one.known else _unknown_words(title, one)
    if not title or unknown:
        return f"the title has words that do not stand there: {unknown}" if title else "it has no title"
    begin, stop = (0, 0) if in_heading else _sentence(section.text, place[0])
    inferred = str(start.year) not in source[place[0] : place[1]]
    hour = _hour(one, place, in_heading)
    mention = Mention(
        section_id=section.id, text=source[slice(*place)], sentence_start=begin, sentence_end=stop, offset=place[0],
        start=start, end=end, precision=stated.precision if stated.precision != "none" else "day",
        bound="by" if stated.kind == "deadline" else stated.bound, year_inferred=inferred,
        cue=_CUES[stated.outcome], tentative=stated.outcome == "proposed", time=hour[0], timezone=hour[1],
    )  # fmt: skip
    location = stated.place if stated.place and stated.place.casefold() in one.around.casefold() else None
    return Dating(title, stated.kind, mention, location)


def _find(text: str, words: str) -> tuple[int, int] | None:
    """Return where words stand in a text, whatever the white space between them."""
    parts = words.split()
    match = re.search(r"\s+".join(map(re.escape, parts)), text) if parts else None
    return match.span() if match is not None else None


def _can_mean(one: _Asked, source: str, place: tuple[int, int], start: date, end: date) -> bool:
    """Whether words at a place of a text can mean days, by the grammar, or reckoned from a date that stands near."""
    words = source[slice(*place)]
    if any(
        (d.start, d.end) == (start, end) and d.span[0] < place[1] and place[0] < d.span[1] for d in one.dates
    ):
        return True
    if agrees(words, start, end, reference=one.reference, years=one.years, language=one.language):
        return True
    if _is_reckoned(one, words, start, end):
        return True
    if any(c.isdigit() for c in words):
        return False
    # "The day after", "the second day", "the week of".
    for known in one.dates:
        if known.start is None or known.end is None or known.precision != "day":
            continue
        inside = known.start <= start and end <= known.end
        beside = start == end and start in (known.end + timedelta(days=1), known.start - timedelta(days=1))
        if (inside and (known.start, known.end) != (start, end)) or beside:
            return True
    return False


def _is_reckoned(one: _Asked, words: str, start: date, end: date) -> bool:
    """Whether days are counted from a date of the document: "six weeks before the opening", "for three days".

    The number is that of the words, or one.
    """
    table = lexicon(one.language)
    counted = alpha2digit(words, one.language) if one.language in _NUMBERS_IN_WORDS else words
    tokens = list(table.tokens(counted))
    roles = [table.date_role(tokens, k)[0] for k in range(len(tokens))]
    numbers = {in_figures(token.fold) for token in tokens if token.group == "number"}
    numbers |= {int(role.removeprefix("number")) for role in roles if role.startswith("number")}
    for unit in _UNITS.keys() & set(roles):
        for number in numbers or {1}:
            far = timedelta(days=_UNITS[unit] * number)
            for near in one.days:
                if start == end and start in (near + far, near - far):
                    return True
                if start == near and end == near + far - timedelta(days=1):
                    return True
    return False


def _unknown_words(title: str, one: _Asked) -> str:
    """Return the names and numbers of a title that the document lacks; all of it if most words are not around."""
    known = one.around.casefold()
    stems = frozenset(terms(one.whole))
    words = re.findall(r"[^\W_]+", title)
    missing = [
        word
        for k, word in enumerate(words)
        if (any(c.isdigit() for c in word) or (k and word[0].isupper()))
        and _stem(word) not in known
        and _stem(word) not in one.whole
        and stems.isdisjoint(terms(word))
    ]
    if missing:
        return ", ".join(missing)
    content = [word for word in words if len(word) > 3] or words
    if not any(c.isascii() and c.isalpha() for c in title) and len(content) <= 2:
        signs = [title[k : k + 2] for k in range(len(title) - 1) if title[k : k + 2].isalpha()]
        content = signs or content
    stands = sum(_stem(word) in known for word in content)
    return "" if stands >= _LEAST_KNOWN * len(content) else title


def _stem(word: str) -> str:
    fold = word.casefold()
    return fold if len(fold) < 6 or any(c.isdigit() for c in fold) else fold[: max(len(fold) - 3, 5)]


def _tidy(title: str) -> str:
    return " ".join(title.split()).strip(' .,;:"“”')


def _sentence(text: str, position: int) -> tuple[int, int]:
    return next((span for span in split(text) if span[0] <= position < span[1]), (0, len(text)))


def _hour(one: _Asked, place: tuple[int, int], in_heading: bool) -> tuple[str | None, str | None]:
    """Return the hour and the time zone that the grammar reads beside a date."""
    for where in one.places:
        for found in where.dates if (where.form == "heading") is in_heading else ():
            if found.span[0] < place[1] and place[0] < found.span[1]:
                return found.time, found.timezone
    return None, None


def _left_to_rules(document: Document, batch: _Batch, number: int, one: _Asked) -> list[Dating]:
    """Return the plain reading of the sentences whose events failed the checks twice and were not read otherwise."""
    taken = {dating.mention.offset for dating in batch.datings.get(number, ())}
    found: list[Dating] = []
    for stated, _ in batch.failed:
        position = _find(one.section.text, stated.words) if stated.section == number else None
        for place in one.places if position is not None else ():
            if position is not None and place.form != "heading" and place.start <= position[0] < place.end:
                found += [d for d in read_places(document, [place]) if d.mention.offset not in taken]
                taken |= {d.mention.offset for d in found}
    return found
