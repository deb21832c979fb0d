"""Parses a model's reply into sentences with markers, without the markup around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ingest.text.sentences import split

_LABELLED = re.compile(
    r"!?\[(?P<label>[^\[\]]{0,200})\]\(\s*<?(?P<target>[a-z][a-z0-9+.-]*:[^\s()<>]*|www\.[^\s()<>]*)>?[^()]*\)",
    re.I,
)
_ANCHOR = re.compile(
    r"<a\b[^<>]*?href\s*=\s*[\"']?(?P<target>[^\"'\s<>]+)[^<>]*>(?P<label>[^<>]*)</a\s*>", re.I
)
_SLACK = re.compile(r"<(?P<target>(?:https?|mailto|ftp):[^|<>\s]+)\|(?P<label>[^<>]*)>", re.I)
_FENCE = re.compile(r"^[^\S\n]*```.*$|```", re.M)
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.S | re.I)
_DECORATION = re.compile(r"^\s{0,3}(?:#{1,6}\s+|>\s?)", re.M)
# Signs of a list become this one.
_POINT = "•"
_LIST_SIGN = re.compile(r"^\s{0,8}(?:\d{1,2}[.)]|[-*+•–])\s+", re.M)
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_OPENING = re.compile(r"^\s*(?:answer|response)\s*:\s*", re.I)
# No prompt has a thousand passages: "[2024-09-22]" is no marker.
_NUMBERS = r"-?(?:\d{4,40}|\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)"
_MARKER = re.compile(
    rf"[\[【]\s*(?:passages?|sources?|refs?\.?|\^|#|n\s*=\s*)?\s*({_NUMBERS})\s*(?:†[^\]】]*)?[\]】]", re.I
)
_MARKERS = rf"(?:\s*{_MARKER.pattern.replace('(' + _NUMBERS + ')', _NUMBERS)})+"
# From the first of several spaces only: else a text of nothing but spaces takes quadratic time, here and below.
_BEFORE_MARKER = re.compile(rf"(?<!\s)\s*{_MARKER.pattern}", re.I)
# Markers that come after the full stop belong to the sentence before it.
_AFTER_STOP = re.compile(rf"([.!?…][\"”’')]*)({_MARKERS})", re.I)
# More markers may follow a marker on the same line.
_MORE_MARKERS = re.compile(r"[\]】][^\S\n]*\Z")
# An incomplete marker.
_OPEN_MARKER = re.compile(r"(?<!\s)\s*[\[【][^\]】\n]{0,20}\Z")
_NO_ANSWER = re.compile(r"^\W*no[ _-]?answer\b\W*(?:\[\W*\d*\W*\]\W*)?$", re.I)
_NO_ANSWER_TO = re.compile(r"^\W*no[ _-]?answer\s*:\W*(?P<part>\w.*)", re.I | re.S)
_MOST_IN_RANGE = 20
_ENDS = re.compile(r"[.!?…\n\]】]")
_STEPS = 20
# Up to so many characters, every end of a sentence is parsed at once.
_AT_ONCE = 2_000
_OPENING_WORDS = 3
# A sentence has ended if a name or a number after it would begin another one.
_NEXT = ("Xylem", "7")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence as a model wrote it, without markers; `cites` are places of items from 0, which may not exist."""

    text: str
    cites: tuple[int, ...] = ()
    opens: Literal["", "line", "point"] = ""
    """Whether it begins a line, or a point of a list."""


class ReplyParser:
    """Takes the pieces of a text and yields each sentence as soon as it is complete."""

    def __init__(self) -> None:
        self._text = ""
        self._yielded: list[Statement] = []
        self._parsed_length = 0
        self._ended = False

    def feed(self, piece: str) -> Iterator[Statement]:
        """Yield the sentences that are complete now.

        The last one waits for the next, unless it has markers and an end, and white space follows; after
        "It is late. [1] " more markers may follow on the same line.
        """
        self._text += piece
        new = self._text[self._parsed_length :]
        # Each parse reads the whole text again: the longer it is, the more must have been added.
        if len(new) < max(0, len(self._text) - _AT_ONCE) // _STEPS:
            return
        ends = _ENDS.search(new) is not None
        pauses = self._ended and new.isspace()
        # The words that follow show whether it is the end of a sentence.
        if ends or pauses or (self._ended and len(new.split()) >= _OPENING_WORDS):
            self._parsed_length, self._ended = len(self._text), ends or pauses
            plain = _without_markup(_OPEN_MARKER.sub("", self._text))
            whole = _sentences(plain)
            yield from self._new(whole if whole and whole[-1].cites and _ended(plain) else whole[:-1])

    def end(self) -> Iterator[Statement]:
        """Yield the remaining sentences."""
        yield from self._new(sentences_of(self._text))

    def _new(self, whole: list[Statement]) -> Iterator[Statement]:
        for sentence in whole[len(self._yielded) :]:
            self._yielded.append(sentence)
            yield sentence


def sentences_of(text: str) -> list[Statement]:
    """Return the sentences of a model's text with the places they cite, from 0; markers are taken out of the text.

    Code fences, signs of headings and lists, and bold type are removed, their text stays.
    """
    return _sentences(_without_markup(text))


def _without_markup(text: str) -> str:
    plain = with_plain_links(_THOUGHT.sub(" ", text))
    return _OPENING.sub(
        "", _BOLD.sub(r"\2", _LIST_SIGN.sub(f"{_POINT} ", _DECORATION.sub("", _FENCE.sub("", plain))))
    ).replace("**", "")


def _ended(plain: str) -> bool:
    """Whether the last sentence has ended although nothing follows it yet."""
    if not plain[-1:].isspace() or _MORE_MARKERS.search(plain):
        return False
    # Before a marker, an abbreviation's full stop looks like a sentence's.
    bare = _BEFORE_MARKER.sub("", plain)
    count = len(split(bare))
    return all(len(split(bare + following)) == count + 1 for following in _NEXT)


def _sentences(plain: str) -> list[Statement]:
    plain = _AFTER_STOP.sub(r"\2\1", plain)
    found: list[Statement] = []
    before = 0
    for start, end in split(plain):
        gap, sentence = plain[before:start], plain[start:end]
        before = end
        cites = [place for match in _MARKER.finditer(sentence) for place in _places(match.group(1))]
        bare = re.sub(r"\s+([.,;:!?])", r"\1", _MARKER.sub("", sentence))
        is_point = _POINT in gap or bare.lstrip().startswith(_POINT)
        bare = re.sub(r"\s{2,}", " ", bare).strip(f"{_POINT} \t\r\n")
        opens: Literal["", "line", "point"] = "point" if is_point else "line" if "\n" in gap else ""
        if any(c.isalnum() for c in bare):
            found.append(Statement(bare, tuple(dict.fromkeys(cites)), opens))
    return found


def with_plain_links(text: str) -> str:
    """Return a text whose links of any markup are written as "label (address)"; of odd schemes, the label alone."""
    for form in (_LABELLED, _ANCHOR, _SLACK):
        text = form.sub(_plain_link, text)
    return text


def _plain_link(match: re.Match[str]) -> str:
    label, target = match["label"].strip(), match["target"]
    if label.isdigit():
        return f"[{label}]"  # A marker of a passage leads to the passage and nowhere else.
    return f"{label} ({target})" if target.casefold().startswith(("http://", "https://", "www.")) else label


def is_no_answer(sentence: str) -> bool:
    """Whether a sentence is NO ANSWER, the agreed words for a refusal."""
    return _NO_ANSWER.match(sentence) is not None


def unanswered_part(sentence: str) -> str:
    """Return the part of the question that "NO ANSWER: part" names, "" for any other sentence."""
    named = _NO_ANSWER_TO.match(sentence)
    return named["part"].strip(" \"'”“") if named else ""


def _places(numbers: str) -> Iterator[int]:
    for part in re.split(r"\s*[,;]\s*", numbers):
        if part.startswith("-"):
            continue
        ends = [int(number) for number in re.findall(r"\d+", part)]
        first, end = ends[0], ends[-1]
        yield from (n - 1 for n in range(first, min(end, first + _MOST_IN_RANGE) + 1))
