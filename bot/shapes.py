"""What an answer looks like: whether a sentence holds a date, a place, a number or a name of the kind asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from bot.question import Ask, Question
from store.terms import STOP_WORDS, stem, words

_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DATE = re.compile(
    rf"\b\d{{1,2}}\s+{_MONTH}|\b{_MONTH}\s+\d|\b{_MONTH}\b(?=[ ,.]|$)|\b(?:19|20)\d\d\b"
    r"|\b(?:spring|summer|autumn|winter|early|mid|late|end|beginning|half|quarter)(?:[ -]of)?(?:[ -]the)?[ -](?:19|20)\d\d",
)
_TIMING = re.compile(r"\b(?:postponed|cancelled|canceled|rescheduled|annual(?:ly)?|yearly|bi-?annual(?:ly)?|every)\b", re.I)
_LENGTH = re.compile(
    r"\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve)[ -](?:day|week|month|year|hour)s?\b"
    r"|\b(?:annual|yearly|monthly|weekly|bi-?annual|biennial|quarterly|every)\b",
    re.I,
)
_NUMBER_WORD = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|hundred|thousand"
    r"|dozens?|several|both"
)
_NUMBER = re.compile(rf"\b(?:\d[\d,.]*\d|\d|{_NUMBER_WORD})\b", re.I)
_COUNTED = re.compile(rf"\b(?P<number>\d[\d,.]*\d|\d|{_NUMBER_WORD})\b(?P<after>[^.;]{{0,60}})", re.I)
_AMOUNT = re.compile(r"\b\d[\d,.]*\s?(?:%|per ?cent|M\b|m\b|million|billion|bn\b|euros?|dollars?|francs?|CHF|USD|EUR)|[$€£]\s?\d|(?:CHF|USD|EUR|US\$)\s?\d", re.I)
_PLACE = re.compile(r"\b(?:in|at|to|from|hosted by)\s+(?:the\s+)?(?P<place>[A-Z][\w’'-]+(?:,?\s+(?:and\s+)?[A-Z][\w’'-]+)*)")
_NO_PLACE = re.compile(rf"^(?:{_MONTH}|[A-Z]{{2,}}\d*|Our|This|That|These|Member)\b")
_PERSON = re.compile(
    r"\b(?:Mr|Ms|Mrs|Dr|H\.E)\.?\s+[A-Z]|\b[A-Z][\w’'-]+-(?:General|General’s)\b|\b[A-Z][\w’'-]+(?:\s+(?:of|the|for|and|to|[A-Z][\w’'-]*))*\s+[A-Z][\w’'-]+"
    r"|\b[A-Z]{2,}\b|\b[Cc]o-(?:facilitators?|chairs?|leads?)\b",
)
# What a noun after "how many" may be called where it is counted.
_WINDOW = 5


def holds(ask: Ask, sentence: str, question: Question) -> bool:
    """Whether the sentence holds what this kind of question asks for; True for the kinds without a shape."""
    test = _TESTS.get(ask)
    return test is None or test(sentence, question)


def _new(found: Collection[str], question: Question) -> bool:
    """Whether something was found that the question did not already say."""
    said = set(words(question.text))
    return any(set(words(text)) - said - STOP_WORDS for text in found)


def _when(sentence: str, question: Question) -> bool:
    return _new(_DATE.findall(sentence), question) or _TIMING.search(sentence) is not None


def _where(sentence: str, question: Question) -> bool:
    places = [m["place"] for m in _PLACE.finditer(sentence) if not _NO_PLACE.match(m["place"])]
    return _new(places, question)


def _how_many(sentence: str, question: Question) -> bool:
    counted = counted_noun(question.text)
    if not counted:
        return _NUMBER.search(sentence) is not None
    for match in _COUNTED.finditer(sentence):
        after = [stem(w) for w in words(match["after"])][:_WINDOW]
        if counted & set(after):
            return True
    return False


def counted_noun(text: str) -> set[str]:
    """Return the stemmed nouns that a question asks the number of: "how many digital initiatives" counts initiatives."""
    match = re.search(r"(?:how many|number of|count of)\s+(?P<rest>.*)", text, re.I)
    if match is None:
        return set()
    found: list[str] = []
    for word in words(match["rest"]):
        if word in STOP_WORDS and found:
            break
        if word not in STOP_WORDS:
            found.append(stem(word))
    return set(found[:3])


_TESTS: Mapping[Ask, Callable[[str, Question], bool]] = {
    "when": _when,
    "where": _where,
    "how many": _how_many,
    "how much": lambda s, q: _AMOUNT.search(s) is not None,
    "how long": lambda s, q: _LENGTH.search(s) is not None,
    "who": lambda s, q: _new(_PERSON.findall(s), q),
}
