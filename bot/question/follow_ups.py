"""Follow-up questions, put into the context of the earlier questions of the conversation."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from store.terms import content_words, stem

_GOES_ON = re.compile(r"^\W*(?:(?:and|but|so|ok|okay|then|also)\b|(?:what|how) about\b)", re.I)
_POINTS_BACK = re.compile(
    r"\bthe (?:others?|same|rest|main thing|whole thing|latter|former)\b"
    r"|\b(?:it|its|it['’]s|they|them|their|theirs|he|she|him|her|his|hers|this|that|these|those|there|ones?|then)\b",
    re.I,
)
# "there is/are" and "this year" refer to nothing earlier.
_NO_POINTER = re.compile(
    r"\b(?:is|are|was|were|any) there\b|\bthere (?:is|are|was|were|any)\b|\bthis (?:year|month|week|report|document)\b",
    re.I,
)
# They name no topic: "and next month?".
_TIME_WORDS = frozenset(
    """day days week weeks weekend month months quarter year years today tomorrow yesterday next last january february
    march april may june july august september october november december spring summer autumn winter far""".split()
)
_SAYS_NOTHING = re.compile(r"\W*\w?\W*")
_FEW_WORDS = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation. Lists of turns are in order of time, oldest first."""

    speaker: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class ContextualQuestion:
    """`turn` is the typed question; `context` the earlier question that it refers to, "" if none."""

    turn: str
    context: str = ""

    @property
    def points_back(self) -> bool:
        """Whether a word of the turn refers to something earlier: "it", "the other two"."""
        return _POINTS_BACK.search(_NO_POINTER.sub(" ", self.turn)) is not None

    @property
    def text(self) -> str:
        """The question with its context."""
        return f"{self.turn} ({self.context})" if self.context else self.turn


def contextualize(turn: str, history: Sequence[Turn], is_rare: Callable[[str], bool]) -> ContextualQuestion:
    """Return the turn with the context it needs.

    `is_rare` returns whether few sections have a stemmed term, so that it may name a topic.
    """
    resolved = ContextualQuestion("")
    for text in [*(t.text for t in history if t.speaker == "user"), turn]:
        resolved = resolve(text, resolved, is_rare)
    return resolved


def resolve(turn: str, before: ContextualQuestion, is_rare: Callable[[str], bool]) -> ContextualQuestion:
    """Return the turn with the context that it needs of the one before.

    A turn is a follow-up if it opens like one ("and …", "what about …") or refers back with a pronoun, and has fewer
    than two rare terms of its own; or if it has at most three content words and none is rare; or at most one. Words
    of time are no content words here.
    """
    topic = _topic(before, is_rare)
    content = [word for word in content_words(turn) if word not in _TIME_WORDS]
    if not topic or _SAYS_NOTHING.fullmatch(turn):
        return ContextualQuestion(turn)
    rare = sum(is_rare(stem(word)) for word in content)
    points_back = ContextualQuestion(turn).points_back
    opens_so = _GOES_ON.match(turn) is not None
    goes_on = (
        ((opens_so or points_back) and rare < 2)
        or (len(content) <= _FEW_WORDS and rare == 0)
        or len(content) <= 1
    )
    return ContextualQuestion(turn, topic) if goes_on else ContextualQuestion(turn)


def _topic(before: ContextualQuestion, is_rare: Callable[[str], bool]) -> str:
    """Return the topic of the conversation: the last turn with its context; without a rare term, its context alone."""
    turn = before.turn.strip()
    if not any(is_rare(stem(word)) for word in content_words(turn)):
        return before.context or turn
    if not before.context:
        return turn
    return f"{turn} {before.context}"
