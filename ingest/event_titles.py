"""What a dated event is called and what kind it is, from the sentence that dates it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ingest.dates import DateExpression
from ingest.event_phrases import (
    Word,
    backwards,
    forwards,
    is_acronym,
    is_gathering,
    is_name,
    is_writing,
    phrase_text,
    singular,
    words_of,
)
from ingest.event_words import DEADLINE_NOUNS, DUE, HELD, OUT, STEP
from store.records import Kind

_VERBS: dict[str, Literal["held", "out", "step"]] = {
    **dict.fromkeys(HELD.split(), "held"),
    **dict.fromkeys(OUT.split(), "out"),
    **dict.fromkeys(STEP.split(), "step"),
}
_BE = frozenset("is are was were be been being".split())
_AUXILIARIES = _BE | frozenset(
    """will shall has have had to would should could may might also now initially originally tentatively first subsequently
    provisionally officially formally again not expected planned then currently scheduled due""".split()
)
_INTRANSITIVE = frozenset("takes take took opens begins starts closes concludes meets met convenes ends expires runs ran".split())
_SUBMIT = frozenset("submit send provide transmit return register notify communicate deliver nominate reply respond apply upload".split())
_LEADING = frozenset("on in by as of for subsequently during at the since until from additionally moreover also then early late, , before after between it".split())
_TARGETS = frozenset("target targets goal goals objective election elections entry deadline anniversary transition".split())


@dataclass(frozen=True, slots=True)
class Named:
    """A title and a kind; `done` and `passive` verbs of holding are told apart by the caller's cues."""

    title: str
    kind: Kind
    gathering: bool = False


def name_event(sentence: str, begin: int, end: int, expression: DateExpression, clause: tuple[int, int]) -> Named | None:
    """Return what is dated by `sentence[begin:end]`, looking no farther than `clause`; None where nothing is named."""
    words = [w for w in words_of(sentence) if clause[0] <= w.start and w.end <= clause[1]]
    left = sum(1 for w in words if w.end <= begin)
    right = next((k for k, w in enumerate(words) if w.start >= end), len(words))
    finder = _Finder(sentence, words, left, right, expression)
    return finder.find()


class _Finder:
    """The ways of naming, tried from the surest on."""

    def __init__(self, sentence: str, words: list[Word], left: int, right: int, expression: DateExpression) -> None:
        self.sentence, self.words, self.left, self.right = sentence, words, left, right
        self.expression = expression

    def find(self) -> Named | None:
        leading = all(w.fold in _LEADING or not w.text[-1].isalnum() for w in self.words[: self.left])
        found = self._possessed() or self._name_year()
        if found is None and self._is_deadline():
            found = self._deadline(leading)
        if found is None and not leading:
            found = self._beside() or self._by_verb(self.left, last=True)
        if found is None and (leading or self._participle_first()):
            found = self._by_verb(len(self.words), last=False) or self._first_gathering(self.right) or self._subject()
        if found is None and not leading:
            found = self._target() or self._first_gathering(0)
        return found

    def _text(self, first: int, stop: int) -> str:
        return phrase_text(self.sentence, self.words, first, stop)

    def _possessed(self) -> Named | None:
        """ "its July 2023 meeting", "the 2025 WSIS Forum", "the 12 May consultation"."""
        words, k = self.words, self.right
        before = words[self.left - 1].fold if self.left else ""
        if before not in ("its", "their", "the", "this", "our") and not self.expression.named:
            return None
        if k >= len(words) or not words[k].text[-1].isalnum():
            return None
        first, stop = forwards(words, k, len(words))
        heads = [j for j in range(first, stop) if is_gathering(words[j])]
        if not heads or any(words[j].fold in ("on", "in", "at") for j in range(first, heads[0])):
            return None
        text = self._text(first, stop)
        owner = ""
        if before in ("its", "their"):
            owner = self._owner()
        if self.expression.precision == "year" and not owner:
            text = f"{self.expression.text} {text}"
        return Named(f"{owner} {text[:1].lower() + text[1:]}" if owner and len(words[first].text) > 1 and words[first].text.islower() else text, "meeting", True)

    def _owner(self) -> str:
        words = self.words
        k = next((j for j, w in enumerate(words) if is_name(w) and w.fold not in _LEADING | {"the"}), None)
        if k is None or k >= self.left:
            return ""
        stop = k
        while stop < self.left and (is_name(words[stop]) or words[stop].fold in ("of", "the", "on", "for")):
            stop += 1
        return self._text(k, stop)

    def _name_year(self) -> Named | None:
        if not self.expression.named or not self.left:
            return None
        first, stop = backwards(self.words, self.left)
        text = self._text(first, stop)
        return Named(f"{text} {self.expression.text}", "meeting", True) if text else None

    def _is_deadline(self) -> bool:
        before = self.sentence[self.words[0].start : self.words[self.left - 1].end] if self.left else ""
        whole = self.sentence[self.words[0].start : self.words[-1].end] if self.words else ""
        if DEADLINE_NOUNS.search(before):
            return True
        return self.expression.bound == "by" and bool(DUE.search(whole) or DEADLINE_NOUNS.search(whole))

    def _deadline(self, leading: bool) -> Named | None:
        words = self.words
        stop = len(words) if leading else self.left
        for k in range(stop):
            if words[k].fold in ("deadline", "deadlines", "date", "limit") and k + 2 < len(words) and words[k + 1].fold in ("for", "to", "of"):
                first, end = forwards(words, k + 2, stop if k < self.left else len(words))
                text = self._text(first, end)
                if text:
                    return Named(_noun(text), "deadline")
        for k in range(stop - 1, -1, -1):
            if words[k].fold in _SUBMIT and k + 1 < stop and not (k and words[k - 1].fold in ("the", "of")):
                first, end = forwards(words, k + 1, stop)
                text = self._text(first, end)
                if text:
                    return Named(_noun(text), "deadline")
        for k in range(stop):
            if words[k].fold in ("due", "should", "must", "shall", "will", "is", "are", "to", "closes", "expires", "reach") and k:
                first, end = backwards(words, k)
                text = self._text(first, end)
                if text and text.casefold() not in _PRONOUNS:
                    return Named(_noun(text), "deadline")
        return None

    def _beside(self) -> Named | None:
        """The phrase right before the date: "the Radiocommunication Assembly, in November 2023"."""
        stop = self._without_place(self.left)
        first, stop = backwards(self.words, stop)
        phrase = self.words[first:stop]
        if not any(is_gathering(w) for w in phrase):
            return None
        before = first - 1
        link = self.words[before].fold if before >= 0 else ""
        if link in ("to", "at", "during", "by", "with", "of", "before") and before > 0:
            verb = self.words[before - 1].fold
            if _VERBS.get(verb) in ("out", "step"):
                return None
        text = self._text(first, stop)
        return Named(text, "meeting", True) if text else None

    def _without_place(self, stop: int) -> int:
        """Step back over "in Verona", "in Geneva, Switzerland,", "at UN Headquarters in New York"."""
        words = self.words
        while stop > 0:
            k = stop
            while k > 0 and (words[k - 1].fold in ("on", "from", "in", "for", "between", "the", "of", "by") or words[k - 1].text in ",("):
                k -= 1
            i = k
            while i > 0 and k - i < 6 and (is_name(words[i - 1]) or words[i - 1].text == "," or words[i - 1].fold in ("and", "of", "de", "des")):
                if is_gathering(words[i - 1]) or words[i - 1].text[0].isdigit():
                    break
                i -= 1
            if i == k or i == 0 or words[i - 1].fold not in ("in", "at", "the") or k == 0:
                return stop
            if words[i - 1].fold == "the":
                i -= 1
                if i == 0 or words[i - 1].fold not in ("at", "in"):
                    return stop
            stop = i - 1
        return stop

    def _by_verb(self, limit: int, last: bool) -> Named | None:
        low = 0 if last else self.right
        order = range(limit - 1, low - 1, -1) if last else range(low, limit)
        for k in order:
            named = self._verb_at(k, limit)
            if named:
                return named
        return None

    def _verb_at(self, k: int, limit: int) -> Named | None:
        words, word = self.words, self.words[k]
        if word.fold in _INTRANSITIVE and not (word.fold.startswith("t") and (k + 1 >= len(words) or words[k + 1].fold != "place")):
            return self._of_subject(k, "held", "")
        if word.fold == "place" and k and words[k - 1].fold in ("take", "took", "takes", "taking"):
            return self._of_subject(k - 1, "held", "")
        if word.fold in ("open", "begin", "start", "meet", "convene", "conclude", "close") and k and words[k - 1].fold in ("will", "to", "shall"):
            return self._of_subject(k, "held", "")
        if word.fold == "public" and k and words[k - 1].fold == "made":
            return self._of_subject(k - 1, "out", "made public")
        if word.fold == "force" and k > 1 and words[k - 1].fold == "into":
            return self._of_subject(k - 2, "step", "entry into force")
        action = _VERBS.get(word.fold)
        if action is None:
            return None
        passive = bool(k) and words[k - 1].fold in _BE | _AUXILIARIES and any(w.fold in _BE for w in words[max(0, k - 4) : k])
        reduced = k + 1 < len(words) and words[k + 1].fold in ("by", "for", "in", "on", "from", "at") and not passive
        if passive or (reduced and action != "step"):
            return self._of_subject(k, action, word.fold)
        return self._of_object(k, action, word.fold, limit)

    def _of_subject(self, k: int, action: str, verb: str) -> Named | None:
        words, stop = self.words, k
        while stop > 0 and words[stop - 1].fold in _AUXILIARIES:
            stop -= 1
        while stop > 0 and (words[stop - 1].fold in ("which", "that", "who") or words[stop - 1].text == ","):
            stop -= 1
        stop = self._without_place(stop)
        first, stop = backwards(words, stop)
        return self._named(first, stop, action, verb)

    def _of_object(self, k: int, action: str, verb: str, limit: int) -> Named | None:
        words = self.words
        start = k + 1
        if start >= len(words):
            return None
        first, stop = forwards(words, start, min(limit, len(words)) if k < self.left else len(words))
        if first == stop:
            return None
        named = self._named(first, stop, action, verb)
        if named and words[first].fold in ("its", "their"):
            owner = self._text(*backwards(words, k))
            if owner:
                return Named(f"{owner} {named.title[:1].lower()}{named.title[1:]}", named.kind)
        return named

    def _named(self, first: int, stop: int, action: str, verb: str) -> Named | None:
        text = self._text(first, stop)
        if not text or text.casefold() in _PRONOUNS:
            return None
        phrase = self.words[first:stop]
        gathering = any(is_gathering(w) for w in phrase)
        writing = any(is_writing(w) for w in phrase)
        if action == "held":
            return Named(text, "meeting", True) if gathering or any(is_name(w) for w in phrase[1:]) else None
        if action == "out" or (verb == "launched" and writing):
            kind: Kind = "publication" if writing or verb != "launched" else "milestone"
            return Named(f"{text} {verb}", kind)
        return Named(f"{text} {verb}", "milestone")

    def _participle_first(self) -> bool:
        words = [w for w in self.words[: self.left] if w.text[-1].isalnum()]
        return bool(words) and words[0].fold in _VERBS

    def _first_gathering(self, start: int) -> Named | None:
        words = self.words
        for k in range(start, len(words)):
            if self.left <= k < self.right or not is_gathering(words[k]):
                continue
            stop = k + 1
            while stop < len(words) and stop - k < 8 and (is_name(words[stop]) or words[stop].fold in ("of", "the", "on", "for", "and")):
                stop += 1
            while words[stop - 1].fold in ("of", "the", "on", "for", "and"):
                stop -= 1
            first, _ = backwards(words, k + 1)
            phrase = words[first:stop]
            if any(is_name(w) and w.fold != words[0].fold for w in phrase) or is_acronym(words[k]):
                text = self._text(first, stop)
                return Named(text, "meeting", True) if text else None
        return None

    def _subject(self) -> Named | None:
        words, k = self.words, self.right
        while k < len(words) and not words[k].text[-1].isalnum():
            k += 1
        first, stop = forwards(words, k, len(words))
        if self.expression.bound != "by" or not any(is_name(w) for w in words[first:stop]):
            return None
        text = self._text(first, stop)
        return Named(text, "milestone") if len(text) > 3 else None

    def _target(self) -> Named | None:
        first, stop = backwards(self.words, self.left)
        phrase = self.words[first:stop]
        if not any(singular(w.fold) in _TARGETS or w.fold in _TARGETS for w in phrase):
            return None
        text = self._text(first, stop)
        return Named(text, "milestone") if text else None


_PRONOUNS = frozenset("it they this these that those he she we which who its their there".split())


def _noun(text: str) -> str:
    """Turn "Submit written inputs" and "Submitting contributions" into what is due."""
    match = re.match(r"(?:submit|submitting|sending|send|receipt of|receiving|providing|the)\s+(.*)", text, re.I)
    if match:
        text = match[1]
    return text[:1].upper() + text[1:]
