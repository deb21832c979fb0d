"""Answers to questions about time: sentences, each the words of one entry of the register.

Pure. The dates are the register's and the distances are arithmetic; nothing here is guessed, and a
past date is never said to be coming.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.agenda import Agenda, agenda, overlaps
from bot.register import RegisterEntry
from bot.window_questions import Window
from bot.wording import day, distance, first_day, is_over, last_day, when

Line = tuple[str, RegisterEntry]

MOST = 10
FEW = 3

# What the field's short names stand for, so that a question's "LLDC" finds a title that spells it out.
# Only what UN and ITU papers write both ways.
_SHORT = {
    "aiab": "advisory body",
    "cop": "conference parties",
    "csw": "commission status women",
    "gdc": "global digital compact",
    "hlpf": "high-level political forum",
    "igf": "internet governance forum",
    "ldc": "least developed countries",
    "lldc": "landlocked",
    "pp": "plenipotentiary",
    "ra": "radiocommunication assembly",
    "sids": "small island",
    "unga": "general assembly",
    "wrc": "world radiocommunication conference",
    "wsis": "world summit information society",
    "wtdc": "world telecommunication development conference",
    "wtsa": "world telecommunication standardization assembly",
}
_WORD = re.compile(r"[^\W_]+")
_ORDINALS = _WORD.findall("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth")
_EMPTY = frozenset(
    _WORD.findall("a an and are at be for in is it of on or s the this to un united nations with next event")
)


@dataclass(frozen=True, slots=True)
class _Words:
    title: frozenset[str]
    all: frozenset[str]


def _stem(word: str) -> str:
    word = word.casefold()
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _stems(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in _WORD.findall(text)) - _EMPTY


def _words(entry: RegisterEntry) -> _Words:
    title = _stems(f"{entry.title} {entry.location or ''}")
    quotes = [entry.quote, *(mention.quote for mention in entry.mentions)]
    return _Words(title, title | _stems(" ".join(quotes)))


def _has(words: frozenset[str], wanted: str) -> bool:
    """Say whether an entry's words hold one word of the question, spelled out or numbered as it may be."""
    if wanted in words:
        return True
    found = re.fullmatch(r"([a-z]+?)s?(\d{1,3})?", wanted)
    if not found:
        return False
    name, number = found[1], found[2]
    spelled = _SHORT.get(name) or _SHORT.get(name + "s")
    if number is not None:
        if any(re.fullmatch(rf"{name}s?\d+", word) for word in words):
            return False  # CSW66 is not CSW68
        ordinals = {_ORDINALS[int(number) - 1]} if 0 < int(number) <= len(_ORDINALS) else set()
        ordinals |= {f"{number}{suffix}" for suffix in ("st", "nd", "rd", "th")} | {number}
        others = {
            word for word in words if word in _ORDINALS or re.fullmatch(r"\d{1,3}(?:st|nd|rd|th)", word)
        }
        if others and not ordinals & words:
            return False
    stands = any(re.fullmatch(rf"{name}s?\d*", word) for word in words)
    return stands or (spelled is not None and all(_stem(part) in words for part in _WORD.findall(spelled)))


def _initials(title: str) -> str:
    return "".join(word[0] for word in _WORD.findall(title) if word[0].isupper()).casefold()


def about(entries: Iterable[RegisterEntry], topic: str, place: str = "") -> list[RegisterEntry]:
    """Return the entries that a topic names, best first: all its words, in the title before the quotes."""
    wanted = _stems(topic)
    found: list[tuple[int, float, int, RegisterEntry]] = []
    for order, entry in enumerate(entries):
        words = _words(entry)
        if place and not _stems(place) <= words.title:
            continue
        in_title = all(_has(words.title, word) or word == _initials(entry.title) for word in wanted)
        if not in_title and not all(_has(words.all, word) for word in wanted):
            continue
        extra = len(words.title - wanted) / max(len(words.title), 1)
        found.append((0 if in_title else 1, extra, order, entry))
    found.sort(key=lambda item: item[:3])
    return [item[3] for item in found if item[0] == found[0][0]]


def _note(entry: RegisterEntry, as_of: date) -> str:
    parts = [distance(entry, as_of)]
    if entry.likely_past:
        parts.append("probably over")
    if entry.precision == "month":
        parts.append("day not stated")
    elif entry.precision not in {"day", "none"}:
        parts.append("no closer date stated")
    if entry.year_inferred:
        parts.append("the year is inferred")
    text = "; ".join(part for part in parts if part)
    return f" ({text})" if text else ""


def _place(entry: RegisterEntry) -> str:
    return f", {entry.location}" if entry.location else ""


def sentence(entry: RegisterEntry, as_of: date, successors: dict[str, RegisterEntry] | None = None) -> str:
    """Return one sentence for an entry: title, when, where, how far off, and what became of it."""
    title = entry.title
    if entry.rescheduled_to is not None:
        new = (successors or {}).get(entry.rescheduled_to)
        moved = f"moved to {when(new)}" if new else "since moved"
        return f"{title}: first planned for {when(entry)}{_place(entry)}, {moved}."
    if entry.status == "postponed":
        planned = f"; it was planned for {when(entry)}{_place(entry)}" if entry.start or entry.end else ""
        return f"{title}: postponed, no new date stated{planned}."
    if entry.status == "cancelled":
        planned = f"; it was planned for {when(entry)}{_place(entry)}" if entry.start or entry.end else ""
        return f"{title}: cancelled{planned}."
    if not entry.start and not entry.end:
        return f"{title}: {when(entry)}{_place(entry)}."
    over = " – over" if is_over(entry, as_of) and entry.precision not in {"day", "month"} else ""
    return f"{title}: {when(entry)}{_place(entry)}{_note(entry, as_of)}{over}."


def _basis(newest: date | None) -> str:
    return f" (the newest is dated {day(newest)})" if newest else ""


def _was_in(entry: RegisterEntry, start: date | None, end: date | None) -> bool:
    """Say whether a past entry was in a window; one known to the year was, only if all its year is."""
    if entry.precision in {"day", "month"}:
        return overlaps(entry, start, end)
    first, last = entry.start, last_day(entry)
    return bool(first and last and (start is None or first >= start) and (end is None or last <= end))


def _lines(entries: Sequence[RegisterEntry], as_of: date, successors: dict[str, RegisterEntry]) -> list[Line]:
    lines = [(sentence(entry, as_of, successors), entry) for entry in entries[:MOST]]
    if len(entries) > MOST:
        text, last = lines[-1]
        lines[-1] = (f"{text[:-1]}; {len(entries) - MOST} more in the register.", last)
    return lines


def _nothing(
    window: Window,
    shown: Agenda,
    as_of: date,
    newest: date | None,
    successors: dict[str, RegisterEntry],
    *,
    other: Sequence[RegisterEntry] = (),
) -> list[Line]:
    """The answer where nothing is in the window: it says so, and what is nearest to it."""
    noun = "nothing" if window.noun == "date" else f"no {window.noun}"
    where = f" in {window.place}" if window.place else ""
    stretch = f" for {window.label}" if window.label else f" after {day(as_of)}"
    said = f"The documents name {noun}{where}{stretch}{_basis(newest)}"
    ahead = [entry for entry in (*shown.now, *shown.upcoming) if entry not in other]
    # "2024" has ended without anybody having been late for it: what has a day or a month comes first.
    past = sorted(shown.past, key=lambda entry: entry.precision not in {"day", "month"})[:FEW]
    watch = [*shown.postponed[:FEW], *shown.undated[:FEW]]
    rest = [*other, *watch] if ahead or other else [*past[1:], *watch]
    if ahead:
        lead, link = ahead[0], "the next is"
    elif past:
        lead, link = past[0], "the last was"
    elif rest:
        lead, link = rest.pop(0), "to watch is"
    else:
        return []
    told = f"{said}; {link} {sentence(lead, as_of, successors)}"
    return [(told, lead), *_lines(rest, as_of, successors)]


def _of_kind(entries: Iterable[RegisterEntry], window: Window) -> list[RegisterEntry]:
    return [entry for entry in entries if not window.kinds or entry.kind in window.kinds]


def _status(
    window: Window,
    entries: Sequence[RegisterEntry],
    as_of: date,
    newest: date | None,
    successors: dict[str, RegisterEntry],
) -> list[Line]:
    """One event, through all its datings: what stands, then what it replaced."""
    found = about(entries, window.topic, window.place)
    if not found:
        return []
    # An entry known to the day says more of an event than one that only names its year.
    best = min(found, key=lambda entry: (entry.precision != "day", found.index(entry)))
    chain = [entry for entry in entries if entry.chain_id == best.chain_id]
    standing = [entry for entry in chain if entry.rescheduled_to is None] or [best]
    replaced = [entry for entry in chain if entry.rescheduled_to is not None and entry not in standing]
    lines = _lines([*standing, *replaced], as_of, successors)
    text, first = lines[0]
    if first.status == "scheduled" and not is_over(first, as_of):
        text = f"{text[:-1]}, as far as the documents go{_basis(newest)}."
    return [(text, first), *lines[1:]]


def _next(
    window: Window,
    entries: Sequence[RegisterEntry],
    as_of: date,
    newest: date | None,
    successors: dict[str, RegisterEntry],
) -> list[Line]:
    named = bool(window.topic or window.place)
    found = about(entries, window.topic, window.place) if named else list(entries)
    if named and not found and window.topic:
        return []
    shown = agenda(_of_kind(found, window), as_of)
    ahead = [entry for entry in shown.upcoming if overlaps(entry, window.start or as_of, window.end)]
    if ahead:
        coming = sorted(ahead, key=lambda entry: (first_day(entry) or date.max, entry.precision != "day"))
        return _lines(coming[:FEW], as_of, successors)
    if shown.coarse:
        return _lines([*shown.coarse[:FEW], *shown.postponed[:FEW]], as_of, successors)
    return _nothing(window, shown, as_of, newest, successors)


def _bounded(
    window: Window, entries: Sequence[RegisterEntry]
) -> tuple[Window, date | None, date | None] | None:
    """The window's ends, with those that an event sets; None where the event has no date to set them."""
    start, end = window.start, window.end
    name = window.before or window.after
    if not name:
        return window, start, end
    dated = [entry for entry in about(entries, name) if entry.start and entry.status != "postponed"]
    if not dated:
        return None
    event = min(dated, key=lambda entry: entry.precision != "day")
    first, last = event.start, last_day(event)
    if window.before and first:
        end = first - timedelta(days=1)
    elif last:
        start = max(last + timedelta(days=1), start or date.min)
    return window, start, end


def _listed(
    window: Window,
    entries: Sequence[RegisterEntry],
    as_of: date,
    newest: date | None,
    successors: dict[str, RegisterEntry],
) -> list[Line]:
    bounded = _bounded(window, entries)
    if bounded is None:
        return []
    _, start, end = bounded
    if window.topic or window.place:
        entries = about(entries, window.topic, window.place)
        if not entries and window.topic:
            return []
    shown = agenda(_of_kind(entries, window), as_of)
    ahead = [entry for entry in (*shown.now, *shown.upcoming) if overlaps(entry, start, end)]
    ended = end is not None and end < as_of
    some = [] if ended else [entry for entry in shown.coarse if overlaps(entry, start, end)][:FEW]
    off = [entry for entry in (*shown.postponed, *shown.cancelled) if overlaps(entry, start, end)]
    gone = [] if window.upcoming else [entry for entry in reversed(shown.past) if overlaps(entry, start, end)]
    gone.sort(key=lambda entry: (entry.precision != "day", entry.precision != "month"))
    if window.ask == "missed":
        gone.reverse()
        if not gone:
            return _nothing(window, agenda(shown.past, as_of), as_of, newest, successors)
        return _lines(gone, as_of, successors)
    if ahead or gone:
        return _lines([*ahead, *gone, *off, *some], as_of, successors)
    others: list[RegisterEntry] = []
    if window.kinds:
        wide = agenda(entries, as_of)
        others = [entry for entry in (*wide.now, *wide.upcoming) if overlaps(entry, start, end)]
    if (some or off) and not others:
        return _lines([*some, *off], as_of, successors)
    return _nothing(window, shown, as_of, newest, successors, other=others)


def answer_from_register(
    question: str,
    window: Window,
    entries: Sequence[RegisterEntry],
    as_of: date,
    *,
    newest: date | None = None,
) -> list[Line]:
    """Answer a question about time: sentences in reading order, each with the entry that it cites.

    `entries` is the whole register as of `as_of`, `newest` the date of the newest document. An
    empty list says that the register holds nothing on what the question names ("is the picnic still
    on?"), and the documents themselves are to be asked.
    """
    successors = {entry.id: entry for entry in entries}
    if window.ask in {"status", "countdown"}:
        return _status(window, entries, as_of, newest, successors)
    if window.ask == "next":
        return _next(window, entries, as_of, newest, successors)
    return _listed(window, entries, as_of, newest, successors)
