"""What a dated event is called and what kind it is, from the sentence that dates it.

The ways of naming are tried from the surest on: a name around the date ("its July 2023 meeting"), an obligation ("to
submit inputs by"), a gathering right before the date, the verb that the date belongs to, a gathering anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.dates import DateExpression
from ingest.event_phrases import (
    Word,
    about,
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
from ingest.event_verbs import Verb, subject_of, verbs_of
from ingest.event_words import DEADLINE_NOUNS, DETERMINERS, DUE, vocabulary
from store.records import Kind

_LEADING = vocabulary("""
    on in by as of for subsequently during at the until from additionally moreover also then early late
    before after between it starting beginning effective no later than so far
    """)
_MODALS = frozenset(["will", "shall", "should", "must", "can", "would", "to"])
_NOUNS = {
    "launched": "launch", "adopted": "adoption", "published": "publication",
    "released": "release", "approved": "approval", "signed": "signing",
}  # fmt: skip
_TARGETS = vocabulary("""
    adoption launch signing establishment appointment approval publication release entry target targets
    goal goals objective objectives election elections anniversary transition
    """)
_PRONOUNS = vocabulary("""
    it they this these that those he she we which who its their there one ones both all each some others
    such members
    """)


@dataclass(frozen=True, slots=True)
class Named:
    """A title and a kind; `gathering` where the title names a meeting of people."""

    title: str
    kind: Kind
    gathering: bool = False


def name_event(
    sentence: str, begin: int, end: int, expression: DateExpression, clause: tuple[int, int]
) -> Named | None:
    """Return what is dated by `sentence[begin:end]`, looking no farther than `clause`; None where nothing is named."""
    return _Finder(sentence, begin, end, expression, clause).find()


@lru_cache(maxsize=64)
def _parsed(sentence: str) -> tuple[tuple[Word, ...], tuple[Verb, ...]]:
    words = tuple(words_of(sentence))
    return words, tuple(verbs_of(words))


class _Finder:
    def __init__(
        self, sentence: str, begin: int, end: int, expression: DateExpression, clause: tuple[int, int]
    ) -> None:
        self.sentence, self.expression = sentence, expression
        self.words, self.verbs = _parsed(sentence)
        self.left = _first_at(self.words, begin)
        self.right = _first_at(self.words, end)
        self.low, self.high = _first_at(self.words, clause[0]), _first_at(self.words, clause[1])

    def find(self) -> Named | None:
        before = self.words[self.low : self.left]
        leading = all(w.fold in _LEADING or not w.text[-1].isalnum() for w in before)
        found = self._around() or self._name_year()
        if found is None and self._is_deadline():
            found = self._deadline()
        if found is None and not leading:
            found = self._beside() or self._target() or self._by_verb(before=True)
        if found is None and (leading or self._participle_first()):
            found = self._by_verb(before=False) or self._gathering_in(self.right, self.high)
            found = found or self._by_verb(before=False, any_action=True)
        if found is None and not leading:
            found = self._gathering_in(self.low, self.left) or self._by_verb(before=True, any_action=True)
        if found is None:
            found = self._subject_by()
        return found

    def _text(self, first: int, stop: int) -> str:
        return phrase_text(self.sentence, self.words, first, stop)

    def _as_written(self, text: str) -> str:
        """Undo the capital that `phrase_text` gave to the first word."""
        lowered = text[:1].lower() + text[1:]
        return lowered if lowered in self.sentence and text not in self.sentence else text

    def _around(self) -> Named | None:
        """ "its July 2023 meeting", "the 2025 WSIS Forum", "the 12 May consultation"."""
        words, k = self.words, self.right
        before = words[self.left - 1].fold if self.left else ""
        if k >= self.high or not words[k].text[-1].isalnum():
            return None
        if before not in ("its", "their", "the", "this", "our") and not self.expression.named:
            return None
        first, stop = forwards(words, k, self.high)
        heads = [j for j in range(first, stop) if is_gathering(words[j])]
        if not heads or any(words[j].fold in ("on", "in", "at") for j in range(first, heads[0])):
            return None
        text = self._text(first, stop)
        if before in ("its", "their") and (owner := self._owner()):
            return Named(f"{owner} {self._as_written(text)}", "meeting", True)
        # "the 2024 session of the Council" has its year in its name; "the 12 May consultation" its day not.
        return Named(
            f"{self.expression.text} {self._as_written(text)}"
            if self.expression.precision == "year"
            else text,
            "meeting",
            True,
        )

    def _owner(self) -> str:
        words = self.words
        k = next(
            (j for j in range(self.left) if is_name(words[j]) and words[j].fold not in _LEADING), self.left
        )
        stop = k
        while stop < self.left and (is_name(words[stop]) or words[stop].fold in ("of", "the", "on", "for")):
            stop += 1
        return self._text(k, stop)

    def _name_year(self) -> Named | None:
        if not self.expression.named or not self.left:
            return None
        text = self._text(*self._about(*backwards(self.words, self.left)))
        return Named(f"{text} {self.expression.text}", "meeting", True) if text else None

    def _is_deadline(self) -> bool:
        words = self.words
        if self.low >= self.left and self.expression.bound != "by":
            return False
        start = words[self.low].start if self.low < len(words) else 0
        before = self.sentence[start : words[self.left - 1].end] if self.left > self.low else ""
        if DEADLINE_NOUNS.search(before):
            return True
        stop = words[self.high - 1].end if self.high else 0
        return self.expression.bound == "by" and bool(DUE.search(self.sentence[start:stop]))

    def _deadline(self) -> Named | None:
        words = self.words
        for k in range(self.low, self.high - 1):
            if words[k].fold in ("deadline", "deadlines", "date", "limit", "limits") and words[
                k + 1
            ].fold in ("for", "to", "of"):
                stop = self.left if k < self.left else self.high
                first, end = forwards(words, k + 2, stop)
                text = self._text(first, end)
                if text:
                    return Named(_what_is_due(text), "deadline")
        for verb in self._near(self.verbs):
            if verb.action == "submit":
                stop = self.left if verb.at < self.left else self.high
                object_ = (
                    self._object(verb, stop)
                    if verb.voice != "passive"
                    else subject_of(words, verb, self.verbs)
                )
                text = self._text(*object_)
                if text and text.casefold() not in _PRONOUNS:
                    return Named(_what_is_due(text), "deadline")
            if (
                verb.voice in ("passive", "neuter") or verb.word in ("reach", "arrive")
            ) and verb.at < self.left:
                text = self._text(*subject_of(words, verb, self.verbs))
                if text and text.casefold() not in _PRONOUNS:
                    return Named(_what_is_due(text), "deadline")
        return None

    def _near(self, verbs: Sequence[Verb]) -> list[Verb]:
        """The verbs of the clause, from the date outwards: first those before it, then those behind it."""
        before = [v for v in verbs if self.low <= v.at < self.left]
        return before[::-1] + [v for v in verbs if self.right <= v.at < self.high]

    def _object(self, verb: Verb, stop: int) -> tuple[int, int]:
        """Return the object of an active verb, past a phrase set between commas ("convene, at the level of …, a meeting")."""
        words, start = self.words, verb.after
        if start < len(words) and words[start].text == ",":
            stop = self.high
        while start < stop and words[start].text == ",":
            closing = next((k for k in range(start + 1, min(start + 20, stop)) if words[k].text == ","), None)
            if closing is None:
                break
            start = closing + 1
        if (
            start < stop
            and words[start].fold in ("within", "in", "on", "by", "for", "to")
            and start + 1 < stop
        ):
            return start, start
        return forwards(words, start, stop)

    def _beside(self) -> Named | None:
        """The phrase right before the date: "the Radiocommunication Assembly, in November 2023"."""
        stop = self._without_place(self.left)
        first, stop = backwards(self.words, stop)
        first, stop = self._about(max(first, self.low), stop)
        if first >= stop or not any(is_gathering(w) for w in self.words[first:stop]):
            return None
        before = first - 1
        while before > 0 and self.words[before].fold in ("the", "a", "an"):
            before -= 1
        link = self.words[before].fold if before >= 0 else ""
        if link in ("to", "at", "during", "by", "with", "of", "before", "for") and any(
            v.at < before and before - v.after <= 3 and v.action in ("out", "step", "submit", "open")
            for v in self.verbs
        ):
            return None
        text = self._text(first, stop)
        if self.words[first].fold in ("its", "their") and (owner := self._owner()):
            return Named(f"{owner} {self._as_written(text)}", "meeting", True)
        return Named(text, "meeting", True) if text else None

    def _heads_gathering(self, first: int, stop: int) -> bool:
        """Whether the phrase is of a gathering itself, not of something for one ("registration for the Forum")."""
        for word in self.words[first:stop]:
            if is_gathering(word):
                return True
            if word.fold in ("of", "for", "on", "to") and word is not self.words[first]:
                return False
        return False

    def _about(self, first: int, stop: int) -> tuple[int, int]:
        return about(self.words, first, stop)

    def _without_place(self, stop: int) -> int:
        """Step back over "in Verona", "in Geneva, Switzerland,", "at UN Headquarters in New York"."""
        words = self.words
        while stop > self.low:
            k = stop
            while k > 0 and (
                words[k - 1].fold in ("on", "from", "in", "for", "between", "the", "of", "by")
                or words[k - 1].text in ",("
            ):
                k -= 1
            i = k
            while (
                i > 0
                and k - i < 6
                and (
                    is_name(words[i - 1])
                    or words[i - 1].text == ","
                    or words[i - 1].fold in ("and", "of", "de", "des")
                )
            ):
                if is_gathering(words[i - 1]) or words[i - 1].text[0].isdigit():
                    break
                i -= 1
            if i > 0 and words[i - 1].fold == "the":
                i -= 1
            if i == k or i == 0 or words[i - 1].fold not in ("in", "at"):
                return stop
            stop = i - 1
        return stop

    def _by_verb(self, before: bool, any_action: bool = False) -> Named | None:
        order = (
            [v for v in self.verbs if self.low <= v.at < self.left][::-1]
            if before
            else [v for v in self.verbs if (self.right <= v.at < self.high) or v.at < self.left]
        )
        for verb in order:
            if verb.action == "other" and not any_action:
                continue
            named = self._by(verb)
            if named:
                return named
        return None

    def _by(self, verb: Verb) -> Named | None:
        if verb.voice in ("passive", "neuter"):
            first, stop = subject_of(self.words, verb, self.verbs)
            stop = self._without_place(stop) if verb.action == "held" and stop else stop
            first = min(first, stop)
        else:
            limit = self.left if verb.at < self.left else self.high
            first, stop = self._object(verb, limit)
            if first == stop and verb.voice == "active":
                first, stop = subject_of(self.words, verb, self.verbs)
        return self._named(first, stop, verb)

    def _named(self, first: int, stop: int, verb: Verb) -> Named | None:
        text = self._text(first, stop)
        if not text or text.casefold() in _PRONOUNS:
            return None
        phrase = self.words[first:stop]
        gathering, writing = any(map(is_gathering, phrase)), any(map(is_writing, phrase))
        by = self.expression.bound == "by" and self.expression.precision != "year"
        if verb.action == "held":
            text = self._text(*self._about(first, stop))
            named = gathering or any(is_name(w) for w in phrase[1:]) or verb.voice == "passive"
            if phrase and singular(phrase[0].fold) in ("resolution", "decision", "document"):
                return None
            return Named(text, "meeting", True) if text and named else None
        if (
            verb.voice == "base"
            and len(phrase) == 1
            and not writing
            and not gathering
            and phrase[0].text.islower()
        ):
            text = self._text(verb.at, self.left if verb.at < self.left else stop)
        if verb.voice == "base":
            kind: Kind = (
                "deadline"
                if by or verb.action == "submit"
                else "publication"
                if verb.action == "out" and writing
                else "milestone"
            )
            return Named(text, kind)
        if verb.action == "due":
            return Named(
                text,
                "deadline"
                if (by and not writing) or verb.word == "extended"
                else "publication"
                if writing
                else "meeting"
                if gathering
                else "milestone",
                gathering,
            )
        if verb.action in ("open", "close"):
            gathering = self._heads_gathering(first, stop)
            if gathering and verb.action == "open":
                return Named(text, "meeting", True)
            word = (
                verb.word
                if verb.word.endswith(("s", "ed", "live", "an"))
                else {"open": "opens", "close": "closes"}.get(verb.word, verb.word)
            )
            return Named(
                f"{text} {word}",
                "deadline" if verb.action == "close" and not verb.word.startswith("conclu") else "milestone",
            )
        ahead = {w.fold for w in self.words[verb.first : verb.at]} & _MODALS
        if by and ahead and verb.voice == "passive":
            return Named(text, "publication" if verb.action == "out" and writing else "deadline")
        if ahead and verb.voice == "passive":
            noun = _NOUNS.get(verb.word)
            title = f"{text}: {noun}" if noun else text
            return Named(
                title,
                "publication"
                if verb.action == "out" and (writing or verb.word != "launched")
                else "milestone",
            )
        owner = ""
        if verb.voice == "active" and first < len(self.words) and self.words[first].fold in ("its", "their"):
            owner = self._text(*subject_of(self.words, verb, self.verbs))
        title = f"{owner} {self._as_written(text)} {verb.word}" if owner else f"{text} {verb.word}"
        published = verb.action == "out" and (writing or verb.word not in ("launched", "presented"))
        return Named(title, "publication" if published else "milestone")

    def _participle_first(self) -> bool:
        words = [w for w in self.words[self.low : self.left] if w.text[-1].isalnum()]
        return (
            bool(words)
            and bool(self.verbs)
            and words[0].fold.endswith("ed")
            and self.verbs[0].at <= self.low + 1
        )

    def _gathering_in(self, start: int, limit: int) -> Named | None:
        """The first gathering with a name of its own between two words."""
        words = self.words
        for k in range(start, limit):
            if not is_gathering(words[k]):
                continue
            stop = k + 1
            while (
                stop < limit
                and stop - k < 8
                and (is_name(words[stop]) or words[stop].fold in ("of", "the", "on", "for", "and", "at"))
            ):
                stop += 1
            while words[stop - 1].fold in ("of", "the", "on", "for", "and", "at"):
                stop -= 1
            first, _ = backwards(words, k + 1)
            first, _ = self._about(max(first, start), stop)
            qualified = start < self.left and stop - first > 1 + (words[first].fold in DETERMINERS)
            if (
                qualified
                or any(is_name(w) for w in words[first + (first == 0) : stop])
                or is_acronym(words[k])
            ):
                text = self._text(first, stop)
                return Named(text, "meeting", True) if text else None
        return None

    def _subject_by(self) -> Named | None:
        """ "By 2030, the Initiative aims to …": the target is the Initiative's."""
        words, k = self.words, self.right
        if self.expression.bound != "by" or self.left > self.low + 2:
            return None
        while k < self.high and not words[k].text[-1].isalnum():
            k += 1
        first, stop = forwards(words, k, self.high)
        if any(is_name(w) for w in words[first + 1 : stop]) and len(text := self._text(first, stop)) > 3:
            return Named(re.sub(r" (?:aims?|plans?|seeks?|intends?|expects?|hopes?)$", "", text), "milestone")
        return None

    def _target(self) -> Named | None:
        first, stop = backwards(self.words, self.left)
        if not any(singular(w.fold) in _TARGETS or w.fold in _TARGETS for w in self.words[first:stop]):
            return None
        text = self._text(first, stop)
        published = any(w.fold in ("publication", "release") for w in self.words[first : first + 3])
        return Named(text, "publication" if published else "milestone") if text else None


def _first_at(words: Sequence[Word], position: int) -> int:
    return next((k for k, w in enumerate(words) if w.start >= position), len(words))


def _what_is_due(text: str) -> str:
    """Turn "submitting contributions" into what is due."""
    match = re.match(
        r"(?:the )?(?:submit|submitting|submission of|sending|send|receipt of|receiving|providing)\s+(?:the )?(.*)",
        text,
        re.I,
    )
    if match:
        text = match[1]
    return text[:1].upper() + text[1:]
