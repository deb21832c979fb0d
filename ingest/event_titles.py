"""What a dated event is called and what kind it is, from the sentence that dates it.

The ways of naming are tried from the surest on: a name around the date ("its July 2023 meeting"), an obligation ("to
submit inputs by"), a gathering right before the date, the verb that the date belongs to, a gathering anywhere.
"""

from __future__ import annotations

import re

from ingest.dates import DateExpression
from ingest.event_naming import PRONOUNS, Named, named_by
from ingest.event_phrases import backwards, forwards, is_acronym, is_gathering, is_name, singular
from ingest.event_sentence import LEADING, Dated
from ingest.event_verbs import Verb, subject_of
from ingest.event_words import DEADLINE_NOUNS, DETERMINERS, DUE, vocabulary
from store.records import Kind

_REPLIES = {"report": "Report", "reply": "Reply", "respond": "Response", "comment": "Comments"}
_ANSWERS = frozenset(
    [
        "comment",
        "input",
        "contribution",
        "reply",
        "replie",
        "response",
        "nomination",
        "feedback",
        "submission",
    ]
)
_TARGETS = vocabulary("""
    adoption launch signing establishment appointment approval publication release entry target targets
    goal goals objective objectives election elections anniversary transition
    """)


def name_event(
    sentence: str, begin: int, end: int, expression: DateExpression, clause: tuple[int, int]
) -> Named | None:
    """Return what is dated by `sentence[begin:end]`, looking no farther than `clause`; None where nothing is named."""
    return _Finder(sentence, begin, end, expression, clause).find()


class _Finder(Dated):
    """The ways of naming."""

    def find(self) -> Named | None:
        before = self.words[self.low : self.left]
        leading = all(w.fold in LEADING or not w.text[-1].isalnum() for w in before)
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
        text = self.text(first, stop)
        if before in ("its", "their") and (owner := self.owner(self.left - 1)):
            return Named(f"{owner} {self.as_written(text)}", "meeting", True)
        # "the 2024 session of the Council" has its year in its name; "the 12 May consultation" its day not.
        return Named(
            f"{self.expression.text} {self.as_written(text)}"
            if self.expression.precision == "year"
            else text,
            "meeting",
            True,
        )

    def _name_year(self) -> Named | None:
        if not self.expression.named or not self.left:
            return None
        text = self.text(*self.about(*backwards(self.words, self.left)))
        return Named(f"{text} {self.expression.text}", "meeting", True) if text else None

    def _is_deadline(self) -> bool:
        words = self.words
        if self.low >= self.left and self.expression.bound != "by":
            return False
        start = words[self.low].start if self.low < len(words) else 0
        before = self.sentence[start : words[self.left - 1].end] if self.left > self.low else ""
        if DEADLINE_NOUNS.search(before):
            return True
        _, last = backwards(words, self.left)
        if self.expression.bound == "by" and last > self.low and singular(words[last - 1].fold) in _ANSWERS:
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
                text = self.text(first, end)
                if text:
                    return Named(_what_is_due(text), "deadline")
        first, stop = backwards(words, self.left)
        if stop > max(first, self.low) and singular(words[stop - 1].fold) in _ANSWERS:
            return Named(self.text(max(first, self.low), stop), "deadline")  # "for comments by 4 April"
        for verb in self.near(self.verbs):
            if verb.action == "submit":
                stop = self.left if verb.at < self.left else self.high
                object_ = (
                    self.object(verb, stop)
                    if verb.voice != "passive"
                    else subject_of(words, verb, self.verbs)
                )
                text = self.text(*object_)
                if text and text.casefold() not in PRONOUNS:
                    return Named(_what_is_due(text), "deadline")
            if (
                verb.voice in ("passive", "neuter") or verb.word in ("reach", "arrive")
            ) and verb.at < self.left:
                text = self.text(*subject_of(words, verb, self.verbs))
                if text and text.casefold() not in PRONOUNS:
                    return Named(_what_is_due(text), "deadline")
        return None

    def _beside(self) -> Named | None:
        """The phrase right before the date: "the Radiocommunication Assembly, in November 2023"."""
        stop = self.without_place(self.left)
        first, stop = backwards(self.words, stop)
        first, stop = self.about(max(first, self.low), stop)
        if first >= stop or not any(is_gathering(w) for w in self.words[first:stop]):
            return None
        before = first - 1
        while before > 0 and self.words[before].fold in ("the", "a", "an"):
            before -= 1
        link = self.words[before].fold if before >= 0 else ""
        if link in ("to", "at", "during", "by", "with", "of", "before", "for") and any(
            v.at < before
            and before - v.after <= 3
            and v.action in ("out", "step", "submit", "open")
            and v.word != "delivered"
            for v in self.verbs
        ):
            return None
        margins = (
            link == "of" and before and self.words[before - 1].fold in ("margins", "sidelines", "occasion")
        )
        if margins and any(self.low <= v.at < before and v.action in ("out", "step") for v in self.verbs):
            return None
        text = self.text(first, stop)
        if self.words[first].fold in ("its", "their") and (owner := self.owner(first)):
            return Named(f"{owner} {self.as_written(text)}", "meeting", True)
        return Named(text, "meeting", True) if text else None

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
            stop = self.without_place(stop) if verb.action == "held" and stop else stop
            first = min(first, stop)
        else:
            limit = self.left if verb.at < self.left else self.high
            first, stop = self.object(verb, limit)
            if first == stop and verb.word in _REPLIES:
                return self._reply(verb)
            if first == stop and verb.voice == "active":
                first, stop = subject_of(self.words, verb, self.verbs)
        return named_by(self, first, stop, verb)

    def _reply(self, verb: Verb) -> Named | None:
        """ "requested the Secretary-General to report by June 2025"."""
        who = self.text(*backwards(self.words, verb.first))
        kind: Kind = "deadline" if self.expression.bound == "by" else "publication"
        return Named(f"{_REPLIES[verb.word]} ({who})" if who else _REPLIES[verb.word], kind)

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
            first, _ = self.about(max(first, start), stop)
            qualified = start < self.left and stop - first > 1 + (words[first].fold in DETERMINERS)
            if (
                qualified
                or any(is_name(w) for w in words[first + (first == 0) : stop])
                or is_acronym(words[k])
            ):
                text = self.text(first, stop)
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
        if any(is_name(w) for w in words[first + 1 : stop]) and len(text := self.text(first, stop)) > 3:
            return Named(re.sub(r" (?:aims?|plans?|seeks?|intends?|expects?|hopes?)$", "", text), "milestone")
        return None

    def _target(self) -> Named | None:
        first, stop = backwards(self.words, self.left)
        if not any(singular(w.fold) in _TARGETS or w.fold in _TARGETS for w in self.words[first:stop]):
            return None
        text = self.text(first, stop)
        published = any(w.fold in ("publication", "release") for w in self.words[first : first + 3])
        return Named(text, "publication" if published else "milestone") if text else None


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
