"""What "the conference", "this Summit" and "a second one" stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ingest.event_naming import Named
from ingest.event_phrases import (
    about,
    backwards,
    forwards,
    is_acronym,
    is_gathering,
    is_name,
    phrase_text,
    singular,
    words_of,
)

_POINTER = re.compile(
    r"^(?:(?:the|this|that|its|these|such|those) )?(?:(?:this )?year[’']s |next year[’']s |last year[’']s )?"
    r"(?:(?P<ordinal>first|second|third|fourth|next|last|said|upcoming|forthcoming|new) )?"
    r"(?P<noun>conference|summit|forum|meeting|session|event|assembly|workshop|consultation|consultations|roundtable|dialogue"
    r"|it|symposium|gathering|seminar|webinar|week|congress|council|hackathon|ceremony|challenge|one|exhibition)$",
    re.I,
)
# Headings that name no subject.
_NO_SUBJECT = re.compile(
    r"^(?:introduction|activities|background|conclusions?|purpose|references|annex\b.*|summary"
    r"|overview|other .*|any other .*|general|context|action.*|financial.*|next steps"
    r"|way forward|timetable.*|(?:important |key )?dates.*|deadlines.*|calendar.*"
    r"|meetings?\b.*|time limits.*|opening\b.*|closing\b.*|agenda.*|follow-?up.*"
    r"|recommendations?)$",
    re.I,
)
_LEAD_IN = re.compile(r"^([A-Z][^.:;]{3,60}): ")


@dataclass
class Memory:
    """The gatherings named so far in one document, by their noun and latest last.

    Of the section being read: `topic` is what it speaks of, `latest` the meeting that it dated last.
    """

    title: str = ""
    topic: str | None = None
    latest: str | None = None
    names: dict[str, str] = field(default_factory=dict)

    def note(self, title: str) -> None:
        """Remember `title` under each gathering that it names."""
        words = words_of(title)
        if not any(is_name(w) for w in words[1:]) and not any(is_acronym(w) for w in words):
            return
        # Latest last, also where the name is known.
        heads = [w.fold for w in words if is_gathering(w) and w.fold.isalpha()]
        for head in heads:
            self.names.pop(singular(head), None)
            self.names[singular(head)] = title

    def recall(self, noun: str) -> str | None:
        """Return the latest title with that noun; for "event" and "one" the latest of all."""
        noun = noun.casefold()
        if noun == "it":
            return self.topic or self.latest
        if noun == "one":
            return self.latest
        found = self.names.get(singular(noun))
        if found is None and noun in ("event", "gathering"):
            return self.latest or self.topic
        return found


def names_in(text: str) -> Iterable[str]:
    """Return the gatherings that `text` calls by a capitalised name, in order."""
    words = words_of(text)
    k = 0
    while k < len(words):
        if not (is_gathering(words[k]) and words[k].text[0].isupper() and words[k].fold.isalpha()):
            k += 1
            continue
        first = stop = k
        while first > 0 and k - first < 12 and (_joins(words[first - 1].fold) or is_name(words[first - 1])):
            first -= 1
        stop = k + 1
        while stop < len(words) and stop - k < 10 and (_joins(words[stop].fold) or is_name(words[stop])):
            stop += 1
        while first < k and (_joins(words[first].fold) or words[first].fold in ("this", "in", "at", "on")):
            first += 1
        while stop > k + 1 and (_joins(words[stop - 1].fold) or not words[stop - 1].text[-1].isalnum()):
            stop -= 1
        first, stop = about(words, first, stop)
        if stop - first > 1:
            yield phrase_text(text, words, first, stop)
        k = max(stop, k + 1)


def _joins(fold: str) -> bool:
    return fold in ("of", "the", "on", "for", "and")


def resolved(named: Named, memory: Memory, section_text: str, heading: str) -> Named | None:
    """Return `named` with what it points to in its title; None where a bare "the meeting" points to nothing."""
    pointer = _POINTER.match(named.title)
    if pointer is None:
        return _with_subject(named, section_text, heading)
    known = memory.recall(pointer["noun"])
    if known is None:
        known = next(
            (n for n in names_in(heading) if singular(pointer["noun"].casefold()) in n.casefold()), None
        )
    if known is None and pointer["noun"].casefold() not in ("one", "it"):
        known = _phrase_with(pointer["noun"], memory.title) or next(iter(names_in(memory.title)), None)
        if known is None and pointer["ordinal"] is None and _says_something(heading):
            return replace(named, title=f"{_subject(heading)}: {named.title.casefold()}")
    if known is None:
        return None
    ordinal = pointer["ordinal"]
    if ordinal and ordinal.casefold() in ("second", "third", "fourth", "next", "last", "new"):
        known = re.sub(r"^(?:first|second|third|fourth|next) ", "", known, flags=re.I)
        known = re.sub(r" (?:19|20)\d\d$", "", known)
        return replace(named, title=f"{ordinal.capitalize()} {known}", gathering=True)
    return replace(named, title=known, gathering=True)


def _phrase_with(noun: str, title: str) -> str | None:
    words = words_of(title)
    at = next((k for k, w in enumerate(words) if w.fold == noun.casefold()), None)
    if at is None:
        return None
    first, _ = backwards(words, at + 1)
    _, stop = forwards(words, at, len(words))
    return phrase_text(title, words, first, stop) if stop - first > 1 else None


def _with_subject(named: Named, section_text: str, heading: str) -> Named:
    """Say what "Written inputs" and "Informal consultations" are about: the lead-in or the heading above them."""
    words = words_of(named.title)
    if any(is_name(w) for w in words[1:]) or (words and is_acronym(words[0])) or len(words) > 6:
        return named
    lead = _LEAD_IN.match(section_text)
    subject = lead[1] if lead else _subject(heading)
    # "Handbook" alone is no entry for a calendar: any heading is better than none.
    bare = len(named.title.split(":")[0].split()) == 1 and bool(subject) and not _NO_SUBJECT.match(subject)
    if (
        not (bare or _says_something(subject))
        or len(subject) > 60
        or subject.casefold() in named.title.casefold()
    ):
        return named
    return replace(named, title=f"{named.title} ({subject})")


def _says_something(heading: str) -> bool:
    """Whether a heading has a subject: "Other matters" and "Work of the group" have none, a name has."""
    words = words_of(_subject(heading))
    named = any(is_name(w) for w in words[1:]) or any(map(is_acronym, words[:1]))
    return named and not _NO_SUBJECT.match(heading)


def _subject(heading: str) -> str:
    return re.sub(r"\s+", " ", heading).strip(" .:;")


def noted(memory: Memory, sentence: str) -> None:
    """Remember the gatherings that `sentence` names; the first is what "it" will stand for."""
    names = list(names_in(sentence))
    for name in names:
        memory.note(name)
    if names and not re.match(r"\W*(?:it|they|this|these)\b", sentence, re.I):
        memory.topic = names[0]


def opened(memory: Memory, heading: str) -> None:
    """Forget what "it" and "a second one" stood for: a new section speaks of what its heading names, if anything."""
    memory.topic = memory.latest = None
    noted(memory, heading)
