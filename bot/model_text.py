"""What a model wrote, read as sentences with markers, whatever else it put around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.links import plainly
from bot.verification import Written
from ingest.sentences import split

_FENCE = re.compile(r"^\s*```.*$|```", re.M)
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.S | re.I)
_DECORATION = re.compile(r"^\s{0,3}(?:#{1,6}\s+|>\s?|\d{1,2}[.)]\s+|[-*+•]\s+)", re.M)
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_OPENING = re.compile(r"^\s*(?:answer|response)\s*:\s*", re.I)
_NUMBERS = r"-?\d{1,40}(?:\s*[,;–-]\s*\d{1,40})*"
_MARKER = re.compile(
    rf"[\[【]\s*(?:passages?|sources?|refs?\.?|\^|#|n\s*=\s*)?\s*({_NUMBERS})\s*(?:†[^\]】]*)?[\]】]", re.I
)
_MARKERS = rf"(?:\s*{_MARKER.pattern.replace('(' + _NUMBERS + ')', _NUMBERS)})+"
# Markers that come after the full stop belong to the sentence before it.
_AFTER_STOP = re.compile(rf"([.!?…][\"”’')]*)({_MARKERS})", re.I)
_NO_ANSWER = re.compile(r"^\W*no[ _-]?answer\b\W*(?:\[\W*\d*\W*\]\W*)?$", re.I)
_MOST_IN_RANGE = 20
_ENDS = re.compile(r"[.!?…\n\]】]")
_STEPS = 20
_OPENING_WORDS = 3


class Reader:
    """Takes the pieces of a text as they come and gives its sentences as soon as each is whole."""

    def __init__(self) -> None:
        self._text = ""
        self._given = 0
        self._read = 0
        self._ended = False

    def feed(self, piece: str) -> Iterator[Written]:
        """Yield the sentences that are whole now. The last one waits for the next: its markers may be to come."""
        self._text += piece
        # What is read anew each time grows with the text: so the longer it is, the more has to have come.
        if len(self._text) - self._read < len(self._text) // _STEPS:
            return
        ends = _ENDS.search(self._text, self._read) is not None
        # What may be an end is known to be one by the words that follow.
        if ends or (self._ended and len(self._text[self._read :].split()) >= _OPENING_WORDS):
            self._read, self._ended = len(self._text), ends
            yield from self._new(sentences_of(self._text)[:-1])

    def end(self) -> Iterator[Written]:
        """Yield the sentences that are left."""
        yield from self._new(sentences_of(self._text))

    def _new(self, whole: list[Written]) -> Iterator[Written]:
        yield from whole[self._given :]
        self._given = max(self._given, len(whole))


def sentences_of(text: str) -> list[Written]:
    """Return the sentences of a model's text with the places they cite, from 0; markers are taken out of the text.

    Code fences, headings, list signs and bold type are dropped, what stands in them stays.
    """
    plain = plainly(_THOUGHT.sub(" ", text))
    plain = _OPENING.sub("", _BOLD.sub(r"\2", _DECORATION.sub("", _FENCE.sub("", plain))))
    plain = _AFTER_STOP.sub(r"\2\1", plain)
    found = []
    for start, end in split(plain):
        sentence = plain[start:end]
        cites = [place for match in _MARKER.finditer(sentence) for place in _places(match.group(1))]
        bare = re.sub(r"\s+([.,;:!?])", r"\1", _MARKER.sub("", sentence))
        bare = re.sub(r"\s{2,}", " ", bare).strip()
        if any(c.isalnum() for c in bare):
            found.append(Written(bare, tuple(dict.fromkeys(cites))))
    return found


def is_no_answer(sentence: str) -> bool:
    """Whether a sentence is the agreed words for "the passages do not say it"."""
    return _NO_ANSWER.match(sentence) is not None


def _places(numbers: str) -> Iterator[int]:
    for part in re.split(r"\s*[,;]\s*", numbers):
        if part.startswith("-"):
            continue
        first, _, last = re.sub(r"\s", "", part).replace("–", "-").partition("-")
        end = int(last) if last else int(first)
        yield from (n - 1 for n in range(int(first), min(end, int(first) + _MOST_IN_RANGE) + 1))
