"""Finds the events, places and bounding events that a question names, of those in the register. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from bot.register.questions.search import EntryMatch, EntrySearch
from bot.register.questions.vocabulary import KINDS, PATTERNS, TALK
from store.terms import STOP_WORDS, stem

# Least shares of a topic's words in an entry's title, and in title and quote together.
_LEAST_TITLED = 0.5
_LEAST_SCORE = 0.6
# From this score on an entry counts as matching all of a topic.
FULL_SCORE = 0.9
# Entries with a rank below this share of the best one's are other events.
MIN_RANK_SHARE = 0.85
_WORD = re.compile(r"[^\W_]+(?:[-’'&./+][^\W_]+)*")
_PLACE_LED = re.compile(r"\b(?:in|at|to|near|from)\s+(?:the\s+)?$", re.I)
_ELSEWHERE = re.compile(r"\b(?:outside(?:\s+of)?|not\s+in|except|other\s+than|beyond)\s+$", re.I)
# A word with which an event bounds a period.
BOUND = re.compile(
    r"\b(?P<way>before|ahead of|prior to|until|leading up to|up to|after|following|since|between)\s+(?!when\b|how\b)"
    r"(?:the\s+)?(?P<event>[^,;?]+)",
    re.I,
)
_BOTH = re.compile(r"\b(?:before|after) or (?:before|after)\b", re.I)
_JOINED = re.compile(
    r"\s+(?:(?:come )?(?:before or after|after or before)|and|or|with|against|versus|than|to|at the same time as)\s+"
    r"(?:the\s+)?|\s*[/,&]\s*",
    re.I,
)


@dataclass(frozen=True, slots=True)
class NamedTopics:
    """The events that a text names; `unknown` if it has other words, of no document."""

    topics: tuple[str, ...] = ()
    unknown: bool = False


class _Word(NamedTuple):
    """A word of a text; `small`: it is in lower case, so that it names something only where others have it."""

    text: str
    start: int
    small: bool


def find_entries(
    search: EntrySearch, topic: str, place: str = "", near: float = MIN_RANK_SHARE
) -> list[EntryMatch]:
    """Return the entries that a topic names, best first; none if no entry has enough of its words.

    Entries that rank lower than `near` times the best are left out.
    """
    found = search.matches(topic, place)
    held = [m for m in found if m.titled >= _LEAST_TITLED and m.score >= _LEAST_SCORE] if topic else found
    return [m for m in held if m.rank >= near * held[0].rank]


def find_place(text: str, search: EntrySearch) -> tuple[str, str]:
    """Return the place of the register that a text names, and the text without it.

    "Outside of Geneva" names none.
    """
    names = [m for m in _WORD.finditer(text) if _is_place(m.group().casefold(), search)]
    rest = text
    for match in reversed(names):
        led = _PLACE_LED.search(rest[: match.start()])
        rest = f"{rest[: led.start() if led else match.start()]} {rest[match.end() :]}"
    if not names or _ELSEWHERE.search(text[: names[0].start()]):
        return "", rest
    return " ".join(m.group() for m in names), rest


def _is_place(word: str, search: EntrySearch) -> bool:
    return word in search.places and word not in STOP_WORDS and stem(word) not in TALK


def find_bounds(text: str, search: EntrySearch) -> tuple[str, str, str]:
    """Return the events that bound the question, (before, after), "" for none, and the text without them."""
    found = BOUND.search(text)
    if found is None or _BOTH.search(text) or PATTERNS["left"].search(text[: found.start()]):
        return "", "", text
    way, event = found["way"].casefold(), found["event"].strip()
    rest = f"{text[: found.start()]} {text[found.end() :]}".strip(" ,")
    if way == "between":
        pair = re.split(r"\s+and\s+(?:the\s+)?", event, maxsplit=1)
        ends = [_event(one, search)[0] for one in pair]
        return (ends[1], ends[0], rest) if len(ends) == 2 and all(ends) else ("", "", text)
    event, left = _event(event, search)
    rest = f"{rest} {left}".strip()
    if not rest or not event:
        return "", "", text
    return ("", event, rest) if way in {"after", "following", "since"} else (event, "", rest)


def _event(text: str, search: EntrySearch) -> tuple[str, str]:
    """Return the beginning of a text that names an event best, and the rest."""
    words = [word for word in _naming(text) if not word.small or search.knows(word.text)]
    best: tuple[float, int, str] = (0.0, 0, "")
    for count in range(1, len(words) + 1):
        name = " ".join(word.text for word in words[:count])
        if found := find_entries(search, name):
            best = max(best, (found[0].rank, count, name))
    _, count, name = best
    return name, text[words[count].start :] if name and count < len(words) else "" if name else text


def find_topics(text: str, search: EntrySearch, in_documents: Callable[[str], bool]) -> NamedTopics | None:
    """Return what a text names in the register; None if it names something else.

    Lower-case words that are in no entry and no document are ignored.
    """
    words = _naming(text)
    kept = [w for w in words if not w.small or search.knows(w.text) or in_documents(w.text)]
    unknown = len(kept) < len(words)
    if all(is_kind_word(word.text) for word in kept):
        return NamedTopics((), unknown)
    whole = " ".join(word.text for word in kept)
    found = find_entries(search, whole)
    if found and found[0].score >= FULL_SCORE:
        return NamedTopics((whole,), unknown)
    pair, position = list[str](), 0
    for joint in (*_JOINED.finditer(text), None):
        stop = joint.start() if joint else len(text)
        part = " ".join(word.text for word in kept if position <= word.start < stop)
        position = joint.end() if joint else stop
        if part and not is_kind_word(part) and (m := find_entries(search, part)) and m[0].score >= FULL_SCORE:
            pair.append(part)
    if len(pair) == 2 and not _same(pair, search):
        return NamedTopics(tuple(pair), unknown)
    return NamedTopics((whole,), unknown) if found else None


def _same(topics: list[str], search: EntrySearch) -> bool:
    first, second = ({m.entry.chain_id for m in find_entries(search, topic)} for topic in topics)
    return bool(first & second)


def _naming(text: str) -> list[_Word]:
    """Return the words of a text that may name something: all but words of asking."""
    kept = []
    for place, match in enumerate(_WORD.finditer(text)):
        word = match.group()
        folded = word.casefold().removesuffix("'s")
        # "Good" is part of a name, "good" of a greeting.
        asks = folded in STOP_WORDS or (
            stem(folded) in TALK and (place == 0 or word == folded or len(word) < 4)
        )
        if len(folded) > 1 and not asks:
            kept.append(_Word(word, match.start(), folded.isalpha() and word == folded))
    return kept


def is_kind_word(word: str) -> bool:
    """Return whether a word is the name of a kind of event: "meeting"."""
    return any(pattern.fullmatch(word) for pattern in KINDS.values())


def kind_words(text: str) -> str:
    """Return the words of a text that name kinds of events."""
    return " ".join(word for word in _WORD.findall(text) if is_kind_word(word))


def is_short(text: str) -> bool:
    """Return whether a text has so few words that it cannot ask for something else."""
    return len(_WORD.findall(text)) <= 3
