"""What a question asks for: put into the context of the conversation, then its kinds of answer and its terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bot.question.lexicon import ORDINALS, acronyms, aliases, asking_words, relations, word_list
from store.terms import content_words, stem, words

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
_TIME_WORDS = word_list("time")
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
    topic = _topic_of(before, is_rare)
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


def _topic_of(before: ContextualQuestion, is_rare: Callable[[str], bool]) -> str:
    """Return the topic of the conversation: the last turn with its context; without a rare term, its context alone."""
    turn = before.turn.strip()
    if not any(is_rare(stem(word)) for word in content_words(turn)):
        return before.context or turn
    if not before.context:
        return turn
    return f"{turn} {before.context}"


Ask = Literal[
    "when",
    "where",
    "who",
    "person",
    "which countries",
    "how many",
    "how much",
    "how long",
    "how",
    "why",
    "which",
    "what",
    "whether",
    "overview",
]

_ASKING: Sequence[tuple[re.Pattern[str], Ask]] = tuple(
    (re.compile(rf"(?:{phrases})\b" if phrases.startswith("^") else rf"\b(?:{phrases})\b", re.I), ask)
    for ask, phrases in asking_words()
)

# Kinds whose phrases name no topic: "which days", "what city".
_ONLY_ASK: frozenset[Ask] = frozenset({"when", "where", "how many", "how long", "overview"})
# A name's digits: SIDS4, CSW68, COP28, WRC-23.
_EDITION = re.compile(r"^(?P<letters>[a-z]{2,})(?P<digits>\d{1,3})$")
# Ordinals up to the tenth; "first" and "second" are also other words, and "first" says little.
_ORDINALS = ORDINALS[1:10]
_POSSESSIVE = re.compile(r"['’]s?$")
_MEASURES = word_list("measures")
_VAGUE = word_list("vague")
_HAPPENS = word_list("happens")
_TOKEN = re.compile(r"[^\W_]+(?:[-’'./&][^\W_]+)*")
_ABOUT = re.compile(r"\b(?:what|how) about\b", re.I)


@dataclass(frozen=True, slots=True)
class Question:
    """A stand-alone question."""

    text: str
    subject: str
    """The text without phrases that name no topic ("on which days")."""
    asks: tuple[Ask, ...]
    """The kinds of answer that it asks for, in order."""
    terms: tuple[str, ...]
    """The stemmed content words."""
    own_terms: tuple[str, ...]
    """Those of a follow-up question that its context does not have; none without a context."""
    names: frozenset[str]
    """The terms written as names: capitalised inside a sentence, all capitals, or with digits."""
    figures: frozenset[str]
    """Words with digits and ordinals, which match only themselves: CSW66 is not CSW68."""
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Phrase -> its other forms."""

    @property
    def sought(self) -> str:
        """The text to search for, with the other forms."""
        return " ".join([self.subject, *(form for forms in self.others.values() for form in forms)])


def understand(asked: ContextualQuestion) -> Question:
    """Return what a question asks for and the terms to look for."""
    text = asked.text
    new_asks = asked_by_turn(asked.turn)
    subject = _without_asking(
        f"{asked.turn} {_words_naming_topic(asked.context) if new_asks else asked.context}"
    )
    asks = new_asks or asked_for(asked.context)
    empty = _VAGUE | _HAPPENS if "when" in asks else _VAGUE
    sought = tuple(dict.fromkeys(stem(word) for word in content_words(subject) if word not in empty))
    known = {stem(word) for word in content_words(asked.context)} if asked.context else set(sought)
    return Question(
        text=text,
        subject=subject,
        asks=asks,
        terms=sought,
        own_terms=tuple(term for term in sought if term not in known),
        names=name_terms(asked.turn) | name_terms(asked.context),
        figures=figure_words(text),
        others={**_aliased(text), **_editions(text)},
    )


def topic_words(subject: str) -> list[str]:
    """Return the words for what a question is about, as typed, each once."""
    typed = {
        word: _POSSESSIVE.sub("", match.group())
        for match in _TOKEN.finditer(subject)
        for word in content_words(match.group())
        if word not in _MEASURES
    }
    return list(dict.fromkeys(typed.values()))


def _words_naming_topic(context: str) -> str:
    """Return the words of an earlier question that name its topic, without relation words."""
    names, known = name_terms(context), relations()
    return " ".join(w for w in content_words(context) if stem(w) in names or stem(w) not in known)


def asked_for(text: str) -> tuple[Ask, ...]:
    """Return the kinds of answer that a question asks for, in order."""
    return tuple(dict.fromkeys(ask for _, _, ask in _asking(text)))


def asked_by_turn(turn: str) -> tuple[Ask, ...]:
    """Return the kinds of answer that a turn asks for by itself; "what about …" repeats the question before."""
    return asked_for(_ABOUT.sub("", turn))


def asking_phrases(text: str) -> dict[Ask, str]:
    """Return kind of answer -> the words with which a question asks for it, in order."""
    found: dict[Ask, str] = {}
    for start, end, ask in _asking(text):
        found.setdefault(ask, text[start:end])
    return found


def _asking(text: str) -> list[tuple[int, int, Ask]]:
    """Return (start, end, kind) of the phrases that ask for a kind of answer, in order."""
    found: list[tuple[int, int, Ask]] = []
    for pattern, ask in _ASKING:
        for match in pattern.finditer(text):
            # "WHO" beside small letters is the organization.
            named = match.group().isupper() and not text.isupper() and match.group().casefold() in acronyms()
            if not named and not any(a < match.end() and match.start() < b for a, b, _ in found):
                found.append((*match.span(), ask))
    return sorted(found)


def _without_asking(text: str) -> str:
    parts, position = [], 0
    for start, end, ask in _asking(text):
        if ask in _ONLY_ASK:
            parts.append(text[position:start])
            position = end
    return " ".join([*parts, text[position:]])


def name_terms(text: str) -> frozenset[str]:
    """Return the stemmed content words that are written as names."""
    names: set[str] = set()
    for place, match in enumerate(_TOKEN.finditer(text)):
        token = match.group()
        is_name = any(c.isdigit() for c in token) or sum(c.isupper() for c in token) > 1
        if is_name or (place > 0 and token[0].isupper()):
            names.update(stem(w) for w in content_words(token))
    return frozenset(names)


def figure_words(text: str) -> frozenset[str]:
    """Return the words that match only themselves: those with digits, and ordinals."""
    return frozenset(w for w in words(text) if any(c.isdigit() for c in w) or w in _ORDINALS)


def _aliased(text: str) -> dict[str, tuple[str, ...]]:
    folded = f" {' '.join(words(text))} "
    return {phrase: (other,) for phrase, other in aliases().items() if f" {phrase} " in folded}


def _editions(text: str) -> dict[str, tuple[str, ...]]:
    """Return the parts of names with an edition: SIDS4 is also the fourth of the SIDS."""
    return {
        word: (f"{_ORDINALS[place]} {match['letters']}",)
        for word in words(text)
        if (match := _EDITION.match(word)) and 0 <= (place := int(match["digits"]) - 2) < len(_ORDINALS)
    }
