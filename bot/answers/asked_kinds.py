"""The kinds of answer that questions ask for: whether a sentence has a date, place, number or name of that kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.question import Ask, Question
from bot.question.lexicon import MONTHS, ORDINALS, countries, table
from ingest.dates import find_dates
from store.terms import STOP_WORDS, stem, words


def _any(name: str) -> str:
    return "|".join(table("answering")[name])


_TIMING = re.compile(rf"\b(?:{_any('timing')})\b", re.I)
_LENGTH = re.compile(
    r"\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve)[ -](?:day|week|month|year|hour)s?\b"
    r"|\b(?:annual(?:ly)?|yearly|monthly|weekly|daily|bi-?annual(?:ly)?|biennial(?:ly)?|quarterly|every)\b"
    r"|\b(?:once|twice|times) (?:a|an|per|each|every)\b"
    r"|\b\d[\d,]*[ -](?:pages?|words|paragraphs|minutes?|km|kilomet\w+)\b",
    re.I,
)
_COUNTED = re.compile(rf"\b(?:\d[\d,.]*\d|\d|{_any('numbers')})\b(?P<after>[^.,;]{{0,60}})", re.I)
_AMOUNT = re.compile(
    r"\b\d[\d,.]*\s?(?:%|per ?cent|M\b|m\b|million|billion|bn\b|euros?|dollars?|francs?|CHF|USD|EUR)"
    r"|(?:[$€£]|CHF|USD|EUR|US\$)\s?\d",
    re.I,
)
_PLACE = re.compile(
    r"\b(?:[Ii]n|[Aa]t|hosted by)\s+(?:the\s+)?(?P<place>[A-Z][\w’'-]+(?:,?\s+(?:and\s+)?[A-Z][\w’'-]+)*)"
)
_NO_PLACE = re.compile(rf"(?:{'|'.join(MONTHS)}|{_any('no_places')})\b")
_PERSON = re.compile(
    r"\b[A-Z][\w’'-]+(?:\s+(?:of|the|for|and|to|[A-Z][\w’'-]*))*\s+[A-Z][\w’'-]+|\b[A-Z]{2,}\b"
)
_PERSON_NAME = re.compile(
    r"(?P<title>\b(?:Mr|Ms|Mrs|Dr|H\.E|Prof|Amb)\b\.?\s+)?"
    r"\b[A-Z][a-z\u00c0-\u024f]+(?:[ -][A-Z][a-z\u00c0-\u024f]+){1,2}\b"
)
_OF_A_PLACE = re.compile(r"\b(?:in|at|of|the|for|to)\s+$")
_OFFICE = re.compile(rf"(?:{_any('offices')})")
_OFFICE_HELD = re.compile(rf"\b(?:{_any('offices_held')})\b(?!['’]s)", re.I)
_CAUSE = re.compile(rf"\b(?:{_any('causes')})\b", re.I)
_TITLED = re.compile(rf"\b(?:{_any('titles')})\b\.?\s+[A-Z]")
_ASKS_AHEAD = re.compile(rf"\b(?:{_any('asks_ahead')})\b", re.I)
_AHEAD = re.compile(rf"\b(?:{_any('ahead')})\b", re.I)
_EDITION = re.compile(
    rf"\b(?P<place>{'|'.join(ORDINALS[:10])}|\d+(?:st|nd|rd|th))\s+(?P<nouns>\w+(?:\s+\w+)?)", re.I
)
# The counted noun is among this many words after a number.
_NOUN_WITHIN = 5


@dataclass(frozen=True, slots=True)
class AskedKinds:
    """What a question asks for, read once to be looked for in many sentences."""

    asks: tuple[Ask, ...]
    known: frozenset[str]
    """The words of the question, and stop words: they are no answer."""
    counted: frozenset[str]
    """The stemmed nouns whose number is asked ("how many digital initiatives")."""
    office: re.Pattern[str] | None
    """The office whose holder is asked for: holders of another one, or the staff of this one, are other people."""
    ahead: bool
    """Whether it is about the future."""
    editions: Mapping[str, set[str]]

    @classmethod
    def of(cls, question: Question) -> AskedKinds:
        """Return what a question asks for."""
        text = question.text
        held = _OFFICE_HELD.search(text)
        return cls(
            asks=question.asks,
            known=STOP_WORDS.union(words(text)),
            counted=_counted_nouns(text),
            office=re.compile(rf"(?<![\w-]){re.escape(held.group())}(?![\w’'-])", re.I) if held else None,
            ahead=_ASKS_AHEAD.search(text) is not None,
            editions=_editions(text),
        )

    def are_in(self, sentence: str) -> bool:
        """Whether a sentence has all that is asked for."""
        return all(self.matches(ask, sentence) for ask in self.asks)

    def matches(self, ask: Ask, sentence: str) -> bool:
        """Whether a sentence has what a kind of question asks for; True for kinds without a test."""
        test = _TESTS.get(ask)
        return test is None or test(sentence, self)

    def fit(self, sentence: str) -> float:
        """Return how well a sentence fits, in 0..1: 1 for a person with a title, or for a date to come."""
        person = "who" in self.asks or "person" in self.asks
        return float(
            (person and _TITLED.search(sentence) is not None)
            or (self.ahead and "when" in self.asks and _AHEAD.search(sentence) is not None)
        )

    def other_edition(self, sentence: str) -> bool:
        """Whether a sentence is about another edition or session than the question."""
        if not self.editions:
            return False
        stated, present = _editions(sentence), set(words(sentence))
        return any(
            noun in stated and not places & (stated[noun] | present) for noun, places in self.editions.items()
        )

    def is_new(self, found: Iterable[str]) -> bool:
        """Whether one of these texts has a word that the question has not."""
        return any(word not in self.known for text in found for word in words(text))


def tested_kinds(asks: Iterable[Ask]) -> tuple[Ask, ...]:
    """Return those of the kinds that a sentence can be tested for."""
    return tuple(ask for ask in asks if ask in _TESTS)


# The question's are compared with those of each sentence.
@lru_cache(maxsize=1024)
def _editions(text: str) -> Mapping[str, set[str]]:
    """Return stemmed noun -> the ordinals before it ("third session")."""
    found: dict[str, set[str]] = {}
    for match in _EDITION.finditer(text):
        for noun in set(words(match["nouns"])) - STOP_WORDS:
            found.setdefault(stem(noun), set()).add(match["place"].casefold())
    return found


# Questions find the same sentences again.
@lru_cache(maxsize=1024)
def _dates(sentence: str) -> Sequence[str]:
    """Return the dates in a sentence, without what only looks like one: "Resolution 219 (Bucharest, 2022)"."""
    return [found.text for found in find_dates(sentence, reference=None)]


def _where(sentence: str, asked: AskedKinds) -> bool:
    places = (match["place"] for match in _PLACE.finditer(sentence))
    return asked.is_new(place for place in places if not _NO_PLACE.match(place))


@lru_cache(maxsize=1)
def _country_names() -> re.Pattern[str]:
    longest_first = sorted(countries(), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")


def _how_many(sentence: str, asked: AskedKinds) -> bool:
    return any(
        not asked.counted or any(stem(word) in asked.counted for word in words(match["after"])[:_NOUN_WITHIN])
        for match in _COUNTED.finditer(sentence)
    )


def _counted_nouns(text: str) -> frozenset[str]:
    match = re.search(r"(?:how many|number of|count of)\s+(?P<rest>.*)", text, re.I)
    found: list[str] = []
    for word in words(match["rest"]) if match else ():
        if word not in STOP_WORDS:
            found.append(stem(word))
        elif found:
            break
    return frozenset(found[:3])


def _person(sentence: str, asked: AskedKinds) -> bool:
    """Whether a sentence names a person: by a title before the name, or an office beside it."""
    if asked.office and not asked.office.search(sentence):
        return False
    for match in _PERSON_NAME.finditer(sentence):
        start, end = match.span()
        if _OF_A_PLACE.search(sentence, 0, start):
            continue
        delimited = sentence[end : end + 1] == "," or sentence[:start].rstrip().endswith(",")
        if match["title"] or (delimited and _OFFICE.search(sentence[max(0, start - 80) : end + 60])):
            return True
    return False


_TESTS: Mapping[Ask, Callable[[str, AskedKinds], bool]] = {
    "when": lambda s, asked: _TIMING.search(s) is not None or asked.is_new(_dates(s)),
    "where": _where,
    "how many": _how_many,
    "how much": lambda s, _: _AMOUNT.search(s) is not None,
    "how long": lambda s, _: _LENGTH.search(s) is not None,
    "why": lambda s, _: _CAUSE.search(s) is not None,
    "person": _person,
    "which countries": lambda s, asked: asked.is_new(_country_names().findall(s)),
    "who": lambda s, asked: asked.is_new(_PERSON.findall(s)),
}
